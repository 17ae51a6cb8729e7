"""What does the screen know of the chat it shows? Its own copy of the conversation, kept up by the events it is told.

Nothing here draws: `showing.py` takes it to the transcript. The answer that arrives is kept as its beginning and the
pieces that grew, so that it can be copied, or shown anew, while it is still on its way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from tui_chat.chat.desk import View
from tui_chat.chat.events import (
    Changed,
    Event,
    Grew,
    NotSaved,
    Queued,
    Restarted,
    Retrying,
    SavedAgain,
    TurnEnded,
    TurnStarted,
)
from tui_chat.chat.markdown import first_words
from tui_chat.chat.node import Head, Node
from tui_chat.ui import speech
from tui_chat.wire.messages import Part, Reasoning, Text
from tui_chat.words import t

TIMER_AFTER_S = 2.0
SILENCE_AFTER_S = 20.0


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
        self.retrying: Retrying | None = None
        self._clock = clock
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._began = self._heard = clock()
        self._retry_at = 0.0

    @property
    def id(self) -> str:
        """The chat's id."""
        return self.conversation.head.id

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
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return not self.path

    def node(self, id: str) -> Node:
        """The message, the arriving answer as it stands; raises KeyError."""
        if self.running is not None and id == self.running.id:
            return self._so_far(self.running)
        return self.conversation.node(id)

    def version(self, id: str) -> tuple[int, int]:
        """Which of how many siblings this message is, from 1."""
        if id not in self.conversation:  # arriving: it will be the newest
            parent = self.running.parent if self.running is not None else None
            answers = [
                other
                for other in self.conversation.children(parent)
                if self.conversation.link(other).role == "assistant"
            ]
            return len(answers) + 1, len(answers) + 1
        siblings = self.conversation.siblings(id)
        return siblings.index(id) + 1, len(siblings)

    def last(self, role: str) -> Node | None:
        """The last message of that role on the path that is settled."""
        for id in reversed(self.conversation.path()):
            if self.conversation.link(id).role == role:
                return self.conversation.node(id)
        return None

    def apply(self, event: Event) -> None:
        """Take in what happened to this chat."""
        match event:
            case TurnStarted(_, node):
                self.running = node
                self._text, self._reasoning = [], []
                self._began = self._heard = self._clock()
                self.retrying = None
            case Grew(_, _, text, reasoning):
                self._text.append(text)
                self._reasoning.append(reasoning)
                self._heard = self._clock()
                self.retrying = None
            case Restarted():
                self._text, self._reasoning = [], []
                self._heard = self._clock()
                if self.running is not None and not self._is_continuing:
                    self.running = replace(self.running, parts=())
            case Retrying():
                self.retrying = event
                self._retry_at = self._clock() + event.delay_s
                self._heard = self._clock() + event.delay_s
            case Changed(_, change):
                self.conversation.apply(change)
            case Queued(_, texts):
                self.queued = texts
            case TurnEnded():
                self.running = None
                self.retrying = None
            case NotSaved():
                self.not_saved = event
            case SavedAgain():
                self.not_saved = None

    def status(self) -> str:
        """What the growing end says beside its spinner: nothing at first, then a timer, then that nothing comes."""
        now = self._clock()
        if self.running is None:
            return ""
        if self.retrying is not None:
            failure = self.retrying.failure
            return t(
                "ui.live.retrying",
                says=speech.says(failure.key, failure.facts),
                attempt=self.retrying.attempt,
                limit=self.retrying.limit,
                seconds=max(0, round(self._retry_at - now)),
            )
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
        parts: list[Part] = list(begun.parts)
        if reasoning := "".join(self._reasoning):
            _join(parts, Reasoning(reasoning))
        if text := "".join(self._text):
            _join(parts, Text(text))
        return replace(begun, parts=tuple(parts))


def _join(parts: list[Part], more: Text | Reasoning) -> None:
    """Add to the last part of the same kind; reasoning stands before what is said."""
    kind = type(more)
    for at in range(len(parts) - 1, -1, -1):
        part = parts[at]
        if isinstance(part, kind):
            parts[at] = replace(part, text=part.text + more.text)
            return
    said = next((at for at, part in enumerate(parts) if isinstance(part, Text)), len(parts))
    parts.insert(said if isinstance(more, Reasoning) else len(parts), more)
