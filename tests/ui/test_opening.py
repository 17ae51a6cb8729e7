"""The first picture, and what is typed before the rest is there."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.gateway.server import FakeGateway
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually
from tui_chat.store.drafts import NEW_CHAT, Draft, Drafts
from tui_chat.store.glance import Glance, glance
from tui_chat.store.places import places
from tui_chat.ui import opening
from tui_chat.ui.app import TuiOptions, YibuApp
from tui_chat.ui.opening import FirstScreen
from tui_chat.ui.watch import Watch
from tui_chat.ui.widgets.prompt import Prompt
from tui_chat.wiring import House

HeldBack = tuple[YibuApp, Pilot[None], asyncio.Event]


@pytest.fixture
async def held_back(
    gateway: FakeGateway, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[HeldBack, None]:
    """The app with its first picture, and what lets the rest come."""
    monkeypatch.setenv("YIBU_API_KEY", "sk-test")
    monkeypatch.setenv("YIBU_BASE_URL", gateway.base_url)
    monkeypatch.setattr(Prompt, "paste_window_s", 0.0)
    may_come = asyncio.Event()
    real = opening.bring_in

    async def bring_in() -> tuple[House, Watch]:
        await may_come.wait()
        return await real()

    monkeypatch.setattr("tui_chat.ui.app.bring_in", bring_in)
    app = YibuApp(options=TuiOptions(model="m"))
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            yield app, pilot, may_come
    finally:
        app.ended.set()
        app.close()


def draft(app: YibuApp) -> str:
    return app.screen.query_one(Prompt).text


def is_open(app: YibuApp) -> bool:
    return app.chat_screen is not None and app.chat_screen.chat_begun.is_set()


async def test_what_is_typed_before_is_seen_at_once_and_is_there_afterwards(held_back: HeldBack) -> None:
    app, pilot, may_come = held_back
    assert isinstance(app.screen, FirstScreen)
    await pilot.press(*"helo", "left", "l")
    assert draft(app) == "hello"
    may_come.set()
    await eventually(lambda: is_open(app) and draft(app) == "hello")
    await pilot.press(*"!")
    assert draft(app) == "hell!o"


async def test_enter_sends_and_keys_do_what_they_do(held_back: HeldBack, gateway: FakeGateway) -> None:
    app, pilot, may_come = held_back
    await pilot.press(*"first", "enter", *"second", "ctrl+j", *"line")
    may_come.set()
    asked = await asyncio.to_thread(gateway.wait_chats, 1)
    assert asked[0].last_user_text == "first"
    await eventually(lambda: is_open(app) and draft(app) == "second\nline")


async def test_a_file_that_cannot_be_used_is_said_once_the_screen_is_left(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = places(os.environ).config
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text("connect_timeout_s = 'soon'\n")
    app = YibuApp(options=TuiOptions(model="m"))
    async with app.run_test():
        await eventually(lambda: app.refused is not None)
    assert app.refused is not None and app.refused.key.startswith("error.settings")


def test_a_first_look_never_complains(own_home: Path) -> None:
    where = places(os.environ)
    assert glance(where) == Glance("en", "", show_chats=True)
    where.config.mkdir(parents=True, exist_ok=True)
    where.settings_file.write_text('language = "zh"\ntheme = "nord"\nshow_chats = false\n')
    assert glance(where) == Glance("zh", "nord", show_chats=False)
    for wrong in ("language = 5\ntheme = []\n", "not toml", "\x00"):
        where.settings_file.write_text(wrong)
        assert glance(where) == Glance("en", "", show_chats=True)


@needs_pty
def test_in_a_terminal_nothing_typed_during_the_start_is_lost(gateway: FakeGateway, own_home: Path) -> None:
    env = {"YIBU_API_KEY": "sk-test", "YIBU_BASE_URL": gateway.base_url, "LANG": "en_US.UTF-8"}
    with TerminalProgram([sys.executable, "-m", "tui_chat", "-m", "m"], columns=120, rows=40, env=env) as program:
        program.wait_for("Type here")
        for letter in "typed while it starts":
            program.press("space" if letter == " " else letter)
        program.press("enter")
        assert gateway.wait_chats(1)[0].last_user_text == "typed while it starts"


def test_what_was_kept_on_the_way_out_is_not_lost_to_a_chat_that_opens_too_late(own_home: Path) -> None:
    app = YibuApp(options=TuiOptions())
    app._opening._heard.append(events.Paste("half a thought"))
    app.leaving.keep_draft()
    with Drafts(places()) as drafts:
        drafts.save(NEW_CHAT, Draft(""))
    app._opening.is_over = True
    app.leaving.keep_draft()
    with Drafts(places()) as drafts:
        assert drafts.load(NEW_CHAT).text == "half a thought"
