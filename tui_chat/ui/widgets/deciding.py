"""Where something is decided that must be read first: which keys count, and how what is to be read is gone through.

The question may come while somebody types, and no key of the moment must decide: none counts before a pause of 400 ms
without any. The pause goes by the keys' own times, so that a screen that stood still can't shorten it.
"""

from __future__ import annotations

from textual.events import Key, Paste
from textual.message import Message
from textual.widget import Widget

from tui_chat.ui.widgets.sheet import Sheet

QUIET_S = 0.4
"""A pause without any key after which keys count."""


class Deciding(Widget):
    """A widget or screen with one `Sheet`, what is decided on, whose keys count only after a pause."""

    _armed = False
    """Whether there was such a pause since the question came."""
    _quiet_from = 0.0
    """Time of the last key that did not count."""

    @property
    def sheet(self) -> Sheet:
        """What is decided on."""
        return self.query_one(Sheet)

    @property
    def is_quiet(self) -> bool:
        """Whether a click now is meant for what stands here, and not for what stood here before."""
        return self._armed or Message().time - self._quiet_from >= QUIET_S

    def begin_quiet(self) -> None:
        """The question has just come."""
        self._armed, self._quiet_from = False, Message().time

    def on_key(self, event: Key) -> None:
        """Let no key count before the pause; what was typed for something else must not decide."""
        if self._armed or event.time - self._quiet_from >= QUIET_S:
            self._armed = True
        else:
            self._quiet_from = event.time
            event.stop()
            event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        """Nothing pasted decides anything."""
        event.stop()
        self._quiet_from, self._armed = event.time, False

    def action_step(self, rows: int) -> None:
        """Read on by rows."""
        self.sheet.step(rows)

    def action_page(self, pages: int) -> None:
        """Read on by what is in view."""
        self.sheet.page(pages)

    def action_edge(self, end: bool) -> None:
        """Go to the end of it, or its beginning."""
        self.sheet.edge(end)
