"""The screen speaks the language of the person, and another one at once."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.gateway.server import FakeGateway
from tests.ui.whole_app import MODEL, on_stage
from tui_chat import words
from tui_chat.ui.app import TuiOptions


@pytest.mark.parametrize("way", ["later", "key"])
async def test_the_language_of_the_welcome_stays_whatever_else_is_chosen(gateway: FakeGateway, way: str) -> None:
    from tui_chat.ui.screens.welcome import WelcomeScreen

    async with on_stage(gateway, key="", options=TuiOptions()) as stage:
        await stage.settled(lambda: isinstance(stage.app.screen, WelcomeScreen))
        before = stage.chat
        await stage.pilot.click("#language", offset=(10, 0))
        await stage.settled(lambda: "还没有密钥" in stage.shown())
        if way == "key":
            stage.app.screen.query_one("#address", Input).value = gateway.base_url
            stage.app.screen.query_one("#key", Input).value = "sk-canary-2"
        await stage.pilot.click("#later" if way == "later" else "#start")
        await stage.settled(lambda: stage.chat is not before and stage.app.screen is stage.chat)
        await stage.settled(lambda: "F1 帮助" in stage.shown())
        assert stage.house.settings.language == "zh"
        if way == "key":  # the screen in the new language goes on: there is no model yet
            await stage.settled(lambda: "还没有选择模型" in stage.shown() and MODEL in stage.shown())


async def test_another_language_is_spoken_at_once(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("hello")
        await stage.write("a draft")
        before, chat = stage.chat, stage.chat.chat
        stage.house.change_setting("language", "zh")
        stage.chat.room.speak()
        await stage.settled(lambda: stage.chat is not before and stage.chat.chat == chat)
        await stage.settled(lambda: "F1 帮助" in stage.shown() and stage.draft == "a draft")
        assert words.language() == "zh" and stage.house.settings.language == "zh"
        await stage.say("noch etwas")
        assert len(stage.path) == 4
        await stage.settled(lambda: "发送" in stage.shown())


async def test_another_language_waits_for_what_is_open_and_leaves_one_chat_screen(gateway: FakeGateway) -> None:
    """A dialog that came meanwhile is not thrown away, nor does the screen in the old language stay beneath."""
    from tui_chat.ui.screens.chat import ChatScreen

    async with on_stage(gateway) as stage:
        await stage.say("hello")
        before, chat = stage.chat, stage.chat.chat
        await stage.press("f1")
        await stage.settled(lambda: type(stage.app.screen).__name__ == "HelpScreen")
        help_screen = stage.app.screen
        stage.house.change_setting("language", "zh")
        before.room.speak()
        await stage.pilot.pause()
        await stage.pilot.pause()
        assert stage.app.screen is help_screen and stage.chat is before
        await stage.press("escape")
        await stage.settled(lambda: stage.chat is not before and stage.chat.chat == chat)
        await stage.settled(lambda: "F1 帮助" in stage.shown())
        assert [type(screen) for screen in stage.app.screen_stack].count(ChatScreen) == 1
        assert stage.app.screen is stage.chat and not before.is_attached


async def test_the_palette_speaks_the_language_of_the_person(gateway: FakeGateway) -> None:
    async with on_stage(gateway, settings='language = "zh"\n') as stage:
        await stage.press("ctrl+p")
        await stage.settled(lambda: "要做什么" in stage.shown())
        await stage.press(*"zzz")
        await stage.settled(lambda: "没有这个名称的操作" in stage.shown())
        await stage.press("enter")
        await stage.settled(lambda: stage.app.screen is stage.chat)


async def test_the_palette_finds_every_action_in_either_language(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.press("ctrl+p")
        await stage.settled(lambda: stage.app.screen is not stage.chat)
        await stage.press(*"临时对话")
        await stage.settled(lambda: "new temporary chat" in stage.shown())
        await stage.press("enter")
        await stage.settled(lambda: stage.chat.talk is not None and stage.chat.talk.head.temporary)
        await stage.press("ctrl+p", *"zz")
        await stage.settled(lambda: "zz" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: stage.app.screen is stage.chat)
        await stage.press("ctrl+p", *"help")
        await stage.settled(lambda: "F1" in stage.shown())
        await stage.press("enter")
        await stage.settled(lambda: type(stage.app.screen).__name__ == "HelpScreen")
        await stage.press("ctrl+p")  # over a dialog there is nothing to find
        assert type(stage.app.screen).__name__ == "HelpScreen"
        await stage.press("f1")
        await stage.settled(lambda: stage.app.screen is stage.chat)
