"""Saying yes: only by its letter, only once the end was seen, and never by a key that was meant for something else."""

from __future__ import annotations

import pytest
from textual import events

from tests.ui.bare_stage import NOTHING, SIZES, Stage, answered, shows, staged
from tests.waiting import eventually
from tui_chat.ui.keys import BY_ID
from tui_chat.ui.screens.consent import Consent
from tui_chat.ui.widgets.deciding import QUIET_S
from tui_chat.ui.widgets.sheet import line
from tui_chat.words import t


def asked(rows: int = 3) -> Consent:
    lines = [line(f"row {row} of what is said yes to") for row in range(rows)]
    return Consent("Start it?", "It runs with your rights.", lines, "start it")


def rested(screen: Consent) -> None:
    """Have the pause pass without waiting for it."""
    screen._quiet_from -= QUIET_S


async def test_keys_of_the_moment_decide_nothing() -> None:
    screen = asked()
    async with staged(screen) as (app, pilot):
        await eventually(lambda: screen.sheet.seen)
        for key in ("y", "y", "n", "escape", "enter"):  # however slow this machine is, 20 ms after one another
            event = events.Key(key, key if len(key) == 1 else None)
            event.time = screen._quiet_from + 0.02
            app.post_message(event)
            await pilot.pause()
        app.post_message(events.Paste("y\n"))
        await pilot.pause()
        assert app.result is NOTHING and not screen._armed
        rested(screen)
        await pilot.press("y")
        assert await answered(app) is True


async def test_no_other_key_says_yes_and_two_say_no() -> None:
    screen = asked()
    async with staged(screen) as (app, pilot):
        await eventually(lambda: screen.sheet.seen)
        rested(screen)
        await pilot.press("space", "space", "Y", "ctrl+y", "tab")
        assert app.result is NOTHING and not shows(app, t("consent.by_letter", yes_key="y", no_key="n"))
        await pilot.press("enter", "enter")
        await eventually(lambda: shows(app, t("consent.by_letter", yes_key="y", no_key="n")))
        assert app.result is NOTHING
        await pilot.press("n")
        assert await answered(app) is False
    assert BY_ID["consent.no"].keys == "n,escape"


async def test_the_end_must_be_seen_first() -> None:
    screen = asked(30)
    async with staged(screen, (60, 15)) as (app, pilot):
        await eventually(lambda: screen.sheet.rows_below > 0 and shows(app, "row 0 "))
        rested(screen)
        await pilot.press("y")
        assert app.result is NOTHING and not screen.sheet.seen
        await eventually(lambda: shows(app, t("approval.read_first", rows=0).partition("(")[0]))
        while screen.sheet.rows_below:  # Space reads on, and does nothing else
            await pilot.press("space")
        await eventually(lambda: screen.sheet.seen)
        assert app.result is NOTHING
        await pilot.press("y")
        assert await answered(app) is True


async def test_a_notification_covers_nothing_of_it() -> None:
    screen = asked(40)
    async with staged(screen, (60, 15)) as (app, pilot):
        app.notify("something else happened", timeout=60)
        await pilot.pause()
        await eventually(lambda: shows(app, "start it"))
        assert not shows(app, "something else happened")


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_it_fits(language: str, size: tuple[int, int]) -> None:
    screen = Consent(
        t("servers.asks", server="sample"),
        t("servers.means_command"),
        asked(80)._lines,
        t("servers.yes_start", server="s"),
    )
    async with staged(screen, size) as (app, _):
        await eventually(lambda: shows(app, t("servers.means_command")) and shows(app, "row 0 "))
        assert shows(app, t("consent.no")) and shows(app, t("servers.yes_start", server="s")) and whole(app, screen)


def whole(app: Stage, screen: Consent) -> bool:
    region = screen.query_one(".frame").region
    return app.screen.region.contains_region(region)
