"""How much of a growing answer can a crash cost? What came in the last second, or 4 KB, whichever is less.

What came is handed to the system as soon as 3 KB of it are unkept: that outlives the program, however it ends, and
leaves a KB for what comes meanwhile. Once a second it is put on disk for certain, which outlives the machine.
That may take long, so it is done beside the writing, and neither holds up the other or the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic, thread_time

from tui_chat.chat.keeping import Journal
from tui_chat.chat.node import Node
from tui_chat.engine import Engine

KEEP_EVERY_S = 1.0
KEEP_EVERY_BYTES = 3072
_REST_FACTOR = 10
"""After a look at the answer, others have the engine for so many times as long: one of many megabytes takes a while."""


class Growing:
    """Keeps the answers of one turn while they grow. All calls are made from within the engine."""

    def __init__(self, journal: Journal, engine: Engine, so_far: Callable[[], Iterable[Node]]) -> None:
        """`so_far` gives the answers as they stand."""
        self._journal = journal
        self._engine = engine
        self._so_far = so_far
        self._unkept_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._securing: asyncio.TimerHandle | None = None
        self._secured_s = 0.0
        self._unwritten = self._writing = self._unsecured = self._over = False

    def grew(self, *texts: str) -> None:
        """More words came."""
        self._unkept_bytes += sum(
            len(text) if text.isascii() else len(text.encode("utf-8", "replace")) for text in texts
        )
        if self._unkept_bytes >= KEEP_EVERY_BYTES:
            self._keep()
        else:
            self.changed()

    def changed(self) -> None:
        """Something came that is kept whole each time, so by time alone."""
        if self._timer is None:
            self._timer = self._engine.later(KEEP_EVERY_S, self._keep)

    def end(self) -> None:
        """Keep no more: the answer is over, and is kept as a message."""
        self._over = True
        for timer in (self._timer, self._securing):
            if timer is not None:
                timer.cancel()

    def _keep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._unkept_bytes = 0
        self._unwritten = True
        if not self._writing:
            self._writing = True
            self._engine.spawn(self._write())

    async def _write(self) -> None:
        """Write the answers as they stand, once more if they grew meanwhile: a slow disk must not pile up copies."""
        try:
            while self._unwritten and not self._over:
                self._unwritten = False
                began_s = thread_time()
                nodes = tuple(self._so_far())
                rest_s = min((thread_time() - began_s) * _REST_FACTOR, KEEP_EVERY_S / 2)
                for node in nodes:
                    await self._engine.write(self._journal.grow, node)
                self._unsecured = True
                self._secure_in_time()
                if self._unwritten:
                    await asyncio.sleep(rest_s)
        except Exception:  # noqa: BLE001  # not shown: the answer itself is still to be appended, and that failure is
            return
        finally:
            self._writing = False

    def _secure_in_time(self) -> None:
        if self._unsecured and self._securing is None and not self._over:
            due_s = self._secured_s + KEEP_EVERY_S - monotonic()
            self._securing = self._engine.later(max(0.0, due_s), lambda: self._engine.spawn(self._secure()))

    async def _secure(self) -> None:
        self._secured_s = monotonic()
        self._unsecured = False
        with suppress(Exception):  # as above
            await self._engine.beside(self._journal.secure)
        self._securing = None
        self._secure_in_time()
