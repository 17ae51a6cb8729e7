"""Undoing what made an editor scroll brings the text back and does not end the program."""

from __future__ import annotations

from tests.ui.bare_stage import staged
from tests.waiting import eventually
from tui_chat.ui.widgets.long_input import LongInput


async def test_what_made_it_scroll_can_be_undone():
    area = LongInput("mine")
    area.styles.height = 5
    async with staged(area, (40, 12)) as (_, pilot):
        area.focus()
        area.replace("\n".join(str(line) for line in range(40)), (0, 0), area.document.end)
        await eventually(lambda: area.show_vertical_scrollbar)
        await pilot.press("ctrl+z")
        await eventually(lambda: area.text == "mine" and not area.show_vertical_scrollbar)
        await pilot.press("x")
        await eventually(lambda: len(area.text) == 5)


async def test_the_composers_key_for_a_new_line_makes_one_here():
    area = LongInput("one two")
    async with staged(area) as (_, pilot):
        area.focus()
        area.move_cursor((0, 3))
        await pilot.press("ctrl+j", "x")
        await eventually(lambda: area.text == "one\nx two")
        area.read_only = True
        await pilot.press("ctrl+j")
        await pilot.pause()
        assert area.text == "one\nx two"
