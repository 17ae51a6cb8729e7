"""The editor of long values: says whether they can be sent, begins with what is ready, loses nothing."""

from __future__ import annotations

import pytest
from textual.widgets import TextArea

from tests.ui.bare_stage import NOTHING, SIZES, Stage, answered, shows, staged
from tests.waiting import eventually
from tests.wire.bad_input import BAD
from tui_chat.ui.ready_formats import READY
from tui_chat.ui.screens.dialogs import Confirm
from tui_chat.ui.screens.pick import Pick
from tui_chat.ui.screens.value_editor import ValueEditor, said_of
from tui_chat.wire.conflicts import conflicts
from tui_chat.wire.json_text import pretty
from tui_chat.wire.objects import Many
from tui_chat.wire.params import BY_NAME, parse
from tui_chat.words import t


def editor(name: str, text: str = "") -> ValueEditor:
    kind = BY_NAME[name].kind
    assert isinstance(kind, Many)
    return ValueEditor(BY_NAME[name], kind, text)


def area(app: Stage) -> TextArea:
    return app.screen.query_one(TextArea)


async def test_what_is_wrong_is_said_as_one_types(language):
    async with staged(editor("response_format")) as (app, _):
        await eventually(lambda: shows(app, t("parameters.editor.unset")))
        area(app).insert('{"type":\n "object"')
        label = t("param.response_format.label")
        await eventually(lambda: shows(app, t("error.param_json.says", name=label, line=2, column=10)))
        area(app).insert("}")
        await eventually(lambda: shows(app, t("parameters.editor.fits")))


async def test_leaving_takes_nothing_along_and_asks_before_it_throws_away_what_was_typed(language):
    screen = editor("metadata", "a = b")
    async with staged(screen) as (app, pilot):
        await pilot.press(*"c", "ctrl+j", "backspace", *"d", "escape")
        await eventually(lambda: isinstance(app.screen, Confirm) and shows(app, t("dialog.leave")))
        await pilot.press("escape")  # to the question: no
        await eventually(lambda: app.screen is screen)
        assert area(app).text == "a = bcd" and app.result is NOTHING
        await pilot.press("escape")
        await eventually(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        assert await answered(app) is None
    async with staged(editor("metadata", "a = b")) as (app, pilot):
        await pilot.press("escape")
        assert await answered(app) is None


async def test_the_key_and_the_button_take_what_was_typed():
    async with staged(editor("metadata", "a = b")) as (app, pilot):
        await pilot.press(*"cd", "ctrl+s")
        assert await answered(app) == "a = bcd"
    async with staged(editor("metadata", "not a pair")) as (app, pilot):
        await pilot.click("#done")
        assert await answered(app) == "not a pair"


async def test_clearing_can_be_undone():
    async with staged(editor("stop", "END")) as (app, pilot):
        await pilot.click("#clear")
        await eventually(lambda: area(app).text == "")
        await pilot.press("ctrl+z")
        await eventually(lambda: area(app).text == "END")


async def test_a_ready_schema_is_put_in_and_can_be_sent(language):
    async with staged(editor("response_format", "mine")) as (app, pilot):
        await pilot.click("#ready")
        await eventually(lambda: isinstance(app.screen, Pick))
        await pilot.press("down", "enter")
        await eventually(lambda: isinstance(app.screen, ValueEditor) and shows(app, t("parameters.editor.fits")))
        text = area(app).text
        assert text == pretty(READY["list"])
        await pilot.press("ctrl+z")
        await eventually(lambda: area(app).text == "mine")


@pytest.mark.parametrize("name", READY)
def test_what_is_ready_is_taken_even_strictly(name):
    value = parse("response_format", pretty(READY[name]))
    assert value == READY[name]
    assert [found.key for found in conflicts({"response_format": value}, "gpt-4.1")] in ([], ["conflict.json_unsaid"])


def test_everything_that_can_not_be_sent_is_said():
    for name, typed, _ in BAD:
        kind = BY_NAME[name].kind if name in BY_NAME else None
        if isinstance(kind, Many) and typed.strip() and "," not in typed:
            assert said_of(BY_NAME[name], kind, typed), (name, typed[:60])


@pytest.mark.parametrize(
    ("language", "size"), [*SIZES, ("en", (80, 24)), ("en", (90, 30)), ("zh", (80, 26))], indirect=["language"]
)
async def test_it_fits_every_window(language, size):
    text = "\n".join(f"line {at}" for at in range(60))
    first, *more = (editor(name, text) for name in ("response_format", "metadata", "stop", "prediction"))
    async with staged(first, size) as (app, pilot):
        for screen in (first, *more):
            if screen is not first:
                await app.push_screen(screen)
                await pilot.pause()
            assert app.screen is screen
            await eventually(lambda: shows(app, t("parameters.editor.done")))
            box = app.screen.query_one(".dialog").region
            assert app.screen.region.contains_region(box)
            assert area(app).region.height >= 3
