"""Keys that come together, as over a slow line, are done as they were typed."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.events import Key
from textual.widgets import Input, TextArea

from tests.ui.bare_stage import staged
from tests.waiting import eventually
from tui_chat.ui.screens.files import NameInput
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.long_input import LongInput
from tui_chat.ui.widgets.prompt import Prompt

TYPED = [*"teh", "backspace", "backspace", *"he", "left", "left", "x", "home", ">", "end", "!"]


def press_at_once(app: App[None], keys: list[str]) -> None:
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


def text_of(field: Input | TextArea) -> str:
    return field.value if isinstance(field, Input) else field.text


@pytest.mark.parametrize("kind", [LineInput, NameInput, LongInput, Prompt])
async def test_a_field_does_its_keys_as_they_were_typed(kind: type[Input | TextArea]) -> None:
    field = kind()
    async with staged(field) as (app, pilot):
        field.focus()
        await pilot.pause()
        press_at_once(app, TYPED)
        await eventually(lambda: "!" in text_of(field))
        assert text_of(field) == ">txhe!"
        press_at_once(app, ["ctrl+u", *"ok"])
        await eventually(lambda: "ok" in text_of(field))
        assert text_of(field) == "ok"


@pytest.mark.parametrize("kind", [LineInput, LongInput])
async def test_the_cursor_is_seen_where_a_key_took_it(kind: type[Input | TextArea]) -> None:
    field = kind()
    async with staged(field) as (_app, pilot):
        field.focus()
        await pilot.press(*"ab")
        for key in ("left", "backspace", "home", "delete"):
            field._cursor_visible = False  # as in the dark half of its blinking
            await pilot.press(key)
            assert field._cursor_visible, key


async def test_a_mistake_in_what_a_key_does_goes_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    field = LineInput()
    tried: list[bool] = []

    def fails() -> None:
        tried.append(True)
        if len(tried) == 1:
            raise ValueError

    monkeypatch.setattr(field, "action_home", fails)
    async with staged(field) as (app, pilot):
        field.focus()
        await pilot.press("a", "home")
        await eventually(lambda: len(tried) == 2)
        await pilot.press("b")
        await eventually(lambda: field.value == "ab")
        assert app.is_running
