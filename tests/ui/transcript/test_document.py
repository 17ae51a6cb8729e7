from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.transcript.stage import Chat, entry, laid, typesetter
from tui_chat.ui.transcript import document as document_room
from tui_chat.ui.transcript.document import Document
from tui_chat.ui.transcript.entry import Entry, Outline, Prose, Thought
from tui_chat.ui.transcript.page import page_of

HEIGHT = 30


def shown(document: Document, y: int, height: int = HEIGHT) -> list[str]:
    rows = []
    for row in range(y, min(y + height, document.heights.total)):
        spot = document.locate(row)
        assert spot is not None
        rows.append(document.rows(spot.slot, spot.at).strips[spot.row].text)
    return rows


def document_of(chat: Chat, width: int = 100) -> Document:
    document = Document(typesetter(width))
    document.show(chat.outlines, chat.load)
    return document


def test_nothing_is_loaded_before_it_is_seen() -> None:
    chat = Chat(10_000, paragraphs=2)
    document = document_of(chat)
    assert document.total > 10_000
    assert chat.loaded == []
    y = document.hold(None, 0, HEIGHT)
    assert y == document.total - HEIGHT
    assert 0 < len(set(chat.loaded)) <= HEIGHT
    assert set(chat.loaded) == set(map(str, range(10_000 - len(set(chat.loaded)), 10_000)))


def test_every_row_in_view_is_exact() -> None:
    document = document_of(Chat(50))
    y = document.hold(None, 0, HEIGHT)
    before = document.total
    shown(document, y)
    assert document.total == before


@given(st.lists(st.integers(-25, 25), min_size=5, max_size=25), st.integers(0, 100))
def test_scrolling_moves_what_is_seen_by_just_as_many_rows(steps: list[int], seed: int) -> None:
    document = document_of(Chat(40))
    y = document.hold(document.anchor(Random(seed).randrange(document.heights.total - HEIGHT)), 0, HEIGHT)
    for step in steps:
        before = shown(document, y)
        anchor = document.anchor(y)
        moved = document.hold(anchor, -step, HEIGHT)
        assert anchor is not None
        went = moved - document.y_of(anchor)
        now = shown(document, moved)
        if went >= 0:
            assert now[: HEIGHT - went] == before[went:]
        else:
            assert now[-went:HEIGHT] == before[: HEIGHT + went]
        at_an_end = moved == 0 or moved == document.total - HEIGHT
        assert went == step or at_an_end
        y = moved


def test_the_row_under_the_eye_survives_another_width() -> None:
    document = document_of(Chat(40))
    anchor = document.anchor(document.total // 2)
    document.hold(anchor, 0, HEIGHT)
    assert anchor is not None
    for width in (60, 140, 33, 100):
        document.repage(page_of(width))
        y = document.hold(anchor, 0, HEIGHT)
        spot = document.locate(y)
        assert spot is not None
        assert spot.piece is anchor.piece


@pytest.mark.parametrize("width", [0, 1, 7])
def test_every_row_of_a_page_without_room_is_one_of_a_piece(width: int) -> None:
    chat = Chat(4)
    for document in (document_of(chat, width), document_of(chat)):
        document.hold(None, 0, HEIGHT)
        document.repage(page_of(width))
        y = 0
        while y < document.heights.total:
            spot = document.locate(y)
            assert spot is not None and spot.row < spot.piece.height
            y += 1


def test_only_so_many_rows_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_room, "KEPT_ROWS", 200)
    document = document_of(Chat(60))
    whole = laid(document)
    held = [len(piece.rows) for slot in document.slots for piece in slot.pieces if piece.rows is not None]
    assert 150 < sum(held) <= 200
    assert laid(document) == whole


def test_an_entry_put_again_takes_the_place_of_the_first() -> None:
    document = Document(typesetter())
    for key in "abc":
        document.put(entry(key, f"I am {key}"))
    document.put(entry("b", "I am\n\nanother"))
    assert [slot.key for slot in document.slots] == ["a", "b", "c"]
    texts = [text for text, bare in laid(document) if text and not bare]
    assert texts == ["I am a", "I am", "another", "I am c"]


def test_another_path_keeps_what_both_have() -> None:
    chat = Chat(6)
    document = document_of(chat)
    document.hold(None, 0, 10_000)
    before = {slot.key: slot for slot in document.slots}
    loaded = len(chat.loaded)
    path = [chat.outlines[i] for i in (0, 1, 3, 4)] + [Outline("9", 10)]
    assert document.update_path(path, chat.load) == 2
    assert [slot.key for slot in document.slots] == ["0", "1", "3", "4", "9"]
    assert [slot.index for slot in document.slots] == [0, 1, 2, 3, 4]
    assert all(slot is before[slot.key] for slot in document.slots[:4])
    pieces = before["1"].pieces
    document.hold(None, 0, 10_000)
    assert chat.loaded[loaded:] == ["0", "1", "3", "4", "9"]
    assert before["1"].pieces is pieces, "an entry that is the same keeps its rows"


def test_an_entry_that_changed_with_the_path_is_shown_anew() -> None:
    texts = {"a": "one", "b": "two"}
    outlines = [Outline(key, 3) for key in texts]

    def load(key: str) -> Entry:
        return entry(key, texts[key])

    document = Document(typesetter())
    document.show(outlines, load)
    laid(document)
    texts["a"] = "another"
    document.update_path(outlines[:1], load)
    assert [text for text, bare in laid(document) if text and not bare] == ["another"]


def test_the_last_row_of_an_entry_that_became_shorter_is_still_a_row() -> None:
    said = {"a": "one\n\ntwo\n\nthree", "b": "after"}
    outlines = [Outline(key, len(text)) for key, text in said.items()]
    document = Document(typesetter())
    document.show(outlines, lambda key: entry(key, said[key]))
    document.hold(None, 0, HEIGHT)
    past = document.top(document.slots[1])
    said["a"] = "one"
    document.update_path(outlines, lambda key: entry(key, said[key]))
    spot = document.locate(past - 1)
    assert spot is not None and document.entry(spot.slot).sections == (Prose("one"),)
    assert spot.row < spot.piece.height
    assert past - 1 > document.top(document.slots[1])


def test_reasoning_folds_once_something_was_said() -> None:
    document = Document(typesetter())
    document.put(entry("a", Thought("secret"), "answer"))
    document.put(entry("b", Thought("still thinking")))
    texts = [text for text, _ in laid(document)]
    assert "secret" not in texts
    assert {"answer", "still thinking"} <= set(texts)


def test_folding_by_hand_survives_a_new_form_of_the_entry() -> None:
    document = Document(typesetter())
    slot = document.put(entry("a", Thought("secret"), "answer"))
    document.fold(slot, 0, False, by_hand=True)
    assert "secret" in [text for text, _ in laid(document)]
    document.put(entry("a", Thought("secret"), "another answer"))
    assert {"secret", "another answer"} <= {text for text, _ in laid(document)}


def test_an_anchor_in_what_was_folded_away_means_the_row_that_folds_it() -> None:
    document = Document(typesetter())
    slot = document.put(entry("a", Thought("\n\n".join("abcdefgh")), "answer"))
    document.fold(slot, 0, False, by_hand=True)
    laid(document)
    inside = next(at for at, piece in enumerate(slot.pieces) if piece.kind == "thought") + 3
    anchor = document.anchor_of(slot, inside)
    document.fold(slot, 0, True, by_hand=True)
    spot = document.locate(document.y_of(anchor))
    assert spot is not None
    assert spot.piece.kind == "fold"


def test_sections_that_say_nothing_leave_no_gap() -> None:
    document = Document(typesetter())
    document.put(entry("a", Prose(""), Thought(""), "said"))
    assert [text for text, bare in laid(document) if not bare] == ["", "said"]


def test_a_block_that_cannot_be_laid_out_is_shown_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **more: object) -> None:
        raise IndexError("a bug")

    monkeypatch.setattr("tui_chat.ui.transcript.layout.lay_out", fail)
    document = Document(typesetter(40))
    document.put(entry("a", "some **text**\x1b\n" + "that goes on " * 6))
    texts = [text for text, bare in laid(document) if text and not bare]
    assert texts[0].startswith("some **text**")
    assert "\x1b" not in texts[0]
    assert len(texts) > 2


@pytest.mark.parametrize(("width", "other"), [(104, 54), (54, 104), (104, 80)])
def test_what_was_seen_keeps_about_its_height_in_another_width_and_all_of_it_back_in_its_own(
    width: int, other: int
) -> None:
    chat = Chat(40)
    document = Document(typesetter(width))
    document.show(chat.outlines, chat.load)
    document.hold(None, 0, 10**6)
    before, loads = [slot.height for slot in document.slots], len(chat.loaded)
    document.repage(page_of(other))
    scaled = document.total
    document.repage(page_of(width))
    assert [slot.height for slot in document.slots] == before
    assert document.heights.total == sum(slot.tops.total for slot in document.slots)
    assert len(chat.loaded) == loads
    document.repage(page_of(other))
    document.hold(None, 0, 10**6)
    assert 0.85 < scaled / document.total < 1.15
