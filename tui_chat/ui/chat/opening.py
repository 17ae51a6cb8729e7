"""Which chat is on screen? Opening one that is kept, beginning another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from tui_chat.chat.desk import View
from tui_chat.chat.events import Event, RoundEnded, TurnEnded
from tui_chat.chat.node import Head
from tui_chat.ui import caches
from tui_chat.ui.chat.drafting import Drafting
from tui_chat.ui.chat.money import Money
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import Sides
from tui_chat.ui.draft import Draft
from tui_chat.ui.showing import Showing
from tui_chat.ui.talk import Talk
from tui_chat.ui.widgets.chat_list import ChatList
from tui_chat.words import t

P = ParamSpec("P")


class Opening(Part):
    """The chat that is open."""

    def __init__(self, room: Room, sides: Sides, drafting: Drafting, money: Money) -> None:
        self.room = room
        self._sides = sides
        self._drafting = drafting
        self._money = money
        self.does = {"chat.new": self._begin_another, "chat.temporary": self._begin_temporary}
        self.answers = {ChatList.Opened: self._opened, ChatList.NewAsked: self._new_asked}
        self._in_turn = asyncio.Lock()

    async def open(self, chat: str) -> None:
        """Show a chat that is kept."""
        if chat != self.room.chat and await self._may_leave():
            await self.show(self.room.house.desk.open, chat)
        self.room.focus_writing()

    async def begin(self, head: Head) -> None:
        """Show a new chat."""
        if await self._may_leave():
            await self.show(self.room.house.desk.new, head)
        self.room.focus_writing()

    async def _may_leave(self) -> bool:
        """Whether the chat may go from the screen: a temporary one's draft is kept nowhere, so it is asked first."""
        talk, draft = self.room.talk, self.room.composer.draft
        if talk is None or not talk.head.temporary or not (draft.text.strip() or draft.enclosures):
            return True
        from tui_chat.ui.screens.dialogs import leave_unused

        return await self.room.ask(leave_unused())

    async def show(self, work: Callable[P, Coroutine[Any, Any, View]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Put the chat that `work` gives on screen; raises ChatError and leaves the old one where it can't."""
        room = self.room
        async with self._in_turn:
            kept = room.composer.draft
            if room.talk is not None:
                await self._drafting.keep()
            before = room.talk

            async def look() -> tuple[list[Event], View]:
                return await room.watch.at_this_moment(work, *args, **kwargs)

            backlog, view = await room.engine(look)
            with room.watch.caught_up(backlog):
                room.talk = Talk(view)
                room.showing = Showing(room.talk, room.transcript, room.house.blobs.load, self._money.price_of)
                room.showing.show()
                typed = room.composer.draft.text  # since the draft was kept: whoever is fast types for the new chat
                room.chat_opened()
                if typed != kept.text and typed.startswith(kept.text):
                    room.composer.show(Draft(typed[len(kept.text) :]))
            if before is not None and before.id != room.talk.id:
                await room.engine(room.house.desk.close, before.id)
            await self._drafting.load()

    def happened(self, event: Event) -> None:
        """What went on in a chat is over: its memory is free, and one that was left need not be open any more."""
        if isinstance(event, TurnEnded | RoundEnded) and not event.goes_on:
            if event.chat != self.room.chat:
                self.room.start(self._let_go, event.chat)
            self.room.start(self.room.in_thread, caches.give_back)

    async def _let_go(self, chat: str) -> None:
        async with self._in_turn:
            if chat != self.room.chat:  # it may be on screen again
                await self.room.engine_now(self.room.house.desk.close, chat)

    async def show_anew(self) -> None:
        """Show the chat on screen as it truly is."""
        await self.show(self.room.house.desk.open, self.room.chat)

    @property
    def is_at_it(self) -> bool:
        """Whether a chat is just being put on screen."""
        return self._in_turn.locked()

    async def continue_last(self) -> None:
        """The chat in which something was said last; a new one where there is none."""
        latest = await self.room.in_thread(self.room.house.library.latest)
        if latest is None:
            await self.begin(self.room.house.new_head())
        else:
            await self.open(latest)

    # beginning another, with the same model

    async def _begin_another(self) -> None:
        await self.begin(self._another())

    async def _begin_temporary(self) -> None:
        """Begin a chat that is never saved."""
        await self.begin(self._another(temporary=True))
        self.room.tell(t("ui.temporary.begun"))

    async def make_room(self) -> None:
        """The chat on screen goes away: show a new one, and leave the keyboard where it is."""
        await self.show(self.room.house.desk.new, self._another())

    def _another(self, *, temporary: bool = False) -> Head:
        model = self.room.talk.head.model if self.room.talk is not None else ""
        return self.room.house.new_head(model=model, temporary=temporary)

    # from the list

    def _opened(self, event: ChatList.Opened) -> None:
        self._sides.fold()
        self.room.start(self.open, event.chat)

    def _new_asked(self, event: ChatList.NewAsked) -> None:
        self._sides.fold()
        self.room.start(self._begin_another)
