"""What does a stored completion look like? The list object and the message-list object of the API, read forgivingly.

Any field may be missing, null or of another type; `raw` holds every object as it came, so that nothing of it is lost
to who wants to see or save it.

Source: chat-completions, 聊天补全列表对象 and 聊天补全消息列表对象.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from tui_chat.errors import WireError
from tui_chat.wire.dialect import decode, whole_text
from tui_chat.wire.messages import Role, Usage
from tui_chat.wire.reply import Reply

Json = Mapping[str, Any]
Row = TypeVar("Row")
_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "function",
}


class Page(Struct, Generic[Row], frozen=True):
    """Some of a list."""

    rows: tuple[Row, ...]
    first_id: str = ""
    last_id: str = ""
    """Where the next page begins: its `after`."""
    has_more: bool = False
    raw: Json = field(default_factory=dict)


class StoredMessage(Struct, frozen=True):
    """One message that was sent to the model; None where the field is null or not there."""

    id: str
    role: Role
    content: str | None = None
    name: str | None = None
    content_parts: tuple[Json, ...] = ()
    refusal: str | None = None
    tool_call_id: str | None = None
    raw: Json = field(default_factory=dict)

    @property
    def reply(self) -> Reply:
        """The message as an answer is read: its words, calls, sources, pictures and sound."""
        return _folded({"choices": [{"index": 0, "message": {"role": self.role, **self._said}}]})

    @property
    def _said(self) -> dict[str, Any]:
        said = {name: value for name, value in self.raw.items() if name not in ("id", "role", "content_parts")}
        if not said.get("content") and self.content_parts:
            said["content"] = list(self.content_parts)
        return said


class StoredChoice(Struct, frozen=True):
    """One of the answers of a stored completion."""

    index: int
    finish_reason: str | None
    logprobs: Json | None
    message: Json


class StoredCompletion(Struct, frozen=True):
    """A completion that the gateway kept; None where the field is null or not there."""

    id: str
    model: str = ""
    created: datetime | None = None
    request_id: str = ""
    system_fingerprint: str = ""
    service_tier: str = ""
    input_user: str | None = None
    seed: int | None = None
    top_p: float | None = None
    temperature: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    tools: tuple[Json, ...] | None = None
    tool_choice: str | Json | None = None
    response_format: Json | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    usage: Usage | None = None
    choices: tuple[StoredChoice, ...] = ()
    raw: Json = field(default_factory=dict)

    @property
    def reply(self) -> Reply:
        """Its answer, as any answer is read."""
        return _folded(self.raw)


def read_completion(payload: Json) -> StoredCompletion:
    """A completion object; raises WireError "error.wrong_path" where it has no id."""
    id = _text(payload, "id")
    if not id:
        raise WireError("error.wrong_path", told="—", id="—")
    created, usage = payload.get("created"), payload.get("usage")
    tools, choice, format = (payload.get(name) for name in ("tools", "tool_choice", "response_format"))
    seed = payload.get("seed")
    return StoredCompletion(
        id,
        _text(payload, "model"),
        _moment(created),
        _text(payload, "request_id"),
        _text(payload, "system_fingerprint"),
        _text(payload, "service_tier"),
        _text(payload, "input_user") or None,
        seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
        _number(payload, "top_p"),
        _number(payload, "temperature"),
        _number(payload, "presence_penalty"),
        _number(payload, "frequency_penalty"),
        tuple(tool for tool in tools if isinstance(tool, dict)) if isinstance(tools, list) else None,
        choice if isinstance(choice, str | dict) else None,
        format if isinstance(format, dict) else None,
        _metadata(payload.get("metadata")),
        Usage.from_wire(usage) if isinstance(usage, dict) else None,
        tuple(_choices(payload.get("choices"))),
        payload,
    )


def read_message(payload: Json) -> StoredMessage:
    """A message of the message-list object; a role that nobody knows is a person's."""
    parts = payload.get("content_parts")
    content = payload.get("content")
    if isinstance(content, list):
        parts, content = content, None
    return StoredMessage(
        _text(payload, "id"),
        _ROLES.get(_text(payload, "role"), "user"),
        whole_text(content) if isinstance(content, str) else None,
        _text(payload, "name") or None,
        tuple(part for part in parts if isinstance(part, dict)) if isinstance(parts, list) else (),
        _text(payload, "refusal") or None,
        _text(payload, "tool_call_id") or None,
        payload,
    )


def read_page(payload: Json, read: Callable[[Json], Row]) -> Page[Row]:
    """A list object, each row read by `read`; rows that are no objects are left out.

    Raises:
        WireError: "error.wrong_path" where it is no list.
    """
    data = payload.get("data")
    if not isinstance(data, list) and not (data is None and "data" in payload):
        raise WireError("error.wrong_path", told="—", id="—")
    found = [row for row in data or () if isinstance(row, dict) and _text(row, "id")]
    ids = [_text(row, "id") for row in found]
    return Page(
        tuple(read(row) for row in found),
        _text(payload, "first_id") or (ids[0] if ids else ""),
        _text(payload, "last_id") or (ids[-1] if ids else ""),
        payload.get("has_more") is True and bool(ids),
        payload,
    )


def _folded(payload: Json) -> Reply:
    reply = Reply()
    for delta in decode(payload):
        reply.fold(delta)
    return reply


def _choices(found: object) -> list[StoredChoice]:
    choices: list[StoredChoice] = []
    for position, choice in enumerate(found if isinstance(found, list) else ()):
        if isinstance(choice, dict):
            index, message, logprobs = choice.get("index"), choice.get("message"), choice.get("logprobs")
            choices.append(
                StoredChoice(
                    index if isinstance(index, int) and not isinstance(index, bool) else position,
                    _text(choice, "finish_reason") or None,
                    logprobs if isinstance(logprobs, dict) else None,
                    message if isinstance(message, dict) else {},
                )
            )
    return choices


def _text(table: Json, name: str) -> str:
    value = table.get(name)
    return whole_text(value) if isinstance(value, str) else ""


def _number(table: Json, name: str) -> float | None:
    value = table.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _metadata(found: object) -> dict[str, str]:
    """Pairs of texts; a value of another type as JSON writes it."""
    if not isinstance(found, dict):
        return {}
    return {
        whole_text(str(key)): whole_text(value) if isinstance(value, str) else str(value)
        for key, value in found.items()
        if value is not None
    }
