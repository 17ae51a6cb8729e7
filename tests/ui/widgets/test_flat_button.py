"""Buttons one row high."""

from __future__ import annotations

from textual.widgets import Button

from tests.ui.bare_stage import screen_text, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.flat_button import FlatButton


async def test_it_is_one_row_and_as_wide_as_its_label():
    button = FlatButton("添加", main=True)
    async with staged(button, (40, 5)) as (app, pilot):
        assert button.size.height == 1
        narrow = button.outer_size.width
        button.label = "添加 12 个"
        await eventually(lambda: button.outer_size.width > narrow)
        assert "添加 12 个" in screen_text(app)
        button.focus()
        await pilot.press("enter")
        await eventually(
            lambda: not button.has_class("-active")
        )  # while it shows that it was pressed it takes no click
        await pilot.click(FlatButton)
        await eventually(lambda: len(app.told(Button.Pressed)) == 2)


async def test_its_label_is_no_markup():
    async with staged(FlatButton("[b]x[/b]"), (40, 5)) as (app, _):
        assert "[b]x[/b]" in screen_text(app)
