"""How does a completion that the gateway kept become a chat? Its messages in order, its answers after them."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_args

from msgspec.structs import replace

from tui_chat.chat.node import Finish, Head, Node, new_id, now
from tui_chat.wire.messages import Audio, Document, Image, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from tui_chat.wire.params import BY_NAME, Values
from tui_chat.wire.reply import Reply
from tui_chat.wire.sound import seconds_of, sound_file
from tui_chat.wire.stored_objects import StoredCompletion, StoredMessage

Keep = Callable[[bytes], str]
"""Stores the bytes of a file; returns their SHA-256."""
_NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_FINISHES = frozenset(get_args(Finish))


def chat_of(
    completion: StoredCompletion, messages: Iterable[StoredMessage], head: Head, keep: Keep
) -> tuple[Head, tuple[Node, ...]]:
    """The head and the nodes of a chat that goes on where a stored completion ended.

    Args:
        completion: what is kept; each of its choices becomes a version of the last answer.
        messages: all that was sent for it, the first one first.
        head: as new chats begin; model, system prompt and what was set come from the completion.
        keep: stores pictures, sound and files that stand in the messages.
    """
    waiting = list(messages)
    system = ""
    if waiting and waiting[0].role in ("system", "developer"):
        system = "\n\n".join(part.text for part in parts_of(waiting[0], keep) if isinstance(part, Text))
        if system:
            del waiting[0]
    head = replace(head, model=completion.model or head.model, system=system, values=_set(completion))
    nodes: list[Node] = []
    parent: str | None = None
    for message in waiting:
        parts = parts_of(message, keep)
        if parts:
            time = completion.created or now()
            nodes.append(Node(new_id(), parent, message.role, parts, time, model=_asked(message, completion)))
            parent = nodes[-1].id
    nodes.extend(_answers(completion, parent, keep))
    return head, tuple(nodes)


def parts_of(message: StoredMessage, keep: Keep) -> tuple[Part, ...]:
    """What a stored message says and brings along."""
    if message.role == "assistant":
        reply = message.reply
        return (*reply.parts(), *_media(reply, 0, keep))
    if message.role in ("tool", "function"):
        text = message.content if message.content is not None else _text_of(message)
        return (ToolResult(message.tool_call_id or message.name or "", text),)
    if message.content:
        return (Text(message.content),)
    return tuple(part for piece in message.content_parts for part in _piece(piece, keep))


def _text_of(message: StoredMessage) -> str:
    return "\n\n".join(piece["text"] for piece in message.content_parts if isinstance(piece.get("text"), str))


def _answers(completion: StoredCompletion, parent: str | None, keep: Keep) -> Iterator[Node]:
    reply = completion.reply
    for number in sorted(reply.choices):
        parts = (*reply.parts(number), *_media(reply, number, keep))
        finish: Any = reply.choice(number).finish_reason or "stop"
        if parts:
            yield Node(
                new_id(),
                parent,
                "assistant",
                parts,
                completion.created or now(),
                model=completion.model,
                values=_in_force(completion),
                finish=finish if finish in _FINISHES else "stop",
                usage=completion.usage,
                request_id=completion.request_id,
                completion_id=completion.id,
                created=reply.created,
                service_tier=completion.service_tier,
                system_fingerprint=completion.system_fingerprint,
            )


def _asked(message: StoredMessage, completion: StoredCompletion) -> str:
    return completion.model if message.role == "assistant" else ""


def _in_force(completion: StoredCompletion) -> Values:
    """The parameters of the answer, as far as the gateway tells them."""
    told: dict[str, Any] = {name: getattr(completion, name) for name in (*_NUMBERS, "seed")}
    return {name: value for name, value in told.items() if value is not None}


def _set(completion: StoredCompletion) -> Values:
    """Parameters to go on with: those that are not what the gateway does by itself. Its seed is not: it drew that."""
    known = ((name, getattr(completion, name), BY_NAME[name].harmless) for name in _NUMBERS)
    values: dict[str, Any] = {name: value for name, value, usual in known if value is not None and value != usual}
    format = completion.response_format
    if format is not None and format.get("type") in ("json_object", "json_schema"):
        values["response_format"] = dict(format)
    return values


def _piece(piece: Mapping[str, Any], keep: Keep) -> Iterator[Part]:
    """One element of a message's content."""
    match piece:
        case {"type": "text" | "input_text", "text": str(text)}:
            yield Text(text)
        case {"type": "refusal", "refusal": str(text)}:
            yield Refusal(text)
        case {"image_url": {"url": str(url)} | str(url)}:
            yield _image(url, keep)
        case {"input_audio": {"data": str(data), "format": "wav" | "mp3" as kind}}:
            content = _bytes(data)
            if content:
                yield Audio(keep(content), kind, size=len(content))
        case {"file": {"file_data": str(data), **more}}:
            name = more.get("filename")
            media_type, content = _data_uri(data)
            if content:
                media_type = media_type or "application/pdf"
                yield Document(keep(content), media_type, name if isinstance(name, str) else "", len(content))
        case {"file": {"file_id": str(id)}}:
            yield Document("", "", "", file_id=id)


def _media(reply: Reply, number: int, keep: Keep) -> Iterator[Part]:
    """The pictures and the sound of an answer."""
    choice = reply.choice(number)
    for url in choice.images:
        yield _image(url, keep)
    spoken = choice.audio
    if spoken is not None and spoken.data:
        content, format = sound_file(spoken.data, "mp3")
        length_s = seconds_of(content, format)
        yield Audio(keep(content), format, "", len(content), spoken.id, length_s, expires_at=spoken.expires_at)


def _image(url: str, keep: Keep) -> Image:
    media_type, content = _data_uri(url)
    if not content:
        return Image(url=url)
    return Image(keep(content), media_type=media_type, size=len(content))


def _data_uri(text: str) -> tuple[str, bytes]:
    """Media type and bytes of a data URI, or of base64 alone; no bytes where it is neither."""
    head, comma, data = text.partition(";base64,")
    if not comma:
        return "", b"" if "://" in text else _bytes(text)
    return head.removeprefix("data:"), _bytes(data)


def _bytes(data: str) -> bytes:
    try:
        return b64decode(data, validate=True)
    except (Base64Error, ValueError):
        return b""


def call_lines(parts: Iterable[Part]) -> str:
    """What parts say, as plain lines: words, calls and results, thoughts left out."""
    lines: list[str] = []
    for part in parts:
        match part:
            case Text(text) | Refusal(text):
                lines.append(text)
            case ToolCall():
                lines.append(f"⚙ {part.name}({part.arguments})")
            case ToolResult():
                lines.append(part.text)
            case Reasoning():
                continue
            case Image() | Audio() | Document():
                name = part.name or getattr(part, "url", "") or getattr(part, "file_id", "")
                lines.append(f"▣ {name or getattr(part, 'media_type', '')}".rstrip())
    return "\n\n".join(lines)
