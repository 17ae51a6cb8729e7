"""One question of a person without a screen: sent, followed to the end of its answer, told on stdout and stderr.

Tools run where they need no word or were allowed beforehand; any other call is denied, and the model is told.
"""

from __future__ import annotations

import os
import queue
import sys
from contextlib import suppress
from json import dumps

from msgspec.structs import replace

from tui_chat import words
from tui_chat.chat.events import (
    Beside,
    CallAsks,
    CallEnded,
    CallRuns,
    Changed,
    Event,
    Grew,
    NotSaved,
    Restarted,
    Retrying,
    RoundEnded,
    RoundsAsk,
    TurnEnded,
    TurnStarted,
)
from tui_chat.chat.node import Node
from tui_chat.chat.probabilities import load_logprobs
from tui_chat.chat.tree import NodeAdded
from tui_chat.cli import (
    EXIT_BROKEN_PIPE,
    EXIT_DENIED,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    EXIT_WHOLE,
    EXIT_WRITE_FAILED,
    sentence,
    stopped_code,
)
from tui_chat.cli.answer import as_json
from tui_chat.errors import ChatError, StoreError, ToolError
from tui_chat.tools.approval import Decision
from tui_chat.wire import logprobs
from tui_chat.wire.messages import Part, ToolResult
from tui_chat.wiring import House


class Conversation:
    """One question sent, and what comes of it followed to its end."""

    def __init__(
        self,
        house: House,
        chat: str,
        events: queue.SimpleQueue[Event],
        *,
        json: bool = False,
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        """Get ready.

        Args:
            house: the rooms.
            chat: the chat to speak in.
            events: what the house tells.
            json: whether all is told at the end, as one object.
            allowed: tools that may run without asking.
        """
        self._house = house
        self._chat = chat
        self._json = json
        self._events = events
        self._allowed = allowed
        self._denied = False
        self._node = ""
        self._answer: Node | None = None
        self._others: dict[str, Node] = {}
        """Other answers to the same request, by id, as they began or as they were kept."""
        self._rounds: list[tuple[Node, list[ToolResult]]] = []
        """Answers that called tools, with what came of it."""
        self._ends_in_newline = True
        self._write_failure = 0

    @property
    def answers(self) -> list[Node]:
        """The last answer that was kept, then the others to the same request."""
        return [node for node in (self._answer, *self._whole_others) if node is not None]

    @property
    def _whole_others(self) -> list[Node]:
        return [node for node in self._others.values() if node.finish]

    def hold(self, parts: tuple[Part, ...]) -> int:
        """Send, follow, report; returns the exit code."""
        try:
            self._house.engine.submit(self._house.desk.send(self._chat, parts)).result()
            ended = self._follow()
        except KeyboardInterrupt as told:
            self._house.engine.submit(self._house.desk.stop(self._chat)).result()
            ended = self._follow(until_empty=True)
            self._close_line()
            self._report(ended)
            return stopped_code(told)
        self._close_line()
        self._report(ended)
        if self._write_failure:
            return self._write_failure
        if ended is None or ended.finish == "error":
            usage = ended is not None and ended.failure is not None and ended.failure.key == "error.no_model"
            return EXIT_USAGE if usage else EXIT_ERROR
        if ended.finish in {"interrupted", "stopped"}:
            return EXIT_INTERRUPTED
        return EXIT_DENIED if self._denied else EXIT_WHOLE

    def _follow(self, until_empty: bool = False) -> TurnEnded | None:
        """Take what happens until the exchange is over; the end of its last turn."""
        last: TurnEnded | None = None
        while True:
            try:
                # A bounded wait, so that Ctrl+C is heard on every platform.
                event = self._events.get(timeout=0 if until_empty else 0.5)
            except queue.Empty:
                if until_empty:
                    return last
                continue
            last = event if isinstance(event, TurnEnded) else last
            if isinstance(event, RoundsAsk):
                print(words.t("cli.tools.rounds", count=event.count), file=sys.stderr)
                last = replace(last, finish="interrupted") if last is not None else None
            self._take(event)
            if isinstance(event, TurnEnded | RoundEnded) and not event.goes_on:
                return last

    def _take(self, event: Event) -> None:
        match event:
            case TurnStarted(_, node):
                self._close_line()
                self._others.clear()
                self._node = node.id
            case Grew(_, node_id, text) if node_id == self._node:
                self._write(text)
            case Restarted():
                print(words.t("cli.restarted"), file=sys.stderr)
            case Retrying(_, _, attempt, limit, delay_s, failure):
                said = words.t(f"{failure.key}.says", **failure.facts)
                print(
                    words.t("cli.retrying", said=said, attempt=attempt, limit=limit, seconds=round(delay_s)),
                    file=sys.stderr,
                )
            case NotSaved(_, key, facts):
                print(sentence(StoreError(key, **facts)), file=sys.stderr)
            case Changed(_, NodeAdded(node)) if node.id == self._node:
                self._answer = node
            case Beside(other=other):
                self._others[other.id] = other
            case Changed(_, NodeAdded(node)) if node.id in self._others:
                self._others[node.id] = node
            case Changed(_, NodeAdded(node)) if node.result is not None and self._rounds:
                self._rounds[-1][1].append(node.result)
            case TurnEnded(goes_on=True) if self._answer is not None:
                self._rounds.append((self._answer, []))
            case CallAsks():
                self._decide(event)
            case CallRuns(_, _, call_id):
                self._close_line()
                print(words.t("cli.tools.runs", tool=self._tool(call_id)), file=sys.stderr)
            case CallEnded(_, _, call_id):
                self._tell_result(call_id)
            case _:
                pass

    def _decide(self, asks: CallAsks) -> None:
        """Nobody can be asked: what was not allowed beforehand is denied."""
        desk, engine = self._house.desk, self._house.engine
        if asks.call.name in self._allowed:
            with suppress(ToolError):  # a tool without a program of its own: nobody is there to type a result
                engine.submit(desk.decide(self._chat, asks.call.id, Decision("once"))).result()
                return
        self._denied = True
        self._close_line()
        print(words.t("cli.tools.denied", tool=asks.call.name), file=sys.stderr)
        denial = Decision("deny", reason=words.t("cli.tools.headless"))
        engine.submit(desk.decide(self._chat, asks.call.id, denial)).result()

    def _tell_result(self, call_id: str) -> None:
        """Say how a call ended, unless it was denied, which was said already."""
        result = next((each for each in self._rounds[-1][1] if each.call_id == call_id), None) if self._rounds else None
        if result is None or result.decision == "denied":
            return
        self._close_line()
        tool = self._tool(call_id)
        if result.decision == "invalid":
            print(words.t("cli.tools.invalid", tool=tool, says=result.text.split("\n")[0]), file=sys.stderr)
        else:
            print(words.t("cli.tools.failed" if result.failed else "cli.tools.ended", tool=tool), file=sys.stderr)

    def _tool(self, call_id: str) -> str:
        calls = self._rounds[-1][0].calls if self._rounds else ()
        return next((call.name for call in calls if call.id == call_id), "")

    def _write(self, text: str) -> None:
        if self._json or self._write_failure or not text:
            return
        if sys.stdout.isatty():
            from tui_chat.ui.gate import visible  # pulls in no Textual: only the filter of what may reach a terminal

            text = visible(text)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
            self._ends_in_newline = text.endswith("\n")
        except BrokenPipeError:
            self._give_up_writing(EXIT_BROKEN_PIPE)
        except OSError as error:
            print(words.t("cli.write_failed", reason=error.strerror or str(error)), file=sys.stderr)
            self._give_up_writing(EXIT_WRITE_FAILED)

    def _give_up_writing(self, code: int) -> None:
        """Nobody reads on: stop the answer; what came of it stays in the chat."""
        self._write_failure = code
        # The interpreter flushes stdout at its end: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        self._house.engine.submit(self._house.desk.stop(self._chat))

    def _close_line(self) -> None:
        if not self._ends_in_newline and not self._write_failure:
            print(flush=True)
            self._ends_in_newline = True

    def _likely(self, node: Node) -> dict[str, object] | None:
        """How likely the tokens of an answer were, read from its blob."""
        if not node.logprobs:
            return None
        try:
            return logprobs.as_json(load_logprobs(node.logprobs, self._house.blobs))
        except ChatError as error:
            print(sentence(error), file=sys.stderr)
            return None

    def _write_others(self) -> None:
        """The other answers to the same request, each after a line on stderr that tells which it is."""
        others = self._whole_others
        for number, node in enumerate(others, 2):
            print(words.t("cli.choice", number=number, count=len(others) + 1), file=sys.stderr, flush=True)
            self._write(node.text)
            self._close_line()

    def _report(self, ended: TurnEnded | None) -> None:
        if self._json:
            said = as_json(self._answer, ended, self._rounds, self._whole_others, self._likely)
            print(dumps(said, ensure_ascii=False), flush=True)
        else:
            self._write_others()
        if ended is None:
            return
        if ended.failure is not None:
            error = ChatError(ended.failure.key, **ended.failure.facts)
            print(sentence(error), file=sys.stderr)
            from tui_chat.cli.cure import say_cure

            say_cure(self._answer, self._house.places)
        elif ended.finish == "interrupted":
            print(words.t("cli.interrupted"), file=sys.stderr)
        elif ended.finish == "length":
            print(words.t("cli.cut_by_length"), file=sys.stderr)
        elif ended.finish == "content_filter":
            blocked = self._answer.blocked if self._answer is not None else ""
            print(words.t("ui.notice.filtered"), file=sys.stderr)
            if blocked:
                print(words.t("ended.blocked", what=blocked), file=sys.stderr)
