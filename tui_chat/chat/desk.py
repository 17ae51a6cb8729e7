"""Where conversations live while they are open: the one place that sends, stops, edits and answers.

Every method runs on the engine's loop. A door asks, the desk changes the tree, puts the change on disk, and tells
the watcher what happened; nobody else writes to a conversation. Turns go on when a screen closes (law 4).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.chat.events import CallAsks, CallRuns, Event, Queued
from tui_chat.chat.exchange import Exchange
from tui_chat.chat.held import Held, Means
from tui_chat.chat.keeping import BlobStore, Opened, Shelf
from tui_chat.chat.node import Head, Node, new_id, now
from tui_chat.chat.results import behind, own_up, retyped, settled
from tui_chat.chat.rewriting import Line
from tui_chat.chat.tree import Conversation, HeadChanged, LeafChosen, NodeAdded, NodesDeleted, NodesRestored
from tui_chat.chat.turn import Ask
from tui_chat.engine import Engine
from tui_chat.errors import ChatError, UsageError
from tui_chat.tools.approval import Allowance, Decision
from tui_chat.tools.tool import Surroundings
from tui_chat.wire.messages import Part, Text, ToolCall

if TYPE_CHECKING:
    from tui_chat.tools.box import Box
    from tui_chat.tools.mcp_servers import Servers

_ANSWERED = frozenset({"stop", "length", "tool_calls", "content_filter"})
"""After these ends what waits is sent; after a stop or a failure it waits for the person's word."""


class View(Struct, frozen=True):
    """A chat as a watcher first sees it; events tell the rest."""

    conversation: Conversation
    """A copy of the watcher's own, to be kept up by `apply`ing the changes it is told."""
    running: Node | None = None
    """The answer that is arriving, as it stands."""
    beside: tuple[Node, ...] = ()
    """Other answers to the same request, as they stand."""
    queued: tuple[str, ...] = ()
    read_only: ChatError | None = None
    notes: tuple[ChatError, ...] = ()
    round: str = ""
    """The answer whose tool calls are seen to now, "" where none's are."""
    asking: tuple[CallAsks, ...] = ()
    """Calls that wait for a person's decision."""
    called: tuple[CallRuns, ...] = ()
    """Calls that run."""
    awaited: tuple[str, ...] = ()
    """MCP servers that the question waits for."""
    rounds: int = 0
    """Rounds of calls after which a person must say whether the model may go on; 0 where that is not asked."""


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
        toolbox: Callable[[], Box] | None = None,
        surroundings: Callable[[Head], Surroundings] | None = None,
        servers: Callable[[], Servers | None] | None = None,
    ) -> None:
        """Plug the desk together.

        Args:
            ask: sends a request.
            shelf: where chats stand.
            blobs: where the bytes of pictures stand.
            engine: where all this happens.
            emit: told every event.
            continue_prompt: gives the words that ask a model to go on where its answer was cut.
            toolbox: gives the tools that can be switched on; may read files. None: there are none.
            surroundings: what the tools of a chat may use.
            servers: gives the MCP servers, whose tools a question waits for while they start; may read files.
        """
        self._means = Means(ask, shelf, blobs, engine, emit, continue_prompt, toolbox, surroundings, servers)
        self._engine = engine
        self._emit = emit
        self._open: dict[str, Held] = {}

    # --- opening and closing ---

    async def new(self, head: Head) -> View:
        """Begin a chat. Nothing is on disk before its first message."""
        self._open[head.id] = Held(self._means, Conversation(head), None)
        return View(Conversation(head))

    async def open(self, chat: str) -> View:
        """Open a chat, or see one that is open already; raises StoreError where it can't be read."""
        notes: tuple[ChatError, ...] = ()
        if chat not in self._open:
            opened: Opened = await self._engine.write(self._means.shelf.open, chat)
            at = Held(self._means, opened.conversation, opened.journal, opened.read_only)
            self._open[chat] = at
            notes = (*opened.notes, *await own_up(at))
        at = self._open[chat]
        exchange = at.exchange
        turn, round = (exchange.turn, exchange.round) if exchange is not None else (None, None)
        return View(
            at.conversation.copy(),
            turn.so_far() if turn is not None else None,
            turn.others_so_far() if turn is not None else (),
            at.waiting,
            at.read_only,
            notes,
            round=exchange.round_of if exchange is not None else "",
            asking=round.asking if round is not None else (),
            called=round.running if round is not None else (),
            awaited=exchange.awaited if exchange is not None else (),
            rounds=at.rounds,
        )

    async def open_anew(self, chat: str) -> View:
        """Open a chat as it is on disk by now; raises StoreError where it can't be read."""
        await self.close(chat)
        return await self.open(chat)

    async def close(self, chat: str) -> None:
        """Let go of a chat, unless an answer is still arriving or waits to be saved."""
        at = self._open.get(chat)
        if at is None or at.is_needed:
            return
        async with at.lock:  # what waited may just be on its way out
            if self._open.get(chat) is at and not at.is_needed:
                del self._open[chat]
                await at.let_go()

    async def hand_over(self, chat: str, reason: ChatError) -> View:
        """Let go of a chat and see it read-only from now on, for `reason`; raises UsageError while it is needed."""
        async with self._idle(chat) as at:
            if at.queue or at.unsaved:
                raise UsageError("error.busy")
            at.read_only, at.rounds = reason, 0
            await at.let_go()
        return await self.open(chat)

    async def close_all(self) -> dict[str, tuple[tuple[Part, ...], ...]]:
        """Stop everything, keep what came of it, let go of all chats; returns what waited to be sent, by chat.

        Of temporary chats nothing is returned: nothing of them is to be kept.
        """
        waiting = {
            chat: tuple(at.queue) for chat, at in self._open.items() if at.queue and not at.conversation.head.temporary
        }
        for at in self._open.values():
            at.queue.clear()
        await asyncio.gather(*(self.stop(chat) for chat in list(self._open)))
        for at in self._open.values():
            if at.unsaved:
                await at.save()
            await at.let_go()
        self._open.clear()
        return waiting

    # --- talking ---

    async def send(self, chat: str, parts: tuple[Part, ...]) -> None:
        """Say something at the end of the active path and ask the model; while it answers, wait in the queue."""
        async with self._writing(chat) as at:
            if at.exchange is not None:
                at.queue.append(parts)
                self._emit(Queued(chat, at.waiting))
                return
            await self._say(at, parts)

    async def unqueue(self, chat: str) -> tuple[tuple[Part, ...], ...]:
        """Take back what waits; returns it, oldest first."""
        at = self._open[chat]
        waiting, at.queue = tuple(at.queue), []
        self._emit(Queued(chat, ()))
        return waiting

    async def regenerate(self, chat: str, id: str) -> None:
        """Ask again: for an answer, a new version of all that answers the same message, tool calls included.

        For anything else, an answer to it; for an answer that failed without a word, one in its stead.
        """
        async with self._idle(chat) as at:
            self._require_model(at)
            tree = at.conversation
            if tree.link(id).role != "assistant":
                await self._begin(at, await settled(at, id))
                return
            parent = tree.parent(id)
            if not tree.node(id).parts:  # a failure that said nothing is no version worth keeping
                await at.change(NodesDeleted((id,)))
            else:
                parent = tree.asked(id)
            await self._begin(at, parent)

    async def edit(self, chat: str, id: str, parts: tuple[Part, ...]) -> None:
        """Say it otherwise, beside the old version; the model is then asked, unless the words are its own.

        With one result of several, and with an answer that makes calls, the other results go along.
        """
        async with self._idle(chat) as at:
            tree = at.conversation
            old = tree.node(id)
            beside = [tree.node(result) for result in tree.results(id)]
            if old.role == "tool":
                beside, parts = behind(tree, id)[1], retyped(old, parts)
            elif old.calls and not any(isinstance(part, ToolCall) for part in parts):
                parts = (*parts, *old.calls)  # only the words were changed
            asks = old.role in ("user", "tool")
            if asks:
                self._require_model(at)
            tip = new_id()
            await at.change(NodeAdded(replace(old, id=tip, parent=tree.parent(id), parts=parts, time=now())))
            for result in beside:
                tip, above = new_id(), tip
                await at.change(NodeAdded(replace(result, id=tip, parent=above)))
            if asks:
                await self._begin(at, tip)

    async def resume(self, chat: str, id: str) -> None:
        """Have the model go on with an answer that was cut; the longer answer stands beside the cut one."""
        async with self._idle(chat) as at:
            self._require_model(at)
            await self._begin(at, at.conversation.parent(id), continues=at.conversation.node(id))

    async def prefill(self, chat: str, id: str, text: str) -> None:
        """Have the model go on with an answer that begins so: to this message, or beside it where it is an answer."""
        async with self._idle(chat) as at:
            self._require_model(at)
            tree = at.conversation
            parent = tree.asked(id) if tree.link(id).role == "assistant" else await settled(at, id)
            begun = Node(new_id(), parent, "assistant", (Text(text),))
            await self._begin(at, parent, continues=begun)

    async def rebuild(self, chat: str, line: Callable[[Conversation], Line | None]) -> str | None:
        """Put part of the active path otherwise (`chat/rewriting.py`), beside how it was. Nobody is asked.

        Returns:
            The id of the message it is about, as it stands now; None where nothing is new.
        """
        async with self._idle(chat) as at:
            found = line(at.conversation)
            for node in found.nodes if found is not None else ():
                await at.change(NodeAdded(node))
            return found.subject if found is not None else None

    async def stop(self, chat: str) -> None:
        """Stop the answer that is arriving, or the tools that run; returns when what came of it is kept."""
        at = self._open.get(chat)
        if at is not None and at.exchange is not None:
            await at.exchange.stop()

    # --- tools ---

    async def decide(self, chat: str, call_id: str, decision: Decision) -> None:
        """Give a person's word to a call that asks (`CallAsks`); a word that comes too late is passed over.

        Raises:
            ToolError: the arguments the person wrote don't fit the tool, or a tool without code was to run; the call
                still asks.
        """
        at = self._open.get(chat)
        if at is not None and at.exchange is not None and at.exchange.round is not None:
            at.exchange.round.decide(call_id, decision)

    async def go_on(self, chat: str) -> None:
        """Let the model go on: after `RoundsAsk` for as many rounds again, after `Awaits` without waiting on."""
        waits = self._open.get(chat)
        if waits is not None and waits.exchange is not None and waits.exchange.awaited:
            waits.exchange.wait_no_more()
            return
        async with self._idle(chat) as at:
            self._require_model(at)
            rounds, leaf = at.rounds, at.conversation.leaf
            if rounds and leaf is not None and at.conversation.link(leaf).role == "tool":
                await self._begin(at, leaf, before=rounds)

    async def run_again(self, chat: str, id: str) -> None:
        """Run the call of this tool message once more, with a person's word where it needs one.

        The new result stands beside the old one, and the model is asked to answer it.
        """
        async with self._idle(chat) as at:
            self._require_model(at)
            tree = at.conversation
            result, above = tree.node(id).result, tree.parent(id)
            answer, others = behind(tree, id)
            calls = answer.calls if answer is not None and result is not None else ()
            call = next((call for call in calls if result is not None and call.id == result.call_id), None)
            if answer is not None and above is not None and call is not None:
                async with self._exchange(at) as exchange:
                    await exchange.run_again(answer, call, above, others)

    def allowances(self, chat: str) -> tuple[Allowance, ...]:
        """What the person has allowed in this chat until it is closed."""
        at = self._open.get(chat)
        return tuple(at.allowances.given) if at is not None else ()

    async def revoke(self, chat: str, allowance: Allowance) -> None:
        """Take back what was allowed: the next call like it asks again."""
        at = self._open.get(chat)
        if at is not None:
            at.allowances.revoke(allowance)

    # --- changing ---

    async def choose(self, chat: str, leaf: str | None) -> None:
        """Make the path to `leaf` the active one."""
        async with self._idle(chat) as at:
            await at.change(LeafChosen(leaf))

    async def delete(self, chat: str, ids: tuple[str, ...]) -> None:
        """Hide messages, with an answer the results of its calls; `restore` with the same ids undoes it."""
        async with self._idle(chat) as at:
            await at.change(NodesDeleted(at.conversation.with_results(ids)))

    async def restore(self, chat: str, ids: tuple[str, ...]) -> None:
        """Undo a deletion."""
        async with self._idle(chat) as at:
            await at.change(NodesRestored(at.conversation.with_results(ids)))

    async def set_head(self, chat: str, **fields: object) -> None:
        """Change title, pin, model, system prompt, parameters or tools (fields of `Head`)."""
        async with self._writing(chat) as at:
            if any(getattr(at.conversation.head, name) != value for name, value in fields.items()):
                await at.change(HeadChanged(fields))

    async def save_again(self, chat: str) -> bool:
        """Try once more to write what could not be written; whether all of it is on disk now."""
        async with self._writing(chat) as at:
            await at.save()
            return not at.unsaved

    # --- within ---

    @asynccontextmanager
    async def _writing(self, chat: str) -> AsyncGenerator[Held, None]:
        """The chat, for one command at a time; raises why it can't be written to."""
        at = self._open[chat]
        async with at.lock:
            if at.read_only is not None or self._open.get(chat) is not at:  # let go of since it was asked for
                raise at.read_only or UsageError("error.busy")
            yield at

    @asynccontextmanager
    async def _idle(self, chat: str) -> AsyncGenerator[Held, None]:
        """The chat while no answer arrives; raises UsageError while one does."""
        async with self._writing(chat) as at:
            if at.exchange is not None:
                raise UsageError("error.busy")
            yield at

    @staticmethod
    def _require_model(at: Held) -> None:
        if not at.conversation.head.model:
            raise UsageError("error.no_model")

    async def _say(self, at: Held, parts: tuple[Part, ...]) -> None:
        self._require_model(at)
        said = Node(new_id(), await settled(at, at.conversation.leaf), "user", parts)
        await at.change(NodeAdded(said))
        await self._begin(at, said.id)

    async def _begin(self, at: Held, parent: str | None, continues: Node | None = None, before: int = 0) -> None:
        async with self._exchange(at, before) as exchange:
            await exchange.begin(parent, continues)

    @asynccontextmanager
    async def _exchange(self, at: Held, before: int = 0) -> AsyncGenerator[Exchange, None]:
        """A new exchange in this chat, to be set going."""

        async def done(node: Node, by_itself: bool) -> None:
            if not (at.queue and by_itself and node.finish in _ANSWERED):
                return
            async with at.lock:  # what waits stays in the queue until then: a chat that is needed is not let go of
                if at.queue and at.exchange is None:
                    waiting = at.queue.pop(0)
                    self._emit(Queued(at.id, at.waiting))
                    await self._say(at, waiting)

        at.rounds = 0
        at.exchange = exchange = Exchange(at, done, before)
        try:
            yield exchange
        except BaseException:
            exchange.give_up()
            raise
