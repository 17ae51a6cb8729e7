from __future__ import annotations

from tests.ui.transcript.stage import entry, typesetter
from tui_chat.ui.transcript.entry import Chip, Picture, Prose, Section, Thought
from tui_chat.ui.transcript.slot import Slot, wants_gap


def kinds(*sections: Section | str) -> list[str]:
    slot = Slot("k", 0, 0)
    slot.fill(entry("k", *sections))
    return [piece.kind for piece in slot.pieces if not piece.hidden]


def test_sections_become_pieces_from_top_to_bottom() -> None:
    start = ["lead", "head"]
    assert kinds() == start
    assert kinds("one\n\ntwo") == [*start, "prose", "prose"]
    assert kinds(Thought("hm"), "said") == [*start, "fold", "gap", "prose"]
    assert kinds(Thought("hm")) == [*start, "fold", "thought"]
    assert kinds(Chip("a"), Chip("b"), "said") == [*start, "chip", "chip", "gap", "prose"]
    assert kinds(Picture("a", None), Picture("b", None)) == [*start, "picture", "gap", "picture"]


def test_what_says_nothing_sets_nothing_apart() -> None:
    assert not wants_gap(None, Prose("x"))
    assert kinds(Prose(""), Prose("x")) == ["lead", "head", "prose"]


def test_heights_that_are_exact_stay_when_the_others_are_estimated() -> None:
    slot = Slot("k", 0, 0)
    slot.fill(entry("k", "one\n\ntwo"))
    slot.pieces[2].height, slot.pieces[2].exact = 7, 50
    slot.fit(50, lambda piece: 3)
    assert [piece.height for piece in slot.pieces] == [3, 3, 7, 3]
    assert slot.height == slot.tops.total == 16
    slot.fit(60, lambda piece: 1)
    assert slot.height == 4


def test_folding_takes_rows_away_and_gives_them_back() -> None:
    slot = Slot("k", 0, 0)
    slot.fill(entry("k", Thought("one\n\ntwo"), "said"))
    slot.fit(100, typesetter().estimate)
    folded = slot.height
    slot.fold(0, False)
    assert slot.height > folded
    slot.fold(0, True)
    assert slot.height == folded
