"""Which chat is on screen? Opening, beginning, naming, pinning, deleting chats; the list at the left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from textual import on

from tui_chat.chat.desk import View
from tui_chat.chat.events import Event
from tui_chat.chat.node import Head
from tui_chat.chat.tree import HeadChanged
from tui_chat.errors import UsageError
from tui_chat.store.catalogue import Summary
from tui_chat.ui.draft import Draft
from tui_chat.ui.screens.chat_attaching import Attaching
from tui_chat.ui.showing import Showing
from tui_chat.ui.talk import Talk
from tui_chat.ui.widgets.chat_list import ChatList, ChatRow
from tui_chat.wire.params import Values
from tui_chat.words import t

P = ParamSpec("P")


class Chats(Attaching):
    """The chats that are kept, and the one that is open."""

    _opening: asyncio.Lock
    _answering: set[str]
    """Chats in which an answer is arriving."""
    _summaries: list[Summary]
    _trashed: list[str]

    # opening

    async def open_chat(self, chat: str) -> None:
        """Show a chat that is kept."""
        if chat != self.chat:
            await self._show(self.house.desk.open, chat)
        self.focus_writing()

    async def begin_chat(self, head: Head) -> None:
        """Show a new chat."""
        await self._show(self.house.desk.new, head)
        self.focus_writing()

    async def _show(self, work: Callable[P, Coroutine[Any, Any, View]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Put the chat that `work` gives on screen; raises ChatError and leaves the old one where it can't."""
        async with self._opening:
            kept = self.composer.draft
            if self.talk is not None:
                await self.keep_draft()
            before = self.talk

            async def look() -> tuple[list[Event], View]:
                return await self.event_watch.at_this_moment(work, *args, **kwargs)

            backlog, view = await self.engine(look)
            with self.event_watch.caught_up(backlog):
                self.talk = Talk(view)
                self.showing = Showing(self.talk, self.transcript, self.house.blobs.load, self.price_of)
                self.showing.show()
                typed = self.composer.draft.text  # since the draft was kept: whoever is fast types for the new chat
                self.chat_opened()
                if typed != kept.text and typed.startswith(kept.text):
                    self.composer.show(Draft(typed[len(kept.text) :]))
            if before is not None and before.id != self.talk.id:
                await self.engine(self.house.desk.close, before.id)
            await self.load_draft()
        self.start(self.refresh_chats)

    def chat_opened(self) -> None:
        """Another chat is on screen: whatever shows it must be told."""

    def focus_writing(self) -> None:
        """Bring the keyboard to the composer."""
        self.composer.prompt.focus()

    def action_new_chat(self) -> None:
        """Begin a chat with the same model."""
        self.start(self._begin, temporary=False)

    def action_new_temporary(self) -> None:
        """Begin a chat that is never saved."""
        self.start(self._begin, temporary=True)

    async def _begin(self, *, temporary: bool) -> None:
        model = self.talk.head.model if self.talk is not None else ""
        await self.begin_chat(self.house.new_head(model=model, temporary=temporary))
        if temporary:
            self.tell(t("ui.temporary.begun"))

    async def begin_from_options(self, model: str, system: str, values: Values, tools: tuple[str, ...] = ()) -> None:
        """The chat a program starts with."""
        await self.begin_chat(self.house.new_head(model=model, system=system, values=values, tools=tools))

    async def continue_last(self) -> None:
        """The chat in which something was said last; a new one where there is none."""
        latest = await self.in_thread(self.house.library.latest)
        if latest is None:
            await self.begin_chat(self.house.new_head())
        else:
            await self.open_chat(latest)

    # the list

    @property
    def chat_list(self) -> ChatList | None:
        """The list, while it is there."""
        return self.query_one(ChatList) if self.query(ChatList) else None

    async def refresh_chats(self) -> None:
        """Read which chats there are, and show them."""
        if self.chat_list is None:
            return
        self._summaries = await self.in_thread(self.house.library.summaries)
        self.show_chats()

    def show_chats(self) -> None:
        """Show the list as it is known."""
        if self.chat_list is not None:
            rows = [
                ChatRow(row.id, row.title, row.updated, row.model, row.pinned, row.id in self._answering, row.damaged)
                for row in self._summaries
            ]
            self.chat_list.show(rows, self.chat or None)

    @on(ChatList.Opened)
    def _opened(self, event: ChatList.Opened) -> None:
        event.stop()
        self.fold_overlays()
        self.start(self.open_chat, event.chat)

    @on(ChatList.NewAsked)
    def _new_asked(self, event: ChatList.NewAsked) -> None:
        event.stop()
        self.fold_overlays()
        self.action_new_chat()

    @on(ChatList.Left)
    def _chats_left(self, event: ChatList.Left) -> None:
        event.stop()
        self.fold_overlays()
        self.focus_writing()

    def fold_overlays(self) -> None:
        """Fold away what lies over the conversation on a narrow screen."""

    # changing

    @on(ChatList.RenameAsked)
    def _rename_asked(self, event: ChatList.RenameAsked) -> None:
        event.stop()
        self.start(self._rename, event.chat)

    def action_rename_chat(self) -> None:
        """Give the chat on screen another title."""
        if self.chat:
            self.start(self._rename, self.chat)

    async def _rename(self, chat: str) -> None:
        from tui_chat.ui.screens.dialogs import AskText

        now = self.talk.title if self.talk is not None and chat == self.chat else self._title(chat)
        title = await self.app.push_screen_wait(AskText(t("ui.rename.title"), now))
        if title is not None and title.strip() != now:
            await self._change_head(chat, title=" ".join(title.split()))

    @on(ChatList.PinAsked)
    def _pin_asked(self, event: ChatList.PinAsked) -> None:
        event.stop()
        pinned = next((row.pinned for row in self._summaries if row.id == event.chat), False)
        self.start(self._change_head, event.chat, pinned=not pinned)

    async def _change_head(self, chat: str, **fields: object) -> None:
        """Change a chat that is open, or running, through the desk; any other in its file."""
        if chat == self.chat or chat in self._answering:
            await self.engine(self.house.desk.set_head, chat, **fields)
        else:
            await self.in_thread(self.house.library.change, chat, HeadChanged(fields))
        await self.refresh_chats()

    @on(ChatList.DeleteAsked)
    def _delete_asked(self, event: ChatList.DeleteAsked) -> None:
        event.stop()
        self.start(self._trash, event.chat)

    async def _trash(self, chat: str) -> None:
        """Move a chat to the trash; the one on screen makes room for a new one."""
        if chat in self._answering:
            raise UsageError("error.busy")
        title = self._title(chat)
        if chat == self.chat:
            model = self.talk.head.model if self.talk is not None else ""
            await self._show(self.house.desk.new, self.house.new_head(model=model))
        await self.in_thread(self.house.library.trash, chat)
        self._trashed.append(chat)
        await self.refresh_chats()
        self.tell(t("ui.chats.trashed", title=title or t("chat.untitled")))

    @on(ChatList.UndoAsked)
    def _undo_asked(self, event: ChatList.UndoAsked) -> None:
        event.stop()
        self.start(self._restore)

    async def _restore(self) -> None:
        if not self._trashed:
            self.tell(t("ui.undo.nothing"), "warning")
            return
        await self.in_thread(self.house.library.restore, self._trashed[-1])
        self._trashed.pop()
        await self.refresh_chats()

    def _title(self, chat: str) -> str:
        return next((row.title for row in self._summaries if row.id == chat), "")
