"""What one place in a conversation holds: a message, and how it came to be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from tui_chat.errors import Fact
from tui_chat.wire.messages import Citation, Message, Part, Reasoning, Role, Text, ToolCall, ToolResult, Usage
from tui_chat.wire.params import Values

Finish = Literal["", "stop", "length", "tool_calls", "content_filter", "pause", "stopped", "interrupted", "error"]
"""How an answer ended: the API's finish reasons, or "stopped" by the person, "interrupted" by the network or a
crash, "error" by a failure. "" where the question doesn't arise: every message that isn't an answer."""


def new_id() -> str:
    """A fresh id for a node or a chat: 10 random characters, lower case; order comes from elsewhere."""
    return os.urandom(5).hex()


def now() -> datetime:
    """The time of day, in UTC, to the second: for display and records, never for measuring."""
    return datetime.now(UTC).replace(microsecond=0)


class Failure(Struct, frozen=True):
    """Why an answer broke off: an error key for `words/` and its facts. Never part of the message's text."""

    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    retryable: bool = False


class Timing(Struct, frozen=True):
    """How long an answer took, in seconds from the moment its request left."""

    first_token_s: float | None = None
    total_s: float | None = None


class Node(Struct, frozen=True):
    """One message of the tree, with what was in force when it was made."""

    id: str
    parent: str | None
    role: Role
    parts: tuple[Part, ...]
    time: datetime = field(default_factory=now)
    model: str = ""
    """The model asked (answers only)."""
    answered_by: str = ""
    """The model the gateway says answered, where it differs."""
    values: Values = field(default_factory=dict)
    """Parameters in force."""
    finish: Finish = ""
    failure: Failure | None = None
    usage: Usage | None = None
    timing: Timing = Timing()
    request_id: str = ""
    """The gateway's id of the request; support asks for it."""
    completion_id: str = ""
    """The `id` of the completion object."""
    created: int = 0
    """When the gateway says the completion was made, in seconds since 1970; 0 where it did not say."""
    service_tier: str = ""
    system_fingerprint: str = ""
    blocked: str = ""
    """What the provider's content filter found, by its own names: "violence, hate"."""
    logprobs: str = ""
    """Names how likely its tokens were, for `chat/probabilities.py`; "" where that was not told."""
    name: str = ""
    """Of who speaks, as the API's `name`; of the function, in a `function` message."""
    altered: bool = False
    """The record was changed outside the program (its checksum no longer fits)."""

    @property
    def text(self) -> str:
        """The words of the message, without reasoning."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def reasoning(self) -> str:
        """What the model thought."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls it makes."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    @property
    def result(self) -> ToolResult | None:
        """The result it carries (tool messages only)."""
        return next((part for part in self.parts if isinstance(part, ToolResult)), None)

    @property
    def incomplete(self) -> bool:
        """Whether this is an answer that was not received whole."""
        return self.finish in {"stopped", "interrupted", "error", "length", "pause"}

    def message(self) -> Message:
        """What of this node may travel in a request; what was thought only beside calls, where some demand it."""
        left_out: tuple[type[Part], ...] = (Citation,) if self.calls else (Citation, Reasoning)
        parts = tuple(part for part in self.parts if not isinstance(part, left_out))
        return Message(self.role, parts, self.name or None)


def joined(begun: Iterable[Part], more: Iterable[Part]) -> tuple[Part, ...]:
    """The parts of an answer with what came since: thoughts before what is said, words joined to its last words.

    The sources of what came count its characters, so they move by what was said before.
    """
    parts = list(begun)
    cited = [part for part in parts if isinstance(part, Citation)]
    if cited:  # they stand behind the words, which must not be kept apart by them
        parts = [part for part in parts if not isinstance(part, Citation)]
    said_before = len(parts[-1].text) if parts and isinstance(parts[-1], Text) else 0
    for part in more:
        last = parts[-1] if parts else None
        if isinstance(part, Reasoning):
            said = next((at for at, other in enumerate(parts) if isinstance(other, Text)), len(parts))
            parts.insert(said, part)
        elif isinstance(part, Text) and isinstance(last, Text):
            parts[-1] = Text(last.text + part.text)
        elif isinstance(part, Citation):
            cited.append(replace(part, start=_moved(part.start, said_before), end=_moved(part.end, said_before)))
        else:
            parts.append(part)
    return (*parts, *cited)


def _moved(at: int | None, by: int) -> int | None:
    return at + by if at is not None else None


class Head(Struct, frozen=True):
    """What a chat says of itself."""

    id: str
    created: datetime = field(default_factory=now)
    title: str = ""
    """As the person named it; "" while the first words serve."""
    pinned: bool = False
    model: str = ""
    system: str = ""
    """System prompt, "" for none."""
    values: Values = field(default_factory=dict)
    """Parameters the person set for this chat."""
    tools: tuple[str, ...] = ()
    """Names of the tools that are switched on."""
    temporary: bool = False
    """Never saved."""
