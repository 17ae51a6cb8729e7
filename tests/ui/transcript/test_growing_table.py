"""A table that grows looks at every step as one that is drawn whole, and each of its rows is read once."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.transcript.specimens import cuts, table
from tui_chat.ui.transcript.block import Block
from tui_chat.ui.transcript.growing_table import GrowingTable
from tui_chat.ui.transcript.layout import LiveLayout, Styles, lay_out
from tui_chat.ui.transcript.rows import STYLE_KEYS, Rows, Style
from tui_chat.ui.transcript.split import Splitter

LOOKS = Styles({key: Style.parse(f"color({at})") for at, key in enumerate(STYLE_KEYS, 1)})


def facts(rows: Rows) -> tuple[object, ...]:
    return (
        [list(strip) for strip in rows.strips],
        *(rows.skip, rows.ends, rows.soft, rows.gaps, rows.bare, rows.links, rows.breadth),
    )


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_each_frame_of_a_growing_table_is_what_the_whole_would_be(seed: int) -> None:
    random = Random(seed)
    source = random.choice(["", "words\n\n"]) + table(random) + random.choice(["", "\nafter", "not | a row? |\n\n> q"])
    if random.random() < 0.3:
        source = source.replace(" ", " long ", 90)
    width, splitter, live = random.choice([14, 30, 60, 100]), Splitter(), LiveLayout()
    for text in cuts(random, source):
        splitter.feed(text)
        block = splitter.open
        if block is None or block.kind != "markdown" or random.random() < 0.7:
            continue
        if random.random() < 0.1 and isinstance(key := block.pan_key, str):
            block.shared.pans[key] = 0
        assert facts(live.lay_out(block, width, LOOKS)) == facts(lay_out(block, width, LOOKS)), block.source


def grown(count: int, row: str = "| some `code` | **bold** and more |\n") -> tuple[GrowingTable, list[Rows], Splitter]:
    """All frames of a table of so many rows that arrives in halves of rows."""
    splitter, growing = Splitter(), GrowingTable()
    frames = []
    for text in ["| a | b |\n|---|---|\n", *[row[:9], row[9:]] * count]:
        splitter.feed(text)
        block = splitter.open
        if isinstance(block, Block) and (rows := growing.lay_out(block, 80, LOOKS)) is not None:
            frames.append(rows)
    return growing, frames, splitter


def test_a_growing_table_costs_what_its_new_rows_cost() -> None:
    once, _, _ = grown(100)
    twice, _, _ = grown(200)
    assert twice.read_rows <= 2.1 * once.read_rows
    assert once.read_rows <= 4 * 100, "each row as it begins, as it goes on, and once when it is whole"


def test_rows_that_are_whole_stay_the_same_objects() -> None:
    _, frames, _ = grown(30)
    kept = [
        sum(a is b for a, b in zip(before.strips, after.strips, strict=False)) for before, after in pairwise(frames)
    ]
    assert sum(same >= len(before) - 1 for same, before in zip(kept, frames, strict=False)) > 50


@pytest.mark.parametrize("text", ["a | b\n-|-\n\nwords", "> | b |\n> |---|---|\n", "| a |\n|---|\n> quote"])
def test_what_only_begins_like_a_table_is_none(text: str) -> None:
    block = Block("markdown", text, Splitter().shared)
    assert GrowingTable().lay_out(block, 40, LOOKS) is None
