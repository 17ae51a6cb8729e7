"""Tools in the form they had before there were `tools`."""

from __future__ import annotations

from tui_chat.wire.dialect import decode
from tui_chat.wire.messages import Message, Text, ToolCall, ToolResult
from tui_chat.wire.reply import Reply
from tui_chat.wire.request import Request, ToolDefinition, encode

TOOL = ToolDefinition("clock", "Tells the time.", {"type": "object", "properties": {}}, strict=True)
SAID = (
    Message("user", (Text("What time is it here and there?"),)),
    Message("assistant", (Text("I look."), ToolCall("a", "clock", '{"at":"here"}'), ToolCall("b", "clock", ""))),
    Message("tool", (ToolResult("a", "noon"),)),
    Message("tool", (ToolResult("b", "night"),)),
    Message("assistant", (Text("Noon and night."),)),
)


def test_each_call_is_a_message_of_its_own_that_its_result_follows() -> None:
    sent = encode(Request("gpt-4-0613", SAID, {"functions": True}, (TOOL,)), lambda _: b"")
    assert sent["messages"] == [
        {"role": "user", "content": "What time is it here and there?"},
        {
            "role": "assistant",
            "content": "I look.",
            "function_call": {"name": "clock", "arguments": '{"at":"here"}'},
        },
        {"role": "function", "name": "clock", "content": "noon"},
        {"role": "assistant", "content": None, "function_call": {"name": "clock", "arguments": "{}"}},
        {"role": "function", "name": "clock", "content": "night"},
        {"role": "assistant", "content": "Noon and night."},
    ]
    assert sent["functions"] == [
        {"name": "clock", "description": "Tells the time.", "parameters": {"type": "object", "properties": {}}}
    ]
    assert "tools" not in sent


def test_a_result_belongs_to_the_call_before_it_though_another_has_its_id() -> None:
    call, result = ToolCall("a", "clock", ""), ToolResult("a", "evening")
    said = (*SAID[:3], SAID[4], Message("assistant", (call,)), Message("tool", (result,)))
    sent = encode(Request("gpt-4-0613", said, {"functions": True}, (TOOL,)), lambda _: b"")
    results = [each["content"] for each in sent["messages"] if each["role"] == "function"]  # type: ignore[attr-defined]
    assert results == ["noon", "evening"]


def test_the_call_that_comes_back_is_one_tool_call() -> None:
    reply = Reply()
    for delta in (
        {"role": "assistant", "content": None, "function_call": {"name": "clock", "arguments": ""}},
        {"function_call": {"arguments": '{"at":'}},
        {"function_call": {"arguments": '"here"}'}},
    ):
        for piece in decode({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}):
            reply.fold(piece)
    for piece in decode({"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "function_call"}]}):
        reply.fold(piece)
    assert reply.tool_calls == (ToolCall("", "clock", '{"at":"here"}'),)
    assert reply.finish_reason == "tool_calls"
