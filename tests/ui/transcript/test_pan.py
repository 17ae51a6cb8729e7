"""Long lines can be looked along, and what is copied is all of them."""

from __future__ import annotations

import pytest
from textual import events

from tests.ui.transcript.stage import Stage, entry, page_rows, screen_rows
from tests.waiting import eventually
from tui_chat.ui.transcript import select
from tui_chat.ui.transcript.document import Spot
from tui_chat.ui.transcript.view import Transcript

LONG = "value = [" + ", ".join(f"'item {number}'" for number in range(30)) + "]  # 末尾"
CODE = f"```python\nshort = 1\n{LONG}\nlast = 2\n```"
TABLE = (
    "|"
    + "".join(f" name {n} |" for n in range(20))
    + "\n|"
    + "---|" * 20
    + "\n"
    + ("|" + " a value |" * 20 + "\n") * 14
)
WIDE = "|" + "name|" * 30 + "\n|" + "---|" * 30 + "\n|" + "".join(f" item {n} |" for n in range(30)) + "\n"
SIZE = (60, 30)


def wheel(page: Transcript, kind: type[events.MouseEvent], y: int, *, shift: bool) -> events.MouseEvent:
    return kind(page, 10, y, 0, 0, 0, shift, False, False, 10, y)


async def unfolded(source: str, pilot_size: tuple[int, int] = SIZE) -> None:
    """See the whole of it, cell by cell, from the left to the right and back."""
    app = Stage()
    async with app.run_test(size=pilot_size) as pilot:
        page = app.query_one(Transcript)
        page.append(entry("a", f"before\n\n{source}\n\nafter"))
        page.focus()
        await pilot.pause()
        folded, height = page_rows(page), page.document.total
        page.action_pan(-1)
        assert page_rows(page) == folded, "there is nothing to the left of folded lines"
        page.action_pan(1)
        assert page_rows(page) != folded
        seen = ["\n".join(screen_rows(page))]
        assert "›" in seen[0]
        assert "‹" not in seen[0]
        for _ in range(200):
            page.action_pan(1)
            if (now := "\n".join(screen_rows(page))) == seen[-1]:
                break
            seen.append(now)
        assert "›" not in seen[-1]
        assert "‹" in seen[-1]
        for _ in range(len(seen) + 1):
            page.action_pan(-1)
        assert page_rows(page) == folded
        assert page.document.total == height


@pytest.mark.parametrize("source", [CODE, TABLE], ids=["code", "a table"])
async def test_what_is_wider_than_the_page_is_looked_along_and_folded_again(source: str) -> None:
    await unfolded(source)


async def test_what_fits_is_left_alone() -> None:
    app = Stage()
    async with app.run_test(size=SIZE):
        page = app.query_one(Transcript)
        page.append(entry("a", "words\n\n```python\nshort = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
        before = page_rows(page)
        page.action_pan(1)
        assert page_rows(page) == before


async def test_all_of_a_line_is_copied_and_a_word_picked_where_it_is_seen() -> None:
    app = Stage()
    async with app.run_test(size=SIZE):
        page = app.query_one(Transcript)
        page.append(entry("a", CODE))
        slot = page.document.slots[0]
        at = next(n for n, piece in enumerate(slot.pieces) if piece.kind == "prose")
        for _ in range(4):
            page.action_pan(1)
        rows = page.document.rows(slot, at)
        assert rows.copied() == f"short = 1\n{LONG}\nlast = 2"
        row = next(n for n, strip in enumerate(rows.strips) if "末尾" in strip.text)
        whole = select.whole_piece(page.document, Spot(slot, at, 0))
        assert select.copied(whole, page.document) == f"short = 1\n{LONG}\nlast = 2"
        y = page.document.top(slot, at) + row - page.top
        shown = page.painter.paint(page.top + y, None).text
        column = shown.index("item 4")
        page._select(Spot(slot, at, row), column - page.typesetter.page.text, paragraph=False)
        assert page.text_selection is not None
        assert select.copied(page.text_selection, page.document) == "item"


async def test_a_growing_fence_stays_where_it_was_moved_to() -> None:
    app = Stage()
    async with app.run_test(size=SIZE) as pilot:
        page = app.query_one(Transcript)
        page.begin(entry("a", ""))
        page.grow("a", text=CODE.removesuffix("```"))
        page._draw_frame()
        page.action_pan(1)
        page.action_pan(1)
        page.grow("a", text=f"{LONG}\n" * 60)
        while page._inbox:
            page._draw_frame()
        await pilot.pause()
        seen = screen_rows(page)
        assert sum(row.count("‹") for row in seen) > 20
        assert page.at_end
        page.settle(entry("a", CODE.removesuffix("```") + f"{LONG}\n" * 60))
        assert sum(row.count("‹") for row in screen_rows(page)) > 20


async def test_the_wheel_with_shift_moves_what_is_under_the_pointer_and_not_the_page() -> None:
    app = Stage()
    async with app.run_test(size=SIZE) as pilot:
        page = app.query_one(Transcript)
        words = "\n\n".join(["words"] * 30)
        page.append(entry("a", f"{words}\n\n{CODE}\n\n{words}"))
        page.move_by(-45)
        await pilot.pause()
        top, before = page.top, page_rows(page)
        y = next(n for n, row in enumerate(screen_rows(page)) if "item 1" in row)
        page.post_message(wheel(page, events.MouseScrollDown, y, shift=True))
        await eventually(lambda: any("›" in row for row in screen_rows(page)))
        y = next(n for n, row in enumerate(screen_rows(page)) if "›" in row)
        page.post_message(wheel(page, events.MouseScrollUp, y, shift=True))
        await eventually(lambda: page_rows(page) == before)
        assert page.top == top
        page.post_message(wheel(page, events.MouseScrollUp, y, shift=False))
        await eventually(lambda: page.top < top)


@pytest.mark.parametrize("source", [CODE, WIDE], ids=["code", "a table"])
async def test_a_match_that_is_out_of_sight_at_either_side_comes_into_it(source: str) -> None:
    app = Stage()
    async with app.run_test(size=SIZE):
        page = app.query_one(Transcript)
        page.append(entry("a", f"before\n\n{source}\n\nafter"))
        page.action_pan(1)
        needles = [f"item {number}" for number in (3, 15, 29, 1, 20)]
        for needle in needles:
            assert page.find(needle)[1] >= 1
            (text,) = [text for row in range(SIZE[1]) if needle in (text := page.render_line(row).text)]
            mark = next(s for y in range(SIZE[1]) for s in page.render_line(y) if s.text == needle)
            assert mark.style is not None
            assert text.index(needle) > page.typesetter.page.left + 2, "not under the sign"
        assert page.find("before") == (1, 1)
        assert any("‹" in row for row in screen_rows(page)), "what has the match is all that moves"


async def test_a_match_in_folded_lines_moves_nothing() -> None:
    app = Stage()
    async with app.run_test(size=SIZE):
        page = app.query_one(Transcript)
        page.append(entry("a", CODE))
        before = page_rows(page)
        assert page.find("item 29")[1] == 1
        assert page_rows(page) == before
