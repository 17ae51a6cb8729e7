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
