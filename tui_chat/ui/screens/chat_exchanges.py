"""What went over the line, and what does the gateway keep of it? The request inspector and the stored completions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from tui_chat.chat.node import Node
from tui_chat.ui.screens.chat_usage import UsageRoom
from tui_chat.wire.stored import Query, Stored
from tui_chat.wire.stored_objects import Page, StoredCompletion, StoredMessage

if TYPE_CHECKING:
    from tui_chat.ui.exchange_lines import Answer

T = TypeVar("T")
COMPARED_AT_MOST = 50
"""Answers that one can be compared with."""


class Exchanging(UsageRoom):
    """The inspector, and the completions that the gateway keeps."""

    # the inspector

    def act_on(self, action: str, key: str) -> None:
        """Look at what went over the line for a message."""
        if action == "inspect" and self.talk is not None:
            node = self._answer_to(key)
            if node is not None:
                self.start(self._inspect, node)
            else:
                self.refuse_nothing()
        else:
            super().act_on(action, key)

    def _answer_to(self, key: str) -> Node | None:
        """The answer with this id, or the one that follows the message with this id; the last one for ""."""
        assert self.talk is not None
        path = self.talk.path
        after = path[path.index(key) :] if key in path else path[-1:]
        nodes = (self.talk.node(id) for id in after)
        return next((node for node in nodes if node.role == "assistant"), None)

    async def _inspect(self, node: Node) -> None:
        from tui_chat.ui.screens.inspector import InspectorScreen

        talk = self.talk
        assert talk is not None
        tree = talk.conversation
        siblings = [id for id in tree.siblings(node.id) if id != node.id] if node.id in tree else []
        others = [id for id in reversed(tree.path()) if id != node.id and tree.link(id).role == "assistant"]
        ids = list(dict.fromkeys((*reversed(siblings), *others)))[:COMPARED_AT_MOST]
        compared = [self._exchanged(tree.node(id)) for id in ids]
        screen = InspectorScreen(self._exchanged(node), compared)
        if await self.app.push_screen_wait(screen) and node.id in tree:
            await self._regenerate(node.id)

    def _exchanged(self, node: Node) -> Answer:
        """An answer with the exchanges that brought it."""
        from tui_chat.ui.exchange_lines import Answer

        total_s = node.timing.total_s
        if total_s is None:  # it is arriving
            total_s = (datetime.now(UTC) - node.time).total_seconds()
        found = self.house.exchanges.find(
            request_id=node.request_id,
            completion_id=node.completion_id,
            model=node.model,
            time=node.time,
            total_s=total_s,
        )
        return Answer(node, found)

    # stored completions

    def action_stored(self) -> None:
        """Browse the completions that the gateway keeps."""
        self.start(self._browse_stored)

    async def _browse_stored(self) -> None:
        from tui_chat.ui.screens.stored import StoredScreen

        if self.house.connection is None:
            self.ask_for_connection()
            return
        id = await self.app.push_screen_wait(StoredScreen(EngineSource(self)))
        if id:
            await self.open_chat(await self.engine(self.house.keep_stored, id))
            self.fold_overlays()


class EngineSource:
    """Stored completions, asked for on the engine."""

    def __init__(self, room: Exchanging) -> None:
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
