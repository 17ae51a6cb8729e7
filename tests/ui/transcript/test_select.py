from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Offset
from textual.selection import Selection

from tests.ui.transcript.stage import Chat, Stage, entry, screen_rows, typesetter
from tests.waiting import eventually
from tui_chat.ui.transcript import select
from tui_chat.ui.transcript.document import Document, Spot
from tui_chat.ui.transcript.entry import Chip, Section, Thought
from tui_chat.ui.transcript.view import Transcript

LONG = "The quick brown fox jumps over the lazy dog, again and again, until it has had enough of it. " * 4
CJK = "图片展示了一条穿过茂密绿色草地的木制栈道，天空湛蓝，点缀着几朵散落的云彩，营造出宁静祥和的氛围。" * 4
CODE = "def f(x):\n    return x  # 注释\n\n" + "    very_long = " + "'" + "x" * 200 + "'"


def document_of(*sections: Section | str, width: int = 60) -> Document:
    document = Document(typesetter(width))
    document.put(entry("k", *sections))
    document.hold(None, 0, 10**6)
    return document


def everything(document: Document) -> str:
    return select.copied(Selection(None, None), document)


@pytest.mark.parametrize("width", [30, 60, 120])
def test_wrapped_text_is_copied_as_it_was_written(width: int) -> None:
    assert everything(document_of(LONG.strip(), width=width)) == LONG.strip()
    assert everything(document_of(CJK, width=width)) == CJK


@pytest.mark.parametrize("width", [30, 60, 120])
def test_code_is_copied_clean(width: int) -> None:
    assert everything(document_of(f"```python\n{CODE}\n```", width=width)) == CODE


def test_decoration_is_left_out() -> None:
    document = document_of(Thought("hidden", 1.0), "- one\n- two\n\n> quoted\n\nend", Chip("file.pdf  1 KB"))
    assert everything(document) == "• one\n• two\n\nquoted\n\nend\n\nfile.pdf  1 KB"


def test_entries_are_set_off_by_an_empty_line() -> None:
    document = Document(typesetter())
    for key in "abc":
        document.put(entry(key, f"I am {key}"))
    assert everything(document) == "I am a\n\nI am b\n\nI am c"


@given(st.integers(0, 400), st.integers(0, 400), st.integers(20, 90))
def test_any_part_of_a_paragraph_is_copied_exactly(a: int, b: int, width: int) -> None:
    text = (LONG + CJK).strip()
    document = document_of(text, width=width)
    start, end = sorted((a % len(text), b % len(text)))
    assert select.copied(Selection(offset_of(document, start), offset_of(document, end)), document) == text[start:end]


def offset_of(document: Document, character: int) -> Offset:
    """Where that character of the only paragraph stands; a swallowed blank belongs to the end of its row."""
    slot = document.slots[0]
    rows = document.rows(slot, 2)
    for row in range(len(rows)):
        count = len(rows.piece(row)) + len(rows.gaps.get(row, ""))
        if character < count:
            # Within a gap there is no cell to point at: the copied text starts or ends at the gap's end.
            if character > len(rows.piece(row)):
                return Offset(select.TEXT_X, select.row_number(Spot(slot, 2, row + 1)))
            return Offset(select.TEXT_X + rows.skip[row] + character, select.row_number(Spot(slot, 2, row)))
        character -= count
    raise AssertionError("past the end")


async def test_the_mouse_selects_and_what_is_above_may_change_meanwhile() -> None:
    app = Stage()
    async with app.run_test(size=(60, 30)) as pilot:
        transcript = app.transcript
        transcript.append(entry("a", "above", role="user"))
        transcript.append(entry("b", LONG.strip()))
        await pilot.pause()
        rows = screen_rows(transcript)
        first = next(y for y, row in enumerate(rows) if "quick" in row)
        x = rows[first].index("quick")
        await pilot.mouse_down(Transcript, offset=(x, first))
        await pilot.hover(Transcript, offset=(x + 9, first + 2))
        await pilot.mouse_up(Transcript, offset=(x + 9, first + 2))
        await eventually(lambda: transcript.text_selection)
        copied = app.screen.get_selected_text()
        assert copied
        assert copied.startswith("quick brown fox")
        assert copied in LONG
        transcript.replace(entry("a", "above\n\nmuch\n\nmore", role="user"))
        await pilot.pause()
        assert app.screen.get_selected_text() == copied


async def test_the_gutter_belongs_to_the_start_of_the_row() -> None:
    app = Stage()
    async with app.run_test(size=(60, 30)) as pilot:
        transcript = app.transcript
        transcript.append(entry("b", "first line\n\nsecond line"))
        await pilot.pause()
        rows = screen_rows(transcript)
        first = next(y for y, row in enumerate(rows) if "first" in row)
        await pilot.mouse_down(Transcript, offset=(0, first))
        await pilot.hover(Transcript, offset=(1, first + 2))
        await pilot.hover(Transcript, offset=(1, first + 2))
        await pilot.mouse_up(Transcript, offset=(1, first + 2))
        await eventually(lambda: transcript.text_selection)
        assert app.screen.get_selected_text() == "first line"


async def test_double_and_triple_clicks_select_a_word_and_a_paragraph() -> None:
    app = Stage()
    async with app.run_test(size=(60, 30)) as pilot:
        transcript = app.transcript
        transcript.append(entry("b", "a first line\n\nanother paragraph " + LONG.strip()))
        await pilot.pause()
        rows = screen_rows(transcript)
        y = next(y for y, row in enumerate(rows) if "another" in row)
        await pilot.double_click(Transcript, offset=(rows[y].index("paragraph") + 2, y))
        await pilot.pause()
        assert app.screen.get_selected_text() == "paragraph"
        await pilot.triple_click(Transcript, offset=(rows[y].index("paragraph") + 2, y))
        await pilot.pause()
        assert app.screen.get_selected_text() == "another paragraph " + LONG.strip()


async def test_the_whole_conversation_can_be_copied() -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        chat = Chat(8, paragraphs=2)
        app.transcript.show(chat.outlines, chat.load)
        await pilot.pause()
        app.transcript.text_select_all()
        text = app.screen.get_selected_text()
        assert text
        assert text.startswith("The boardwalk leads through tall grass")
        assert set(chat.loaded) == {str(n) for n in range(8)}
