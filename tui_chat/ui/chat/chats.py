"""Which chats are there? The list at the left; naming, pinning, deleting chats."""

from __future__ import annotations

from tui_chat.chat.events import Changed, Event, RoundEnded, TurnEnded, TurnStarted
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.errors import UsageError
from tui_chat.store.catalogue import Summary
from tui_chat.ui.chat.opening import Opening
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import Sides
from tui_chat.ui.widgets.chat_list import ChatList, ChatRow
from tui_chat.words import t


class Chats(Part):
    """The chats that are kept."""

    def __init__(self, room: Room, sides: Sides, opening: Opening) -> None:
        self.room = room
        self._sides = sides
        self._opening = opening
        self.does = {"chat.chats": self._toggle, "chat.rename": self._rename_this}
        self.answers = {
            ChatList.Left: sides.fold_and_write,
            ChatList.RenameAsked: lambda event: room.start(self._rename, event.chat),
            ChatList.PinAsked: self._pin,
            ChatList.DeleteAsked: lambda event: room.start(self._trash, event.chat),
            ChatList.UndoAsked: lambda _: room.start(self._restore),
        }
        self.summaries: list[Summary] = []
        """What is known of them."""
        self.answering: set[str] = set()
        """Chats in which an answer is arriving, on screen or not."""
        self._trashed: list[str] = []

    def take_over(self, other: Chats) -> None:
        """Go on where that of another chat screen was."""
        self._trashed, self.answering = other._trashed, other.answering

    # following

    def happened(self, event: Event) -> None:
        """An answer arrives in a chat, or another one stands at the top now."""
        if isinstance(event, TurnStarted):
            self.answering.add(event.chat)
            self.show()
        elif isinstance(event, TurnEnded | RoundEnded) and not event.goes_on:
            self.answering.discard(event.chat)
        if isinstance(event, TurnEnded) or (
            isinstance(event, Changed) and isinstance(event.change, NodeAdded | HeadChanged)
        ):
            self.room.latest("chats", self.refresh)

    def chat_opened(self) -> None:
        """Another one is on screen."""
        self.room.latest("chats", self.refresh)

    async def refresh(self) -> None:
        """Read which chats there are, and show them; at first those that are remembered, until all are looked at."""
        if self._sides.chats is not None:
            library = self.room.house.library
            if not self.summaries and (remembered := await self.room.in_thread(library.remembered)):
                self.summaries = remembered
                self.show()
            self.summaries = await self.room.in_thread(library.summaries)
            self.show()

    def show(self) -> None:
        """Show the list as it is known."""
        if (chats := self._sides.chats) is not None:
            rows = [
                ChatRow(row.id, row.title, row.updated_s, row.model, row.pinned, row.id in self.answering, row.damaged)
                for row in self.summaries
            ]
            chats.show(rows, self.room.chat or None)

    # folding

    def _toggle(self) -> None:
        """Show the list and go there, or fold it away."""
        self._sides.toggle(self._sides.chats, "show_chats", self._unfold)

    async def _unfold(self) -> None:
        self._sides.fold(but=self._sides.chats)
        is_new = self._sides.chats is None
        chats = await self._placed()
        chats.display = True
        chats.focus_list()
        if is_new:  # not waited for: keys are, and a disk may be slow
            self.room.start(self.refresh)

    async def place(self) -> ChatList:
        """The list with all chats, put in its place if it isn't there yet."""
        is_new = self._sides.chats is None
        chats = await self._placed()
        if is_new:
            await self.refresh()
        return chats

    async def _placed(self) -> ChatList:
        if self._sides.chats is None:
            await self.room.place(ChatList(), "#body")
        chats = self._sides.chats
        assert chats is not None
        return chats

    async def show_again(self) -> None:
        """There is room for the list again."""
        if self.room.talk is not None and self.room.house.settings.show_chats:
            (await self.place()).display = True

    # changing

    async def _rename_this(self) -> None:
        """Give the chat on screen another title."""
        if self.room.chat:
            await self._rename(self.room.chat)

    async def _rename(self, chat: str) -> None:
        from tui_chat.ui.screens.dialogs import AskText

        talk = self.room.talk
        now = talk.title if talk is not None and chat == talk.id else self._title(chat)
        title = await self.room.ask(AskText(t("ui.rename.title"), now))
        if title is not None and title.strip() != now:
            await self._change_head(chat, title=" ".join(title.split()))

    async def _pin(self, event: ChatList.PinAsked) -> None:
        pinned = next((row.pinned for row in self.summaries if row.id == event.chat), False)
        await self._change_head(event.chat, pinned=not pinned)

    async def _change_head(self, chat: str, **fields: object) -> None:
        """Change a chat that is open, or running, through the desk; any other in its file."""
        if chat == self.room.chat or chat in self.answering:
            await self.room.engine(self.room.house.desk.set_head, chat, **fields)
        else:
            await self.room.in_thread(self.room.house.library.change, chat, HeadChanged(fields))
        await self.refresh()

    async def _trash(self, chat: str) -> None:
        """Move a chat to the trash; the one on screen makes room for a new one."""
        if chat in self.answering:
            raise UsageError("error.busy")
        title = self._title(chat)
        if chat == self.room.chat:
            await self._opening.make_room()
        await self.room.in_thread(self.room.house.library.trash, chat)
        self._trashed.append(chat)
        await self.refresh()
        self.room.tell(t("ui.chats.trashed", title=title or t("chat.untitled")))

    async def _restore(self) -> None:
        if not self._trashed:
            self.room.tell(t("ui.undo.nothing"), "warning")
            return
        await self.room.in_thread(self.room.house.library.restore, self._trashed[-1])
        self._trashed.pop()
        await self.refresh()

    def _title(self, chat: str) -> str:
        return next((row.title for row in self.summaries if row.id == chat), "")
