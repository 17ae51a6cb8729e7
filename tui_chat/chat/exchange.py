"""What comes of a person's word: the model is asked, its calls are seen to, it is asked again, until it has answered.

One exchange is a chain of turns with a round of tool calls between each two. It belongs to no widget, ends in exactly
one `TurnEnded` or `RoundEnded` that does not go on, and can be stopped at any moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tui_chat.chat.continuing import going_on
from tui_chat.chat.events import Awaits, RoundEnded, RoundsAsk, RoundStarted, TurnEnded, TurnStarted, WentWithout
from tui_chat.chat.held import Held
from tui_chat.chat.node import Failure, Node, new_id
from tui_chat.chat.round import Round, Seat, with_own_ids
from tui_chat.chat.sending import messages, without_calls
from tui_chat.chat.tree import CallStarted, LeafChosen, NodeAdded
from tui_chat.chat.turn import Turn
from tui_chat.tools.tool import Surroundings
from tui_chat.wire import families
from tui_chat.wire.messages import Part, Text, ToolCall
from tui_chat.wire.params import Values
from tui_chat.wire.redaction import in_one_line
from tui_chat.wire.request import Request, ToolDefinition

if TYPE_CHECKING:
    from tui_chat.tools.box import Box
    from tui_chat.tools.mcp_servers import Servers

AWAIT_S = 60.0
"""How long at most a question waits for MCP servers; each has a limit of its own for starting, half of that mostly."""
ROUNDS_LIMIT = 25
"""After so many rounds a person is asked."""

_WHOLE = frozenset({"stop", "tool_calls"})
"""Only an answer that ended like this has calls that are whole."""
_ONCE = frozenset({"auto", "none"})
"""The values of `tool_choice` and `function_call` that don't demand a call."""


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
        self._wait_no_more = asyncio.Event()
        self.awaited: tuple[str, ...] = ()
        """The MCP servers that the question waits for."""
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
        how = families.continuation(head.model) if continues is not None else ""
        if how == "trailing" and begun and isinstance(begun[-1], Text):
            begun = (*begun[:-1], Text(begun[-1].text.rstrip()))  # it is sent so, and what comes begins with the blank
        node = Node(new_id(), parent, "assistant", begun, model=head.model, values=values)
        said = messages(held.conversation, parent, continues, "" if how else means.continue_prompt())
        servers = await self._servers()
        self.awaited = servers.starting(self._missing()) if servers is not None else ()
        if not self.awaited:
            self._tell_missing()
        self.turn = turn = Turn(
            held.id,
            node,
            Request(head.model, said, values, self._offered(), continues=bool(how)),
            ask=going_on(means.ask, means.continue_prompt()) if how else means.ask,
            journal=held.pages,
            blobs=means.blobs,
            engine=means.engine,
            emit=means.emit,
            temporary=head.temporary,
            made_ready=partial(self._made_ready, servers, node.id) if servers is not None and self.awaited else None,
        )
        means.emit(TurnStarted(held.id, node))
        turn.start()
        if self._halted:
            turn.stop()
        means.engine.spawn(self._see_turn_through(turn))

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

    def wait_no_more(self) -> None:
        """Let the question go out as it is, without the tools it waits for."""
        self._wait_no_more.set()

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

    def _missing(self) -> tuple[str, ...]:
        """Tools that are switched on in the chat and not in the box."""
        there = self._box.tools if self._box is not None else {}
        return tuple(name for name in self._held.conversation.head.tools if name not in there)

    async def _servers(self) -> Servers | None:
        """The MCP servers, where a tool is missing that one of them may have: the question must not go without it."""
        servers = self._means.servers
        if servers is None or not any("__" in name for name in self._missing()):
            return None
        return await asyncio.to_thread(servers)

    async def _made_ready(self, servers: Servers, node: str, request: Request) -> Request:
        """The question with the tools of servers that were on their way: once they started, or failed to.

        Held back here, in the turn: it is on screen by then, is stopped like any other, and blocks no other command.
        """
        means, chat = self._means, self._held.id
        means.emit(Awaits(chat, node, self.awaited))
        waits: list[asyncio.Task[Any]] = [
            means.engine.spawn(servers.until_started(self.awaited)),
            means.engine.spawn(self._wait_no_more.wait()),
        ]
        try:
            await asyncio.wait(waits, timeout=AWAIT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.awaited = ()
            for wait in waits:
                wait.cancel()
            means.emit(Awaits(chat, node, ()))
        self._box = None
        await self._open_box()
        self._tell_missing()
        return replace(request, tools=self._offered())

    def _tell_missing(self) -> None:
        """Tell the person which tools are switched on and not there, where that is news."""
        held, missing = self._held, self._missing()
        if missing and missing != held.told_missing:
            self._means.emit(WentWithout(held.id, missing))
        held.told_missing = missing

    def _values(self) -> Values:
        """Parameters in force. A demand to call a tool is for the first answer, or the model could never end."""
        values = dict(self._held.conversation.head.values)
        for name in ("tool_choice", "function_call") if self._rounds + self._before else ():
            if values.get(name, "auto") not in _ONCE:
                del values[name]
        return values

    def _offered(self) -> tuple[ToolDefinition, ...]:
        if self._box is None:
            return ()
        names = self._held.conversation.head.tools
        return tuple(self._box.tools[name].definition for name in names if name in self._box.tools)

    async def _see_turn_through(self, turn: Turn) -> None:
        """Keep what a turn brought, say that it ended, see to its calls."""
        held = self._held
        node, twice = with_own_ids(await turn.answer())
        kept = bool(node.parts) or node.finish == "error"
        calls = turn.offers_tools and bool(node.calls) and node.finish in _WHOLE
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
            means.blobs,
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
