"""One-row fields."""

from __future__ import annotations

from textual import events

from tests.ui.bare_stage import screen_text, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.line_input import LineInput


async def test_all_lines_of_a_paste_come_in_as_one():
    field = LineInput()
    async with staged(field) as (_, _pilot):
        field.focus()
        field.post_message(events.Paste("\nAuthorization:\r\n Bearer sk-abc\n"))
        await eventually(lambda: field.value == "Authorization:  Bearer sk-abc")
        assert field.size.height == 1


async def test_a_password_is_never_drawn():
    field = LineInput(password=True)
    async with staged(field) as (app, pilot):
        field.focus()
        await pilot.press(*"sk-secret")
        await eventually(lambda: "•••••••••" in screen_text(app))
        assert "secret" not in screen_text(app)
