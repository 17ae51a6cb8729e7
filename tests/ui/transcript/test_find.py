from __future__ import annotations

import pytest

from tests.ui.transcript.stage import Chat, Stage, entry, screen_rows, typesetter
from tui_chat.ui.transcript.document import Document
from tui_chat.ui.transcript.entry import Chip, Entry, Outline, Thought
from tui_chat.ui.transcript.find import Finder

LONG = "The quick brown fox jumps over the lazy dog, again and again, until it has had enough. " * 3


def marked(document: Document, finder: Finder) -> list[tuple[str, bool]]:
    """Each marked part of the page, and whether it is the one gone to."""
    document.hold(None, 0, 10**6)
    parts = []
    for slot in document.slots:
        for at, piece in enumerate(slot.pieces):
            if piece.hidden:
                continue
            rows = document.rows(slot, at)
            for row in range(len(rows)):
                from tui_chat.ui.transcript.document import Spot

                for start, end, here in finder.matches(Spot(slot, at, row)):
                    parts.append((rows.strips[row].text[start:end], here))
    return parts


def found(*entries: Entry) -> tuple[Document, Finder]:
    document = Document(typesetter(50))
    for each in entries:
        document.put(each)
    return document, Finder(document)


def test_case_does_not_matter_and_steps_go_round() -> None:
    document, finder = found(entry("a", "Straße and STRASSE"), entry("b", "nothing"), entry("c", "a strasse"))
    steps = [finder.step("strasse", 1, 0)[:2] for _ in range(4)]
    assert steps == [(1, 3), (2, 3), (3, 3), (1, 3)]
    assert finder.step("strasse", -1, 0)[:2] == (3, 3)
    assert finder.step("strasse", 0, 0)[:2] == (3, 3)
    assert marked(document, finder) == [("Straße", False), ("STRASSE", False), ("strasse", True)]


def test_a_match_may_go_on_in_the_next_row() -> None:
    document, finder = found(entry("a", LONG))
    needle = "over the lazy dog, again and again, until it has had enough"
    assert finder.step(needle, 1, 0)[:2] == (1, 3)
    parts = [text for text, here in marked(document, finder) if here]
    assert len(parts) > 1
    assert " ".join(part.strip() for part in parts) == needle


def test_chinese_is_found_across_row_ends() -> None:
    text = "图片展示了一条穿过茂密绿色草地的木制栈道，天空湛蓝，点缀着几朵散落的云彩。" * 3
    document, finder = found(entry("a", text))
    assert finder.step("草地的木制栈道", 1, 0)[:2] == (1, 3)
    assert "".join(text for text, here in marked(document, finder)) == "草地的木制栈道" * 3


def test_marks_of_markdown_do_not_hide_words() -> None:
    document, finder = found(entry("a", "it is **very** clear"))
    index, count, spot = finder.step("very", 1, 0)
    assert (index, count) == (1, 1)
    assert spot is not None
    assert marked(document, finder) == [("very", True)]


def test_a_new_search_begins_at_what_is_seen() -> None:
    _, finder = found(*(entry(key, f"{key} word") for key in "abcde"))
    assert finder.step("word", 1, 3)[:2] == (4, 5)


def test_folded_reasoning_opens_for_a_match_in_it() -> None:
    document, finder = found(entry("a", Thought("a secret"), "an answer"), entry("b", Thought("secret"), "x"))
    document.hold(None, 0, 100)
    _, count, spot = finder.step("secret", 1, 0)
    assert count == 2
    assert spot is not None
    assert not spot.piece.hidden
    assert document.slots[1].pieces[3].hidden, "what was not gone to stays folded"


def test_labels_are_found_and_nothing_is_where_nothing_is() -> None:
    document, finder = found(entry("a", Chip("report.pdf  1 KB")))
    assert finder.step("REPORT", 1, 0)[:2] == (1, 1)
    assert marked(document, finder) == [("report", True)]
    assert finder.step("nowhere", 1, 0) == (0, 0, None)
    assert marked(document, finder) == []


def test_no_entry_is_laid_out_only_to_be_searched() -> None:
    chat = Chat(200, paragraphs=2)
    document = Document(typesetter())
    document.show(chat.outlines, chat.load)
    finder = Finder(document)
    _, count, _ = finder.step("boardwalk", 1, 100)
    assert count > 20
    assert sum(bool(slot.pieces) for slot in document.slots) == 1
    loads = len(chat.loaded)
    finder.step("boardwalk", 1, 100)
    assert len(chat.loaded) <= loads + 1, "texts are kept while the search goes on"


@pytest.mark.parametrize("size", [(120, 40), (60, 15)])
async def test_the_match_comes_into_view_and_goes_again(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        transcript = app.transcript
        texts = {str(n): entry(str(n), "word\n\n" * 30 + f"needle {n}\n\n" + "word\n\n" * 30) for n in range(20)}
        transcript.show([Outline(key, 400) for key in texts], texts.__getitem__)
        await pilot.pause()
        assert transcript.find("needle")[1] == 20
        for _ in range(20):
            index, count = transcript.find("needle", -1)
            assert count == 20
            await pilot.pause()
            rows = screen_rows(transcript)
            y = next(y for y, row in enumerate(rows) if f"needle {index - 1}" in row)
            assert 1 <= y < size[1] - 1
            marks = [s for s in transcript.render_line(y) if s.text == "needle"]
            assert marks[0].style is not None
            assert marks[0].style.bgcolor != transcript.rich_style.bgcolor
        assert not transcript.at_end
        assert transcript.find("") == (0, 0)
        line = transcript.render_line(y)
        assert not [s for s in line if s.text == "needle"], "the mark is gone, so the word is one with its row"
