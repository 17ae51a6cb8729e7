"""What turns and the desk tell those who watch: facts, frozen, each naming its chat."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui_chat.chat.node import Failure, Finish, Node
from tui_chat.chat.tree import Change
from tui_chat.errors import Fact


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A model was asked. `node` is the answer as it stands at the start: no parts, or what it continues."""

    chat: str
    node: Node


@dataclass(frozen=True, slots=True)
class Grew:
    """More of an answer arrived."""

    chat: str
    node: str
    text: str = ""
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The gateway began the answer anew; what it said before is replaced by what follows."""

    chat: str
    node: str


@dataclass(frozen=True, slots=True)
class Retrying:
    """The request failed before an answer began and goes out again after `delay_s`."""

    chat: str
    node: str
    attempt: int
    limit: int
    delay_s: float
    failure: Failure


@dataclass(frozen=True, slots=True)
class Changed:
    """The conversation changed."""

    chat: str
    change: Change


@dataclass(frozen=True, slots=True)
class Queued:
    """The messages that wait for the model to finish, oldest first: their words."""

    chat: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over; its answer, if any word of it came, is in the tree. Sent exactly once a turn."""

    chat: str
    node: str
    finish: Finish
    failure: Failure | None = None
    kept: bool = True
    """Whether the answer became a node of the tree; False where nothing at all had arrived and it was stopped."""


@dataclass(frozen=True, slots=True)
class NotSaved:
    """The chat can't be written; what was said stays in memory and on screen."""

    chat: str
    key: str
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedAgain:
    """What could not be written before is on disk now."""

    chat: str


Event = TurnStarted | Grew | Restarted | Retrying | Changed | Queued | TurnEnded | NotSaved | SavedAgain
