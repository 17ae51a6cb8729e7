"""Small questions and their answers."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll
from textual.widgets import Input

from tests.ui.bare_stage import NOTHING, SIZES, answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.ui.screens.dialogs import AskText, Confirm, Details
from tui_chat.words import t

LONG = "https://example.org/" + "a/very/long/path/" * 60


@pytest.mark.parametrize(
    ("pressed", "result"),
    [
        (["enter"], False),
        (["tab", "enter"], True),
        (["right", "enter"], True),
        (["left", "right", "enter"], False),
        (["y"], True),
        (["n"], False),
        (["escape"], False),
    ],
)
async def test_a_question_is_answered_by_keys_and_no_is_where_the_focus_is(pressed, result):
    async with staged(Confirm("Sure?", "It can't be undone.")) as (app, pilot):
        await pilot.press(*pressed)
        assert await answered(app) is result


async def test_a_question_is_answered_by_clicks():
    async with staged(Confirm("Sure?")) as (app, pilot):
        await pilot.click("#yes")
        assert await answered(app) is True


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_however_long_a_question_is_its_buttons_can_be_seen(size, language):
    async with staged(Confirm("Open?", LONG), size) as (app, _):
        await eventually(lambda: shows(app, t("dialog.no")) and shows(app, t("dialog.yes")))
        for button in app.screen.query("Button"):
            assert button.region in app.screen.region


async def test_words_for_yes_and_no_can_be_given_and_hostile_text_is_shown():
    async with staged(Confirm("[b]q\x1b]0;x\x07", yes="Send it", no="Keep it")) as (app, _):
        await eventually(lambda: shows(app, "Send it") and shows(app, "Keep it") and shows(app, "[b]q␛]0;x␇"))


async def test_a_line_of_text_is_asked_for():
    async with staged(AskText("Title", "old name")) as (app, pilot):
        assert app.screen.query_one(Input).value == "old name"
        await pilot.press(*"new", "enter")  # what stood there was selected
        assert await answered(app) == "new"


async def test_escape_leaves_the_text_as_it_was(chinese):
    async with staged(AskText("Title", "old")) as (app, pilot):
        await eventually(lambda: shows(app, t("dialog.text_hint")))
        await pilot.press("x", "escape")
        assert await answered(app) is None


async def test_details_show_rows_and_text_scroll_and_close():
    rows = [("Model", "gpt-4.1"), ("Request id", "2025" * 20)]
    async with staged(Details("Details", rows, "line\n" * 100), (60, 15)) as (app, pilot):
        await eventually(lambda: shows(app, "gpt-4.1"))
        page = app.screen.query_one(VerticalScroll)
        await pilot.press("end")
        await eventually(lambda: page.scroll_y > 0 and t("dialog.close_hint") in screen_text(app))
        assert app.result is NOTHING
        await pilot.press("q")
        assert await answered(app) is None


@pytest.mark.parametrize("kind", [Confirm, AskText, Details])
async def test_on_a_very_low_screen_nothing_is_cut_off(kind):
    screen = Details("Facts", [("a", "b")]) if kind is Details else kind("Sure?", LONG)
    async with staged(screen, (40, 8)) as (app, pilot):
        await pilot.pause()
        frame = app.screen.query_one(".dialog").region
        assert app.screen.size.region.contains_region(frame)
        for inner in app.screen.query("FlatButton, Input"):
            assert frame.contains_region(inner.region), inner
