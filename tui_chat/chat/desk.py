"""Where conversations live while they are open: the one place that sends, stops, edits and answers.

Every method runs on the engine's loop. A door asks, the desk changes the tree, puts the change on disk, and tells
the watcher what happened; nobody else writes to a conversation. Turns go on when a screen closes (law 4).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from tui_chat.chat.events import Changed, Event, NotSaved, Queued, SavedAgain, TurnEnded, TurnStarted
from tui_chat.chat.keeping import BlobStore, Journal, Opened, Shelf
from tui_chat.chat.node import Head, Node, new_id, now
from tui_chat.chat.tree import (
    Change,
    Conversation,
    HeadChanged,
    LeafChosen,
    NodeAdded,
    NodesDeleted,
    NodesRestored,
)
from tui_chat.chat.turn import Ask, Turn
from tui_chat.engine import Engine
from tui_chat.errors import ChatError, StoreError, UsageError
from tui_chat.wire.messages import Message, Part, Text
from tui_chat.wire.redaction import in_one_line
from tui_chat.wire.request import Request

_ANSWERED = frozenset({"stop", "length", "tool_calls", "content_filter"})
"""After these ends what waits is sent; after a stop or a failure it waits for the person's word."""


@dataclass(frozen=True, slots=True)
class View:
    """A chat as a watcher first sees it; events tell the rest."""

    conversation: Conversation
    """A copy of the watcher's own, to be kept up by `apply`ing the changes it is told."""
    running: Node | None = None
    """The answer that is arriving, as it stands."""
    queued: tuple[str, ...] = ()
    read_only: ChatError | None = None
    notes: tuple[ChatError, ...] = ()


@dataclass(slots=True)
class _Open:
    conversation: Conversation
    journal: Journal | None
    """None until the first message of a new chat, which begins its file."""
    read_only: ChatError | None = None
    turn: Turn | None = None
    queue: list[tuple[Part, ...]] = field(default_factory=list)
    unsaved: list[Change] = field(default_factory=list)
    failing: bool = False
    """The last write failed and the watcher was told."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One command at a time changes a chat: each waits for the disk in its middle."""


class Desk:
    """The open conversations."""

    def __init__(
        self,
        *,
        ask: Ask,
        shelf: Shelf,
        blobs: BlobStore,
        engine: Engine,
        emit: Callable[[Event], None],
        continue_prompt: Callable[[], str],
    ) -> None:
        """`continue_prompt` gives the words that ask a model to go on where its answer was cut."""
        self._ask = ask
        self._shelf = shelf
        self._blobs = blobs
        self._engine = engine
        self._emit = emit
        self._continue_prompt = continue_prompt
        self._open: dict[str, _Open] = {}

    # --- opening and closing ---

    async def new(self, head: Head) -> View:
        """Begin a chat. Nothing is on disk before its first message."""
        self._open[head.id] = _Open(Conversation(head), None)
        return View(Conversation(head))

    async def open(self, chat: str) -> View:
        """Open a chat, or see one that is open already; raises StoreError where it can't be read."""
        notes: tuple[ChatError, ...] = ()
        if chat not in self._open:
            opened: Opened = await self._engine.write(self._shelf.open, chat)
            self._open[chat] = _Open(opened.conversation, opened.journal, opened.read_only)
            notes = opened.notes
        at = self._open[chat]
        running = at.turn.so_far() if at.turn is not None else None
        return View(at.conversation.copy(), running, _texts(at.queue), at.read_only, notes)

    async def close(self, chat: str) -> None:
        """Let go of a chat, unless an answer is still arriving or waits to be saved."""
        at = self._open.get(chat)
        if at is not None and at.turn is None and not at.queue and not at.unsaved:
            del self._open[chat]
            if at.journal is not None:
                await self._engine.write(at.journal.close)

    async def close_all(self) -> None:
        """Stop every turn, keep what it had, let go of all chats."""
        for chat, at in list(self._open.items()):
            at.queue.clear()
            await self.stop(chat)
            if at.unsaved:
                await self._save(chat, at)
            if at.journal is not None:
                await self._engine.write(at.journal.close)
        self._open.clear()

    # --- talking ---

    async def send(self, chat: str, parts: tuple[Part, ...]) -> None:
        """Say something at the end of the active path and ask the model; while it answers, wait in the queue."""
        async with self._writing(chat) as at:
            if at.turn is not None:
                at.queue.append(parts)
                self._emit(Queued(chat, _texts(at.queue)))
                return
            self._require_model(at)
            said = Node(new_id(), at.conversation.leaf, "user", parts)
            await self._change(chat, at, NodeAdded(said))
            self._begin(chat, at, said.id)

    async def unqueue(self, chat: str) -> tuple[tuple[Part, ...], ...]:
        """Take back what waits; returns it, oldest first."""
        at = self._open[chat]
        waiting, at.queue = tuple(at.queue), []
        self._emit(Queued(chat, ()))
        return waiting

    async def regenerate(self, chat: str, id: str) -> None:
        """Ask again: for an answer, a new version beside it; for anything else, an answer to it."""
        async with self._idle(chat) as at:
            self._require_model(at)
            tree = at.conversation
            if tree.link(id).role != "assistant":
                self._begin(chat, at, id)
                return
            parent = tree.parent(id)
            if not tree.node(id).parts:  # a failure that said nothing is no version worth keeping
                await self._change(chat, at, NodesDeleted((id,)))
            self._begin(chat, at, parent)

    async def edit(self, chat: str, id: str, parts: tuple[Part, ...]) -> None:
        """Say it otherwise, beside the old version; a person's words are then sent, a model's only changed."""
        async with self._idle(chat) as at:
            old = at.conversation.node(id)
            edited = replace(old, id=new_id(), parent=at.conversation.parent(id), parts=parts, time=now())
            if old.role == "user":
                self._require_model(at)
            await self._change(chat, at, NodeAdded(edited))
            if old.role == "user":
                self._begin(chat, at, edited.id)

    async def resume(self, chat: str, id: str) -> None:
        """Have the model go on with an answer that was cut; the longer answer stands beside the cut one."""
        async with self._idle(chat) as at:
            self._require_model(at)
            self._begin(chat, at, at.conversation.parent(id), continues=at.conversation.node(id))

    async def stop(self, chat: str) -> None:
        """Stop the answer that is arriving; returns when what came of it is kept."""
        at = self._open.get(chat)
        if at is not None and at.turn is not None:
            at.turn.stop()
            await at.turn.ended.wait()

    # --- changing ---

    async def choose(self, chat: str, leaf: str | None) -> None:
        """Make the path to `leaf` the active one."""
        async with self._idle(chat) as at:
            await self._change(chat, at, LeafChosen(leaf))

    async def delete(self, chat: str, ids: tuple[str, ...]) -> None:
        """Hide messages; `restore` with the same ids undoes it."""
        async with self._idle(chat) as at:
            await self._change(chat, at, NodesDeleted(ids))

    async def restore(self, chat: str, ids: tuple[str, ...]) -> None:
        """Undo a deletion."""
        async with self._idle(chat) as at:
            await self._change(chat, at, NodesRestored(ids))

    async def set_head(self, chat: str, **fields: object) -> None:
        """Change title, pin, model, system prompt or parameters (fields of `Head`)."""
        async with self._writing(chat) as at:
            if any(getattr(at.conversation.head, name) != value for name, value in fields.items()):
                await self._change(chat, at, HeadChanged(fields))

    async def save_again(self, chat: str) -> bool:
        """Try once more to write what could not be written; whether all of it is on disk now."""
        async with self._writing(chat) as at:
            await self._save(chat, at)
            return not at.unsaved

    # --- within ---

    @asynccontextmanager
    async def _writing(self, chat: str) -> AsyncGenerator[_Open, None]:
        """The chat, for one command at a time; raises why it can't be written to."""
        at = self._open[chat]
        if at.read_only is not None:
            raise at.read_only
        async with at.lock:
            yield at

    @asynccontextmanager
    async def _idle(self, chat: str) -> AsyncGenerator[_Open, None]:
        """The chat while no answer arrives; raises UsageError while one does."""
        async with self._writing(chat) as at:
            if at.turn is not None:
                raise UsageError("error.busy")
            yield at

    @staticmethod
    def _require_model(at: _Open) -> None:
        if not at.conversation.head.model:
            raise UsageError("error.no_model")

    def _begin(self, chat: str, at: _Open, parent: str | None, continues: Node | None = None) -> None:
        head = at.conversation.head
        node = Node(
            new_id(),
            parent,
            "assistant",
            continues.parts if continues is not None else (),
            model=head.model,
            values=dict(head.values),
        )
        messages = self._messages(at.conversation, parent, continues)
        request = Request(head.model, messages, dict(head.values))
        journal = at.journal if at.journal is not None else _Nothing()
        at.turn = turn = Turn(
            chat,
            node,
            request,
            ask=self._ask,
            journal=journal,
            blobs=self._blobs,
            engine=self._engine,
            emit=self._emit,
        )
        self._emit(TurnStarted(chat, node))
        turn.start()
        self._engine.spawn(self._see_through(chat, at, turn))

    async def _see_through(self, chat: str, at: _Open, turn: Turn) -> None:
        """Keep what a turn brought, say that it ended, go on with what waits."""
        node = await turn.answer()
        kept = bool(node.parts) or node.finish == "error"
        async with at.lock:
            if kept:
                await self._change(chat, at, NodeAdded(node))
            if at.journal is not None and not at.unsaved:
                with suppress(Exception):  # the answer is saved: what is left behind is found at the next start
                    await self._engine.write(at.journal.settle)
            at.turn = None
        self._emit(TurnEnded(chat, node.id, node.finish, node.failure, kept))
        turn.ended.set()
        if at.queue and node.finish in _ANSWERED:
            waiting = at.queue.pop(0)
            self._emit(Queued(chat, _texts(at.queue)))
            await self.send(chat, waiting)

    async def _change(self, chat: str, at: _Open, change: Change) -> None:
        at.conversation.apply(change)
        at.unsaved.append(change)
        if not at.conversation.head.temporary:
            await self._save(chat, at)
        else:
            at.unsaved.clear()
        self._emit(Changed(chat, change))

    async def _save(self, chat: str, at: _Open) -> None:
        """Write what is unsaved, in order. A new chat's file begins with its first message."""
        if at.journal is None and not any(isinstance(change, NodeAdded) for change in at.unsaved):
            at.unsaved.clear()  # its head, with these changes in it, is written when the file begins
            return
        try:
            if at.journal is None:
                at.journal = await self._engine.write(self._shelf.create, at.conversation.head)
                at.unsaved = [change for change in at.unsaved if not isinstance(change, HeadChanged)]
            while at.unsaved:
                await self._engine.write(at.journal.append, at.unsaved[0])
                del at.unsaved[0]
        except StoreError as error:
            at.failing = True
            self._emit(NotSaved(chat, error.key, error.facts))
        except Exception as error:  # noqa: BLE001  # a mistake of ours is as good a reason not to call it saved
            at.failing = True
            self._emit(NotSaved(chat, "error.internal", {"what": in_one_line(error)}))
        else:
            if at.failing:
                at.failing = False
                self._emit(SavedAgain(chat))

    def _messages(self, tree: Conversation, parent: str | None, continues: Node | None) -> tuple[Message, ...]:
        messages: list[Message] = []
        if tree.head.system:
            messages.append(Message("system", (Text(tree.head.system),)))
        for id in tree.path(parent) if parent is not None else ():
            message = tree.node(id).message()
            if message.parts:
                messages.append(message)
        if continues is not None:
            messages.append(continues.message())
            messages.append(Message("user", (Text(self._continue_prompt()),)))
        return tuple(messages)


class _Nothing:
    """The journal of a temporary chat: keeps nothing."""

    def append(self, change: Change) -> None: ...
    def grow(self, node: Node) -> None: ...
    def settle(self) -> None: ...
    def close(self) -> None: ...


def _texts(queue: list[tuple[Part, ...]]) -> tuple[str, ...]:
    """The words of each waiting message, or the names of what is attached where there are none."""
    texts = []
    for parts in queue:
        words = " ".join(part.text for part in parts if isinstance(part, Text))
        names = ", ".join(getattr(part, "name", "") or getattr(part, "url", "") for part in parts)
        texts.append(words or names)
    return tuple(texts)
