"""What comes of a person's word: the model is asked, its calls are seen to, it is asked again, until it has answered.

One exchange is a chain of turns with a round of tool calls between each two. It belongs to no widget, ends in exactly
one `TurnEnded` or `RoundEnded` that does not go on, and can be stopped at any moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_chat.chat.events import RoundEnded, RoundsAsk, RoundStarted, TurnEnded, TurnStarted
from tui_chat.chat.held import Held
from tui_chat.chat.node import Failure, Node, new_id
from tui_chat.chat.round import Round, Seat, with_own_ids
from tui_chat.chat.sending import messages, without_calls
from tui_chat.chat.tree import CallStarted, LeafChosen, NodeAdded
from tui_chat.chat.turn import Turn
from tui_chat.tools.tool import Surroundings
from tui_chat.wire.messages import Part, ToolCall
from tui_chat.wire.params import Values
from tui_chat.wire.redaction import in_one_line
from tui_chat.wire.request import Request, ToolDefinition

if TYPE_CHECKING:
    from tui_chat.tools.box import Box

ROUNDS_LIMIT = 25
"""After so many rounds a person is asked."""

_WHOLE = frozenset({"stop", "tool_calls"})
"""Only an answer that ended like this has calls that are whole."""
_ONCE = frozenset({"auto", "none"})
"""The values of `tool_choice` that don't demand a call."""


class Exchange:
    """One word of the person's, and all that answers it."""

    def __init__(self, held: Held, done: Callable[[Node, bool], Coroutine[Any, Any, None]], before: int = 0) -> None:
        """Prepare.

        Args:
            held: the chat.
            done: told, when the exchange is over, its last answer and whether the model has ended by itself.
            before: rounds that the person has let pass already.
        """
        self._held = held
        self._means = held.means
        self._done = done
        self._box: Box | None = None
        self._rounds = 0
        self._before = before
        self._halted = False
        self._tip = ""
        """The message that the next one hangs on, while a round adds results."""
        self._beside: tuple[Node, ...] = ()
        """Results of other calls that are to stand behind the one that is run again."""
        self.turn: Turn | None = None
        self.round: Round | None = None
        self.round_of = ""
        """The answer whose calls are seen to now, "" where none's are."""
        self.ended = asyncio.Event()
        """Set when all that came is kept and the end was told."""

    async def begin(self, parent: str | None, continues: Node | None = None) -> None:
        """Ask the model to answer `parent`, or to go on with `continues`. Only under the chat's lock."""
        held, means = self._held, self._means
        if held.conversation.head.tools:
            await self._open_box()
        head = held.conversation.head
        values = self._values()
        if continues is not None:
            values = {name: value for name, value in values.items() if name != "n"}  # one answer goes on, not several
        begun = without_calls(continues.parts) if continues is not None else ()
        node = Node(new_id(), parent, "assistant", begun, model=head.model, values=values)
        said = messages(held.conversation, parent, continues, means.continue_prompt())
        offered = self._offered()
        self.turn = turn = Turn(
            held.id,
            node,
            Request(head.model, said, values, offered),
            ask=means.ask,
            journal=held.pages,
            blobs=means.blobs,
            engine=means.engine,
            emit=means.emit,
            temporary=head.temporary,
        )
        means.emit(TurnStarted(held.id, node))
        turn.start()
        if self._halted:
            turn.stop()
        means.engine.spawn(self._see_turn_through(turn, bool(offered)))

    async def run_again(self, answer: Node, call: ToolCall, above: str, beside: Sequence[Node]) -> None:
        """Run one call once more and have the model answer its new result. Only under the chat's lock.

        Args:
            answer: the message that made the call.
            call: the call.
            above: what the new result hangs on.
            beside: results of other calls that belong behind it.
        """
        await self._open_box()
        self._beside = tuple(beside)
        round = self._sit_down(replace(answer, parts=(call,)), frozenset())
        self._tip = above
        self._means.engine.spawn(self._see_round_through(round, answer))

    async def stop(self) -> None:
        """End what runs; returns when what came of it is kept."""
        self._halted = True
        if self.turn is not None:
            self.turn.stop()
        if self.round is not None:
            self.round.stop()
        await self.ended.wait()

    def give_up(self) -> None:
        """The model could not even be asked: nothing will come."""
        self._held.exchange = None
        self.ended.set()

    async def _open_box(self) -> None:
        """Take the tools out, once for all rounds: what a person was shown is what runs.

        On a thread of its own: packages are imported there, and the journal's must not wait for them.
        """
        if self._box is None and self._means.toolbox is not None:
            self._box = await asyncio.to_thread(self._means.toolbox)

    def _values(self) -> Values:
        """Parameters in force. A demand to call a tool is for the first answer, or the model could never end."""
        values = dict(self._held.conversation.head.values)
        if self._rounds + self._before and values.get("tool_choice", "auto") not in _ONCE:
            del values["tool_choice"]
        return values

    def _offered(self) -> tuple[ToolDefinition, ...]:
        if self._box is None:
            return ()
        names = self._held.conversation.head.tools
        return tuple(self._box.tools[name].definition for name in names if name in self._box.tools)

    async def _see_turn_through(self, turn: Turn, offered: bool) -> None:
        """Keep what a turn brought, say that it ended, see to its calls."""
        held = self._held
        node, twice = with_own_ids(await turn.answer())
        kept = bool(node.parts) or node.finish == "error"
        calls = offered and bool(node.calls) and node.finish in _WHOLE
        if calls:
            node = replace(node, finish="tool_calls")
        async with held.lock:
            if kept:
                await held.change(NodeAdded(node))
            for other in turn.others:
                await held.change(NodeAdded(other))
            if kept and turn.others:
                await held.change(LeafChosen(node.id))
            if held.journal is not None and held.safe:
                with suppress(Exception):  # the answer is saved: what is left behind is found at the next start
                    await self._means.engine.write(held.journal.settle)
            round = self._sit_down(node, twice) if calls else None
            self.turn = None
            if round is None:
                held.exchange = None
        self._means.emit(TurnEnded(held.id, node.id, node.finish, node.failure, kept, goes_on=calls))
        if round is not None:
            await self._see_round_through(round, node)
        else:
            self.ended.set()
            await self._done(node, not self._halted)

    def _sit_down(self, node: Node, twice: frozenset[str]) -> Round:
        from tui_chat.tools.box import Box  # only chats with tools come here

        box = self._box or Box()
        held, means = self._held, self._means
        head = held.conversation.head
        seat = Seat(
            held.id,
            box.only(head.tools),
            means.surroundings(head) if means.surroundings is not None else Surroundings(Path.cwd()),
            held.allowances,
            means.engine,
            means.emit,
            begun=self._note_begun,
            ended=self._keep_result,
        )
        if not held.looked_back:
            held.looked_back = True
            if self._is_tainted(node.id):
                held.allowances.taint()
        self._tip = self.round_of = node.id
        self.round = Round(seat, node, twice)
        if self._halted:
            self.round.stop()
        return self.round

    async def _see_round_through(self, round: Round, node: Node) -> None:
        """Wait for every result, then ask again, or a person whether to."""
        held = self._held
        self._means.emit(RoundStarted(held.id, node.id))
        round.start()
        whole = await round.over()
        async with held.lock:
            for result in self._beside:
                above, self._tip = self._tip, new_id()
                await held.change(NodeAdded(replace(result, id=self._tip, parent=above)))
            self._beside = ()
            self._rounds += 1
            asks = whole and not self._halted and self._rounds >= ROUNDS_LIMIT
            goes_on = whole and not self._halted and not asks
            self.round, self.round_of = None, ""
            if not goes_on:
                held.exchange = None
            if asks:
                held.rounds = self._before + self._rounds
                self._means.emit(RoundsAsk(held.id, held.rounds))
            self._means.emit(RoundEnded(held.id, node.id, goes_on))
            if goes_on:
                try:
                    await self.begin(self._tip)
                except Exception as error:  # noqa: BLE001  # a fault of ours must end the exchange, not hang it
                    self.give_up()
                    failure = Failure("error.internal", {"what": in_one_line(error)})
                    self._means.emit(TurnEnded(held.id, node.id, "error", failure, kept=False))
                return
        self.ended.set()
        await self._done(node, False)

    async def _note_begun(self, call_id: str) -> bool:
        held = self._held
        async with held.lock:
            await held.change(CallStarted(self.round_of, call_id))
            return held.safe

    async def _keep_result(self, parts: tuple[Part, ...]) -> None:
        async with self._held.lock:
            node = Node(new_id(), self._tip, "tool", parts)
            self._tip = node.id
            await self._held.change(NodeAdded(node))

    def _is_tainted(self, leaf: str) -> bool:
        """Whether a tool called earlier may have brought text from outside this computer; what a doubt is, is yes."""
        tree = self._held.conversation
        path = tree.path(leaf)
        answers = (above for above, below in pairwise(path) if tree.link(below).role == "tool")
        called = {call.name for id in answers for call in tree.node(id).calls}
        tools = self._box.tools if self._box is not None else {}
        return any(
            name not in tools or tools[name].remote or tools[name].danger in ("network", "runs") for name in called
        )
