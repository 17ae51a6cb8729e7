from __future__ import annotations

import pytest

from tests.ui.transcript.stage import PARAGRAPHS, entry, typesetter
from tui_chat.ui.transcript.entry import Chip, Notice, Picture, Section, Thought
from tui_chat.ui.transcript.slot import Slot

SECTIONS: list[Section | str] = [
    *PARAGRAPHS,
    Thought("a thought " * 40),
    Chip("file.pdf  1 KB"),
    Picture("x.png  160×100  2 KB", lambda: b""),
    Picture("y.png", None),
    Notice("error", ("bad " * 60, "more", "r again")),
]


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("width", [24, 60, 140])
def test_every_piece_fits_the_page_and_is_about_as_high_as_it_was_thought(section: Section | str, width: int) -> None:
    made = typesetter(width)
    slot = Slot("k", 0, 0)
    slot.fill(entry("k", section, meta="14:02", version=(1, 2)))
    for piece in slot.pieces:
        rows = made.lay(piece)
        assert rows.strips
        assert all(strip.cell_length <= made.page.measure for strip in rows.strips)
        assert len(rows) / 4 - 2 <= made.estimate(piece) <= 4 * len(rows) + 2


def test_the_size_of_an_entry_is_counted_in_what_was_written() -> None:
    assert entry("k", "12345", Thought("123"), Chip("x")).size == 48
