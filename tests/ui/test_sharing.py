"""Two windows on one chat: one asks for it and gets it, and gives it back; one goes on in a copy."""

from __future__ import annotations

import pytest

from tests.gateway.answers import DONE, Hold, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.ui.whole_app import Scene, on_stage
from tui_chat.ui.app import TuiOptions
from tui_chat.ui.widgets.banner import Banner

SLOW = sse(openai({"content": "half "}), Hold(), openai({"content": "whole"}), openai({}, "stop"), DONE)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_chat.ui.chat.sharing.LOOK_EVERY_S", 0.05)
    monkeypatch.setattr("tui_chat.ui.chat.sharing.LOOK_WHILE_ASKING_S", 0.05)


def told(stage: Scene) -> str:
    """What stands above the chat; on the screen it is broken where the number of a process happens to be long."""
    return " ".join(line.text for line in stage.chat.query_one(Banner).lines)


async def test_t_has_the_other_window_let_go_and_takes_the_chat_back_there(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as first:
        assert not [hint for hint in first.chat.room.keys_at_hand if hint.id == "chat.take_over"]
        await first.say("hello there")
        async with on_stage(gateway, options=TuiOptions(last=True)) as second:
            await second.settled(lambda: "t: take over; C: go on in a copy" in told(second))
            assert "t take over" in second.shown().splitlines()[-1]
            gateway.script(SLOW)
            await first.write("tell me")
            await first.press("enter")
            await first.settled(lambda: "half" in first.shown())
            await second.press("t")
            await second.settled(lambda: "when the answer there has ended" in told(second))
            assert first.chat.talk is not None and first.chat.talk.read_only is None
            await first.write("a draft of mine")
            gateway.open()
            await second.settled(lambda: not second.chat.composer.prompt.read_only)
            assert second.texts[-1] == "half whole"
            await first.settled(lambda: "has taken this chat over" in told(first))
            assert second.draft == "a draft of mine"
            second.chat.composer.prompt.clear()
            await second.say("and here")
            await first.press("escape", "t")
            await first.settled(lambda: not first.chat.composer.prompt.read_only)
            assert [node.text for node in first.path if node.role == "user"][-1] == "and here"
            await second.settled(lambda: second.chat.composer.prompt.read_only)
            await first.say("and there")


async def test_a_window_that_stands_still_is_told_of(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_chat.ui.chat.sharing.SILENT_AFTER_S", 0.5)
    async with on_stage(gateway) as first:
        await first.say("hello there")
        monkeypatch.setattr(first.chat.parts.sharing, "_look_who_asks", lambda chat: first.pilot.pause())
        async with on_stage(gateway, options=TuiOptions(last=True)) as second:
            await second.settled(lambda: "take over" in told(second))
            await second.press("t")
            await second.settled(lambda: "was asked to let go" in told(second))
            await second.settled(lambda: "does not react" in told(second))
            await first.press("ctrl+n")
            await second.settled(lambda: not second.chat.composer.prompt.read_only)


async def test_c_goes_on_in_a_copy_with_the_draft(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as first:
        await first.say("hello there")
        await first.write("a draft")
        await first.chat.parts.drafting.keep()
        async with on_stage(gateway, options=TuiOptions(last=True)) as second:
            await second.settled(lambda: "take over" in told(second))
            await second.press("c")
            await second.settled(lambda: not second.chat.composer.prompt.read_only)
            assert second.chat.chat != first.chat.chat
            assert "hello there (copy)" in second.shown().splitlines()[0]
            assert (second.texts, second.draft) == (first.texts, "a draft")
            second.chat.composer.prompt.clear()
            await second.say("here")
            await first.press("enter")
            await first.settled(lambda: len(first.path) == 4 and first.idle)
            assert (first.texts[2], second.texts[2]) == ("a draft", "here")
