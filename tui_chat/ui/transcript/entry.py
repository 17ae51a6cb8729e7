"""What does the transcript show? Plain values that the chat screen builds from the conversation and hands over.

They say nothing of Textual, of the tree or of the wire, so the transcript can be filled, grown and compared in a
test without any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from msgspec import Struct

Role = Literal["user", "assistant", "system", "tool"]
Level = Literal["error", "warning", "info"]
CallState = Literal["asked", "waiting", "running", "done", "failed", "denied", "stopped", "unknown"]
"""Where a tool call stands: asked for by the model and not run, waiting for the person's word, running; or how it
ended. "unknown": the program ended while it ran, so it may have run."""


class Prose(Struct, frozen=True):
    """What somebody said."""

    source: str
    """Markdown, as received."""


class Thought(Struct, frozen=True):
    """Reasoning that led to the answer; folded to one row once the answer has begun."""

    source: str
    """Markdown, as received."""
    seconds: float | None = None
    """How long the model thought, None where that is unknown."""


class Picture(Struct, frozen=True):
    """An image, drawn in half cells above its label."""

    label: str
    """One row, for example "boardwalk.jpg  1600×1067  412 KB"; its size in pixels reserves the rows."""
    load: Callable[[], bytes] | None
    """The file's bytes; called on a thread when the picture is first seen. None where there is nothing to draw."""


class Chip(Struct, frozen=True):
    """Anything else that came along, in one row: a document, a recording, a tool call."""

    label: str


class Notice(Struct, frozen=True):
    """What the program itself has to say at this place: how an answer ended, what can be done about it."""

    level: Level
    lines: tuple[str, ...]
    """The first is set bold behind a mark; the last of several is muted (the keys to press)."""


class Call(Struct, frozen=True):
    """A tool that the model called: one row, unfolding to what it was called with and what came of it."""

    name: str
    brief: str
    """Its arguments on one row; cut where there is no room."""
    state: CallState
    source: str
    """Markdown: arguments and result, shown when unfolded."""
    note: str = ""
    """How it came to its result, in a few words; "" where that goes without saying."""
    seconds: float | None = None
    """How long it ran, None where it did not or that is unknown."""
    since_s: float = 0.0
    """While it runs: the moment of the monotonic clock at which it was seen to begin."""


class More(Struct, frozen=True):
    """The rest of the tool call right above it: one row that says how much, unfolding to it. Folded with its call."""

    label: str
    """How much: "412 more lines"."""
    source: str
    """Markdown."""
    copies: tuple[tuple[str, str], ...] = ()
    """Code that was cut in two, here and in the call: each piece, and the whole that is copied for it."""


Section = Prose | Thought | Picture | Chip | Notice | Call | More


class Entry(Struct, frozen=True):
    """One message of the conversation as the reader sees it."""

    key: str
    """Names the entry for good: the same message has the same key, however its text grows."""
    role: Role
    speaker: str
    """Left on the head line: "You", "gpt-4.1"."""
    sections: tuple[Section, ...]
    meta: str = ""
    """Right on the head line, muted: time, tokens, speed, price."""
    version: tuple[int, int] = (1, 1)
    """Which of how many siblings; (2, 3) puts ‹ 2/3 › on the head line."""

    @property
    def size(self) -> int:
        """Characters of content, for an estimate of the height."""
        return sum(len(section.source) if isinstance(section, Prose | Thought) else 40 for section in self.sections)

    @property
    def runs(self) -> bool:
        """Whether a tool it called is running."""
        return any(isinstance(section, Call) and section.state == "running" for section in self.sections)


class Outline(NamedTuple):
    """What is known of an entry before it is loaded."""

    key: str
    size: int
    """Bytes of content; only the height before the entry is seen depends on it."""
