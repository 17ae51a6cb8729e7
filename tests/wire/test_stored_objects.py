"""The list object and the message-list object of the document, field by field, and what may be odd about them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.gateway.stored import COMPLETION, ID, LIST, MESSAGE, MESSAGES
from tui_chat.errors import WireError
from tui_chat.wire.messages import Citation, Refusal, Text, ToolCall, Usage
from tui_chat.wire.stored_objects import StoredChoice, read_completion, read_message, read_page


def test_every_field_of_the_documents_list():
    page = read_page(LIST, read_completion)
    assert (page.first_id, page.last_id, page.has_more, page.raw) == (ID, ID, False, LIST)
    [row] = page.rows
    assert row.id == ID and row.raw == COMPLETION and row.raw["object"] == "chat.completion"
    assert row.model == "gpt-4o-2024-08-06"
    assert row.created == datetime(2025, 2, 7, 20, 36, 50, tzinfo=UTC)
    assert row.request_id == "req_ded8ab984ec4bf840f37566c1011c417"
    assert row.usage == Usage(13, 18, 31)
    assert row.seed == 4944116822809979520
    assert (row.top_p, row.temperature, row.presence_penalty, row.frequency_penalty) == (1.0, 1.0, 0.0, 0.0)
    assert (row.system_fingerprint, row.service_tier, row.metadata) == ("fp_50cad350e4", "default", {})
    assert (row.tool_choice, row.tools, row.input_user, row.response_format) == (None, None, None, None)
    message = COMPLETION["choices"][0]["message"]
    assert row.choices == (StoredChoice(0, "stop", None, message),)
    assert row.reply.parts() == (Text("电路之心低吟,\n在寂静中学习模式—\n未来的宁静火花。"),)
    assert row.reply.finish_reason == "stop" and row.reply.complete


def test_every_field_of_the_documents_message_list():
    page = read_page(MESSAGES, read_message)
    assert (page.first_id, page.last_id, page.has_more) == (f"{ID}-0", f"{ID}-0", False)
    [row] = page.rows
    assert (row.id, row.role, row.content) == (f"{ID}-0", "user", "写一首关于人工智能的俳句")
    assert (row.name, row.content_parts, row.refusal, row.tool_call_id, row.raw) == (None, (), None, None, MESSAGE)


def test_a_message_with_all_that_the_document_names():
    row = read_message(
        {
            "id": "m-1",
            "role": "assistant",
            "content": "Sunny.",
            "name": "weather_bot",
            "refusal": "But no more.",
            "annotations": [
                {
                    "type": "url_citation",
                    "url_citation": {"start_index": 0, "end_index": 6, "url": "https://a.example", "title": "A"},
                }
            ],
            "audio": {"data": "UklGRg==", "id": "audio_1", "transcript": "Sunny.", "expires_at": 1738960999},
            "function_call": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}],
        }
    )
    assert (row.role, row.name, row.refusal) == ("assistant", "weather_bot", "But no more.")
    assert row.reply.parts() == (
        Text("Sunny."),
        Refusal("But no more."),
        ToolCall("c1", "look", '{"a":1}'),
        Citation("https://a.example", "A", 0, 6),
    )
    spoken = row.reply.audio
    assert spoken is not None
    assert (spoken.id, spoken.data, spoken.transcript, spoken.expires_at) == ("audio_1", b"RIFF", "Sunny.", 1738960999)


def test_the_deprecated_function_call():
    row = read_message(
        {"id": "m", "role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}}
    )
    assert [(call.name, call.arguments) for call in row.reply.tool_calls] == [("look", "{}")]


@pytest.mark.parametrize("content", [None, [{"type": "text", "text": "Hi"}]])
def test_content_in_parts_wherever_they_stand(content):
    parts = [{"type": "text", "text": "Hi"}]
    row = read_message({"id": "m", "role": "assistant", "content": content, "content_parts": parts})
    assert row.content is None and row.content_parts == tuple(parts) and row.reply.text == "Hi"


def test_everything_may_be_null_or_of_another_type():
    bare = dict.fromkeys(COMPLETION) | {"id": "x"}
    row = read_completion(bare)
    assert (row.model, row.created, row.usage, row.choices, row.metadata) == ("", None, None, (), {})
    assert row.reply.parts() == ()
    odd = {name: [3] for name in COMPLETION} | {"id": "x", "created": 10**30, "metadata": {"a": 1, "b": None}}
    odd["choices"] = [None, {"index": "?", "message": None, "logprobs": 4}]
    row = read_completion(odd)
    assert row.metadata == {"a": "1"} and row.choices == (StoredChoice(1, None, None, {}),)
    message = read_message(dict.fromkeys(MESSAGE) | {"id": "m"})
    assert (message.role, message.content, message.content_parts) == ("user", None, ())


def test_rows_without_an_id_are_left_out_and_missing_ends_are_found():
    page = read_page({"data": [None, {"id": "a"}, {"role": "user"}, {"id": "b"}], "has_more": True}, read_message)
    assert [row.id for row in page.rows] == ["a", "b"]
    assert (page.first_id, page.last_id, page.has_more) == ("a", "b", True)


@pytest.mark.parametrize("payload", [{}, {"data": {}}, {"object": "list"}, {"data": "x"}])
def test_what_is_no_list_is_said(payload):
    with pytest.raises(WireError, match="wrong_path"):
        read_page(payload, read_message)
