"""What one turn is: a request goes out, its answer grows, is kept as it grows, and ends in exactly one way.

A turn belongs to no widget. It can be stopped, and whatever had arrived by then stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from time import monotonic

from msgspec.structs import replace

from tui_chat.chat.choices import Others
from tui_chat.chat.events import Beside, Calling, Event, Grew, Restarted, Retrying
from tui_chat.chat.growing import Growing
from tui_chat.chat.keeping import BlobStore, Journal
from tui_chat.chat.media import keep_media
from tui_chat.chat.node import Failure, Finish, Node, Timing, joined
from tui_chat.chat.probabilities import keep_logprobs
from tui_chat.engine import Engine
from tui_chat.errors import ChatError, WireError
from tui_chat.wire.delta import Delta, Waiting
from tui_chat.wire.messages import Part, Reasoning
from tui_chat.wire.redaction import in_one_line
from tui_chat.wire.reply import Grown, Reply
from tui_chat.wire.request import Request

Ask = Callable[[Request], AsyncGenerator[Delta | Waiting, None]]
"""Sends a request; yields what comes back; raises ChatError where it fails."""

CALLING_EVERY_S = 0.25

_FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "pause": "pause",
    "interrupted": "interrupted",
}

_BROKEN = frozenset({"stopped", "interrupted", "error"})
"""Ends that an answer did not come to by itself."""
_CUTS = frozenset({"error.stream_cut", "error.read_timeout", "error.no_content"})
"""Failures of the line: with words received, the answer is an interrupted one, and these say why."""


class Turn:
    """One question on its way, and its answer as it stands."""

    def __init__(
        self,
        chat: str,
        node: Node,
        request: Request,
        *,
        ask: Ask,
        journal: Journal,
        blobs: BlobStore,
        engine: Engine,
        emit: Callable[[Event], None],
        temporary: bool = False,
        made_ready: Callable[[Request], Awaitable[Request]] | None = None,
    ) -> None:
        """Prepare.

        Args:
            chat: the chat's id.
            node: the answer as it begins: without parts, or with those it continues.
            request: the question.
            ask: sends it.
            journal: where the answer is kept as it grows.
            blobs: where its bytes are kept.
            engine: where all this happens.
            emit: told every event.
            temporary: whether nothing of the chat is to be on disk.
            made_ready: what is waited for before the question may leave; gives the question as it leaves then.
        """
        self.chat = chat
        self._begun = node
        self._request = request
        self._ask = ask
        self._made_ready = made_ready
        self._blobs = blobs
        self._engine = engine
        self._emit = emit
        self._reply = Reply()
        self._temporary = temporary
        self._others = Others(node, self._reply)
        self.others: tuple[Node, ...] = ()
        """The other answers that the request brought, once the turn is over."""
        self._clock = _Clock()
        self._stopping = False
        self._grown: list[Grown] = []
        """What came with this read of the socket and is not told yet: one event for all of it."""
        self._calling = 0
        self._told_calling: asyncio.TimerHandle | None = None
        self._growing = Growing(journal, engine, self._answers_so_far)
        self._over = False
        self._task: asyncio.Task[Node] | None = None
        self.ended = asyncio.Event()
        """Set by the desk when the turn's answer is kept and its end was told."""

    @property
    def offers_tools(self) -> bool:
        """Whether the question offers tools."""
        return bool(self._request.tools)

    def start(self) -> None:
        """Begin, from within the engine."""
        self._task = self._engine.spawn(self._run())

    async def answer(self) -> Node:
        """The answer as it ended, however it ended."""
        assert self._task is not None
        await asyncio.wait((self._task,))
        if self._task.cancelled():  # stopped before it took its first step
            return replace(self.so_far(), finish="stopped")
        mistake = self._task.exception()
        if mistake is not None:  # of ours, while the answer was brought to its end: what came is kept all the same
            node = self._begun
            with suppress(Exception):
                node = self.so_far()
            return replace(node, finish="error", failure=Failure("error.internal", {"what": in_one_line(mistake)}))
        return self._task.result()

    def stop(self) -> None:
        """End the turn now; the socket closes and what had arrived stays."""
        if self._task is not None and not self._task.done() and not self._stopping:
            self._stopping = True
            self._task.cancel()

    def so_far(self) -> Node:
        """The answer as it stands now, marked as interrupted until it is known to be whole."""
        self._tell_grown()  # whoever takes this must not be told again what is in it
        return replace(
            self._begun,
            parts=self._parts(),
            finish="interrupted",
            usage=self._reply.usage,
            timing=self._clock.timing(),
            request_id=self._reply.request_id,
        )

    def others_so_far(self) -> tuple[Node, ...]:
        """The other answers to the same request, as they stand now."""
        self._tell_grown()
        return self._others.so_far(self._clock.timing(), every=True)

    async def _run(self) -> Node:
        failure: Failure | None = None
        finish: Finish
        try:
            await self._receive()
            finish = _FINISHES.get(self._reply.finish_reason or "", "interrupted")
        except asyncio.CancelledError:
            finish = "stopped" if self._stopping else "interrupted"
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
        except ChatError as error:
            finish = "interrupted" if error.key in _CUTS and self._parts() else "error"
            request_id = error.request_id if isinstance(error, WireError) else ""
            failure = Failure(error.key, {**error.facts, "request_id": request_id}, error.retryable)
        except Exception as error:  # noqa: BLE001  # a fault of ours must end the turn, not the engine
            finish = "error"
            failure = Failure("error.internal", {"what": in_one_line(error)})
        return await self._ended(finish, failure)

    async def _receive(self) -> None:
        if self._made_ready is not None:
            self._request = await self._made_ready(self._request)
            self._clock = _Clock()
        async with aclosing(self._ask(self._request)) as signals:
            async for signal in signals:
                if isinstance(signal, Waiting):
                    self._tell_grown()
                    failure = Failure(signal.key, signal.facts, retryable=True)
                    self._emit(
                        Retrying(self.chat, self._begun.id, signal.attempt, signal.limit, signal.delay_s, failure)
                    )
                else:
                    self._fold(signal)

    def _fold(self, delta: Delta) -> None:
        self._tell(self._reply.fold(delta))
        if delta.tool_calls and delta.choice == 0:
            self._clock.mark(True)  # it thinks no longer
            self._calling += sum(len(piece.arguments) for piece in delta.tool_calls)
            if self._told_calling is None:
                self._told_calling = self._engine.later(CALLING_EVERY_S, self._tell_calling)
            self._growing.changed()

    def _tell_calling(self) -> None:
        self._told_calling = None
        calls = self._reply.tool_calls
        if not self._over and calls:
            self._emit(Calling(self.chat, self._begun.id, calls[-1].name, self._calling))

    def _tell(self, grown: Grown) -> None:
        if grown.choice != 0:
            self._tell_beside(grown)
        elif grown.restarted:
            self._tell_grown()
            self._calling = 0
            self._emit(Restarted(self.chat, self._begun.id))
        if grown.text or grown.reasoning:
            self._clock.mark(bool(grown.text))
            if not self._grown:
                self._engine.later(0, self._tell_grown)
            self._grown.append(grown)
            self._growing.grew(grown.text, grown.reasoning)

    def _tell_grown(self) -> None:
        if self._grown:
            pieces, self._grown = self._grown, []
            for choice in dict.fromkeys(each.choice for each in pieces):
                node = self._others.begun(choice) if choice else self._begun
                if node is not None:
                    own = [each for each in pieces if each.choice == choice]
                    text, reasoning = "".join(each.text for each in own), "".join(each.reasoning for each in own)
                    self._emit(Grew(self.chat, node.id, text, reasoning))

    def _tell_beside(self, grown: Grown) -> None:
        """Another choice begins, or begins anew."""
        node = self._others.begin(grown.choice)
        if node is None and grown.restarted:
            self._tell_grown()
            node = self._others.begun(grown.choice)
        if node is not None:
            self._emit(Beside(self.chat, self._begun.id, node))

    def _answers_so_far(self) -> tuple[Node, ...]:
        """The answer and those beside it that have a word, as they stand."""
        return (self.so_far(), *self._others.so_far(self._clock.timing()))

    def _parts(self) -> tuple[Part, ...]:
        """What the answer continues, with what came since joined to its last words."""
        thought_s = self._clock.thought_s()
        came = self._reply.parts()
        return joined(
            self._begun.parts,
            (replace(part, seconds=thought_s) if isinstance(part, Reasoning) else part for part in came),
        )

    async def _ended(self, finish: Finish, failure: Failure | None) -> Node:
        for grown in self._reply.close():
            self._tell(grown)
        if self._told_calling is not None:
            self._told_calling.cancel()
        self._growing.end()
        self._over = True
        node = self.so_far()
        reply = self._reply
        media = await keep_media(reply.choice(), self._request.values, node.text, self._engine, self._blobs)
        if finish == "stop" and not node.parts and not media:
            finish, failure = "error", Failure("error.empty_answer", {}, retryable=True)
        own = _FINISHES.get(reply.finish_reason or "")
        broke, cut = failure, finish
        if len(reply.choices) > 1 and finish in _BROKEN and own is not None:
            finish, failure = own, None  # it was whole by then; others were not
        kept = await keep_logprobs(reply.choice().logprobs, self._engine, self._blobs, temporary=self._temporary)
        ended = replace(
            node,
            parts=(*node.parts, *media),
            finish=finish,
            failure=failure,
            answered_by=reply.model if reply.model != node.model else "",
            completion_id=reply.id,
            created=reply.created,
            service_tier=reply.service_tier,
            system_fingerprint=reply.system_fingerprint,
            blocked=", ".join(reply.choice().blocked),
            request_id=node.request_id or (str(failure.facts.get("request_id", "")) if failure else ""),
            logprobs=kept,
        )
        self.others = await self._others.ended(
            ended,
            _FINISHES,
            broke,
            stopped=cut == "stopped",
            engine=self._engine,
            blobs=self._blobs,
            temporary=self._temporary,
        )
        return ended


class _Clock:
    """When things of one answer happened, in seconds since its request left."""

    def __init__(self) -> None:
        self._start = monotonic()
        self._first: float | None = None
        self._first_text: float | None = None

    def mark(self, is_text: bool) -> None:
        if self._first is None:
            self._first = monotonic() - self._start
        if is_text and self._first_text is None:
            self._first_text = monotonic() - self._start

    def thought_s(self) -> float | None:
        if self._first is None:
            return None
        end = self._first_text if self._first_text is not None else monotonic() - self._start
        return round(end - self._first, 1)

    def timing(self) -> Timing:
        first = None if self._first is None else round(self._first, 3)
        return Timing(first, round(monotonic() - self._start, 3))
