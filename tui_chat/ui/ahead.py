"""Where do keys go that are typed before what they are meant for is there? They wait for it, and come in their order.

The first picture has only a prompt, and a side panel takes a moment to be put together. Who knows the program types on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from copy import copy
from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from tui_chat.ui.app import YibuApp

_ROUNDS = 3
"""A key becomes a message of the prompt, that one of the composer, and that something the screen does."""
_PATIENCE_S = 2.0


class Ahead:
    """Keys and pastes that wait."""

    def __init__(self, app: YibuApp) -> None:
        self._app = app
        self._typed: deque[events.Event] = deque()
        self._holding = 0
        """How many bring something in now."""

    def hold(self) -> None:
        """Have keys wait, until `let_go` is called as often."""
        self._holding += 1

    async def let_go(self) -> None:
        """Do what has waited, one after the other; what is typed meanwhile comes behind.

        Where a key that is done then brings in something else, the rest waits for that too.
        """
        if self._typed:
            await self._done()  # so that the keyboard is where it was just brought
        while self._typed and self._holding == 1:
            event = self._typed.popleft()
            await self._app.heed(event)
            if not (_is_letter(event) and self._typed and _is_letter(self._typed[0])):
                await self._done()
        self._holding -= 1

    async def let_go_after(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something that keys wait for already."""
        try:
            await work()
        finally:
            await self.let_go()

    def take(self, event: events.Event) -> bool:
        """Keep a key or a paste that has to wait; whether it has to."""
        if not self._holding or not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            return False
        self._typed.append(copy(event))
        return True

    async def screen_put_up(self, event: events.Event) -> None:
        """Before a key is done: wait for a screen that is just coming, or the key acts on what is not there yet."""
        if isinstance(event, events.Key) and not self._app.screen.is_mounted:
            async with _patience():
                await _caught_up(self._app.screen)

    async def _done(self) -> None:
        """Wait until all that a key sets off is done, as it is before a hand presses the next."""
        async with _patience():
            for _ in range(_ROUNDS):
                for node in self._app.focused.ancestors_with_self if self._app.focused is not None else ():
                    await _caught_up(node)


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    """Give up what takes too long: a widget that goes meanwhile may never say that it is done."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            yield


async def _caught_up(node: MessagePump) -> None:
    """Wait until a widget has done what it was sent before; it begins with putting itself up."""
    done = asyncio.Event()
    if node.call_later(done.set):
        await done.wait()


def _is_letter(event: events.Event) -> bool:
    return isinstance(event, events.Key) and event.is_printable
