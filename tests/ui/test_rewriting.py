"""Shaping a conversation by keys: insert, rewrite, move, begin an answer; what was there is an undo away."""

from __future__ import annotations

import pytest
from textual.widgets import Button, Input, TextArea

from tests.gateway.answers import DONE, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.ui.bare_stage import NOTHING, answered, shows, staged
from tests.ui.whole_app import Scene, on_stage
from tui_chat import words
from tui_chat.chat.rewriting import Written
from tui_chat.ui.screens.message_editor import ROLES, MessageEditor
from tui_chat.ui.screens.text_editor import TextEditor
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.words import t


def roles(scene: Scene) -> list[str]:
    return [node.role for node in scene.path]


async def written(scene: Scene, key: str, role: str, text: str) -> None:
    """Press the key, write a message, keep it."""
    await scene.press(key)
    await scene.settled(lambda: isinstance(scene.app.screen, MessageEditor))
    screen = scene.app.screen
    screen.query_one(Stepper).show(role)
    screen.query_one(TextArea).text = text
    await scene.pilot.pause()
    scene.app.screen.query_one("#keep", Button).press()
    await scene.settled(lambda: scene.app.screen is scene.chat)


async def test_inserted_rewritten_and_moved_messages_are_what_is_sent(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as scene:
        await scene.say("first")
        old = scene.texts
        await scene.press("escape", "home")
        await written(scene, "M", "developer", "rule")
        await scene.settled(lambda: roles(scene) == ["developer", "user", "assistant"])
        assert "‹ 2/2 ›" in scene.shown()
        await scene.press("end")
        await written(scene, "m", "system", "second rule")
        await scene.settled(lambda: roles(scene)[-1] == "system")
        await scene.press("end", "K")
        await scene.settled(lambda: roles(scene) == ["developer", "user", "system", "assistant"])
        await scene.press("K", "K")  # the cursor went along
        await scene.settled(lambda: roles(scene) == ["system", "developer", "user", "assistant"])
        await scene.press("K")
        await scene.settled(lambda: any("first" in toast for toast in scene.toasts))
        await scene.press("end", "E")
        await scene.settled(lambda: isinstance(scene.app.screen, MessageEditor))
        scene.app.screen.query_one(TextArea).text = "an answer I wrote"
        await scene.pilot.pause()
        scene.app.screen.query_one("#keep", Button).press()
        await scene.settled(lambda: scene.texts[-1] == "an answer I wrote")
        await scene.say("next")
        sent = gateway.chats[-1].json["messages"]
        assert [(each["role"], each["content"]) for each in sent] == [
            ("system", "second rule"),
            ("developer", "rule"),
            ("user", "first"),
            ("assistant", "an answer I wrote"),
            ("user", "next"),
        ]
        await scene.press("escape")
        for left in range(5, -1, -1):
            await scene.press("u")
            await scene.settled(lambda left=left: scene.chat.parts.undoing.count == left)
        await scene.settled(lambda: scene.texts == old, "all of it taken back")


async def test_an_answer_begun_by_the_person_goes_on(gateway: FakeGateway) -> None:
    more = sse(
        openai({"role": "assistant", "content": ""}), openai({"content": " upon a time"}), openai({}, "stop"), DONE
    )
    async with on_stage(gateway) as scene:
        await scene.say("tell a story")
        gateway.script(more)  # type: ignore[arg-type]
        await scene.press("escape", "end", "P")
        await scene.settled(lambda: isinstance(scene.app.screen, TextEditor))
        scene.app.screen.query_one(TextArea).text = "Once"
        await scene.pilot.pause()
        scene.app.screen.query_one("#use", Button).press()
        await scene.settled(lambda: scene.idle and scene.texts[-1] == "Once upon a time")
        assert gateway.chats[-1].json["messages"][1] == {"role": "assistant", "content": "Once"}
        assert "‹ 2/2 ›" in scene.shown()


async def test_the_editor_says_what_a_message_lacks() -> None:
    screen = MessageEditor("Insert", Written("user", ""), ("call_1",))
    async with staged(screen) as (app, pilot):

        async def stands(role: str, name: str, call: str, text: str) -> None:
            screen.query_one(Stepper).show(role)
            screen.query_one("#setting-name").query_one(Input).value = name
            screen.query_one("#setting-call").query_one(Input).value = call
            screen.query_one(TextArea).text = text
            await pilot.pause()
            screen._judge()
            await pilot.pause()

        for role, name, call, text, says in (
            ("user", "", "", " ", t("error.message_empty.says")),
            ("user", "a b", "", "x", t("error.message_name.says")),
            ("function", "", "", "x", t("error.message_function.says")),
            ("function", "f", "", "x", t("message.outdated")),
            ("tool", "", "", "x", t("error.message_call.says")),
            ("tool", "", "other", "x", t("message.unsent")),
            ("tool", "", "call_1", "x", t("message.fits")),
        ):
            await stands(role, name, call, text)
            assert shows(app, says), (role, name, call)
        await stands("user", "", "", "")
        screen.query_one("#keep", Button).press()
        await pilot.pause()
        assert app.result is NOTHING
        await stands("tool", "left out", "call_1", "42")
        screen.query_one("#keep", Button).press()
        await pilot.pause()
        assert await answered(app) == Written("tool", "42", "", "call_1")


@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_all_of_it_can_be_seen_on_a_small_window(language: str) -> None:
    words.speak(language)
    assert set(ROLES) == {"system", "developer", "user", "assistant", "tool", "function"}
    screen = MessageEditor(t("message.insert_after"), Written("user", "some words", "ann"))
    async with staged(screen, (60, 15)) as (app, _):
        for text in (t("message.role"), t("message.name"), "some words", t("message.fits"), t("message.keep")):
            assert shows(app, text)
    editor = TextEditor(t("message.prefill"), t("message.prefill_about"), "Once", use=t("message.prefill_go"))
    async with staged(editor, (60, 15)) as (app, _):
        assert shows(app, "Once")
        assert shows(app, t("message.prefill_go"))
