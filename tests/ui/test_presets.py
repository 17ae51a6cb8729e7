"""Presets on the screen: saved, applied, renamed, replaced, deleted, in both languages and on a small window."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.gateway.server import FakeGateway
from tests.ui.bare_stage import NOTHING, answered, shows, staged
from tests.ui.whole_app import on_stage
from tui_chat import words
from tui_chat.store.places import Places, places
from tui_chat.store.presets import Preset, load, save
from tui_chat.ui.app import TuiOptions
from tui_chat.ui.screens.presets import PresetsScreen, SavePreset
from tui_chat.words import t

NOW = Preset("", {"temperature": 0.5}, "gpt-4.1", "Be brief.", ("shell",))


@pytest.fixture
def house() -> Places:
    return places()


async def test_what_is_set_is_saved_and_put_into_force_in_another_chat(gateway: FakeGateway) -> None:
    options = TuiOptions(model="gpt-4o", system="Be brief.", values={"temperature": 0.5}, tools=("shell",))
    async with on_stage(gateway, options=options) as scene:
        await scene.press("alt+p")
        await scene.settled(lambda: isinstance(scene.app.screen, PresetsScreen))
        await scene.press("s")
        await scene.settled(lambda: isinstance(scene.app.screen, SavePreset))
        scene.app.screen.query_one(Input).value = "Mine"
        await scene.press("enter")
        await scene.settled(lambda: "Mine" in scene.shown() and isinstance(scene.app.screen, PresetsScreen))
        await scene.press("escape", "ctrl+n")
        await scene.settled(lambda: scene.chat.talk is not None and not scene.chat.talk.head.values)
        await scene.press("alt+p")
        await scene.settled(lambda: isinstance(scene.app.screen, PresetsScreen))
        await scene.press("enter")
        await scene.settled(lambda: scene.chat.talk is not None and bool(scene.chat.talk.head.values))
        assert scene.chat.talk is not None
        head = scene.chat.talk.head
        assert (dict(head.values), head.system, head.tools) == ({"temperature": 0.5}, "Be brief.", ("shell",))
        assert any("“Mine”" in toast for toast in scene.toasts)


async def test_a_preset_of_the_command_line_reaches_a_chat_that_goes_on(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as scene:
        await scene.say("hello")
    options = TuiOptions(last=True, values={"seed": 7}, preset=True)
    async with on_stage(gateway, options=options) as scene:
        await scene.settled(lambda: scene.chat.talk is not None and dict(scene.chat.talk.head.values) == {"seed": 7})
        assert scene.chat.talk is not None
        assert scene.chat.talk.head.model == "gpt-4o-mini"


async def test_the_name_is_asked_for_until_it_can_be_one_and_what_is_switched_off_stays_out() -> None:
    screen = SavePreset(NOW)
    async with staged(screen) as (app, pilot):
        await pilot.press("enter")
        assert shows(app, t("error.preset_name.says", limit=64))
        assert app.result is NOTHING
        await pilot.press(*"ab", "tab", "space", "tab", "tab", "space", "shift+tab", "shift+tab", "shift+tab", "enter")
        assert await answered(app) == Preset("ab", {"temperature": 0.5}, "", "Be brief.", None)


async def test_renaming_replacing_and_deleting(house: Places) -> None:
    save(house, Preset("a", {"seed": 1}, "keeps-a-model"))
    save(house, Preset("b"))
    async with staged(PresetsScreen(house, NOW)) as (app, pilot):
        await pilot.press("r")
        await pilot.pause()
        app.screen.query_one(Input).value = "b"
        await pilot.press("enter")
        await pilot.pause()
        assert list(load(house).by_name) == ["a", "b"]  # the name is taken: nothing is lost
        await pilot.press("w")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert load(house).by_name["a"] == Preset("a", {"temperature": 0.5}, "gpt-4.1")
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("n")
        await pilot.pause()
        assert list(load(house).by_name) == ["a", "b"]
        await pilot.press("d")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert list(load(house).by_name) == ["b"]
        await pilot.press("escape")
        assert await answered(app) is None


@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_a_small_window_shows_names_and_what_is_wrong(house: Places, language: str) -> None:
    words.speak(language)
    house.config.mkdir(parents=True, exist_ok=True)
    house.presets_file.write_text('["仔细 careful"]\nmodel = "gpt-4.1"\n[bad.values]\ntemperature = 9\n', "utf-8")
    async with staged(PresetsScreen(house, NOW), (60, 15)) as (app, pilot):
        assert shows(app, "仔细 careful")
        assert shows(app, "gpt-4.1")
        assert shows(app, t("presets.broken", says="")[:4])
        await pilot.press("down", "enter")  # one that can't be used can't be applied
        assert app.result is NOTHING
    async with staged(SavePreset(NOW), (60, 15)) as (app, _):
        for text in (t("presets.save_title"), t("presets.save_tools"), t("presets.save_do")):
            assert shows(app, text)


async def test_applying_one_can_be_undone_and_two_presses_undo_two(gateway: FakeGateway, house: Places) -> None:
    save(house, Preset("a", {"seed": 1}, "o3", "Be kind.", ("clock",)))
    save(house, Preset("b", {"top_p": 0.5}))
    async with on_stage(gateway, options=TuiOptions(model="gpt-4o", values={"temperature": 0.5})) as scene:
        await scene.say("hello")

        def head() -> tuple[object, ...]:
            assert scene.chat.talk is not None
            now = scene.chat.talk.head
            return dict(now.values), now.model, now.system, now.tools

        start = head()
        for at, values in ((0, {"seed": 1}), (1, {"top_p": 0.5})):
            await scene.press("alt+p")
            await scene.settled(lambda: isinstance(scene.app.screen, PresetsScreen))
            await scene.press(*["down"] * at, "enter")
            await scene.settled(lambda values=values: head()[0] == values)
        assert head() == ({"top_p": 0.5}, "o3", "Be kind.", ("clock",))
        await scene.press("escape", "u", "u")
        await scene.settled(lambda: head() == start)
        assert scene.texts[0] == "hello" and len(scene.path) == 2  # and nothing else was undone
        await scene.press("u")
        await scene.settled(lambda: t("ui.undo.nothing") in scene.toasts)


async def test_what_takes_a_preset_back_is_named_once_there_is_a_message_to_press_it_on(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        save(stage.house.places, Preset("Calm", {"temperature": 0.1}))
        told: list[str] = []
        for times in (1, 2):
            await stage.press("alt+p")
            await stage.settled(lambda: isinstance(stage.app.screen, PresetsScreen))
            await stage.press("enter")
            await stage.settled(lambda times=times: stage.app.screen is stage.chat and len(stage.toasts) >= times)
            told.append(stage.toasts[-1])
            await stage.say("hello")
        assert gateway.chats[0].json["temperature"] == 0.1
        assert ["Calm" in toast for toast in told] == [True, True]
        assert ["on a message" in toast for toast in told] == [False, True]
