"""A stored completion as a chat: every role and part, nothing lost, nothing set that the gateway does by itself."""

from __future__ import annotations

import copy
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from tests.gateway.stored import COMPLETION, MESSAGE
from tui_chat.chat.node import Head, Node
from tui_chat.chat.stored_chat import call_lines, chat_of, parts_of
from tui_chat.wire.messages import (
    Audio,
    Citation,
    Document,
    Image,
    Part,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from tui_chat.wire.stored_objects import StoredCompletion, read_completion, read_message

WAV = b"RIFF....WAVE"
URI = "data:image/png;base64," + b64encode(b"\x89PNG").decode()


class Blobs:
    """Keeps bytes by their SHA-256."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def __call__(self, content: bytes) -> str:
        name = sha256(content).hexdigest()
        self.kept[name] = content
        return name


def completion(**fields: Any) -> StoredCompletion:
    return read_completion({**copy.deepcopy(COMPLETION), **fields})


def chat(found: StoredCompletion, *messages: dict[str, Any]) -> tuple[Head, tuple[Node, ...]]:
    read = [read_message({"id": f"m{at}", **message}) for at, message in enumerate(messages)]
    return chat_of(found, read, Head("c0ffee0001", model="mine", system="my own", values={"n": 2}), Blobs())


def test_the_documents_examples_make_a_chat():
    head, nodes = chat(completion(), MESSAGE)
    assert (head.id, head.model, head.system, head.values) == ("c0ffee0001", "gpt-4o-2024-08-06", "", {})
    asked, answer = nodes
    assert (asked.role, asked.parent, asked.parts) == ("user", None, (Text("写一首关于人工智能的俳句"),))
    assert (answer.role, answer.parent, answer.finish) == ("assistant", asked.id, "stop")
    assert answer.text.startswith("电路之心") and answer.usage == Usage(13, 18, 31)
    assert (answer.model, answer.completion_id) == ("gpt-4o-2024-08-06", COMPLETION["id"])
    assert (answer.request_id, answer.system_fingerprint) == (COMPLETION["request_id"], "fp_50cad350e4")
    assert (
        answer.service_tier == "default" and answer.time.timestamp() == COMPLETION["created"] == asked.time.timestamp()
    )
    assert answer.values == {
        "temperature": 1.0,
        "top_p": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "seed": 4944116822809979520,
    }


def test_a_whole_conversation_keeps_its_order_and_roles():
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}
    head, nodes = chat(
        completion(),
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "yes", "tool_call_id": "c1"},
        {"role": "assistant", "content": "", "refusal": None},
        {"role": "system", "content": "Shorter."},
    )
    assert head.system == "Be kind."
    assert [node.role for node in nodes] == ["user", "assistant", "tool", "system", "assistant"]
    assert [node.parent for node in nodes] == [None, *(node.id for node in nodes[:-1])]
    assert nodes[1].parts == (ToolCall("c1", "look", '{"a":1}'),) and nodes[2].parts == (ToolResult("c1", "yes"),)


def test_what_was_set_goes_on_and_what_was_not_is_absent():
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    head, _ = chat(completion(temperature=0.2, top_p=0.9, frequency_penalty=None, response_format=schema), MESSAGE)
    assert head.values == {"temperature": 0.2, "top_p": 0.9, "response_format": schema}
    head, _ = chat(completion(response_format={"type": "text"}, model=None), MESSAGE)
    assert head.values == {} and head.model == "mine"


def test_several_choices_are_versions_of_one_answer():
    choices = [
        {"index": at, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        for at, (text, finish) in enumerate([("A", "stop"), ("B", "length"), ("", "stop")])
    ]
    _, nodes = chat(completion(choices=choices), MESSAGE)
    assert [(node.text, node.finish, node.parent) for node in nodes[1:]] == [
        ("A", "stop", nodes[0].id),
        ("B", "length", nodes[0].id),
    ]


@pytest.mark.parametrize(
    ("piece", "part"),
    [
        ({"type": "text", "text": "Hi"}, Text("Hi")),
        ({"type": "refusal", "refusal": "No"}, Refusal("No")),
        ({"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}, Image(url="https://a.example/b.png")),
        (
            {"type": "image_url", "image_url": {"url": URI, "detail": "low"}},
            Image(sha256(b"\x89PNG").hexdigest(), media_type="image/png", size=4),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": b64encode(WAV).decode(), "format": "wav"}},
            Audio(sha256(WAV).hexdigest(), "wav", size=12),
        ),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="}},
            Document(sha256(b"%PDF").hexdigest(), "application/pdf", "a.pdf", 4),
        ),
        ({"type": "file", "file": {"file_id": "file-9"}}, Document("", "", "", file_id="file-9")),
    ],
)
@pytest.mark.parametrize("field", ["content", "content_parts"])
def test_every_content_part(field: str, piece: dict[str, Any], part: Part):
    message = read_message({"id": "m", "role": "user", "content": None, field: [piece]})
    assert parts_of(message, Blobs()) == (part,)


def test_what_is_damaged_is_left_out_and_not_fatal():
    pieces = [
        {"type": "input_audio", "input_audio": {"data": "?", "format": "wav"}},
        {"type": "file", "file": {"filename": 3, "file_data": "?"}},
        {"type": "text", "text": None},
        {},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,?"}},
    ]
    message = read_message({"id": "m", "role": "user", "content_parts": pieces})
    assert parts_of(message, Blobs()) == (Image(url="data:image/png;base64,?"),)


def test_an_answer_brings_its_sources_pictures_and_sound():
    said = {
        "role": "assistant",
        "content": "Look.",
        "images": [{"image_url": {"url": URI}}],
        "audio": {"id": "a", "data": b64encode(WAV).decode(), "transcript": "Look.", "expires_at": 1},
        "annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}],
    }
    blobs = Blobs()
    parts = parts_of(read_message({"id": "m", **said}), blobs)
    assert [type(part) for part in parts] == [Text, Citation, Image, Audio] and len(blobs.kept) == 2
    lines = call_lines((*parts, ToolCall("c", "look", "{}"), ToolResult("c", "rain")))
    assert lines == "Look.\n\n▣ image/png\n\n▣\n\n⚙ look({})\n\nrain"
