"""How do the tool calls of a message look? Each as one card: what was asked for, how it stands, what came of it.

A message names its calls; their results are messages of their own below it, and whether a call waits or runs only
the round that is going on can tell. Here the three are put together, as a pure function (law 1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_chat.chat.node import Node
from tui_chat.ui.transcript.entry import Call, CallState
from tui_chat.wire.json_text import pretty
from tui_chat.wire.messages import Decision, Image, ToolCall, ToolResult
from tui_chat.words import t

BRIEF_LIMIT = 200
"""Characters of arguments that a row can show at most."""
PRETTY_LIMIT = 400_000
"""Characters up to which JSON is set out in lines; what is longer is shown as it came."""


@dataclass(frozen=True, slots=True)
class Standing:
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


@dataclass(slots=True)
class Deck:
    """Deals out the results of one message to its calls; an id that stands there twice gets them in order."""

    standing: Standing
    _left: list[tuple[ToolResult, tuple[Image, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        self._left = [
            (part, tuple(other for other in node.parts if isinstance(other, Image)))
            for node in self.standing.results
            for part in node.parts
            if isinstance(part, ToolResult)
        ]

    def card(self, call: ToolCall) -> tuple[Call, tuple[Image, ...]]:
        """The card of a call, and the pictures it gave back."""
        for at, (result, images) in enumerate(self._left):
            if result.call_id == call.id:
                del self._left[at]
                return card_of(call, result), images
        state: CallState = "asked"
        since_s = 0.0
        if call.id in self.standing.running:
            state, since_s = "running", self.standing.running[call.id]
        elif call.id in self.standing.waiting:
            state = "waiting"
        return card_of(call, None, state, since_s), ()

    def rest(self) -> list[tuple[Call, tuple[Image, ...]]]:
        """Results that no call of this message asked for: what asked for them was deleted."""
        left, self._left = self._left, []
        return [(card_of(None, result), images) for result, images in left]


def card_of(call: ToolCall | None, result: ToolResult | None, state: CallState = "asked", since_s: float = 0.0) -> Call:
    """One call with what came of it; without `call`, a result whose call is gone."""
    pieces = [] if call is None else [f"{t('card.arguments')}\n\n{fenced(*_as_code(call.arguments or '{}'))}"]
    note, seconds = "", None
    if result is not None:
        state, note, seconds = state_of(result), note_of(result.decision), result.seconds
        pieces.append(f"{t('card.result')}\n\n{fenced(*_as_code(result.text))}")
        if result.log:
            pieces.append(f"{t('card.log')}\n\n{fenced(result.log)}")
    elif state == "asked":
        pieces.append(t("card.asked_help"))
    if state == "unknown":
        pieces.append(t("card.unknown_help"))
    name = call.name if call is not None else t("card.orphan")
    return Call(name, brief(call.arguments) if call else "", state, "\n\n".join(pieces), note, seconds, since_s)


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


def _as_code(text: str) -> tuple[str, str]:
    """A text and the language to colour it as: JSON set out in lines, a diff, else as it stands."""
    if text[:1] in "{[" and text and len(text) <= PRETTY_LIMIT:
        try:
            return pretty(json.loads(text)), "json"
        except (ValueError, RecursionError):
            return text, ""
    if text.startswith(("--- ", "diff ")) and "\n+++ " in text:
        return text, "diff"
    return text, ""


def fenced(code: str, language: str = "") -> str:
    """Code as Markdown; the fence is longer than any run of backticks inside, so nothing can end it early."""
    longest = run = 0
    for character in code:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}{'' if code.endswith(chr(10)) else chr(10)}{fence}"
