"""What turns and the desk tell those who watch: facts, frozen, each naming its chat."""

from __future__ import annotations

from msgspec import Struct, field

from tui_chat.chat.node import Failure, Finish, Node
from tui_chat.chat.tree import Change
from tui_chat.errors import Fact
from tui_chat.tools.approval import Allowance
from tui_chat.tools.tool import Preview
from tui_chat.wire.messages import ToolCall


class TurnStarted(Struct, frozen=True):
    """A model was asked. `node` is the answer as it stands at the start: no parts, or what it continues."""

    chat: str
    node: Node


class Grew(Struct, frozen=True):
    """More of an answer arrived."""

    chat: str
    node: str
    text: str = ""
    reasoning: str = ""


class Beside(Struct, frozen=True):
    """Another answer to the same request begins, or begins anew; what grows of it is told as `Grew` of its own id."""

    chat: str
    node: str
    """The first answer."""
    other: Node


class Calling(Struct, frozen=True):
    """The model is writing a call of a tool: told when it begins, and now and then as it grows."""

    chat: str
    node: str
    name: str
    size: int
    """Characters of arguments so far."""


class Restarted(Struct, frozen=True):
    """The gateway began the answer anew; what it said before is replaced by what follows."""

    chat: str
    node: str


class Retrying(Struct, frozen=True):
    """The request failed before an answer began and goes out again after `delay_s`."""

    chat: str
    node: str
    attempt: int
    limit: int
    delay_s: float
    failure: Failure


class Awaits(Struct, frozen=True):
    """The question is held back until these MCP servers have started, whose tools the chat wants (`Desk.go_on`)."""

    chat: str
    node: str
    servers: tuple[str, ...]
    """Their names; () when nothing is waited for any more."""


class WentWithout(Struct, frozen=True):
    """A question goes out without tools that are switched on in the chat, since they are not there; told once."""

    chat: str
    tools: tuple[str, ...]


class Changed(Struct, frozen=True):
    """The conversation changed."""

    chat: str
    change: Change


class Queued(Struct, frozen=True):
    """The messages that wait for the model to finish, oldest first: their words."""

    chat: str
    texts: tuple[str, ...]


class TurnEnded(Struct, frozen=True):
    """The turn is over; its answer, if any word of it came, is in the tree. Sent exactly once a turn."""

    chat: str
    node: str
    finish: Finish
    failure: Failure | None = None
    kept: bool = True
    """Whether the answer became a node of the tree; False where nothing at all had arrived and it was stopped."""
    goes_on: bool = False
    """Whether its tool calls are now seen to; `RoundEnded` tells the end of that. The person's message is answered,
    or given up, with the first `TurnEnded` or `RoundEnded` that does not go on."""


class RoundStarted(Struct, frozen=True):
    """The calls of an answer are seen to now: right after a `TurnEnded` that goes on, or since one is run again."""

    chat: str
    node: str
    """The answer that makes the calls."""


class CallAsks(Struct, frozen=True):
    """A call of a tool waits for a person's decision (`Desk.decide`)."""

    chat: str
    node: str
    """The answer that makes the call."""
    call: ToolCall
    preview: Preview
    allowance: Allowance | None = None
    """What "always" would allow; None: "always" is not on offer."""


class CallRuns(Struct, frozen=True):
    """A call runs now; that it began is on disk."""

    chat: str
    node: str
    call_id: str


class CallEnded(Struct, frozen=True):
    """A call has its result, which was told as `Changed(NodeAdded)` just before.

    Sent exactly once a call of a round, also for one that was denied, invalid or stopped and so never ran.
    """

    chat: str
    node: str
    call_id: str


class RoundEnded(Struct, frozen=True):
    """Every call of a round has its result. Sent exactly once after each `RoundStarted`."""

    chat: str
    node: str
    goes_on: bool
    """Whether the model is asked again now (`TurnStarted` follows); False after a stop and at the limit of rounds."""


class RoundsAsk(Struct, frozen=True):
    """The model has called tools so often that a person must say whether it may go on (`Desk.go_on`).

    Comes just before the round's `RoundEnded`. Nothing runs meanwhile; any other command will do too.
    """

    chat: str
    count: int
    """Rounds since the person's last word."""


class NotSaved(Struct, frozen=True):
    """The chat can't be written; what was said stays in memory and on screen."""

    chat: str
    key: str
    facts: dict[str, Fact] = field(default_factory=dict)


class SavedAgain(Struct, frozen=True):
    """What could not be written before is on disk now."""

    chat: str


Event = (
    TurnStarted
    | Grew
    | Beside
    | Calling
    | Restarted
    | Retrying
    | Awaits
    | WentWithout
    | Changed
    | Queued
    | TurnEnded
    | RoundStarted
    | CallAsks
    | CallRuns
    | CallEnded
    | RoundEnded
    | RoundsAsk
    | NotSaved
    | SavedAgain
)
