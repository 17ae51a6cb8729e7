"""How do many small pieces of a stream cost less than one wake-up each? They are let gather, and are taken together.

Gateways send every token as an HTTP chunk, a packet and a TLS record of its own. Waking for each costs a hundred times
what reading it does, and twenty pictures a second are a flow to the eye. So while an answer streams, the socket is
left alone for a moment between reads, and whole chunks that came together are given on as one.

A stream of httpcore is wrapped, through its public interface (`AsyncNetworkBackend`, `AsyncNetworkStream`). The bytes
of the body stay what they were, and whatever is unusual in their framing is passed on untouched, for h11 to judge.
"""

from __future__ import annotations

import asyncio
import re
from time import monotonic
from typing import Any

GATHER_S = 0.05
"""How long the socket is left alone: as long as a picture stands."""
_MUCH_BYTES = 16 * 1024
"""A read that brings so much is followed by the next at once: there is a flood to keep up with."""
_HEAD = re.compile(rb"HTTP/1\.1 2\d\d[ \r]")
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,7})\r\n")
_SIZE_BEGUN = re.compile(rb"[0-9A-Fa-f]{1,7}\r?")
_SIZE_LONGEST_BYTES = 9


class Inlets:
    """A network backend whose connections are `Inlet`s."""

    def __init__(self, backend: Any) -> None:
        """`backend` opens them: an `httpcore.AsyncNetworkBackend`."""
        self._backend = backend

    async def connect_tcp(self, *arguments: Any, timeout: float | None = None, **named: Any) -> Inlet:
        """Connect to a host."""
        return Inlet(await self._backend.connect_tcp(*arguments, timeout=timeout, **named), patience_s=timeout)

    async def connect_unix_socket(self, *arguments: Any, **named: Any) -> Inlet:
        """Connect to a socket of this computer."""
        return Inlet(await self._backend.connect_unix_socket(*arguments, **named))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)


class Inlet:
    """One connection: an `httpcore.AsyncNetworkStream` that can let bytes gather."""

    def __init__(self, stream: Any, *, in_records: bool = False, patience_s: float | None = None) -> None:
        """Take a stream.

        Args:
            stream: an `httpcore.AsyncNetworkStream`.
            in_records: each read brings one TLS record at most, however many have come.
            patience_s: how long to wait where nobody says: httpcore waits for a silent SOCKS proxy without end.
        """
        self._patience_s = patience_s
        self.gathers = False
        """Whether to let bytes gather between reads: while an answer streams."""
        self._stream = stream
        self._waits_before_pause = 2 if in_records else 1
        self._waits = 0
        self._waited = False
        self._pause_ends_s = 0.0
        self._chunks = ChunkJoiner()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes, b"" at the end; raises what the stream does."""
        while True:
            if self.gathers and (pause_s := self._pause_ends_s - monotonic()) > 0:
                await asyncio.sleep(pause_s)
            data = await self._read(max_bytes, timeout)
            joined = self._chunks.join(data)
            if joined or not data:
                return joined

    async def _read(self, max_bytes: int, timeout: float | None) -> bytes:
        # Only a read that had to wait for the loop found nothing left of what had come before.
        self._waited = False
        waited = asyncio.get_running_loop().call_soon(self._note_wait)
        async with asyncio.timeout(self._patience_s if timeout is None else None):
            data: bytes = await self._stream.read(max_bytes, timeout=timeout)
        waited.cancel()
        if self._waited and self.gathers:
            self._waits += 1
            if self._waits >= self._waits_before_pause:
                self._waits = 0
                if len(data) < _MUCH_BYTES:
                    self._pause_ends_s = monotonic() + GATHER_S
        return data

    def _note_wait(self) -> None:
        self._waited = True

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes; what is read next is the head of an answer."""
        self._chunks = ChunkJoiner()
        await self._stream.write(buffer, timeout=timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(self, *arguments: Any, **named: Any) -> Inlet:
        """The same connection, encrypted from now on."""
        return Inlet(await self._stream.start_tls(*arguments, **named), in_records=True)

    def get_extra_info(self, info: str) -> Any:
        """What the stream knows of itself."""
        return self._stream.get_extra_info(info)


class ChunkJoiner:
    """Makes one HTTP chunk of whole ones that came together, from the head of an answer to its last chunk."""

    def __init__(self) -> None:
        self._place = "head"  # head | body | past
        self._left = 0
        """Bytes of a chunk, with the line end behind it, of which the beginning was given on."""
        self._held = b""
        """The beginning of a chunk's size."""

    def join(self, data: bytes) -> bytes:
        """The next bytes as they are to be read; b"" where more must come first, or at the end (b"")."""
        if self._held:
            if not data:
                self._place = "past"
            data, self._held = self._held + data, b""
        if self._place == "past":
            return data
        at = 0
        if self._place == "head":
            end = _END_OF_HEAD.search(data)
            # With another length, a head in two reads or an answer before the answer: h11 alone reads it.
            if end is None or not _HEAD.match(data) or not _CHUNKED.search(data, 0, end.start() + 1):
                self._place = "past"
                return data
            self._place, at = "body", end.end()
        skipped = min(self._left, len(data) - at)
        self._left -= skipped
        at += skipped
        return data[:at] + self._joined(data, at) if at < len(data) else data

    def _joined(self, data: bytes, at: int) -> bytes:
        """What of `data` begins with a chunk's size at `at`."""
        pieces: list[bytes] = []
        first = at
        while (size := _SIZE.match(data, at)) is not None and (length := int(size[1], 16)):
            stop = size.end() + length
            if stop + 2 > len(data):
                self._left = stop + 2 - len(data)
                break
            if data[stop : stop + 2] != b"\r\n":
                self._place = "past"
                break
            pieces.append(data[size.end() : stop])
            at = stop + 2
        else:
            rest = data[at:]
            if len(rest) <= _SIZE_LONGEST_BYTES and _SIZE_BEGUN.fullmatch(rest):
                self._held, data = rest, data[:at]
            elif rest:
                self._place = "past"  # the last chunk, or something odd
        if len(pieces) < 2:
            return data[first:]
        body = b"".join(pieces)
        return b"%x\r\n%b\r\n%b" % (len(body), body, data[at:])
