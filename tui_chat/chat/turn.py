"""What one turn is: a request goes out, its answer grows, is kept as it grows, and ends in exactly one way.

A turn belongs to no widget. It can be stopped, and whatever had arrived by then stays.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from time import monotonic

from tui_chat.chat.events import Event, Grew, Restarted, Retrying
from tui_chat.chat.keeping import BlobStore, Journal
from tui_chat.chat.node import Failure, Finish, Node, Timing
from tui_chat.engine import Engine
from tui_chat.errors import ChatError, WireError
from tui_chat.wire.delta import Delta, Waiting
from tui_chat.wire.messages import Image, Part, Reasoning, Text
from tui_chat.wire.redaction import in_one_line
from tui_chat.wire.reply import Grown, Reply
from tui_chat.wire.request import Request

Ask = Callable[[Request], AsyncGenerator[Delta | Waiting, None]]
"""Sends a request; yields what comes back; raises ChatError where it fails."""

KEEP_EVERY_S = 1.0
KEEP_EVERY_CHARACTERS = 4000

_FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "pause": "pause",
    "interrupted": "interrupted",
}

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
    ) -> None:
        """`node` is the answer as it begins: without parts, or with those it continues."""
        self.chat = chat
        self._begun = node
        self._request = request
        self._ask = ask
        self._journal = journal
        self._blobs = blobs
        self._engine = engine
        self._emit = emit
        self._reply = Reply()
        self._clock = _Clock()
        self._stopping = False
        self._grown: list[Grown] = []
        """What came with this read of the socket and is not told yet: one event for all of it."""
        self._unkept = 0
        self._timer: asyncio.TimerHandle | None = None
        self._unwritten = self._writing = self._over = False
        self._task: asyncio.Task[Node] | None = None
        self.ended = asyncio.Event()
        """Set by the desk when the turn's answer is kept and its end was told."""

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

    def _tell(self, grown: Grown) -> None:
        if grown.choice != 0:
            return
        if grown.restarted:
            self._tell_grown()
            self._emit(Restarted(self.chat, self._begun.id))
        if grown.text or grown.reasoning:
            self._clock.mark(bool(grown.text))
            if not self._grown:
                self._engine.later(0, self._tell_grown)
            self._grown.append(grown)
            self._unkept += len(grown.text) + len(grown.reasoning)
            if self._unkept >= KEEP_EVERY_CHARACTERS:
                self._keep()
            elif self._timer is None:
                self._timer = self._engine.later(KEEP_EVERY_S, self._keep)

    def _tell_grown(self) -> None:
        if self._grown:
            pieces, self._grown = self._grown, []
            text, reasoning = "".join(each.text for each in pieces), "".join(each.reasoning for each in pieces)
            self._emit(Grew(self.chat, self._begun.id, text, reasoning))

    def _keep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._unkept = 0
        self._unwritten = True
        if not self._writing:
            self._writing = True
            self._engine.spawn(self._write_partial())

    async def _write_partial(self) -> None:
        """Write the answer as it stands, once more if it grew meanwhile: a slow disk must not pile up copies of it."""
        try:
            while self._unwritten and not self._over:
                self._unwritten = False
                await self._engine.write(self._journal.grow, self.so_far())
        except Exception:  # noqa: BLE001  # not shown: the answer itself is still to be appended, and that failure is
            return
        finally:
            self._writing = False

    def _parts(self) -> tuple[Part, ...]:
        """What the answer continues, with what came since joined to its last words."""
        parts: list[Part] = list(self._begun.parts)
        for part in self._reply.parts():
            last = parts[-1] if parts else None
            if isinstance(part, Reasoning):
                parts.insert(_before_text(parts), replace(part, seconds=self._clock.thought_s()))
            elif isinstance(part, Text) and isinstance(last, Text):
                parts[-1] = Text(last.text + part.text)
            else:
                parts.append(part)
        return tuple(parts)

    async def _ended(self, finish: Finish, failure: Failure | None) -> Node:
        for grown in self._reply.close():
            self._tell(grown)
        if self._timer is not None:
            self._timer.cancel()
        self._over = True
        node = self.so_far()
        images = await self._images()
        reply = self._reply
        if finish == "stop" and not node.parts and not images:
            finish, failure = "error", Failure("error.empty_answer", {}, retryable=True)
        return replace(
            node,
            parts=(*node.parts, *images),
            finish=finish,
            failure=failure,
            answered_by=reply.model if reply.model != node.model else "",
            completion_id=reply.id,
            service_tier=reply.service_tier,
            system_fingerprint=reply.system_fingerprint,
            request_id=node.request_id or (str(failure.facts.get("request_id", "")) if failure else ""),
        )

    async def _images(self) -> list[Image]:
        images: list[Image] = []
        for url in self._reply.images:
            head, comma, data = url.partition(";base64,")
            if not comma:
                images.append(Image(url=url))
                continue
            try:
                content = b64decode(data)
                blob = await self._engine.write(self._blobs.keep, content)
            except (Base64Error, ChatError):
                continue
            images.append(Image(blob=blob, media_type=head.removeprefix("data:"), size=len(content)))
        return images


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


def _before_text(parts: list[Part]) -> int:
    for at, part in enumerate(parts):
        if isinstance(part, Text):
            return at
    return len(parts)
