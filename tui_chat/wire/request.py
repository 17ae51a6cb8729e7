"""What is asked: one value that holds the whole question, and its encoding as the JSON body.

Source: chat-completions request body; which upstream accepts what stands in the tests beside each rule.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from tui_chat.wire import params
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

LoadBlob = Callable[[str], bytes]
"""SHA-256 of a blob → its bytes; raises AttachError where it is gone."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question, whole: what to ask which model, over which conversation, with which parameters."""

    model: str
    messages: tuple[Message, ...]
    values: params.Values = field(default_factory=dict)
    """Parameters in force, by name; unset ones absent."""

    @property
    def stream(self) -> bool:
        """Whether the answer comes as a stream; on unless the person turned it off."""
        return bool(self.values.get("stream", True))


def encode(request: Request, load_blob: LoadBlob) -> dict[str, object]:
    """The JSON body of `POST /chat/completions`.

    Streams always ask for usage: without `include_usage: true` gateways may drop the last chunk and with it the
    finish reason.
    """
    body: dict[str, object] = {
        "model": request.model,
        "messages": [encode_message(message, load_blob) for message in request.messages],
        **params.encode(request.values),
    }
    if request.stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    return body


def encode_message(message: Message, load_blob: LoadBlob) -> dict[str, object]:
    """One element of `messages`; a text-only message is a plain string, since some upstreams refuse arrays."""
    encoded: dict[str, object] = {"role": message.role}
    if message.name is not None:
        encoded["name"] = message.name
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    if results:
        encoded["tool_call_id"] = results[0].call_id
        encoded["content"] = results[0].text
        return encoded
    content = [piece for part in message.parts for piece in _content(part, load_blob)]
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
                "function": {"name": call.name, "arguments": call.arguments or "{}"},
            }
            for call in calls
        ]
    return encoded


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
