"""A desk with nothing real around it: a model that says what the test scripts, a shelf in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from threading import Event as Flag
from typing import Any, TypeVar

from tests.waiting import eventually_in_thread
from tui_chat.chat.desk import Desk
from tui_chat.chat.events import Event, TurnEnded
from tui_chat.chat.keeping import Journal, Opened
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import Change, Conversation
from tui_chat.engine import Engine
from tui_chat.errors import AttachError, ChatError, StoreError
from tui_chat.wire.delta import Delta, Waiting
from tui_chat.wire.messages import Text
from tui_chat.wire.request import Request

T = TypeVar("T")
Script = list[Delta | Waiting | ChatError | Flag | Exception]
"""What the model does: deltas to say, errors to raise, flags to wait for."""


class MemoryJournal:
    def __init__(self, shelf: MemoryShelf, head: Head) -> None:
        self.shelf, self.head = shelf, head
        self.changes: list[Change] = []
        self.partials: list[Node] = []
        self.secured = self.settled = 0
        self.closed = False

    def append(self, change: Change) -> None:
        self.shelf.log.append(("append", change))
        if self.shelf.full:
            raise StoreError("error.store_full")
        self.changes.append(change)

    def grow(self, node: Node) -> None:
        self.partials.append(node)

    def secure(self) -> None:
        self.secured += 1

    def settle(self) -> None:
        self.settled += 1

    def close(self) -> None:
        self.closed = True


class MemoryShelf:
    def __init__(self) -> None:
        self.journals: dict[str, MemoryJournal] = {}
        self.full = False
        self.read_only: ChatError | None = None
        self.log: list[tuple[str, object]] = []

    def create(self, head: Head) -> Journal:
        if self.full:
            raise StoreError("error.store_full")
        self.journals[head.id] = MemoryJournal(self, head)
        return self.journals[head.id]

    def open(self, chat: str) -> Opened:
        if chat not in self.journals:
            raise StoreError("error.store_no_chat")
        journal = self.journals[chat]
        conversation = Conversation(journal.head)
        for change in journal.changes:
            conversation.apply(change)
        return Opened(conversation, journal, self.read_only)


class MemoryBlobs:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, content: bytes) -> str:
        self.kept[str(len(self.kept))] = content
        return str(len(self.kept) - 1)

    def load(self, sha256: str) -> bytes:
        if sha256 not in self.kept:
            raise AttachError("error.blob_missing")
        return self.kept[sha256]


class Stage:
    """A desk on its engine. `scripts` are played in order, one a request; `requests` holds what was asked."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.shelf = MemoryShelf()
        self.blobs = MemoryBlobs()
        self.scripts: list[Script] = []
        self.requests: list[Request] = []
        self.closed_streams = 0
        self.events: list[Event] = []
        self.desk = self.new_desk()

    def new_desk(self, **more: Any) -> Desk:
        """A desk over the same shelf."""
        return Desk(
            ask=self.ask,
            shelf=self.shelf,
            blobs=self.blobs,
            engine=self.engine,
            emit=self.events.append,
            continue_prompt=lambda: "go on",
            **more,
        )

    async def ask(self, request: Request) -> AsyncGenerator[Delta | Waiting, None]:
        self.shelf.log.append(("request", request))
        self.requests.append(request)
        try:
            for step in self.scripts.pop(0):
                if isinstance(step, Flag):
                    while not step.is_set():
                        await asyncio.sleep(0.001)
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            self.closed_streams += 1

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the engine and wait for it."""
        return self.engine.submit(work).result(10)

    def begin(self, **head: Any) -> str:
        """A new chat; its id."""
        return self.run(self.desk.new(Head("chat", model="model", **head))).conversation.head.id

    def say(self, text: str) -> None:
        """Send words to the chat."""
        self.run(self.desk.send("chat", (Text(text),)))

    def tree(self) -> Conversation:
        """The conversation as a new watcher sees it."""
        return self.run(self.desk.open("chat")).conversation

    def ends(self) -> list[TurnEnded]:
        """Every end of a turn so far."""
        return [event for event in self.events if isinstance(event, TurnEnded)]

    def wait_for_end(self, count: int = 1) -> TurnEnded:
        """Wait until this many turns have ended; the last."""
        eventually_in_thread(lambda: len(self.ends()) >= count, what=f"{count} ends of turns")
        return self.ends()[-1]


def words(*pieces: str, finish: str | None = "stop") -> Script:
    """Deltas that say these pieces and end."""
    script: Script = [Delta(text=piece) for piece in pieces]
    if finish is not None:
        script.append(Delta(finish_reason=finish))
    return script
