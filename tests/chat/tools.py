"""Tools for tests: what they are called with is noted, what they do the test decides."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from typing import Any

from tests.chat.stage import Script, Stage, words
from tests.waiting import eventually_in_thread
from tui_chat.chat.desk import Desk
from tui_chat.chat.events import CallAsks, Event, RoundEnded, TurnEnded
from tui_chat.chat.node import Head, Node
from tui_chat.tools.approval import Decision
from tui_chat.tools.box import Box
from tui_chat.tools.tool import Arguments, Danger, Outcome, Surroundings, Tool
from tui_chat.wire.delta import Delta, ToolCallDelta
from tui_chat.wire.messages import Message, ToolResult

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}


@dataclass
class Workbench:
    """Tools and what was done with them."""

    ran: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    gates: dict[str, Flag] = field(default_factory=dict)
    """A tool with a gate runs until it is opened."""
    fails: dict[str, BaseException] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0

    def tool(self, name: str, danger: Danger = "harmless", **more: Any) -> Tool:
        async def run(arguments: Arguments, surroundings: Surroundings) -> Outcome:
            self.ran.append((name, dict(arguments)))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                while name in self.gates and not self.gates[name].is_set():
                    await asyncio.sleep(0.001)
                await asyncio.sleep(0)
                if name in self.fails:
                    raise self.fails[name]
                self.ended.append(name)
                return Outcome(f"{name} {json.dumps(dict(arguments))}")
            except asyncio.CancelledError:
                self.cancelled.append(name)
                raise
            finally:
                self.at_once -= 1

        return Tool(name, f"Does {name}.", SCHEMA, danger, run=more.pop("run", run), **more)


def call(name: str, arguments: str = "{}", id: str = "", index: int = 0) -> ToolCallDelta:
    return ToolCallDelta(index, id or f"c_{name}_{index}", name, arguments)


def calls(*wanted: ToolCallDelta, text: str = "", finish: str = "tool_calls") -> Script:
    return [Delta(text=text, tool_calls=wanted), Delta(finish_reason=finish)]


class ToolStage(Stage):
    """A stage whose chats have tools."""

    def __init__(self, *tools: Tool, bench: Workbench | None = None) -> None:
        self.bench = bench or Workbench()
        self.box = Box().plus(tools)
        self.opened_boxes = 0
        super().__init__()

    def new_desk(self, **more: Any) -> Desk:
        return super().new_desk(toolbox=self._toolbox, surroundings=lambda _: Surroundings(Path("/nowhere")), **more)

    def _toolbox(self) -> Box:
        self.opened_boxes += 1
        return self.box

    def begin(self, **head: Any) -> str:
        return super().begin(**{"tools": tuple(self.box.tools), **head})

    def is_over(self, event: Event) -> bool:
        return isinstance(event, TurnEnded | RoundEnded) and not event.goes_on

    def overs(self) -> list[Event]:
        return [event for event in self.events if self.is_over(event)]

    def wait_over(self, count: int = 1) -> Event:
        """Wait until so many exchanges are over."""
        eventually_in_thread(lambda: len(self.overs()) >= count, what=f"{count} exchanges over")
        return self.overs()[-1]

    def asks(self, count: int = 1) -> CallAsks:
        """Wait until so many calls have asked; the last."""

        def asked() -> list[CallAsks]:
            return [event for event in self.events if isinstance(event, CallAsks)]

        eventually_in_thread(lambda: len(asked()) >= count, what=f"{count} calls that ask")
        return asked()[-1]

    def decide(self, id: str, word: Any, **more: Any) -> None:
        self.run(self.desk.decide("chat", id, Decision(word, **more)))

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def path(self) -> list[Node]:
        tree = self.tree()
        return [tree.node(id) for id in tree.path()]

    def results(self) -> list[ToolResult]:
        return [node.result for node in self.path() if node.result is not None]

    def sent(self, number: int = -1) -> list[Message]:
        return list(self.requests[number].messages)


def shape(messages: list[Message]) -> list[str]:
    """Roles, with the ids of calls and results: what an API checks."""
    found = []
    for message in messages:
        ids = [getattr(part, "call_id", "") or getattr(part, "id", "") for part in message.parts]
        found.append(" ".join([message.role, *(id for id in ids if id)]))
    return found


def is_valid(messages: list[Message]) -> bool:
    """Whether every call has its one result right behind it, in order, and no result stands alone."""
    due: list[str] = []
    for message in messages:
        result = next((part for part in message.parts if isinstance(part, ToolResult)), None)
        if result is not None:
            if not due or due.pop(0) != result.call_id:
                return False
            continue
        if due:
            return False
        due = [part.id for part in message.parts if hasattr(part, "arguments")]
    return not due


__all__ = ["Head", "ToolStage", "Workbench", "call", "calls", "is_valid", "shape", "words"]
