"""The JSON body of a question."""

import base64
import json
from typing import Any

import pytest

from tui_chat.wire.messages import (
    Audio,
    Citation,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    TextFile,
    ToolCall,
    ToolResult,
)
from tui_chat.wire.request import Request, ToolDefinition, data_uri, encode, encode_message, fenced

BLOBS = {"p": b"\x89PNG", "w": b"RIFF", "d": b"%PDF", "t": b"x = '```'\n"}


def encoded(*parts, role="user", name=None):
    return encode_message(Message(role, parts, name), BLOBS.__getitem__)


def test_a_stream_asks_for_usage_and_the_rest_is_absent():
    body = encode(Request("m", (Message("user", (Text("hi"),)),)), BLOBS.__getitem__)
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_without_a_stream_nothing_is_said_of_it():
    body = encode(Request("m", (), {"stream": False, "temperature": 0.0}), BLOBS.__getitem__)
    assert body == {"model": "m", "messages": [], "temperature": 0.0}


def test_words_alone_are_a_plain_string():
    assert encoded(Text("a"), Text("b"))["content"] == "a\n\nb"
    assert encoded(Text("s"), role="system") == {"role": "system", "content": "s"}
    assert encoded(Text("a"), name="ann")["name"] == "ann"


def test_a_picture_is_a_data_uri_or_its_address():
    uri = "data:image/png;base64," + base64.b64encode(BLOBS["p"]).decode()
    assert encoded(Text("a"), Image(blob="p", media_type="image/png"))["content"] == [
        {"type": "text", "text": "a"},
        {"type": "image_url", "image_url": {"url": uri}},
    ]
    assert encoded(Image(url="https://x/y.png", detail="high"))["content"] == [
        {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "high"}}
    ]


def test_sound_documents_and_text_files():
    assert encoded(Audio("w", "wav"))["content"] == [
        {"type": "input_audio", "input_audio": {"data": base64.b64encode(BLOBS["w"]).decode(), "format": "wav"}}
    ]
    assert encoded(Document("d", "application/pdf", "a.pdf"))["content"] == [
        {"type": "file", "file": {"filename": "a.pdf", "file_data": data_uri("application/pdf", BLOBS["d"])}}
    ]
    assert encoded(TextFile("t", "a.py", language="python"))["content"] == "a.py\n````python\nx = '```'\n````"


@pytest.mark.parametrize("text", ["", "a", "a\n", "```", "`` ` ````"])
def test_a_fence_is_longer_than_any_inside(text):
    lines = fenced("n", "", text).split("\n")
    assert lines[0] == "n"
    assert lines[1] == lines[-1]
    assert lines[1] not in text


def test_calls_and_results():
    call = ToolCall("c1", "weather", "")
    assert encoded(call, role="assistant") == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
    }
    assert encoded(Text("x"), call, role="assistant")["content"] == "x"
    assert encoded(ToolResult("c1", "sunny"), role="tool") == {
        "role": "tool",
        "tool_call_id": "c1",
        "content": "sunny",
    }


def test_thoughts_and_sources_are_not_sent_back():
    message = encoded(Reasoning("hm"), Text("a"), Citation("u"), role="assistant")
    assert message == {"role": "assistant", "content": "a"}


def test_a_refusal_is_a_part_of_its_own():
    assert encoded(Refusal("no"), role="assistant")["content"] == [{"type": "refusal", "refusal": "no"}]


def calling(*parts: Part, model: str = "gpt-4.1") -> dict[str, Any]:
    request = Request(model, (Message("assistant", parts),), {}, (ToolDefinition("f", "", {"type": "object"}),))
    return encode(request, lambda _: b"")["messages"][0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("", "{}"),
        (" ", "{}"),
        ('{"a":1}', '{"a":1}'),
        ('{"a":', '{"unreadable":"{\\"a\\":"}'),
        ("[1]", '{"unreadable":"[1]"}'),
        ('{"a":NaN}', '{"unreadable":"{\\"a\\":NaN}"}'),
    ],
)
def test_arguments_that_go_back_are_always_an_object(written: str, sent: str) -> None:
    assert calling(ToolCall("c1", "f", written))["tool_calls"][0]["function"]["arguments"] == sent


def test_huge_arguments_do_not_go_back_whole() -> None:
    huge = json.dumps({"text": "x" * 2_000_000})
    assert len(calling(ToolCall("c1", "f", huge))["tool_calls"][0]["function"]["arguments"]) < 3000


@pytest.mark.parametrize(("name", "sent"), [("f", "f"), ("a b/c", "a_b_c"), ("x" * 80, "x" * 64), ("", "unnamed")])
def test_a_name_that_goes_back_can_travel(name: str, sent: str) -> None:
    assert calling(ToolCall("c1", name))["tool_calls"][0]["function"]["name"] == sent


@pytest.mark.parametrize(
    ("model", "goes"),
    [
        ("deepseek-v3.2", True),
        ("Pro/deepseek-ai/DeepSeek-V3.2", True),
        ("kimi-k2-thinking", True),
        ("moonshot-v1-8k", True),
        ("gpt-5", False),
        ("claude-sonnet-4-5", False),
    ],
)
def test_thoughts_go_back_beside_calls_to_those_that_demand_it(model: str, goes: bool) -> None:
    thought = Reasoning("first this"), Reasoning("then that")
    sent = calling(*thought, ToolCall("c1", "f"), model=model)
    assert sent.get("reasoning_content") == ("first this\n\nthen that" if goes else None)
    assert "reasoning_content" not in calling(*thought, Text("said"), model=model)
    assert "reasoning_content" not in calling(ToolCall("c1", "f"), model=model)
