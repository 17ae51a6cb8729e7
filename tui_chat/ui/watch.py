"""How do events reach the screen without either side waiting? A feed, a bell, and no more deliveries than pictures.

The engine puts events into the feed from its thread; the first one rings the bell, which asks the screen's loop for
one delivery. While the screen is slow, text that grew is merged in the feed. (How much of it is drawn in one frame is
the transcript's matter.)
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from tui_chat.chat.events import Event
from tui_chat.chat.feed import Feed
from tui_chat.ui.transcript.pace import FRAME_S

T = TypeVar("T")
P = ParamSpec("P")
Deliver = Callable[[list[Event]], None]
Failed = Callable[[Exception], None]


class Watch:
    """The one watcher of the desk: built before there is a screen, connected when there is one."""

    def __init__(self) -> None:
        self._feed = Feed(self._ring)
        self._loop: AbstractEventLoop | None = None
        self._context: Context | None = None
        """The screen's: the engine's thread knows no app."""
        self._deliver: Deliver = lambda events: None
        self._failed: Failed | None = None
        self._scheduled = False
        self._held = False
        self._next_s = 0.0

    def put(self, event: Event) -> None:
        """Take one event, on any thread; never waits for the screen."""
        self._feed.put(event)

    def connect(self, loop: AbstractEventLoop, deliver: Deliver, failed: Failed | None = None) -> None:
        """From now on hand events to `deliver`, on `loop`; `failed` is told what `deliver` raises.

        Without `failed` the loop gets it, which says it to nobody.
        """
        self._loop, self._deliver, self._failed = loop, deliver, failed
        self._context = copy_context()
        loop.call_soon(self._schedule)

    def disconnect(self, deliver: Deliver | None = None) -> None:
        """The screen is gone (the one that takes events by `deliver`, or any); what comes stays in the feed."""
        if deliver is None or deliver == self._deliver:
            self._loop = None

    async def at_this_moment(
        self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[list[Event], T]:
        """Run `work` on the engine; what was not delivered before its end, and its result.

        Nothing is delivered after that until `caught_up`, so that a copy of a conversation taken by `work` and the
        events that follow it fit together. One at a time.
        """
        result = await work(*args, **kwargs)
        self._held = True  # no await between the end of `work` and the drain: nothing can come in between
        return self._feed.drain(), result

    @contextmanager
    def caught_up(self, backlog: list[Event]) -> Iterator[None]:
        """Deliver what happened before that moment, let the caller take over its result, then go on delivering."""
        try:
            if backlog:
                self._deliver(backlog)
            yield
        finally:
            self._held = False
            self._ring()

    def _ring(self) -> None:
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._schedule, context=self._context)
            except RuntimeError:  # the loop has just been closed
                self._loop = None

    def _schedule(self) -> None:
        if self._loop is None or self._scheduled or self._held:
            return
        if (wait_s := self._next_s - monotonic()) > 0:
            self._scheduled = True
            self._loop.call_later(wait_s, self._frame, context=self._context)
        else:
            self._frame()

    def _frame(self) -> None:
        self._scheduled = False
        if self._held or self._loop is None:
            return
        began_s = monotonic()
        try:
            if events := self._feed.drain():
                self._deliver(events)
        except Exception as error:
            if self._failed is None:
                raise
            self._failed(error)
        finally:
            ended_s = monotonic()
            self._next_s = ended_s + max(FRAME_S, 3 * (ended_s - began_s))
