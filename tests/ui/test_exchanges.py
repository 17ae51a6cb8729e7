"""The inspector and the stored completions on a real house, talking to the fake gateway."""

from __future__ import annotations

import json

from tests.gateway.answers import Hold, middleware_error
from tests.gateway.server import FakeGateway
from tests.gateway.stored import ID, completion, keeping
from tests.ui.whole_app import Scene, on_stage
from tui_chat.ui.command_names import commands
from tui_chat.ui.screens.inspector import InspectorScreen
from tui_chat.ui.widgets.sheet import Sheet
from tui_chat.wire.messages import Text, ToolCall, ToolResult


def text(stage: Scene) -> str:
    return stage.app.screen.query_one(Sheet).text


async def inspect(stage: Scene) -> None:
    await stage.press("I")
    await stage.settled(lambda: isinstance(stage.app.screen, InspectorScreen) and stage.app.screen.query(Sheet))


async def test_an_answer_is_inspected_asked_again_and_compared(gateway: FakeGateway) -> None:
    gateway.script(middleware_error("无效的令牌", 401).after(Hold("later")))
    async with on_stage(gateway) as stage:
        stage.chat.parts.act_on("inspect", "")  # of an empty chat there is nothing to see
        await stage.settled(lambda: len(stage.toasts) == 1)
        await stage.write("hello there")
        await stage.press("enter")
        await stage.settled(lambda: gateway.chats)
        await stage.press("tab")
        stage.chat.parts.act_on("inspect", "")  # while the answer arrives
        await stage.settled(lambda: isinstance(stage.app.screen, InspectorScreen) and '"hello there"' in text(stage))
        await stage.press("right")
        assert "No answer yet." in text(stage)
        await stage.press("escape")
        gateway.open("later")
        await stage.settled(lambda: stage.idle and len(stage.path) == 2)
        stage.chat.transcript.focus()
        await stage.press("end")
        await inspect(stage)
        await stage.press("right")
        assert "HTTP 401" in text(stage) and "Authorization: Bearer …" in text(stage)
        await stage.press("r")  # the question goes out again, and now it is answered
        await stage.settled(lambda: stage.idle and len(gateway.chats) == 2 and stage.path[-1].finish == "stop")
        await stage.press("r")
        await stage.settled(lambda: stage.idle and len(gateway.chats) == 3)
        await stage.press("k")  # of a question, its answer is looked at
        await inspect(stage)
        assert stage.copied == []
        await stage.press("y", "left")
        assert json.loads(stage.copied[0]) == gateway.chats[2].json
        assert stage.app.screen.section == "compare" and "− gpt-4o-mini" in text(stage)  # type: ignore[attr-defined]
        for exchange, request in zip(stage.house.exchanges.all, gateway.chats, strict=True):
            assert exchange.sent == request.body and exchange.status in (200, 401)
        await stage.press("escape")
        assert stage.app.screen is stage.chat


async def test_a_stored_completion_is_opened_as_a_chat_and_gone_on_with(gateway: FakeGateway) -> None:
    kept = keeping(gateway)
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    kept.add(
        completion(1, topic="rain"),
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "yes", "tool_call_id": "c1"},
    )
    async with on_stage(gateway) as stage:
        await stage.press("alt+s")
        await stage.settled(lambda: "answer 1" in stage.shown() and "gpt-4o-2024" in stage.shown())
        await stage.press("o")
        await stage.settled(lambda: stage.chat.talk is not None and len(stage.path) == 4)
        assert [node.parts for node in stage.path] == [
            (Text("Rain?"),),
            (ToolCall("c1", "look", "{}"),),
            (ToolResult("c1", "yes"),),
            (Text("answer 1"),),
        ]
        await stage.say("and now?")
        sent = gateway.chats[-1].json["messages"]
        assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "assistant", "user"]
        assert sent[0]["content"] == "Be kind." and "temperature" not in gateway.chats[-1].json
        await stage.chat.action_perform("chat.stored")
        await stage.settled(lambda: "gpt-4o-2024" in stage.shown())
        await stage.press("down", "d")
        await stage.settled(lambda: "Delete this stored completion?" in stage.shown())
        await stage.press("y")
        await stage.settled(lambda: ID not in kept.completions and "gpt-4o-2024" not in stage.shown())
        await stage.press("m")
        await stage.settled(lambda: "topic = rain" in stage.shown())
        await stage.press("backspace", "ctrl+s")
        await stage.settled(lambda: kept.completions["chatcmpl-0001"]["metadata"] == {"topic": "rai"})
        await stage.press("escape")
        gateway.routes = type(gateway.routes)(gateway.prefix)  # as most gateways are
        await stage.chat.action_perform("chat.stored")
        await stage.settled(lambda: "keeps no completions to look at" in stage.shown())
        assert [row.title for row in stage.house.library.summaries()] == ["Rain?"]


def test_both_are_found_by_name() -> None:
    assert {"chat.stored", "transcript.inspect"} <= {key.id for key in commands()}
