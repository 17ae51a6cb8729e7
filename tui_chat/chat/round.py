"""What happens between an answer that calls tools and the next question: each call is checked, decided on, run.

Nothing here runs on a guess. A call that is broken, unknown or asked for twice gets an error for its result; one that
needs a person's word waits for it; that a call begins is on disk before it does, so that after a crash nobody runs it
a second time. Calls that change nothing run side by side, all others one after another, each seen with what the one
before it did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.chat.events import CallAsks, CallEnded, CallRuns, Event
from tui_chat.chat.keeping import BlobStore
from tui_chat.chat.media import KeptMedia, keep_brought
from tui_chat.chat.node import Node, new_id
from tui_chat.engine import Engine
from tui_chat.errors import ChatError, ToolError
from tui_chat.tools import approval
from tui_chat.tools.approval import Allowances, Decision
from tui_chat.tools.tool import Arguments, Outcome, Preview, Surroundings, Tool
from tui_chat.wire import messages
from tui_chat.wire.json_text import compact
from tui_chat.wire.messages import Part, ToolCall, ToolResult
from tui_chat.wire.redaction import in_one_line
from tui_chat.words import has, t

if TYPE_CHECKING:
    from tui_chat.tools.box import Box
    from tui_chat.tools.check import Checked

CALLS_LIMIT = 64
"""Calls of one answer that are seen to."""
SIDE_BY_SIDE = 8
TEXT_LIMIT_CHARACTERS = 256 * 1024
"""The longest result; of a longer one the middle is left out."""

_CHANGE_NOTHING = frozenset({"harmless", "reads"})
_ID_LIMIT_CHARACTERS = 200
_GRACE_S = 5.0
"""How much longer than its own limit a tool may take: it knows better how to end what it started."""
_END_S = 6.0
"""How long a tool that was cancelled may take to end what it started."""


class Seat(Struct, frozen=True):
    """Where a round sits: what it may use, and how the chat learns what happens."""

    chat: str
    box: Box
    """The tools that are switched on."""
    surroundings: Surroundings
    allowances: Allowances
    engine: Engine
    blobs: BlobStore
    """Where pictures and sounds of results are kept."""
    emit: Callable[[Event], None]
    begun: Callable[[str], Coroutine[Any, Any, bool]]
    """Note that the call with this id begins; whether that is on disk."""
    ended: Callable[[tuple[Part, ...]], Coroutine[Any, Any, None]]
    """Keep a result as a message of its own."""


class _Plan(Struct, frozen=True):
    """A call as it runs."""

    tool: Tool
    arguments: Arguments
    preview: Preview
    how: messages.Decision

    def result(self, call: ToolCall, outcome: Outcome, seconds: float) -> ToolResult:
        text = outcome.text
        if self.how == "edited":
            text = t("chat.call.edited", arguments=compact(dict(self.arguments))) + "\n\n" + text
        return ToolResult(call.id, _bounded(text), outcome.failed, self.how, round(seconds, 3), outcome.log)


class Round:
    """The calls of one answer."""

    def __init__(self, seat: Seat, node: Node, twice: frozenset[str] = frozenset()) -> None:
        """`node` is the answer; `twice` are the ids of calls that bore another's id (see `with_own_ids`)."""
        self._seat = seat
        self._node = node
        self._twice = twice
        self._asking: dict[str, tuple[CallAsks, asyncio.Future[Decision]]] = {}
        self._running: dict[str, CallRuns] = {}
        self._ran: set[str] = set()
        self._done: set[str] = set()
        self._late: dict[str, ToolResult] = {}
        """Results of calls that came to their end while the round was being stopped."""
        self._keeping: set[asyncio.Task[Any]] = set()
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    @property
    def asking(self) -> tuple[CallAsks, ...]:
        """The calls that wait for a person's word."""
        return tuple(asks for asks, _ in self._asking.values())

    @property
    def running(self) -> tuple[CallRuns, ...]:
        """The calls that run now."""
        return tuple(self._running.values())

    def start(self) -> None:
        """Begin, from within the engine."""
        if not self._stopped:
            self._task = self._seat.engine.spawn(self._run())

    def stop(self) -> None:
        """End what runs, ask no more; `over` then gives every call that has no result one that says so."""
        if not self._stopped:
            self._stopped = True
            if self._task is not None:
                self._task.cancel()

    async def over(self) -> bool:
        """Wait until every call has its result; whether the round came to its end by itself."""
        mistake: BaseException | None = None
        if self._task is not None:
            await asyncio.wait((self._task,))
            mistake = None if self._task.cancelled() else self._task.exception()
        if self._keeping:
            await asyncio.wait(self._keeping)
        self._asking.clear()
        for call in self._node.calls:
            if call.id not in self._done:
                await self._end(call, self._late.get(call.id) or self._given_up(call, mistake))
        return not self._stopped and mistake is None

    def decide(self, call_id: str, decision: Decision) -> None:
        """Give a person's word to a call that asks; one that asks no more is passed over.

        Raises:
            ToolError: the arguments the person wrote don't fit the tool, or a tool without code was to run; the call
                still asks.
        """
        waiting = self._asking.get(call_id)
        if waiting is None or waiting[1].done():
            return
        tool = self._seat.box.tools[waiting[0].call.name]
        if decision.word in ("once", "always"):
            if tool.run is None:
                raise ToolError("error.tool_wants_result", name=tool.name)
            if decision.arguments is not None:
                from tui_chat.tools.check import checked_arguments

                decision = replace(decision, arguments=checked_arguments(tool, dict(decision.arguments)))
        waiting[1].set_result(decision)

    async def _run(self) -> None:
        plans = await asyncio.to_thread(self._plans)
        if not all(isinstance(plan, ToolError) or plan.tool.danger in _CHANGE_NOTHING for _, plan in plans):
            for call, plan in plans:
                await self._see_to(call, plan)
            return
        places = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(call: ToolCall, plan: Checked | ToolError) -> None:
            async with places:
                await self._see_to(call, plan)

        async with asyncio.TaskGroup() as group:
            for call, plan in plans:
                group.create_task(one(call, plan))

    def _plans(self) -> list[tuple[ToolCall, Checked | ToolError]]:
        """What is to be done about each call: run it, or say why not."""
        seen: set[str] = set()
        plans: list[tuple[ToolCall, Checked | ToolError]] = []
        for number, call in enumerate(self._node.calls):
            plan: Checked | ToolError
            try:
                if call.id in self._twice:
                    raise ToolError("error.call_twice")
                if number >= CALLS_LIMIT:
                    raise ToolError("error.calls_too_many", limit=CALLS_LIMIT)
                plan = self._check(call, seen)
            except ToolError as error:
                plan = error
            seen.add(call.id)
            plans.append((call, plan))
        return plans

    def _check(self, call: ToolCall, seen: set[str]) -> Checked:
        from tui_chat.tools.check import checked

        try:
            return checked(self._seat.box, call, seen)
        except ToolError:
            raise
        except Exception as error:  # what can't be checked is not run
            raise ToolError("error.internal", what=in_one_line(error)) from error

    async def _see_to(self, call: ToolCall, plan: Checked | ToolError) -> None:
        """Bring one call to its result."""
        brought: KeptMedia = ()
        try:
            if isinstance(plan, ToolError):
                result = ToolResult(call.id, _told(plan), failed=True, decision="invalid")
            else:
                result, brought = await self._decided(call, plan.tool, plan.arguments)
        except ChatError as error:
            result = ToolResult(call.id, _told(error), failed=True)
        except Exception as error:  # noqa: BLE001  # a fault of ours or of a person's own tool: the model is told
            result = ToolResult(call.id, t("error.internal.says", what=in_one_line(error)), failed=True)
        await self._kept(self._end(call, result, brought))

    async def _decided(self, call: ToolCall, tool: Tool, arguments: Arguments) -> tuple[ToolResult, KeptMedia]:
        """Get the word a call needs, and do as it says."""
        seat = self._seat
        preview = Preview()
        if tool.look is not None:
            preview = await asyncio.to_thread(tool.look, arguments, seat.surroundings)
        how: messages.Decision = ""
        if tool.run is None or approval.needs_word(tool, arguments, preview, seat.allowances):
            decision = await self._ask(call, tool, arguments, preview)
            if decision.word == "deny":
                says = t("chat.call.denied_because", reason=decision.reason) if decision.reason else ""
                return ToolResult(call.id, says or t("chat.call.denied"), failed=True, decision="denied"), ()
            if decision.word == "typed":
                return ToolResult(call.id, _bounded(decision.result or ""), decision="typed"), ()
            how = "always" if decision.word == "always" else "once"
            if decision.arguments is not None and dict(decision.arguments) != dict(arguments):
                arguments, how = decision.arguments, "edited"
                if tool.look is not None:
                    preview = await asyncio.to_thread(tool.look, arguments, seat.surroundings)
            if decision.word == "always":
                allowance = approval.allowance_for(tool, arguments, preview, seat.allowances)
                if allowance is not None:
                    seat.allowances.give(allowance)
        elif approval.needs_word(tool, arguments, preview, Allowances()):
            how = "always"
        return await self._execute(call, _Plan(tool, arguments, preview, how))

    async def _ask(self, call: ToolCall, tool: Tool, arguments: Arguments, preview: Preview) -> Decision:
        allowance = approval.allowance_for(tool, arguments, preview, self._seat.allowances)
        asks = CallAsks(self._seat.chat, self._node.id, call, preview, allowance)
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._asking[call.id] = asks, future
        self._seat.emit(asks)
        try:
            return await future
        finally:
            self._asking.pop(call.id, None)

    async def _execute(self, call: ToolCall, plan: _Plan) -> tuple[ToolResult, KeptMedia]:
        """Run a tool once it is on disk that it begins; ends with the tool, its time, or the round."""
        seat, tool = self._seat, plan.tool
        saved = await self._kept(seat.begun(call.id))
        if not saved and tool.danger not in _CHANGE_NOTHING:
            raise ToolError("error.call_not_noted")
        runs = self._running[call.id] = CallRuns(seat.chat, self._node.id, call.id)
        self._ran.add(call.id)
        seat.emit(runs)
        if approval.brings_in(tool, plan.preview):
            seat.allowances.taint()
        start = monotonic()
        task = seat.engine.spawn(_running(tool, plan.arguments, seat.surroundings))
        late = False
        try:
            await asyncio.wait((task,), timeout=tool.timeout_s + _GRACE_S)
            if not task.done():
                late = task.cancel()
                await asyncio.wait((task,), timeout=_END_S)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait((task,), timeout=_END_S)
            if task.done() and not task.cancelled() and task.exception() is None:
                self._late[call.id] = plan.result(call, task.result(), monotonic() - start)
            raise
        if late and (not task.done() or task.cancelled()):
            raise ToolError("error.call_timeout", seconds=round(tool.timeout_s))
        if task.cancelled():
            raise ToolError("error.internal", what="CancelledError")
        outcome, seconds = task.result(), monotonic() - start
        try:
            kept, lost = await keep_brought(outcome.brought, seat.blobs)
        except asyncio.CancelledError:  # it ran: what it said is not lost with what it brought
            self._late[call.id] = plan.result(call, outcome, seconds)
            raise
        notes = (t("chat.call.brought_lost", reason=_told(error)) for error in lost)
        return plan.result(call, replace(outcome, text="\n".join([outcome.text, *notes])), seconds), tuple(kept)

    def _given_up(self, call: ToolCall, mistake: BaseException | None) -> ToolResult:
        if mistake is not None:
            what = t("error.internal.says", what=in_one_line(mistake))
            return ToolResult(call.id, what, failed=True, decision="unknown" if call.id in self._ran else "stopped")
        key = "chat.call.stopped_running" if call.id in self._ran else "chat.call.stopped"
        return ToolResult(call.id, t(key), failed=True, decision="stopped")

    async def _end(self, call: ToolCall, result: ToolResult, brought: KeptMedia = ()) -> None:
        self._done.add(call.id)
        self._running.pop(call.id, None)
        await self._seat.ended((result, *brought))
        self._seat.emit(CallEnded(self._seat.chat, self._node.id, call.id))

    async def _kept(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do what must not be cut in its middle: a stop waits for it."""
        task = self._seat.engine.spawn(work)
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        return await asyncio.shield(task)


def with_own_ids(node: Node) -> tuple[Node, frozenset[str]]:
    """The answer with an id of its own for each call, and which of them had bore another's.

    A call without an id (the old `function_call`) gets one; so does one whose id was used before in this answer, and
    one whose id is no id but a text.
    """
    seen: set[str] = set()
    twice: set[str] = set()
    parts: list[Part] = []
    for part in node.parts:
        if isinstance(part, ToolCall):
            again = bool(part.id) and part.id in seen
            if again or not part.id or len(part.id) > _ID_LIMIT_CHARACTERS or not part.id.isprintable():
                part = replace(part, id=f"call_{new_id()}")
            if again:
                twice.add(part.id)
            seen.add(part.id)
        parts.append(part)
    return replace(node, parts=tuple(parts)), frozenset(twice)


async def _running(tool: Tool, arguments: Arguments, surroundings: Surroundings) -> Outcome:
    assert tool.run is not None  # who asks for one without gets no further than the asking
    try:
        return await tool.run(arguments, surroundings)
    except (KeyboardInterrupt, SystemExit) as error:  # a tool may end itself, not the engine that runs it
        raise ToolError("error.internal", what=in_one_line(error)) from error


def _told(error: ChatError) -> str:
    """What the model is told of a failure."""
    says = t(f"{error.key}.says", **error.facts)
    advice = f"{error.key}.advice"
    return f"{says}\n{t(advice, **error.facts)}" if has(advice) else says


def _bounded(text: str) -> str:
    if len(text) <= TEXT_LIMIT_CHARACTERS:
        return text
    half = TEXT_LIMIT_CHARACTERS // 2
    return text[:half] + "\n" + t("chat.call.cut", count=len(text) - 2 * half) + "\n" + text[-half:]
