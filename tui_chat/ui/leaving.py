"""How does the program end when nobody asks it nicely? A signal, a window that was closed, a terminal nobody reads.

What was typed is kept at once, on a thread, since the screen's loop may stand still. Then the program is left as by a
quit; where that takes too long, it ends without having taken leave. Either way within four seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_chat.store.drafts import Draft
    from tui_chat.ui.app import YibuApp

LEAVE_WITHIN_S = 2.0
CLOSE_WITHIN_S = 1.2
_HANG_UP = 1


class Leaving:
    """The ways out that no key leads to."""

    def __init__(self, app: YibuApp) -> None:
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = threading.Lock()
        # What is kept is read, added to and written, by the loop and by the last resort.
        self._keeping = threading.Lock()
        self._kept: Draft | None = None

    def heed_signals(self) -> None:
        """From now on, in the main thread only, a `kill` or a closed window ends the program like a quit does."""
        if sys.platform == "win32":
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(ValueError):  # not in the main thread: then it is not our process
                if signal.getsignal(number) is not signal.SIG_IGN or number != signal.SIGHUP:  # nohup means it
                    signal.signal(number, self._signalled)

    def use_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """The screen's loop is there: ways out lead through it."""
        self._loop = loop

    def terminal_gone(self) -> None:
        """The window was closed, and no signal told."""
        self._leave(128 + _HANG_UP)

    def _signalled(self, number: int, _frame: object) -> None:
        # A handler of the loop would never run while the loop is blocked by a terminal that is not read.
        self._leave(128 + number)

    def _leave(self, code: int) -> None:
        if not self._begun.acquire(blocking=False):
            return
        threading.Thread(target=self._by_force, args=(code,), name="yibu-leave", daemon=True).start()
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # just closed
                loop.call_soon_threadsafe(self._app.leave_with, code)

    def _by_force(self, code: int) -> None:
        """Where taking leave may never end: keep what must be kept, and go without."""
        self.keep_draft()
        if self._loop is not None and self._app.ended.wait(LEAVE_WITHIN_S):
            time.sleep(CLOSE_WITHIN_S)  # the screen was left; what still runs is being closed, and this thread with it
            os._exit(code)
        self.keep_draft()
        closing = threading.Thread(target=self._close, daemon=True)
        closing.start()
        closing.join(CLOSE_WITHIN_S)
        self._free_terminal()
        os._exit(code)

    def keep_draft(self) -> None:
        """Keep what stands in the composer, or what was typed before there was one; without the loop, on any thread."""
        screen = self._app.chat_screen
        with suppress(Exception):  # the way out must not be barred
            if self._app.first_words or self.has_kept_first_words:
                self.keep_first_words()
            elif screen is not None:
                screen.parts.drafting.keep_at_exit()

    @property
    def has_kept_first_words(self) -> bool:
        """Whether what was typed before there was a chat is kept: then nothing else is the draft of a new chat."""
        return self._kept is not None

    def keep_first_words(self) -> None:
        """What was typed before there was a chat waits for the next new one, behind what waits there already.

        Once more at the very end: a chat that was half opened meanwhile may have kept its empty composer over it.
        """
        from tui_chat.store.drafts import NEW_CHAT, Draft, Drafts
        from tui_chat.store.places import places

        words = self._app.first_words
        with self._keeping, self._app.house.drafts if self._app.is_built else Drafts(places()) as drafts:
            if words and self._kept is None:
                before = drafts.load(NEW_CHAT)
                self._kept = Draft(before.text + words, before.attachments)
            if self._kept is not None:
                drafts.save(NEW_CHAT, self._kept)

    def _close(self) -> None:
        with suppress(Exception):
            self._app.close()

    def _free_terminal(self) -> None:
        driver: Any = self._app._driver
        with suppress(Exception):  # a driver of another system has no such way
            driver.free_terminal()
