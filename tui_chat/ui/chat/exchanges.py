"""What went over the line, and what does the gateway keep of it? The request inspector and the stored completions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from tui_chat.chat.node import Node
from tui_chat.ui.chat.changing import Changing
from tui_chat.ui.chat.connecting import Connecting
from tui_chat.ui.chat.meant import for_answer
from tui_chat.ui.chat.opening import Opening
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import Sides
from tui_chat.wire.stored import Query, Stored
from tui_chat.wire.stored_objects import Page, StoredCompletion, StoredMessage

if TYPE_CHECKING:
    from tui_chat.ui.exchange_lines import Answer

T = TypeVar("T")
COMPARED_AT_MOST = 50
"""Answers that one can be compared with."""


class Exchanges(Part):
    """The inspector, and the completions that the gateway keeps."""

    def __init__(self, room: Room, sides: Sides, opening: Opening, changing: Changing, connecting: Connecting) -> None:
        self.room = room
        self._sides = sides
        self._opening = opening
        self._changing = changing
        self._connecting = connecting
        self.does = {"chat.stored": self._browse_stored}
        self.acts = {"inspect": for_answer(room, self._inspect)}

    # the inspector

    async def _inspect(self, node: Node) -> None:
        from tui_chat.ui.screens.inspector import InspectorScreen

        talk = self.room.talk
        assert talk is not None
        tree = talk.conversation
        siblings = [id for id in tree.siblings(node.id) if id != node.id] if node.id in tree else []
        others = [id for id in reversed(tree.path()) if id != node.id and tree.link(id).role == "assistant"]
        ids = list(dict.fromkeys((*reversed(siblings), *others)))[:COMPARED_AT_MOST]
        compared = [self._exchanged(tree.node(id)) for id in ids]
        screen = InspectorScreen(self._exchanged(node), compared)
        if await self.room.ask(screen) and node.id in tree:
            await self._changing.regenerate(node.id)

    def _exchanged(self, node: Node) -> Answer:
        """An answer with the exchanges that brought it."""
        from tui_chat.ui.exchange_lines import Answer

        total_s = node.timing.total_s
        if total_s is None:  # it is arriving
            total_s = (datetime.now(UTC) - node.time).total_seconds()
        found = self.room.house.exchanges.find(
            request_id=node.request_id,
            completion_id=node.completion_id,
            model=node.model,
            time=node.time,
            total_s=total_s,
        )
        return Answer(node, found)

    # stored completions

    async def _browse_stored(self) -> None:
        from tui_chat.ui.screens.stored import StoredScreen

        if self.room.house.connection is None:
            self._connecting.ask()
            return
        id = await self.room.ask(StoredScreen(EngineSource(self.room)))
        if id:
            await self._opening.open(await self.room.engine(self.room.house.keep_stored, id))
            self._sides.fold()


class EngineSource:
    """Stored completions, asked for on the engine."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def page(self, query: Query) -> Page[StoredCompletion]:
        """Some of the list."""
        return await self._ask(lambda stored: stored.page(query))

    async def messages(self, id: str) -> list[StoredMessage]:
        """All that was sent for one."""

        async def all_of_them(stored: Stored) -> list[StoredMessage]:
            return [message async for message in stored.all_messages(id)]

        return await self._ask(all_of_them)

    async def update(self, id: str, metadata: Mapping[str, str]) -> StoredCompletion:
        """Give one other metadata."""
        return await self._ask(lambda stored: stored.update(id, metadata))

    async def delete(self, id: str) -> None:
        """Delete one."""
        await self._ask(lambda stored: stored.delete(id))

    async def _ask(self, work: Callable[[Stored], Awaitable[T]]) -> T:
        async def on_engine() -> T:
            return await work(self._room.house.stored)

        return await self._room.engine(on_engine)
