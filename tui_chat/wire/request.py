"""What is asked: one value that holds the whole question, and its encoding as the JSON body.

Source: chat-completions request body; which upstream accepts what stands in the tests beside each rule.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import assert_never

from msgspec import Struct, field

from tui_chat.wire import families, legacy, params
from tui_chat.wire.json_text import compact, is_json_object
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
from tui_chat.wire.objects import NAME

ARGUMENTS_LIMIT_CHARACTERS = 1024 * 1024
"""Longer arguments of a call were never run, and don't go back whole."""
_UNREADABLE_SHOWN = 2000

PICTURE = "[image]"
"""Stands for an answer that was a picture alone, in what the model is told of it."""

LoadBlob = Callable[[str], bytes]
"""SHA-256 of a blob → its bytes; raises AttachError where it is gone."""


class ToolDefinition(Struct, frozen=True):
    """One function the model may call: an element of `tools`."""

    name: str
    description: str
    parameters: Mapping[str, object]
    """JSON Schema of an object."""
    strict: bool = False

    def body(self) -> dict[str, object]:
        """As it travels; `strict` only where it is on."""
        function: dict[str, object] = {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }
        if self.strict:
            function["strict"] = True
        return {"type": "function", "function": function}


class Request(Struct, frozen=True):
    """One question, whole: what to ask which model, over which conversation, with which parameters and tools."""

    model: str
    messages: tuple[Message, ...]
    values: params.Values = field(default_factory=dict)
    """Parameters in force, by name; unset ones absent."""
    tools: tuple[ToolDefinition, ...] = ()
    continues: bool = False
    """The last message is the beginning of the answer, for a model that goes on with it by itself."""

    @property
    def stream(self) -> bool:
        """Whether the answer comes as a stream; on unless the person turned it off."""
        return bool(self.values.get("stream", True))


def encode(request: Request, load_blob: LoadBlob) -> dict[str, object]:
    """The JSON body of `POST /chat/completions`.

    Streams ask for usage unless the person turned that off: without `include_usage: true` gateways may drop the last
    chunk and with it the finish reason.
    """
    thoughts = families.wants_thoughts_back(request.model)
    messages = [encode_message(message, load_blob, thoughts=thoughts) for message in request.messages]
    if request.continues:
        _mark_beginning(messages, families.continuation(request.model))
    old = request.values.get("functions") is True
    body: dict[str, object] = {
        "model": request.model,
        "messages": legacy.messages(messages) if old else messages,
        **params.encode(request.values, tools=bool(request.tools)),
    }
    if request.tools:
        tools = [tool.body() for tool in request.tools]
        body.update({"functions": legacy.functions(tools)} if old else {"tools": tools})
    if request.stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": request.values.get("stream_options", True) is not False}
    return body


def _mark_beginning(messages: list[dict[str, object]], how: families.Continuation) -> None:
    """Say of the last message what the model's family wants to hear of an answer that has begun."""
    if not messages or messages[-1]["role"] != "assistant":
        return
    begun = messages[-1]
    if how == "trailing" and isinstance(begun["content"], str):
        begun["content"] = begun["content"].rstrip()  # a blank at its end is refused
    elif how in ("prefix", "partial"):
        begun[how] = True


def encode_message(message: Message, load_blob: LoadBlob, *, thoughts: bool = False) -> dict[str, object]:
    """One element of `messages`; a text-only message is a plain string, since some upstreams refuse arrays.

    Args:
        message: the message.
        load_blob: gives the bytes of what is attached.
        thoughts: whether what was thought before tool calls goes back with them.
    """
    encoded: dict[str, object] = {"role": message.role}
    if message.name is not None:
        encoded["name"] = message.name
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    if results:
        encoded["tool_call_id"] = results[0].call_id
        encoded["content"] = results[0].text
        return encoded
    parts = _said(message.parts) if message.role == "assistant" else message.parts
    content = [piece for part in parts for piece in _content(part, load_blob)]
    if all(piece["type"] == "text" for piece in content):
        encoded["content"] = "\n\n".join(str(piece["text"]) for piece in content)
    else:
        encoded["content"] = content
    if calls:
        encoded["content"] = encoded["content"] or None
        encoded["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": _callable(call.name), "arguments": _arguments(call.arguments)},
            }
            for call in calls
        ]
        thought = "\n\n".join(part.text for part in message.parts if isinstance(part, Reasoning))
        if thoughts and thought:
            encoded["reasoning_content"] = thought
    return encoded


def _said(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """What of an answer may go back: words, or exactly one refusal. Sound goes as its transcript, a picture not at all.

    An answer that is nothing but pictures leaves a word in its place: empty content is refused by some upstreams.
    """
    texts = [part for part in parts if isinstance(part, Text) and part.text]
    refusals = [part for part in parts if isinstance(part, Refusal)]
    if not texts:
        texts = [Text(part.transcript) for part in parts if isinstance(part, Audio) and part.transcript]
    if not texts and not refusals and any(isinstance(part, Image) for part in parts):
        texts = [Text(PICTURE)]
    if texts or len(refusals) > 1:
        return (*texts, *(Text(part.text) for part in refusals))
    return tuple(refusals)


def _arguments(text: str) -> str:
    """Arguments as they go back: always one JSON object, since some gateways drop a call whose arguments are none."""
    if len(text) <= ARGUMENTS_LIMIT_CHARACTERS and is_json_object(text):
        return text
    return compact({"unreadable": text[:_UNREADABLE_SHOWN]}) if text.strip() else "{}"


def _callable(name: str) -> str:
    """A name that can travel: the model may have called for one that can't."""
    return name if NAME.fullmatch(name) else re.sub(r"[^A-Za-z0-9_-]", "_", name)[:64] or "unnamed"


def data_uri(media_type: str, content: bytes) -> str:
    """`data:<media type>;base64,<content>`."""
    return f"data:{media_type};base64,{b64encode(content).decode('ascii')}"


def fenced(name: str, language: str, text: str) -> str:
    """A file's text as a fenced block headed by its name; the fence is longer than any run of backticks inside."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    newline = "" if text.endswith("\n") else "\n"
    return f"{name}\n{fence}{language}\n{text}{newline}{fence}"


def _content(part: Part, load_blob: LoadBlob) -> list[dict[str, object]]:
    match part:
        case Text(text):
            return [{"type": "text", "text": text}] if text else []
        case Image():
            url = part.url or data_uri(part.media_type, load_blob(part.blob))
            picture: Mapping[str, object] = {"url": url}
            if part.detail is not None:
                picture = {"url": url, "detail": part.detail}
            return [{"type": "image_url", "image_url": picture}]
        case Audio():
            data = b64encode(load_blob(part.blob)).decode("ascii")
            return [{"type": "input_audio", "input_audio": {"data": data, "format": part.format}}]
        case Document() if part.file_id:
            return [{"type": "file", "file": {"file_id": part.file_id}}]
        case Document():
            # Both fields are needed: converters of some gateways drop the part silently without either.
            file = {"filename": part.name, "file_data": data_uri(part.media_type, load_blob(part.blob))}
            return [{"type": "file", "file": file}]
        case TextFile():
            text = load_blob(part.blob).decode("utf-8", "replace")
            return [{"type": "text", "text": fenced(part.name, part.language, text)}]
        case Refusal(text):
            return [{"type": "refusal", "refusal": text}]
        case Reasoning() | ToolCall() | ToolResult() | Citation():
            return []  # reasoning and sources are not sent back; calls and results are fields of the message
        case _:
            assert_never(part)
