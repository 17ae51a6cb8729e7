"""The chat screen against a real house and the fake gateway: talking, and what happens around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.answers import DONE, Hold, sse
from tests.gateway.errors_catalogue import ERRORS
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.ui.whole_app import on_stage
from tests.waiting import eventually
from tui_chat.ui.app import TuiOptions

START = openai({"role": "assistant", "content": ""})
STOP = openai({}, "stop")


def word(text: str) -> bytes:
    return openai({"content": text})


async def test_a_message_is_sent_answered_shown_and_counted(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.settled(lambda: "What shall we talk about?" in stage.shown())
        await stage.say("hello there")
        assert stage.draft == ""
        assert stage.path[0].text == "hello there"
        await stage.settled(lambda: "You said hello there" in stage.shown())
        await stage.settled(lambda: "What shall we talk about?" not in stage.shown())
        await stage.settled(lambda: "↑" in stage.shown() and "context" in stage.shown())
        assert stage.gateway.chats[0].json["model"] == "gpt-4o-mini"
        await eventually(lambda: "hello there" in stage.shown().splitlines()[0], what="the title on the head line")
        await stage.say("and again")
        assert len(stage.gateway.chats[1].json["messages"]) == 3


async def test_stopping_keeps_what_was_said_and_offers_to_go_on(gateway: FakeGateway) -> None:
    gateway.script(sse(START, word("half of "), Hold(), word("it"), STOP, DONE))
    async with on_stage(gateway) as stage:
        await stage.write("tell me")
        await stage.press("enter")
        await stage.settled(lambda: "half of" in stage.shown())
        await stage.settled(lambda: "esc stop" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: stage.idle and len(stage.path) == 2)
        assert (stage.path[1].text, stage.path[1].finish) == ("half of ", "stopped")
        await stage.settled(lambda: "Stopped." in stage.shown() and "n continue" in stage.shown())
        # Esc now leads to the messages; n goes on where the answer was cut, beside the cut one.
        gateway.script(sse(START, word("the rest"), STOP, DONE))
        await stage.press("escape")
        assert stage.chat.transcript.has_focus
        await stage.press("end", "n")
        await stage.settled(lambda: stage.idle and stage.texts[-1] == "half of the rest")
        assert stage.chat.talk is not None and stage.chat.talk.version(stage.path[-1].id) == (2, 2)
        await stage.settled(lambda: "2/2" in stage.shown())


async def test_an_answer_that_breaks_off_says_so(gateway: FakeGateway) -> None:
    gateway.script(sse(START, word("half"), DONE))
    async with on_stage(gateway) as stage:
        await stage.say("go")
        assert stage.path[1].finish == "interrupted"
        await stage.settled(lambda: "it is not whole" in stage.shown() and "n continue" in stage.shown())


async def test_an_error_stands_in_place_of_the_answer_with_advice_and_keys(gateway: FakeGateway) -> None:
    known = next(error for error in ERRORS if error.row == "balance_low")
    gateway.script(known.answer)
    async with on_stage(gateway) as stage:
        await stage.say("go")
        await stage.settled(lambda: "✕" in stage.shown())
        shown = " ".join(stage.shown().split())
        assert "HTTP 403" in shown and known.request_id in shown.replace(" ▍ ", "")
        assert "r ask again" in shown and "i details" in shown
        assert stage.draft == ""
        # r asks again; the failure that said nothing is no version worth keeping
        await stage.press("escape", "end", "r")
        await stage.settled(lambda: stage.idle and "turn 1" in stage.texts[-1])
        assert stage.chat.talk is not None and stage.chat.talk.version(stage.path[-1].id) == (1, 1)


async def test_a_message_typed_meanwhile_waits_and_can_be_taken_back(gateway: FakeGateway) -> None:
    gateway.script(sse(START, word("first"), Hold(), STOP, DONE))
    async with on_stage(gateway) as stage:
        await stage.write("one")
        await stage.press("enter")
        await stage.settled(lambda: "first" in stage.shown())
        await stage.write("two words")
        await stage.press("enter")
        await stage.settled(lambda: "queued" in stage.shown() and "two words" in stage.shown())
        await stage.press("up")
        await stage.settled(lambda: stage.draft == "two words")
        await stage.settled(lambda: "queued" not in stage.shown())
        await stage.press("enter")
        await stage.settled(lambda: "queued" in stage.shown())
        await stage.press("alt+up")
        await stage.settled(lambda: stage.draft == "two words")
        await stage.press("enter")
        await stage.settled(lambda: "queued" in stage.shown())
        gateway.open()
        await stage.settled(lambda: len(stage.path) == 4 and stage.idle)
        await stage.settled(lambda: stage.texts[2] == "two words" and "queued" not in stage.shown())


async def test_silence_and_retries_are_told(gateway: FakeGateway) -> None:
    busy = next(error for error in ERRORS if error.row == "gateway_overloaded")
    gateway.script(busy.answer, sse(Hold(), START, STOP, DONE))
    async with on_stage(gateway) as stage:
        await stage.write("go")
        await stage.press("enter")
        await stage.settled(lambda: stage.chat.talk is not None and stage.chat.talk.retrying is not None)
        await stage.settled(lambda: "Retry 1 of 2" in stage.shown())
        talk = stage.chat.talk
        assert talk is not None
        await eventually(lambda: len(gateway.chats) == 2)
        talk.retrying = None
        talk._clock = lambda began=talk._began: began + 5
        assert talk.status() == "5 s"
        talk._clock = lambda heard=talk._heard: heard + 21
        assert talk.status() == "no data for 21 s"
        await stage.press("escape")
        await stage.settled(lambda: stage.idle)


async def test_a_chat_that_cant_be_saved_says_so_until_it_is(gateway: FakeGateway, own_home: Path) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("one")
        real = stage.house.engine.write
        from tui_chat.errors import StoreError

        async def full(work, *args, **kwargs):  # type: ignore[no-untyped-def]
            if getattr(work, "__name__", "") == "append":
                raise StoreError("error.store_full", path="x")
            return await real(work, *args, **kwargs)

        stage.house.engine.write = full  # type: ignore[method-assign]
        await stage.say("two")
        await stage.settled(lambda: "Not saved" in stage.shown())
        stage.house.engine.write = real  # type: ignore[method-assign]
        await stage.say("three")
        await stage.settled(lambda: "Not saved" not in stage.shown())
        assert len(stage.path) == 6


async def test_a_chat_open_elsewhere_can_only_be_read_until_it_is_closed_there(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_chat.ui.chat.sharing.LOOK_EVERY_S", 0.05)
    async with on_stage(gateway) as first:
        await first.say("hello there")
        async with on_stage(gateway, options=TuiOptions(last=True)) as second:
            await second.settled(lambda: "read-only" in second.shown() and "hello there" in second.shown())
            assert second.chat.composer.prompt.read_only
            await second.press("escape")
            await second.press("end", "e")
            await second.settled(lambda: second.toasts)
            assert second.chat.composer.editing is None
            await first.say("one more thing")
            await first.write("half a thought")
            await first.press("ctrl+n")
            await second.settled(lambda: not second.chat.composer.prompt.read_only)
            await second.settled(lambda: second.draft == "half a thought")
            await second.settled(lambda: "one more thing" in second.shown())
            await second.say("and here")
            assert [node.text for node in second.path if node.role == "user"][-1] == "half a thoughtand here"


async def test_a_chat_that_was_deleted_in_the_other_window_is_said_once_to_be_gone(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_chat.ui.chat.sharing.LOOK_EVERY_S", 0.05)
    async with on_stage(gateway) as first:
        await first.say("hello there")
        chat = first.chat.chat
        async with on_stage(gateway, options=TuiOptions(last=True)) as second:
            await second.settled(lambda: "read-only" in second.shown())
            with monkeypatch.context() as patched:
                patched.setattr(second.app.house.library, "is_free", lambda chat: False)  # not before it is deleted
                await first.press("ctrl+n")
                await first.settled(lambda: first.chat.chat != chat)
                first.app.house.library.trash(chat)
            await second.settled(lambda: second.toasts)
            assert second.chat.parts.sharing._timer is None


async def test_it_goes_on_with_the_last_chat(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("remember me")
        await stage.press("ctrl+q")
    async with on_stage(gateway, options=TuiOptions(last=True)) as stage:
        await stage.settled(lambda: len(stage.path) == 2)
        assert stage.path[0].text == "remember me"
        await stage.settled(lambda: "You said remember me" in stage.shown())


async def test_an_example_prompt_can_be_picked(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.pilot.click("EmptyState OptionList", offset=(6, 3))
        await stage.settled(lambda: "Compare three" in stage.draft)
        assert stage.chat.composer.prompt.has_focus
        await stage.press("shift+tab", "up", "enter")
        await stage.settled(lambda: "hash table" in stage.draft)
        await stage.press("shift+tab", "escape")
        assert stage.chat.composer.prompt.has_focus


async def test_every_size_from_tiny_to_huge_has_its_layout(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.say("hello")
        await stage.write("a draft")
        for width, height in ((200, 60), (99, 30), (79, 24), (60, 15)):
            await stage.pilot.resize_terminal(width, height)
            await stage.settled(lambda wanted=width: stage.chat.size.width == wanted)
            shown = stage.shown()
            assert "a draft" in shown and "yibu-chat" in shown and "F1" in shown, (width, height)
            assert stage.chat.transcript.size.height >= 5
            await stage.settled(lambda wanted=width: all(len(line) <= wanted for line in stage.shown().splitlines()))
        await stage.pilot.resize_terminal(40, 12)
        await stage.settled(lambda: "yibu-chat" not in stage.shown())
        await stage.settled(lambda: "a draft" in stage.shown())
        await stage.pilot.resize_terminal(16, 4)
        await stage.settled(lambda: "too small" in stage.shown())
        await stage.pilot.resize_terminal(120, 40)
        await stage.settled(lambda: "a draft" in stage.shown())


async def test_a_link_is_opened_only_after_its_host_was_shown(gateway: FakeGateway, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    async with on_stage(gateway) as stage:
        stage.chat.room.start(stage.chat.parts.answers.open_link, "https://例子.example/a?b=c")
        await stage.settled(lambda: "xn--fsqu00a.example" in stage.shown())
        await stage.press("escape")
        await stage.pilot.pause()
        assert opened == []
        stage.chat.room.start(stage.chat.parts.answers.open_link, "https://example.org/")
        await stage.settled(lambda: "example.org" in stage.shown())
        await stage.press("tab", "enter")
        await eventually(lambda: opened == ["https://example.org/"])
        for evil in ("javascript:alert(1)", "file:///etc/passwd", "https%3A//x", "--version", "vscode:x"):
            stage.chat.room.start(stage.chat.parts.answers.open_link, evil)
        await stage.settled(lambda: len(stage.copied) == 5)
        assert len(opened) == 1
