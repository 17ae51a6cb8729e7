"""What one place in a conversation holds: a message, and how it came to be."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from tui_chat.errors import Fact
from tui_chat.wire.messages import Citation, Message, Part, Reasoning, Role, Text, Usage
from tui_chat.wire.params import Values

Finish = Literal["", "stop", "length", "tool_calls", "content_filter", "pause", "stopped", "interrupted", "error"]
"""How an answer ended: the API's finish reasons, or "stopped" by the person, "interrupted" by the network or a
crash, "error" by a failure. "" where the question doesn't arise: every message that isn't an answer."""


def new_id() -> str:
    """A fresh id for a node or a chat: 10 random characters, lower case; order comes from elsewhere."""
    return secrets.token_hex(5)


def now() -> datetime:
    """The time of day, in UTC, to the second: for display and records, never for measuring."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an answer broke off: an error key for `words/` and its facts. Never part of the message's text."""

    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """How long an answer took, in seconds from the moment its request left."""

    first_token_s: float | None = None
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class Node:
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
    service_tier: str = ""
    system_fingerprint: str = ""
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
    def incomplete(self) -> bool:
        """Whether this is an answer that was not received whole."""
        return self.finish in {"stopped", "interrupted", "error", "length", "pause"}

    def message(self) -> Message:
        """What of this node travels in a request."""
        return Message(self.role, tuple(part for part in self.parts if not isinstance(part, Reasoning | Citation)))


@dataclass(frozen=True, slots=True)
class Head:
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
    temporary: bool = False
    """Never saved."""
