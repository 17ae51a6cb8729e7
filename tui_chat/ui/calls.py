"""How do the tool calls of a message look? Each as one card: what was asked for, how it stands, what came of it.

A message names its calls; their results are messages of their own below it, and whether a call waits or runs only
the round that is going on can tell. Here the three are put together, as a pure function (law 1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct, field

from tui_chat.chat.media import KeptMedia
from tui_chat.chat.node import Node
from tui_chat.ui import keys
from tui_chat.ui.set_out import SetOut, fenced, json_in, set_out
from tui_chat.ui.transcript.entry import Call, CallState, More
from tui_chat.wire.messages import Audio, Decision, Image, ToolCall, ToolResult
from tui_chat.words import t

BRIEF_LIMIT = 200
"""Characters of arguments that a row can show at most."""
Card = tuple[Call] | tuple[Call, More]
"""A call as it is shown: its row with what unfolds below it, and the rest of that where it is long."""


class Standing(Struct, frozen=True):
    """What is known of the calls of a message beyond the message itself."""

    results: tuple[Node, ...] = ()
    """The messages with their results, in order."""
    waiting: frozenset[str] = frozenset()
    """Ids of calls that wait for the person's word."""
    running: Mapping[str, float] = field(default_factory=dict)
    """Ids of calls that run, and the moment of the monotonic clock at which each was seen to begin."""
    rounds: int = 0
    """Rounds of calls after which the person must say whether it may go on, 0 where that is no question."""


NOTHING_KNOWN = Standing()


class Deck:
    """Deals out the results of one message to its calls; an id that stands there twice gets them in order."""

    __slots__ = ("_left", "standing")

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self._left: list[tuple[ToolResult, KeptMedia]] = [
            (part, tuple(other for other in node.parts if isinstance(other, Image | Audio)))
            for node in self.standing.results
            for part in node.parts
            if isinstance(part, ToolResult)
        ]

    def card(self, call: ToolCall) -> tuple[Card, KeptMedia]:
        """The card of a call, and the pictures and sounds it gave back."""
        for at, (result, brought) in enumerate(self._left):
            if result.call_id == call.id:
                del self._left[at]
                return card_of(call, result), brought
        state: CallState = "asked"
        since_s = 0.0
        if call.id in self.standing.running:
            state, since_s = "running", self.standing.running[call.id]
        elif call.id in self.standing.waiting:
            state = "waiting"
        return card_of(call, None, state, since_s), ()

    def rest(self) -> list[tuple[Card, KeptMedia]]:
        """Results that no call of this message asked for: what asked for them was deleted."""
        left, self._left = self._left, []
        return [(card_of(None, result), brought) for result, brought in left]


def card_of(call: ToolCall | None, result: ToolResult | None, state: CallState = "asked", since_s: float = 0.0) -> Card:
    """One call with what came of it; without `call`, a result whose call is gone."""
    pieces: list[str] = []
    rests: list[str] = []
    left: list[str] = []
    copies: list[tuple[str, str]] = []

    def add(label: str, out: SetOut) -> None:
        pieces.append(f"{label}\n\n{out.head}")
        if out.rest:
            rests.append(f"{label}\n\n{out.rest}")
            left.append(out.left)
            copies.extend(out.copies)

    if call is not None and call.arguments.strip() in ("", "{}"):
        pieces.append(t("approval.no_arguments"))
    elif call is not None:
        add(t("card.arguments"), set_out(call.arguments))
    note, seconds = "", None
    if result is not None:
        state, note, seconds = state_of(result), note_of(result.decision), result.seconds
        label, out = t("card.result"), set_out(result.text)
        if out.is_tree:
            label += f" · {t('card.as_tree', key=keys.shown('transcript.structured'))}"
        add(label, out)
        if result.log:
            pieces.append(f"{t('card.log')}\n\n{fenced(result.log)}")
    elif state == "asked":
        pieces.append(t("card.asked_help"))
    if state == "unknown":
        pieces.append(t("card.unknown_help"))
    name = call.name if call is not None else t("card.orphan")
    source = "\n\n".join(pieces)
    card = Call(name, brief(call.arguments) if call else "", state, source, note, seconds, since_s)
    return (card, More(" · ".join(left), "\n\n".join(rests), tuple(copies))) if rests else (card,)


def trees_of(node: Node, results: tuple[Node, ...]) -> list[tuple[str, str]]:
    """The results of a message's calls that are JSON: the name of each tool, and the text."""
    names = {call.id: call.name for call in node.calls}
    given = [part for each in (node, *results) for part in each.parts if isinstance(part, ToolResult)]
    return [(names.get(each.call_id, t("card.orphan")), each.text) for each in given if json_in(each.text)]


def state_of(result: ToolResult) -> CallState:
    """How a call ended."""
    match result.decision:
        case "denied":
            return "denied"
        case "stopped":
            return "stopped"
        case "unknown":
            return "unknown"
        case _:
            return "failed" if result.failed or result.decision == "invalid" else "done"


def note_of(decision: Decision) -> str:
    """How a call came to its result, where that is worth a word."""
    return t(f"card.by.{decision}") if decision in ("always", "edited", "typed", "invalid") else ""


def brief(arguments: str) -> str:
    """Arguments on one row: the value where there is one, else names and values."""
    try:
        parsed = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        return " ".join(arguments[: 2 * BRIEF_LIMIT].split())[:BRIEF_LIMIT]
    if len(parsed) == 1:
        return _value(next(iter(parsed.values())))[:BRIEF_LIMIT]
    return "  ".join(f"{name}={_value(value)}" for name, value in parsed.items())[:BRIEF_LIMIT]


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text[: 2 * BRIEF_LIMIT].split())
