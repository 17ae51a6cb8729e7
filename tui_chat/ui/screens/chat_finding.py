"""Where in this chat was that said? The find bar and the matches in the transcript."""

from __future__ import annotations

from textual import on

from tui_chat.ui.screens.chat_panels import Panels
from tui_chat.ui.widgets.find_bar import FindBar
from tui_chat.words import t


class Finding(Panels):
    """Finding text in the chat on screen."""

    @property
    def find_bar(self) -> FindBar | None:
        """The bar, while it is open."""
        return self.query_one(FindBar) if self.query(FindBar) else None

    def action_find(self) -> None:
        """Open the bar, or go to it."""
        self.start(self._open_bar)

    async def _open_bar(self) -> None:
        if self.find_bar is None:
            await self.query_one("#writing").mount(FindBar(), before=0)
        bar = self.find_bar
        if bar is not None:
            bar.focus_field()

    @on(FindBar.Sought)
    def _sought(self, event: FindBar.Sought) -> None:
        event.stop()
        self.find(event.needle, event.step)

    def find(self, needle: str, step: int) -> None:
        """Go to a match and say which it is."""
        at, count = self.transcript.find(needle, step or 1)
        if self.find_bar is not None:
            text = t("ui.find.count", at=at, count=count) if count else t("ui.find.none") if needle else ""
            self.find_bar.show_count(text)

    @on(FindBar.Closed)
    def _bar_closed(self, event: FindBar.Closed) -> None:
        event.stop()
        bar = self.find_bar
        if bar is not None:
            self.transcript.find("")
            bar.remove()
        self.transcript.focus()

    def act_on(self, action: str, key: str) -> None:
        """While something is found, n and N go from match to match."""
        bar = self.find_bar
        if bar is not None and bar.needle and action in ("continue", "find_previous"):
            self.find(bar.needle, 1 if action == "continue" else -1)
        else:
            super().act_on(action, key)
