"""Where was that said? The find bar and its matches in the transcript; the way there from a search in all chats."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from tui_chat.chat.desk import Desk, View
from tui_chat.chat.tree import LeafChosen
from tui_chat.errors import UsageError
from tui_chat.ui.screens.chat_panels import Panels
from tui_chat.ui.widgets.find_bar import FindBar
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.screens.search import Place


class Finding(Panels):
    """Finding text, in the chat on screen and in all others."""

    _searched = ""
    """What was looked for in all chats last."""

    @property
    def find_bar(self) -> FindBar | None:
        """The bar, while it is open."""
        return self.query_one(FindBar) if self.query(FindBar) else None

    def action_find(self) -> None:
        """Open the bar, or go to it."""
        self.start(self._open_bar)

    async def _open_bar(self) -> None:
        await self._place_bar()
        if self.find_bar is not None:
            self.find_bar.focus_field()

    async def _place_bar(self) -> None:
        if self.find_bar is None:
            await self.query_one("#writing").mount(FindBar(), before=0)

    @on(FindBar.Sought)
    def _sought(self, event: FindBar.Sought) -> None:
        event.stop()
        self.find(event.needle, event.step)

    def find(self, needle: str, step: int, key: str = "") -> None:
        """Go to a match, in the message `key` or after it where one is named, and say which it is."""
        at, count = self.transcript.find(needle, step or 1, key)
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

    # in all chats

    def action_search_chats(self) -> None:
        """Find a chat, or what was said in any of them."""
        self.start(self._search_chats)

    async def _search_chats(self) -> None:
        from tui_chat.ui.screens.search import SearchScreen

        screen = SearchScreen(self.house.library.summaries, self._summaries, self._searched)
        place = await self.app.push_screen_wait(screen)
        self._searched = screen.text
        if place is not None:
            self.fold_overlays()
            await self._go(place)

    async def _go(self, place: Place) -> None:
        """Show a chat, with the branch that holds the message, and in it what was found."""
        if not place.node:
            await self.open_chat(place.chat)
            return
        if self.talk is None or place.chat != self.chat or place.node not in self.talk.path:
            await self._show(see, self.house.desk, place.chat, place.node)
        if self.talk is None or place.node not in self.talk.path:
            busy = self.talk is not None and place.node in self.talk.conversation
            raise UsageError("error.busy" if busy else "error.message_gone")
        await self._place_bar()
        self.call_after_refresh(self._find_at, place)

    def _find_at(self, place: Place) -> None:
        if self.find_bar is not None:
            self.find_bar.show_needle(place.needle)
        self.find(place.needle, 1, place.node)
        self.transcript.cursor_key = place.node
        self.transcript.focus()


async def see(desk: Desk, chat: str, node: str) -> View:
    """Open a chat on the branch that holds a message, if no answer arrives on another. Runs on the engine."""
    view = await desk.open(chat)
    tree = view.conversation
    if node not in tree or node in tree.path() or view.running is not None:
        return view
    if view.read_only is not None:  # nothing can be said in it: it is enough to look at that branch
        tree.apply(LeafChosen(tree.tip(node)))
        return view
    with suppress(UsageError):  # an answer has just begun to arrive
        await desk.choose(chat, tree.tip(node))
    return replace(await desk.open(chat), notes=view.notes)
