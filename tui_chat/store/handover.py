"""How does one window ask another for a chat? By a lock of its own beside the chat's, which says who asks.

The request lives as long as the process that holds it: what a killed one left behind is nobody's request, and goes.
It forces nothing. The chat's own lock alone decides who writes; who holds that sees the request, and lets go.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from tui_chat.disk import Lock, LockedElsewhere, make_folder

_WAIT_S = 0.2
"""Whoever looks whether a request is alive holds it for a moment."""


class Requests:
    """The requests of this process, and those of others. From any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: dict[str, Lock] = {}
        self._guard = threading.Lock()

    def ask(self, chat: str) -> int:
        """Ask whoever has the chat to let go of it, and go on asking; where another asks already, that will do.

        Returns:
            A number that is another one each time the holder has heard the request.

        Raises:
            OSError: the request can't be left.
        """
        path = self._path(chat)
        with self._guard:
            if chat not in self._own:
                make_folder(self._folder)
                with suppress(LockedElsewhere):
                    self._own[chat] = Lock.take(path, _WAIT_S)
        try:
            return path.stat().st_mtime_ns
        except FileNotFoundError:  # the other one has just stopped asking
            return 0

    def withdraw(self, chat: str) -> None:
        """Ask no more."""
        with self._guard:
            if (lock := self._own.pop(chat, None)) is not None:
                lock.release()

    def asker(self, chat: str) -> LockedElsewhere | None:
        """Who else asks for the chat, None where nobody does; what is left of a dead request is taken away."""
        path = self._path(chat)
        with self._guard:
            if chat in self._own or not path.exists():
                return None
            try:
                Lock.take(path).release()
            except LockedElsewhere as asks:
                return asks
            except OSError:
                return None
            return None

    def hear(self, chat: str) -> None:
        """Let whoever asks know that the request was seen."""
        with suppress(OSError):
            os.utime(self._path(chat))

    def _path(self, chat: str) -> Path:
        return self._folder / f"{chat}.wanted"
