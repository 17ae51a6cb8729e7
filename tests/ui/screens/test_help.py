"""The page of keys."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll

from tests.ui.bare_stage import answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.ui import keys
from tui_chat.ui.screens.help import COLUMNS, HelpScreen
from tui_chat.words import t


async def test_every_action_that_a_person_can_do_stands_there(language):
    async with staged(HelpScreen(), (200, 120)) as (app, _):
        await eventually(lambda: shows(app, t("help.first")))
        listed = {place for places in COLUMNS for place in places}
        assert listed == {key.where for key in keys.KEYS} - {"dialog", "panel"}
        seen = screen_text(app)
        for key in keys.KEYS:
            if key.where in listed and " " not in key.label:
                assert key.label in seen, key.id


@pytest.mark.parametrize(("width", "columns"), [(60, 1), (100, 2), (140, 3)])
async def test_there_are_as_many_columns_as_there_is_room_for(width, columns):
    async with staged(HelpScreen(), (width, 40)) as (app, _):
        await eventually(lambda: len({column.region.x for column in app.screen.query("KeyColumn")}) == columns)
        page = app.screen.query_one(VerticalScroll)
        assert all(column.region.right <= page.region.right for column in app.screen.query("KeyColumn"))
        assert page.region in app.screen.region


async def test_it_follows_the_size_of_the_window():
    async with staged(HelpScreen(), (140, 40)) as (app, pilot):
        await pilot.resize_terminal(60, 15)
        await eventually(lambda: len({column.region.x for column in app.screen.query("KeyColumn")}) == 1)
        page = app.screen.query_one(VerticalScroll)
        await pilot.press("end")
        await eventually(lambda: page.scroll_y > 0)


async def test_the_persons_own_keys_are_the_ones_shown():
    async with staged(HelpScreen({"chat.new": "f12,alt+n"}), (140, 60)) as (app, _):
        label = t("key.chat.new")
        await eventually(lambda: any(row.split()[:1] == ["F12"] and label in row for row in rows(app)))


def rows(app) -> list[str]:
    return [row.strip(" │") for row in screen_text(app).splitlines()]


@pytest.mark.parametrize("key", ["escape", "f1", "q", "enter"])
async def test_it_closes(key):
    async with staged(HelpScreen()) as (app, pilot):
        await pilot.press(key)
        assert await answered(app) is None
