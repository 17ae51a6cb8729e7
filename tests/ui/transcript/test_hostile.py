"""Whatever a model writes, a frame of it takes about as long as one of an ordinary answer."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import cache
from statistics import median
from time import thread_time
from typing import Any

import pytest

from tests.gateway.documents import document as ordinary
from tests.ui.transcript.stage import entry, typesetter
from tui_chat.ui.transcript import table
from tui_chat.ui.transcript.document import KEPT_ROWS, Document
from tui_chat.ui.transcript.layout import warm
from tui_chat.ui.transcript.pace import BITE, Inbox
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
ORDINARY_FRAMES = 6
"""How many times an ordinary frame the longest may take; measured: 2."""


def frames(source: str, delta: int = BITE, *, most: int = FRAMES) -> Iterator[float]:
    """CPU-seconds of the first frames of an answer that arrives in pieces of `delta` characters, and of its end."""
    document, inbox = Document(typesetter()), Inbox()
    document.begin(entry("k", ""))
    growth = document.growths["k"]
    written = drawn = 0
    while written < len(source) and drawn < most:
        inbox.add("k", "prose", source[written : written + delta])
        written += delta
        while inbox and drawn < most:
            began = thread_time()
            inbox.begin_frame()
            for _, _, text in inbox.bites():
                document.grow(growth, "prose", text)
            document.hold(None, 0, 40)
            inbox.end_frame()
            drawn += 1
            yield thread_time() - began
            assert sum(len(piece.rows) for piece in growth.slot.pieces if piece.rows) <= KEPT_ROWS + MAX_CHARS
    waiting = inbox.waits("k")
    began = thread_time()
    document.settle(entry("k", source[: min(written, len(source)) - waiting]))
    document.hold(None, 0, 40)
    yield thread_time() - began


@cache
def ordinary_frame() -> float:
    """CPU-seconds of a frame of an ordinary answer."""
    warm()
    return median(list(frames(ordinary(BITE * FRAMES)))[:-1])


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("delta", [10_000_000, 800], ids=["at once", "in pieces"])
def test_no_frame_takes_much_longer_than_an_ordinary_one(source: str, delta: int) -> None:
    gc.disable()  # its time is not the frame's
    try:
        seen = 0.0
        for _ in range(3):  # a machine may stumble
            seen = max(frames(source, delta)) / ordinary_frame()
            if seen <= ORDINARY_FRAMES:
                break
    finally:
        gc.enable()
    assert seen <= ORDINARY_FRAMES


def test_a_picture_in_very_small_pieces_is_read_once() -> None:
    document, inbox = Document(typesetter()), Inbox()
    document.begin(entry("k", ""))
    growth = document.growths["k"]
    source = HOSTILE["a picture of 5 MB"][-250_000:]
    source = HOSTILE["a picture of 5 MB"][:40] + source
    for at in range(0, len(source), 5):
        inbox.add("k", "prose", source[at : at + 5])
    frames = 0
    while inbox:
        inbox.begin_frame()
        for _, _, text in inbox.bites():
            document.grow(growth, "prose", text)
        document.hold(None, 0, 40)
        frames += 1
    (end,) = growth._ends.values()
    assert frames >= len(source) // BITE, "50 000 deltas, and no frame for each"
    assert frames < 200
    assert end.splitter.parsed_chars < 1_000


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


@pytest.mark.parametrize("rows", [400, 800])
def test_a_frame_of_a_huge_table_reads_few_of_its_cells(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    real = table.runs_of

    def counted(*args: Any) -> Any:
        nonlocal read
        read += 1
        return real(*args)

    for columns in (400, 30):
        source = "|" + "c|" * columns + "\n|" + "-|" * columns + "\n" + ("|" + "x|" * columns + "\n") * rows
        document = Document(typesetter())
        document.put(entry("k", source))
        with monkeypatch.context() as patch:
            patch.setattr(table, "runs_of", counted)
            read = 0
            document.hold(None, 0, 40)
            assert read <= 6 * MAX_BARS, "of 160 000 cells those in view, however many rows there are"
