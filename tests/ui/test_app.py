"""The program around the chat: first run, keys, styles, palette, copying, the way out."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from textual import events
from textual.css.query import NoMatches
from textual.message import Message

from tests.gateway.server import FakeGateway
from tests.ui.whole_app import MODEL, on_stage
from tests.waiting import eventually
from tui_chat import words
from tui_chat.errors import StoreError
from tui_chat.store.sessions import Library
from tui_chat.ui import keys
from tui_chat.ui.app import DEFAULT_THEME, TuiOptions, YibuApp
from tui_chat.ui.dismissal import was_given_up
from tui_chat.wiring import House


async def test_without_a_key_there_is_a_welcome_and_then_a_chat(gateway: FakeGateway, own_home: Path) -> None:
    from tui_chat.ui.screens.welcome import WelcomeResult, WelcomeScreen

    async with on_stage(gateway, key="") as stage:
        await stage.settled(lambda: isinstance(stage.app.screen, WelcomeScreen))
        models = await stage.chat.parts.connecting.test(gateway.base_url, "sk-canary-1")
        assert any(model.id == MODEL for model in models)
        stage.app.screen.dismiss(WelcomeResult("key", gateway.base_url, "sk-canary-1"))
        await stage.settled(lambda: stage.app.screen is stage.chat and stage.chat.talk is not None)
        await stage.say("hello")
        assert gateway.chats[0].headers["authorization"] == "Bearer sk-canary-1"
        credentials = own_home / "yibu-chat" / "credentials.toml"
        assert "sk-canary-1" in credentials.read_text()
        if sys.platform != "win32":
            assert credentials.stat().st_mode & 0o077 == 0


async def test_looking_around_without_a_key_leads_back_to_the_welcome(gateway: FakeGateway) -> None:
    from tui_chat.ui.screens.welcome import WelcomeScreen

    async with on_stage(gateway, key="") as stage:
        await stage.settled(lambda: isinstance(stage.app.screen, WelcomeScreen))
        stage.app.screen.dismiss(None)
        await stage.settled(lambda: stage.app.screen is stage.chat and stage.chat.talk is not None)
        await stage.write("hello")
        await stage.press("enter")
        await stage.settled(lambda: isinstance(stage.app.screen, WelcomeScreen))
        assert stage.draft == "hello"


async def test_a_key_that_comes_before_its_dialog_is_put_up_waits_for_it(
    gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui_chat.ui.screens.files import FilePicker

    async with on_stage(gateway) as stage:
        await stage.settled(lambda: stage.chat.talk is not None)
        mistakes: list[Exception] = []
        monkeypatch.setattr(stage.app, "_tell_mistake", mistakes.append)
        picker = FilePicker(tmp_path)
        stage.app.push_screen(picker)
        assert not picker.is_mounted
        await stage.app.heed(events.Key("insert", None))
        assert picker.is_mounted
        assert not mistakes


async def test_the_persons_own_keys_theme_and_styles_are_used(gateway: FakeGateway, own_home: Path) -> None:
    home = own_home / "yibu-chat"
    home.mkdir(parents=True)
    (home / "user.tcss").write_text("HeadLine { background: #123456; }\n")
    settings = 'theme = "nord"\n[keymap]\n"chat.new" = "f7"\n"chat.temporary" = ""\n'
    async with on_stage(gateway, settings=settings) as stage:
        assert stage.app.theme == "nord"
        await stage.say("one")
        first = stage.chat.chat
        await stage.press("ctrl+n", "f4")
        await stage.pilot.pause()
        assert stage.chat.chat == first
        await stage.press("f7")
        await stage.settled(lambda: stage.chat.chat != first)
        assert stage.chat.query_one("HeadLine").styles.background.hex == "#123456"
        assert keys.shown("chat.new") == "F7"


async def test_a_wrong_theme_and_wrong_styles_are_said_and_not_used(gateway: FakeGateway, own_home: Path) -> None:
    home = own_home / "yibu-chat"
    home.mkdir(parents=True)
    (home / "user.tcss").write_text("HeadLine { colour: ; }}\n")
    async with on_stage(gateway, settings='theme = "[b]no[/such"\n') as stage:
        assert stage.app.theme == DEFAULT_THEME
        await stage.settled(lambda: len(stage.toasts) == 2)
        assert any("[b]no[/such" in toast for toast in stage.toasts)
        assert any("user.tcss" in toast for toast in stage.toasts)


async def test_enter_can_be_a_new_line(gateway: FakeGateway) -> None:
    async with on_stage(gateway, settings="enter_sends = false\n") as stage:
        await stage.press(*"ab", "enter", *"cd")
        assert stage.draft == "ab\ncd"
        await stage.press("ctrl+j")
        await stage.settled(lambda: len(stage.path) == 2 and stage.idle)
        assert stage.path[0].text == "ab\ncd"


async def test_the_keyboard_is_in_the_composer_however_slow_the_start(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        assert [stage.chat.composer.prompt] == list(stage.chat.query(str(stage.chat.AUTO_FOCUS)))
        await stage.settled(lambda: stage.chat.composer.prompt.has_focus)


async def test_the_local_model_is_marked_even_where_there_is_little_room() -> None:
    from textual.app import App, ComposeResult

    from tui_chat.ui.widgets.head_line import Heading, HeadLine

    class OneLine(App[None]):
        def compose(self) -> ComposeResult:
            yield HeadLine()

    app = OneLine()
    note = "local model, 135M: fast, small, often wrong"
    heading = Heading("A title of a chat that is long", "SmolLM2-135M-Instruct", note, "local", help="F1 help")
    async with app.run_test(size=(120, 3)) as pilot:
        line = app.query_one(HeadLine)
        line.show(heading)
        for width, said in ((140, note), (100, "local   Smol"), (60, "local   Smol")):
            await pilot.resize_terminal(width, 3)
            await eventually(lambda said=said: said in line.render().plain)  # type: ignore[misc]


async def test_a_command_in_the_composer_does_what_it_says(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("hello")
        await stage.press("/", *"details", "enter")
        await stage.settled(lambda: "Details of this message" in stage.shown())
        await stage.press("escape")
        await stage.press("/", *"next version", "escape")
        await stage.pilot.click("FootLine", offset=(stage.shown().splitlines()[-1].index("F1"), 0))
        await stage.settled(lambda: type(stage.app.screen).__name__ == "HelpScreen")


async def test_what_stands_in_the_head_line_can_be_clicked(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:

        async def click(what: str) -> None:
            await stage.settled(lambda: what in stage.shown().splitlines()[0])
            await stage.pilot.click("HeadLine", offset=(stage.shown().splitlines()[0].index(what), 0))

        await click("▾")
        await stage.settled(lambda: stage.panel is not None and stage.panel.models.has_focus_within, "the models")
        await click("en   ")
        await stage.settled(lambda: type(stage.app.screen).__name__ == "SettingsScreen", "the settings")
        await stage.press("escape")
        await stage.settled(lambda: stage.app.screen is stage.chat)


async def test_copying_says_what_was_really_done(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    async with on_stage(gateway) as stage:
        driver = stage.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        stage.app.copy_to_clipboard("Bäume")
        await eventually(lambda: any("sent to the terminal's clipboard" in toast for toast in stage.toasts))
        assert written.count("\x1b]52;c;QsOkdW1l\x07") == 1
        stage.app.copy_to_clipboard("x" * 60_000)
        await eventually(lambda: any("Not copied" in toast for toast in stage.toasts))
        assert not any("eHh4" in text for text in written)


async def test_a_mistake_in_an_action_is_told_and_the_chat_stays(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:

        async def broken() -> None:
            raise ZeroDivisionError("[b]oops[/")

        stage.chat.room.start(broken)
        await stage.settled(lambda: any("ZeroDivisionError: [b]oops[/" in toast for toast in stage.toasts))
        stage.chat.room.do(lambda: next(iter(())))  # as a key or a message has a part do something at once
        await stage.settled(lambda: any("StopIteration" in toast for toast in stage.toasts))
        assert "StopIteration" in stage.house.places.crash_file.read_text("utf-8")
        assert stage.app.crash is None
        await stage.say("still here")


async def test_what_goes_wrong_at_the_start_bars_nothing_that_follows(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise StoreError("error.save_failed", path="chat", reason="no such chat")

    monkeypatch.setattr(Library, "latest", broken)
    monkeypatch.setattr(House, "needs_consent", broken)
    async with on_stage(gateway, options=TuiOptions(last=True, model=MODEL)) as stage:
        await stage.say("hello")
        assert [toast for toast in stage.toasts if "no such chat" in toast]


def test_the_last_words_of_a_crash_hold_no_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tui_chat.ui.last_words import crashed
    from tui_chat.ui.watch import Watch
    from tui_chat.wiring import House

    watch = Watch()
    house = House(watch.put, env={**os.environ, "YIBU_API_KEY": "-".join(("sk", "canary", "2"))})
    app = YibuApp(house, watch)
    try:
        secret = house.env["YIBU_API_KEY"]
        monkeypatch.setattr(app, "_close_messages_no_wait", lambda: None)
        app._handle_exception(ValueError(f"broken: {secret}"))
        assert app.crash is not None and not app._exit_renderables
        assert crashed(house.places, app.crash, app.place_of_chat) == 70
        said, report = capsys.readouterr().err, house.places.crash_file.read_text("utf-8")
        for text in (said, report):
            assert "ValueError: broken: [key]" in text and "canary-2" not in text
        assert str(house.places.sessions) in said and str(house.places.crash_file) in said
    finally:
        app.ended.set()
        app.close()


FIRST_PAINT = """
import asyncio, os, sys
from tui_chat import words
words.speak("en")
from tui_chat.ui.app import YibuApp, TuiOptions
from tui_chat.ui.watch import Watch
from tui_chat.wiring import House
watch = Watch()
app = YibuApp(House(watch.put), watch, TuiOptions(model="m"))
late = ("h11", "PIL", "markdown_it", "pygments", "sqlite3", "jsonschema", "tomlkit", "rich.markdown")
seen = []
async def painted():
    seen.append([name for name in late if name in sys.modules])
    seen.append(len(list(app.screen.walk_children())))
app._open = painted
async def main():
    async with app.run_test(size=(120, 40)) as pilot:
        while not seen:
            await pilot.pause()
asyncio.run(main())
app.ended.set(); app.close()
print(seen)
"""


def test_the_first_picture_needs_textual_alone(own_home: Path) -> None:
    env = {**os.environ, "YIBU_API_KEY": "sk-x", "YIBU_BASE_URL": "http://127.0.0.1:9/v1"}
    done = subprocess.run([sys.executable, "-c", FIRST_PAINT], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    imported, widgets = eval(done.stdout)
    assert imported == []
    assert widgets <= 30


async def test_settings_are_kept_and_used_at_once(gateway: FakeGateway, own_home: Path) -> None:
    from tui_chat.ui.screens.settings import SettingsScreen

    async with on_stage(gateway) as stage:
        await stage.press("f2")
        await stage.settled(lambda: isinstance(stage.app.screen, SettingsScreen))
        await stage.settled(lambda: "sk-test" not in stage.shown())
        changed = {"theme": "nord", "enter_sends": False, "image_limit_px": 512, "api_key": "sk-canary-3"}
        stage.app.screen.dismiss(changed)
        await stage.settled(lambda: stage.app.theme == "nord" and stage.house.settings.image_limit_px == 512)
        await stage.settled(lambda: "sk-canary-3" in (own_home / "yibu-chat" / "credentials.toml").read_text())
        await stage.press("a", "enter", "b")
        assert stage.draft == "a\nb"
        assert "sk-canary" not in (own_home / "yibu-chat" / "settings.toml").read_text()
        await stage.press("f2")
        await stage.settled(lambda: isinstance(stage.app.screen, SettingsScreen))
        stage.app.screen.dismiss({"language": "zh", "show_chats": False})
        await stage.settled(lambda: "设置" in stage.shown() or "发送" in stage.shown())
        await stage.settled(lambda: stage.chat.talk is not None and stage.draft == "a\nb")
        assert stage.chat_list is None or not stage.chat_list.display


def test_every_row_of_the_key_table_has_an_action_where_it_acts() -> None:
    from tui_chat.ui.transcript.view import Transcript
    from tui_chat.ui.widgets.chat_list import ChatList
    from tui_chat.ui.widgets.find_bar import FindBar
    from tui_chat.ui.widgets.prompt import Prompt

    places = {
        "app": YibuApp,
        "composer": Prompt,
        "transcript": Transcript,
        "chats": ChatList,
        "find": FindBar,
    }
    for key in keys.KEYS:
        if key.where in places:
            name = key.action.partition("(")[0]
            assert hasattr(places[key.where], f"action_{name}"), key.id
        if key.where in (*places, "chat"):
            for language in words.LANGUAGES:
                assert f"key.{key.id}" in words.sentences(language), key.id


async def test_what_can_be_asked_of_the_chat_screen_is_done_by_one_of_its_parts(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        parts = stage.chat.parts
    assert parts.does.keys() == {key.id for key in keys.KEYS if key.where == "chat"}
    asked = {key.action.split("'")[1] for key in keys.KEYS if key.action.startswith("ask(")}
    assert parts.acts.keys() == asked


async def test_parts_answer_messages_that_there_are(gateway: FakeGateway) -> None:
    import tui_chat.ui.widgets as widgets

    async with on_stage(gateway) as stage:
        answered = stage.chat.parts.answered

    for module in pkgutil.iter_modules(widgets.__path__, "tui_chat.ui.widgets."):
        importlib.import_module(module.name)
    there_are = [kind.__qualname__ for kind in subclasses(Message) if kind.__module__.startswith("tui_chat.")]
    for name in answered:
        assert there_are.count(name) == 1, name


def subclasses(kind: type[Message]) -> list[type[Message]]:
    return [each for sub in kind.__subclasses__() for each in (sub, *subclasses(sub))]


async def test_a_mistake_in_the_background_or_behind_a_key_is_told_and_the_chat_stays(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(gateway) as stage:

        async def broken(*_: object) -> None:
            raise ZeroDivisionError(f"oops {len(stage.toasts)}")

        stage.app.screen.run_worker(broken())
        await stage.settled(lambda: any("oops 0" in toast for toast in stage.toasts))
        monkeypatch.setattr(type(stage.app), "action_help", broken)
        await stage.press("f1")
        await stage.settled(lambda: any("oops 1" in toast for toast in stage.toasts))
        assert "oops" in stage.app.house.places.crash_file.read_text("utf-8")
        assert stage.app.crash is None
        await stage.say("still here")


async def test_a_mistake_on_the_way_out_does_not_make_a_crash_of_it(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        stage.app.exit(return_code=129)
        stage.app._handle_exception(LookupError("a list that is not there any more"))
        assert (stage.app.crash, stage.app.return_code) == (None, 129)


async def test_a_dialog_closed_while_it_is_put_together_ends_nothing(gateway: FakeGateway, tmp_path: Path) -> None:
    from tui_chat.ui.screens.files import FilePicker

    async with on_stage(gateway) as stage:
        for steps in range(40):
            picker = FilePicker(tmp_path)
            stage.app.push_screen(picker)
            for _ in range(steps):
                await asyncio.sleep(0)
            picker.dismiss([])
            await stage.settled(lambda: stage.app.screen is stage.chat)
            assert stage.app.crash is None
        with picker._context():
            assert was_given_up(NoMatches("gone with its dialog")) and not was_given_up(KeyError("a mistake"))
        with stage.chat._context():
            assert not was_given_up(NoMatches("missing where it should be"))


async def test_lists_without_room_do_not_end_the_program(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        for columns, rows in ((1, 1), (3, 30), (120, 2), (5, 3)):
            await stage.pilot.resize_terminal(columns, rows)
            for keys in (("ctrl+p", "x", "pagedown", "pageup"), ("ctrl+o", "pagedown"), ("@", "t", "pagedown")):
                await stage.press(*keys)
                await stage.press("escape")
        await stage.pilot.resize_terminal(100, 30)
        assert stage.app.crash is None and stage.app.is_running
