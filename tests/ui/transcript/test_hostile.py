"""Whatever a model writes, a frame of it takes about as long as one of an ordinary answer."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import cache
from statistics import median
from time import thread_time

import pytest

from tests.gateway.documents import document as ordinary
from tests.ui.transcript.stage import entry, typesetter
from tui_chat.ui.transcript.document import KEPT_ROWS, Document
from tui_chat.ui.transcript.layout import warm
from tui_chat.ui.transcript.pace import BITE
from tui_chat.ui.transcript.split import MAX_BARS, MAX_CHARS, MAX_LINES, split

HOSTILE = {
    "a fence of 10 000 lines": "```python\n" + "    value = compute(1, 'text')  # a line of it\n" * 10_000 + "```\n",
    "a paragraph of 120 000 characters": "word and more words, " * 5_700,
    "the same in Chinese": "这是一个很长的段落没有换行，" * 8_500,
    "a table of 3 000 rows": "| a | b |\n|---|---|\n" + "| some `code` | **bold** and more |\n" * 3_000,
    "400 by 400 cells": "|" + "c|" * 400 + "\n|" + "-|" * 400 + "\n" + ("|" + "x|" * 400 + "\n") * 400,
    "30 by 400 cells": "|" + "col|" * 30 + "\n|" + "-|" * 30 + "\n" + ("|" + "xyz|" * 30 + "\n") * 400,
    "lists 40 deep": "".join(f"{'  ' * level}- level {level}\n" for level in range(40)) * 5,
    "3 000 items": "- item with *words*\n" * 3_000,
    "20 000 stars": "*" * 20_000,
    "20 000 stars and letters": "a*" * 20_000,
    "20 000 brackets": "[" * 20_000,
    "5 000 quotes": ">" * 5_000 + " x\n",
    "a picture of 5 MB": "![x](data:image/png;base64," + "A" * 5_000_000 + ")",
}
FRAMES = 5
ORDINARY_FRAMES = 8
"""How many times an ordinary frame the longest may take; measured: 4."""


def frames(source: str, bite: int = BITE) -> Iterator[float]:
    """CPU-seconds of the first frames of an answer, drawn at its end, and what holds of each of them."""
    document = Document(typesetter())
    document.begin(entry("k", ""))
    growth = document.growths["k"]
    for at in range(0, min(len(source), bite * FRAMES), bite):
        began = thread_time()
        document.grow(growth, "prose", source[at : at + bite])
        document.hold(None, 0, 40)
        yield thread_time() - began
        assert sum(len(piece.rows) for piece in growth.slot.pieces if piece.rows) <= KEPT_ROWS + MAX_CHARS


@cache
def ordinary_frame() -> float:
    """CPU-seconds of a frame of an ordinary answer."""
    warm()
    return median(frames(ordinary(BITE * FRAMES)))


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("bite", [BITE, 800])
def test_no_frame_takes_much_longer_than_an_ordinary_one(source: str, bite: int) -> None:
    gc.disable()  # its time is not the frame's
    try:
        seen = 0.0
        for _ in range(3):  # a machine may stumble
            seen = max(frames(source, bite)) / ordinary_frame()
            if seen <= ORDINARY_FRAMES:
                break
    finally:
        gc.enable()
    assert seen <= ORDINARY_FRAMES


def test_a_picture_in_one_piece_is_taken_out_before_anybody_reads_it() -> None:
    document = Document(typesetter())
    document.begin(entry("k", ""))
    growth = document.growths["k"]
    document.grow(growth, "prose", HOSTILE["a picture of 5 MB"])
    (end,) = growth._ends.values()
    end.splitter.finish()
    assert end.splitter.parsed_chars < 1_000
    assert end.splitter.media[0].size_bytes == 3_750_000


@pytest.mark.parametrize("source", [text for name, text in HOSTILE.items() if "MB" not in name])
def test_every_block_is_small(source: str) -> None:
    for block in split(source[:60_000]):
        assert len(block.source) <= MAX_CHARS + 1_500
        assert block.source.count("\n") <= MAX_LINES + 3
        *most, last = block.source.split("\n")
        assert sum(line.count("|") for line in most[2:-1]) <= MAX_BARS or block.kind == "code", last[:80]
