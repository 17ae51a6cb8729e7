"""What does the screen know of the chat it shows? Its own copy of the conversation, kept up by the events it is told.

Nothing here draws: `showing.py` takes it to the transcript. The answer that arrives is kept as its beginning and the
pieces that grew, so that it can be copied, or shown anew, while it is still on its way.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from msgspec.structs import replace

from tui_chat.chat.desk import View
from tui_chat.chat.events import (
    Awaits,
    Beside,
    CallAsks,
    CallEnded,
    Calling,
    CallRuns,
    Changed,
    Event,
    Grew,
    NotSaved,
    Queued,
    Restarted,
    Retrying,
    RoundEnded,
    RoundsAsk,
    SavedAgain,
    TurnEnded,
    TurnStarted,
)
from tui_chat.chat.markdown import first_words
from tui_chat.chat.node import Head, Node, joined
from tui_chat.ui import keys, speech
from tui_chat.ui.beside import OthersGrowing
from tui_chat.ui.calls import Standing
from tui_chat.ui.gate import visible
from tui_chat.wire.messages import Part, Reasoning, Text
from tui_chat.words import t

TIMER_AFTER_S = 2.0
SILENCE_AFTER_S = 20.0
_ELSEWHERE = frozenset({"error.store_open_elsewhere", "error.store_taken_over"})


class Talk:
    """One open chat as its watcher knows it."""

    def __init__(self, view: View, clock: Callable[[], float] = monotonic) -> None:
        self.conversation = view.conversation
        self.queued = view.queued
        self.read_only = view.read_only
        self.notes = view.notes
        self.not_saved: NotSaved | None = None
        self.running: Node | None = view.running
        """The answer on its way, as it stood when it was first seen."""
        self.beside = OthersGrowing(view.beside)
        """Other answers to the same request, on their way too."""
        self.retrying: Retrying | None = None
        self.calling: Calling | None = None
        """The tool call that the model is writing."""
        self.asking: list[CallAsks] = list(view.asking)
        """Calls that wait for the person's word, the oldest first."""
        self.awaited = view.awaited
        """MCP servers that the question waits for."""
        self.rounds_asked = view.rounds
        """How many rounds of calls went by where the person must say whether it may go on, else 0."""
        self._clock = clock
        self._runs: dict[str, dict[str, float]] = {}
        self._in_round = bool(view.round)
        for runs in view.called:
            self._runs.setdefault(runs.node, {})[runs.call_id] = clock()
        self._laid: tuple[list[str], dict[str, list[str]], dict[str, str]] | None = None
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._began = self._heard = clock()
        self._retry_at = 0.0

    @property
    def id(self) -> str:
        """The chat's id."""
        return self.conversation.head.id

    @property
    def is_elsewhere(self) -> bool:
        """Whether another window has the chat, so that it is read-only here for as long."""
        return self.read_only is not None and self.read_only.key in _ELSEWHERE

    @property
    def head(self) -> Head:
        """What the chat says of itself."""
        return self.conversation.head

    @property
    def title(self) -> str:
        """As the person named it, else its first words; "" while nothing is said."""
        if self.head.title:
            return self.head.title
        path = self.conversation.path()[:3]
        return first_words([self.conversation.node(id) for id in path])

    @property
    def path(self) -> list[str]:
        """Ids of the messages the reader sees, the arriving answer last."""
        if self.running is None:
            return self.conversation.path()
        parent = self.running.parent
        before = self.conversation.path(parent) if parent is not None else []
        return [*before, self.running.id]

    @property
    def shown(self) -> list[str]:
        """Ids of the messages that stand for themselves: results of tools stand with the message that called them."""
        return self._lay()[0]

    def with_results(self, id: str) -> tuple[str, ...]:
        """The message and the results that stand with it: what is deleted, or branched off, together."""
        return (id, *self._lay()[1].get(id, ()))

    def caller(self, id: str) -> str:
        """The message that this one stands with; itself where it stands for itself."""
        return self._lay()[2].get(id, id)

    def standing(self, id: str) -> Standing:
        """How the tool calls of a message stand."""
        results = tuple(self.conversation.node(other) for other in self._lay()[1].get(id, ()))
        waiting = frozenset(asks.call.id for asks in self.asking if asks.node == id)
        return Standing(results, waiting, dict(self._runs.get(id, {})), self._rounds_at(id))

    def live(self) -> dict[str, object]:
        """What can differ of messages without a change of the conversation, by message: for comparing."""
        state: dict[str, object] = {id: tuple(runs) for id, runs in self._runs.items() if runs}
        for asks in self.asking:
            state[asks.node] = (state.get(asks.node), asks.call.id)
        if self.rounds_asked:
            state |= {id: (state.get(id), rounds) for id in self.shown[-1:] if (rounds := self._rounds_at(id))}
        return state

    def _rounds_at(self, id: str) -> int:
        """The rounds that are asked about below this message, 0 where that is not here."""
        leaf = self.conversation.leaf
        here = self.rounds_asked and leaf is not None and leaf != id and self.caller(leaf) == id
        return self.rounds_asked if here else 0

    @property
    def may_go_on(self) -> bool:
        """Whether something waits that the person can let go on: after many rounds, or for a server to start."""
        return bool(self.rounds_asked or self.awaited)

    @property
    def is_busy(self) -> bool:
        """Whether an answer arrives or its tool calls are seen to: there is something to stop."""
        return self.running is not None or self._in_round

    def _lay(self) -> tuple[list[str], dict[str, list[str]], dict[str, str]]:
        """Messages of their own; by message the results that stand with it; by result where it stands."""
        if self._laid is None:
            shown: list[str] = []
            results: dict[str, list[str]] = {}
            callers: dict[str, str] = {}
            answer = ""
            for id in self.path:
                arriving = self.running is not None and id == self.running.id
                role = "assistant" if arriving else self.conversation.link(id).role
                if role == "tool" and answer:
                    results.setdefault(answer, []).append(id)
                    callers[id] = answer
                else:
                    shown.append(id)
                    answer = id if role == "assistant" else ""
            self._laid = shown, results, callers
        return self._laid

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return self.running is None and self.conversation.leaf is None

    def node(self, id: str) -> Node:
        """The message, the arriving answer as it stands; raises KeyError."""
        if self.running is not None and id == self.running.id:
            return self._so_far(self.running)
        if id in self.beside and id not in self.conversation:
            return self.beside.node(id)
        return self.conversation.node(id)

    def version(self, id: str) -> tuple[int, int]:
        """Which of how many siblings this message is, from 1."""
        if id not in self.conversation:  # arriving: it will be the newest
            parent = self.running.parent if self.running is not None else None
            answers = self.conversation.versions(parent, "assistant", parent)
            return len(answers) + 1, len(answers) + 1
        siblings = self.conversation.siblings(id)
        return siblings.index(id) + 1, len(siblings)

    def last(self, role: str) -> Node | None:
        """The last message of that role on the path that is settled."""
        for id in self.conversation.upwards():
            if self.conversation.link(id).role == role:
                return self.conversation.node(id)
        return None

    def apply(self, event: Event) -> None:
        """Take in what happened to this chat."""
        match event:
            case Changed(_, change):
                self.conversation.apply(change)
                self._laid = None
            case Queued(_, texts):
                self.queued = texts
            case NotSaved():
                self.not_saved = event
            case SavedAgain():
                self.not_saved = None
            case TurnStarted() | Awaits() | Grew() | Beside() | Calling() | Restarted() | Retrying() | TurnEnded():
                self._follow_turn(event)
            case _:
                self._follow_round(event)

    def _follow_turn(self, event: Event) -> None:
        """An answer begins, grows, ends."""
        match event:
            case TurnStarted(_, node):
                self.running, self._laid = node, None
                self.beside.clear()
                self.rounds_asked = 0
                self._in_round = False
                self._text, self._reasoning = [], []
                self._began = self._heard = self._clock()
                self.retrying = self.calling = None
            case Awaits(_, _, servers):
                self.awaited = servers
                self._began = self._heard = self._clock()
            case Beside(other=other):
                self.beside.begin(other)
                self._heard = self._clock()
            case Grew(_, id, text, reasoning) if id in self.beside:
                self.beside.grow(id, text, reasoning)
                self._heard = self._clock()
                self.retrying = None
            case Grew(_, _, text, reasoning):
                self._text.append(text)
                self._reasoning.append(reasoning)
                self._heard = self._clock()
                self.retrying = None
            case Calling():
                self.calling, self.retrying = event, None
                self._heard = self._clock()
            case Restarted():
                self._text, self._reasoning = [], []
                self._heard = self._clock()
                self.calling = None
                if self.running is not None and not self._is_continuing:
                    self.running = replace(self.running, parts=())
            case Retrying():
                self.retrying = event
                self._retry_at = self._clock() + event.delay_s
                self._heard = self._clock() + event.delay_s
            case TurnEnded(goes_on=goes_on):
                self.running, self._laid = None, None
                self.beside.clear()
                self.retrying = self.calling = None
                self._in_round = goes_on

    def _follow_round(self, event: Event) -> None:
        """The tool calls of an answer are seen to."""
        match event:
            case CallAsks():
                self.asking.append(event)
                self._in_round = True
            case CallRuns(_, node, call_id):
                self._forget_asking(node, call_id)
                self._runs.setdefault(node, {})[call_id] = self._clock()
                self._in_round = True
            case CallEnded(_, node, call_id):
                self._forget_asking(node, call_id)
                self._runs.get(node, {}).pop(call_id, None)
            case RoundsAsk(_, count):
                self.rounds_asked = count
            case RoundEnded():
                self.asking.clear()
                self._runs.clear()
                self._in_round = False
            case _:
                pass

    def _forget_asking(self, node: str, call_id: str) -> None:
        self.asking = [asks for asks in self.asking if (asks.node, asks.call.id) != (node, call_id)]

    def status(self) -> str:
        """What the growing end says beside its spinner: nothing at first, then a timer, then that nothing comes."""
        now = self._clock()
        if self.running is None:
            return ""
        if self.awaited:
            names = visible(", ".join(self.awaited), newline=False)
            return t("ui.live.awaits", names=names, key=keys.shown("chat.go_on"))
        if self.retrying is not None:
            failure = self.retrying.failure
            return t(
                "ui.live.retrying",
                says=speech.says(failure.key, failure.facts),
                attempt=self.retrying.attempt,
                limit=self.retrying.limit,
                seconds=max(0, round(self._retry_at - now)),
            )
        if self.calling is not None and now - self._heard < SILENCE_AFTER_S:
            name, size = visible(self.calling.name, newline=False), speech.count(self.calling.size)
            return t("card.writing", name=name, size=size)
        if now - self._heard >= SILENCE_AFTER_S:
            return t("ui.live.silent", seconds=round(now - self._heard))
        if now - self._began >= TIMER_AFTER_S:
            return t("ui.live.seconds", seconds=round(now - self._began))
        return ""

    @property
    def _is_continuing(self) -> bool:
        """Whether the arriving answer began with parts of the one it continues."""
        return self.running is not None and self.running.finish == "" and bool(self.running.parts)

    def _so_far(self, begun: Node) -> Node:
        more: list[Part] = []
        if reasoning := "".join(self._reasoning):
            more.append(Reasoning(reasoning))
        if text := "".join(self._text):
            more.append(Text(text))
        return replace(begun, parts=joined(begun.parts, more))
