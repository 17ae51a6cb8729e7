"""One client connection: reads requests byte by byte, sends answers step by step, and sees the client leave.

Written on asyncio streams without an HTTP library, so that a test decides every byte and every way to break.
A pump task reads all the time: that is how a FIN or RST of the client is noticed at once, even in mid-answer.
"""

from __future__ import annotations

import asyncio
import http
import json
import socket
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.gateway.answers import GATEWAY_VERSION, Answer, Cut, Hold, Pause, Reset, Step


@dataclass(eq=False)
class Recorded:
    """A request as it came, and what became of it. Times are `time.monotonic()` seconds."""

    number: int
    connection: int
    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header the values joined by ", "."""
    body: bytes
    received_at_s: float
    request_id: str
    bytes_sent: int = 0
    """Bytes of answer given to the socket, head included."""
    closed_at_s: float | None = None
    """When the client's FIN or RST was seen, None while it is there."""
    closed_in_answer: bool = False
    """Whether the client left before its answer was whole."""
    answered: threading.Event = field(default_factory=threading.Event)
    """Set when the last step of the answer was done, by whatever end."""
    closed: threading.Event = field(default_factory=threading.Event)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        """The parsed body; raises ValueError where it is not JSON."""
        return json.loads(self.body)

    @property
    def last_user_text(self) -> str:
        """The words of the last user message, its text parts joined by line breaks; "" where there is none."""
        try:
            messages = [m for m in self.json["messages"] if m.get("role") == "user"]
            content = messages[-1]["content"]
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return ""
        if isinstance(content, str):
            return content
        return "\n".join(part.get("text", "") for part in content if part.get("type") == "text")


class Hub(Protocol):
    """What a connection asks of the gateway it belongs to."""

    def note(self, request: Recorded) -> None: ...
    def answer_for(self, request: Recorded) -> Answer: ...
    def gate(self, name: str) -> asyncio.Event: ...
    def next_number(self) -> int: ...


class BadRequest(Exception):
    """The client did not speak HTTP/1.1."""


class Gone(Exception):
    """The connection ended, by the client or by a Cut or Reset step."""


class Connection:
    """Serves one socket until either side closes it."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hub: Hub) -> None:
        self._number = number
        self._reader = reader
        self._writer = writer
        self._hub = hub
        self._buffer = bytearray()
        self._grew = asyncio.Event()
        self._left = asyncio.Event()
        self._current: Recorded | None = None
        self._seen: list[Recorded] = []

    async def serve(self) -> None:
        sock = self._writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pump = asyncio.ensure_future(self._pump())
        try:
            while await self._exchange():
                pass
        except (Gone, BadRequest, ConnectionError):
            pass
        except asyncio.CancelledError:
            self._writer.transport.abort()  # the gateway stops: drop what the client has not read
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await self._close()

    async def _close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass
        except asyncio.CancelledError:
            self._writer.transport.abort()

    async def _pump(self) -> None:
        try:
            while piece := await self._reader.read(1 << 16):
                self._buffer += piece
                self._grew.set()
        except OSError:
            pass
        now = time.monotonic()
        for request in self._seen:
            request.closed_at_s = request.closed_at_s or now
            request.closed_in_answer |= request is self._current
            request.closed.set()
        self._left.set()
        self._grew.set()

    async def _more(self) -> None:
        if self._left.is_set():
            raise Gone
        self._grew.clear()
        await self._grew.wait()

    async def _until(self, mark: bytes) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            await self._more()
        return self._take(end + len(mark))

    async def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            await self._more()
        return self._take(size)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    async def _exchange(self) -> bool:
        """Read one request and answer it; whether the connection may serve another."""
        head = (await self._until(b"\r\n\r\n"))[:-4].decode("latin-1")
        first, *lines = head.split("\r\n")
        try:
            method, target, _version = first.split(" ")
            headers: dict[str, str] = {}
            for line in lines:
                name, _colon, value = line.partition(":")
                key = name.strip().lower()
                headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
        except ValueError as error:
            raise BadRequest(first) from error
        if headers.get("expect", "").lower() == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await self._request_body(headers)
        number = self._hub.next_number()
        request = Recorded(
            number,
            self._number,
            method,
            target,
            headers,
            body,
            time.monotonic(),
            f"{20260823061542000 + number}KqXhVwTz",
        )
        self._seen.append(request)
        self._current = request
        self._hub.note(request)
        answer = self._hub.answer_for(request)
        try:
            await self._send(request, answer)
        finally:
            self._current = None
            request.answered.set()
        return answer.framing != "close" and headers.get("connection", "").lower() != "close"

    async def _request_body(self, headers: Mapping[str, str]) -> bytes:
        if "chunked" not in headers.get("transfer-encoding", ""):
            return await self._exactly(int(headers.get("content-length", "0")))
        body = bytearray()
        while size := int((await self._until(b"\r\n")).split(b";")[0], 16):
            body += await self._exactly(size)
            await self._until(b"\r\n")
        while await self._until(b"\r\n") != b"\r\n":
            pass
        return bytes(body)

    async def _send(self, request: Recorded, answer: Answer) -> None:
        for step in answer.before:
            await self._step(request, step, bytes)
        squeeze = compressor(answer.encoding)
        if answer.framing == "length":
            # The length must be known before the head goes, so the bytes are collected; timed steps keep their place.
            steps = [squeeze(step) if isinstance(step, bytes) else step for step in answer.steps()]
            steps.append(squeeze(None))
            length = sum(len(step) for step in steps if isinstance(step, bytes))
            await self._write(request, self._head(request, answer, length))
            for step in steps:
                await self._step(request, step, bytes, answer.slice_bytes)
            return
        frame = chunk_frame if answer.framing == "chunked" else bytes
        await self._write(request, self._head(request, answer, None))
        for step in answer.steps():
            if isinstance(step, bytes):
                pieces = (step,) if not answer.slice_bytes else slices(step, answer.slice_bytes)
                for piece in pieces:
                    await self._step(request, squeeze(piece), frame)
            else:
                await self._step(request, step, frame)
        await self._step(request, squeeze(None), frame)
        if answer.framing == "chunked":
            await self._write(request, b"0\r\n\r\n")

    def _head(self, request: Recorded, answer: Answer, length: int | None) -> bytes:
        headers: dict[str, str | None] = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Oneapi-Request-Id": request.request_id,
            "X-New-Api-Version": GATEWAY_VERSION,
            "Connection": "close" if answer.framing == "close" else "keep-alive",
        }
        if answer.framing == "chunked":
            headers["Transfer-Encoding"] = "chunked"
        if length is not None:
            headers["Content-Length"] = str(length)
        if answer.encoding:
            headers["Content-Encoding"] = answer.encoding
        replaced = {name.lower() for name in answer.headers}
        lines = [f"{name}: {value}" for name, value in headers.items() if name.lower() not in replaced]
        lines += [f"{name}: {value}" for name, value in answer.headers.items() if value is not None]
        phrases = {status.value: status.phrase for status in http.HTTPStatus}
        first = f"HTTP/1.1 {answer.status} {phrases.get(answer.status, 'Unknown')}"
        return "\r\n".join([first, *lines, "", ""]).encode("latin-1")

    async def _step(
        self, request: Recorded, step: Step, frame: Callable[[bytes], bytes], slice_bytes: int | None = None
    ) -> None:
        if isinstance(step, bytes):
            for piece in slices(step, slice_bytes) if slice_bytes else (step,):
                if piece:
                    await self._write(request, frame(piece))
        elif isinstance(step, Pause):
            await self._wait(asyncio.sleep(step.seconds))
        elif isinstance(step, Hold):
            await self._wait(self._hub.gate(step.gate).wait())
        elif isinstance(step, Cut):
            raise Gone
        elif isinstance(step, Reset):
            self._reset()
            raise Gone

    async def _wait(self, what: Any) -> None:
        """Wait for a step, or raise Gone as soon as the client leaves."""
        tasks = [asyncio.ensure_future(what), asyncio.ensure_future(self._left.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._left.is_set():
            raise Gone

    async def _write(self, request: Recorded, piece: bytes) -> None:
        if self._left.is_set():
            raise Gone
        self._writer.write(piece)
        request.bytes_sent += len(piece)
        await self._writer.drain()

    def _reset(self) -> None:
        """Arrange for RST in place of FIN: linger on, for zero seconds."""
        sock = self._writer.get_extra_info("socket")
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()


def chunk_frame(piece: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def slices(piece: bytes, size: int) -> list[bytes]:
    """Pieces of `size` bytes, the last one shorter."""
    return [piece[start : start + size] for start in range(0, len(piece), size)]


def compressor(encoding: str) -> Callable[[bytes | None], bytes]:
    """A function that compresses each piece and flushes it; None gives the end of the compressed stream."""
    if not encoding:
        return lambda piece: piece or b""
    squeezer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)

    def squeeze(piece: bytes | None) -> bytes:
        if piece is None:
            return squeezer.flush(zlib.Z_FINISH)
        return squeezer.compress(piece) + squeezer.flush(zlib.Z_SYNC_FLUSH)

    return squeeze
