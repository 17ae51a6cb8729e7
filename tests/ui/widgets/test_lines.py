"""Lists of single lines."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.content import Content
from textual.widgets import OptionList

from tests.ui.bare_stage import staged
from tests.waiting import eventually
from tui_chat.ui.widgets.lines import Lines, clipped

ROWS = [(None, Content("heading")), ("a", Content("first")), ("b", Content("second " * 40)), (None, Content("end"))]


async def test_the_cursor_goes_where_it_is_told_or_to_the_first_row_that_can_be_chosen():
    lines = Lines()
    async with staged(lines, (40, 10)):
        lines.fill(ROWS, "b")
        assert lines.cursor_id == "b"
        lines.fill(ROWS, "gone")
        assert lines.cursor_id == "a"
        lines.fill([(None, Content("nothing"))], "a")
        assert lines.cursor_id is None
        assert lines.virtual_size.height == 1


async def test_each_row_is_one_line():
    lines = Lines()
    async with staged(lines, (40, 10)):
        lines.fill(ROWS, None)
        assert lines.virtual_size.height == 4
        assert lines.render_line(2).text.endswith("…")


async def test_the_cursor_stays_in_view_when_rows_are_taken_away():
    lines = Lines()
    async with staged(lines, (40, 10)) as (_, pilot):
        lines.fill([(str(at), Content(str(at))) for at in range(20)], "9")
        await pilot.pause()
        await pilot.resize_terminal(40, 4)
        await eventually(lambda: lines.size.height <= 4)
        await eventually(lambda: lines.scroll_offset.y <= 9 < lines.scroll_offset.y + lines.size.height)


async def test_a_click_on_a_mark_is_no_choice():
    lines = Lines(marks=True)
    async with staged(lines, (40, 10)) as (app, pilot):
        lines.fill(ROWS, None)
        await pilot.pause()
        await pilot.click(Lines, offset=(0, 2))
        await eventually(lambda: [message.id for message in app.told(Lines.MarkClicked)] == ["b"])
        assert lines.cursor_id == "b"
        await pilot.click(Lines, offset=(0, 0))  # a heading
        assert not app.told(OptionList.OptionSelected)
        await pilot.click(Lines, offset=(4, 1))
        await eventually(lambda: [message.option_id for message in app.told(OptionList.OptionSelected)] == ["a"])


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("ab", 4, "ab  "), ("abcdef", 4, "abc…"), ("木栈道", 6, "木栈道"), ("木栈道", 5, "木栈…"), ("木栈道", 4, "木… ")],
)
def test_text_is_clipped_to_cells_without_a_gap_before_the_ellipsis(text, width, shown):
    assert clipped(text, width) == shown
    assert cell_len(clipped(text, width)) == width
