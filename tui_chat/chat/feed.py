"""How events reach a watcher on another thread: in order, none lost, merged while the watcher is slow.

A screen that paints twenty times a second must not see a thousand deltas; one that stands still (a terminal that is
not read) must not hold up the engine or fill memory with small objects. So text that grows at one place is joined.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from tui_chat.chat.events import Event, Grew


class Feed:
    """A queue from the engine to one watcher. Any thread may `put`; one drains."""

    def __init__(self, wake: Callable[[], None] | None = None) -> None:
        """`wake` is called from the putting thread whenever the feed stops being empty."""
        self._lock = Lock()
        self._events: list[Event | _Growing] = []
        self._wake = wake

    def put(self, event: Event) -> None:
        """Add one event."""
        with self._lock:
            was_empty = not self._events
            if not isinstance(event, Grew):
                self._events.append(event)
            elif (growing := self._growing(event)) is not None:
                growing.add(event)
            else:
                self._events.append(_Growing(event))
        if was_empty and self._wake is not None:
            self._wake()

    def _growing(self, event: Grew) -> _Growing | None:
        """What already waits of the same place, with nothing but growth of other places after it."""
        for waiting in reversed(self._events):
            if not isinstance(waiting, _Growing):
                return None
            if waiting.follows(event):
                return waiting
        return None

    def drain(self) -> list[Event]:
        """Everything since the last drain, oldest first."""
        with self._lock:
            events, self._events = self._events, []
        return [event.joined() if isinstance(event, _Growing) else event for event in events]


class _Growing:
    """Several `Grew` of one place in a row, as pieces that are joined once."""

    __slots__ = ("_chat", "_node", "_reasoning", "_text")

    def __init__(self, first: Grew) -> None:
        self._chat, self._node = first.chat, first.node
        self._text: list[str] = [first.text]
        self._reasoning: list[str] = [first.reasoning]

    def follows(self, event: Grew) -> bool:
        return (self._chat, self._node) == (event.chat, event.node)

    def add(self, event: Grew) -> None:
        if event.text:
            self._text.append(event.text)
        if event.reasoning:
            self._reasoning.append(event.reasoning)

    def joined(self) -> Grew:
        return Grew(self._chat, self._node, "".join(self._text), "".join(self._reasoning))
