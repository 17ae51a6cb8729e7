"""Where was that said? The find bar and its matches in the transcript; the way there from a search in all chats."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui_chat.chat.desk import Desk, View
from tui_chat.chat.tree import LeafChosen
from tui_chat.errors import UsageError
from tui_chat.ui.chat.chats import Chats
from tui_chat.ui.chat.opening import Opening
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import Sides
from tui_chat.ui.widgets.find_bar import FindBar
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.screens.search import Place


class Finding(Part):
    """Finding text, in the chat on screen and in all others."""

    def __init__(self, room: Room, sides: Sides, opening: Opening, chats: Chats) -> None:
        self.room = room
        self._sides = sides
        self._opening = opening
        self._chats = chats
        self.does = {"chat.find": lambda: room.bring_in(self._open_bar), "chat.search": self._search_chats}
        self.acts = {"find_previous": lambda _: self.step(-1)}
        self.answers = {
            FindBar.Sought: lambda event: self.find(event.needle, event.step),
            FindBar.Closed: self._bar_closed,
        }
        self._searched = ""
        """What was looked for in all chats last."""

    @property
    def bar(self) -> FindBar | None:
        """The find bar, while it is open."""
        return self.room.find(FindBar)

    async def _open_bar(self) -> None:
        await self._place_bar()
        if (bar := self.bar) is not None:
            bar.focus_field()

    async def _place_bar(self) -> None:
        if self.bar is None:
            await self.room.place(FindBar(), "#writing")

    def find(self, needle: str, step: int, key: str = "") -> None:
        """Go to a match, in the message `key` or after it where one is named, and say which it is."""
        at, count = self.room.transcript.find(needle, step or 1, key)
        if (bar := self.bar) is not None:
            bar.show_count(t("ui.find.count", at=at, count=count) if count else t("ui.find.none") if needle else "")

    def step(self, step: int) -> bool:
        """While something is found, go to the next match, or the one before; whether there is anything found."""
        bar = self.bar
        if bar is None or not bar.needle:
            return False
        self.find(bar.needle, step)
        return True

    def _bar_closed(self, event: FindBar.Closed) -> None:
        if (bar := self.bar) is not None:
            self.room.transcript.find("")
            bar.remove()
        self.room.transcript.focus()

    # in all chats

    async def _search_chats(self) -> None:
        from tui_chat.ui.screens.search import SearchScreen

        screen = SearchScreen(self.room.house.library.summaries, self._chats.summaries, self._searched)
        place = await self.room.ask(screen)
        self._searched = screen.text
        if place is not None:
            self._sides.fold()
            await self._go(place)

    async def _go(self, place: Place) -> None:
        """Show a chat, with the branch that holds the message, and in it what was found."""
        if not place.node:
            await self._opening.open(place.chat)
            return
        if self.room.talk is None or place.chat != self.room.chat or place.node not in self.room.talk.path:
            await self._opening.show(see, self.room.house.desk, place.chat, place.node)
        if self.room.talk is None or place.node not in self.room.talk.path:
            busy = self.room.talk is not None and place.node in self.room.talk.conversation
            raise UsageError("error.busy" if busy else "error.message_gone")
        await self._place_bar()
        self.room.after_refresh(self._find_at, place)

    def _find_at(self, place: Place) -> None:
        if (bar := self.bar) is not None:
            bar.show_needle(place.needle)
        self.find(place.needle, 1, place.node)
        self.room.transcript.cursor_key = place.node
        self.room.transcript.focus()


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
