"""How do bytes get to another machine and back? One connection, read only while somebody waits for what it brings.

So a sender that is faster than its reader waits in the network, not in our memory, and tokens can gather: gateways send
each as a packet and a TLS record of its own, waking for each costs a hundred times what reading it does, and twenty
pictures a second are a flow to the eye.
"""

from __future__ import annotations

import asyncio
import ssl
from time import monotonic
from typing import Any

from tui_chat.wire.gateway import as_number

GATHER_S = 0.05
"""How long the line is left alone after little came: as long as a picture stands."""
_MUCH_BYTES = 16 * 1024
"""A read that brings so much is followed by the next at once: there is a flood to keep up with."""
_PIECE_BYTES = 64 * 1024
"""So much is written before it is seen whether the other side takes it."""
_NEXT_ADDRESS_S = 0.25
"""A name with several addresses: the next is tried beside the last one after this time (RFC 8305)."""


class Line(asyncio.Protocol):
    """A connection to one machine, open or encrypted. Failures are OSErrors, of which TimeoutError is one."""

    def __init__(self) -> None:
        self.gathers = False
        """Whether bytes are let gather between reads: while an answer streams."""
        self._socket: asyncio.Transport | None = None
        """The connection itself; reading is stopped and resumed here, below any encryption."""
        self._transport: asyncio.Transport | None = None
        """What is written to."""
        self._received = b""
        self._over = False
        self._failure: Exception | None = None
        self._more: asyncio.Future[None] | None = None
        """Whoever waits for bytes."""
        self._room: asyncio.Future[None] | None = None
        """Whoever waits until what was written is taken."""
        self._full = False
        self._rests_until_s = 0.0

    # --- for who uses it ---

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came that nobody waited for, the other side's farewell least of all."""
        return not self._over and not self._received

    async def read(self, limit_s: float | None = None) -> bytes:
        """The next bytes, b"" at the end."""
        if self.gathers and (rest_s := self._rests_until_s - monotonic()) > 0:
            await asyncio.sleep(rest_s)
        if not self._received and not self._over:
            await self._wait_for_more(limit_s)
            is_little = len(self._received) < _MUCH_BYTES
            self._rests_until_s = monotonic() + GATHER_S if self.gathers and is_little else 0.0
        data, self._received = self._received, b""
        if not data and self._failure is not None:
            raise self._failure
        return data

    async def exactly(self, count: int) -> bytes:
        """So many bytes; an end before them is a ConnectionError."""
        while len(self._received) < count:
            if self._over:
                raise self._failure or ConnectionResetError("the other side hung up")
            await self._wait_for_more(None)
        data, self._received = self._received[:count], self._received[count:]
        return data

    async def write(self, data: bytes, limit_s: float | None = None) -> None:
        """Send bytes; done when all but the last few are on their way. The limit counts from piece to piece."""
        self.listen()  # an answer may come before all is sent
        for start in range(0, len(data), _PIECE_BYTES):
            if self._over or self._transport is None:
                raise self._failure or ConnectionResetError("the other side hung up")
            self._transport.write(memoryview(data)[start : start + _PIECE_BYTES])
            if self._full:
                self._room = asyncio.get_running_loop().create_future()
                try:
                    async with asyncio.timeout(limit_s):
                        await self._room
                finally:
                    self._room = None

    async def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Speak TLS from now on, with who proves to be `host`; raises ssl.SSLError where he can't."""
        self.listen()
        if self._transport is None or not self.is_quiet:
            raise self._failure or ConnectionResetError("spoke or hung up before the handshake")
        outer: Any = self._transport
        if outer is not self._socket:  # TLS within TLS, whose failure asyncio can't tell upwards before Python 3.13
            outer._force_close = lambda _error: outer.abort()
        loop = asyncio.get_running_loop()
        inner = await loop.start_tls(outer, self, context, server_hostname=host)
        if inner is None:
            raise ConnectionResetError("hung up in the handshake")
        self._transport = inner

    def listen(self) -> None:
        """Let the next bytes come, or the end, though nobody waits for them."""
        if self._socket is not None:
            self._socket.resume_reading()

    def close(self) -> None:
        """Hang up at once; who still reads is told that it was no end."""
        self._failure = self._failure or ConnectionAbortedError("hung up")
        if self._transport is not None:
            self._transport.abort()

    async def _wait_for_more(self, limit_s: float | None) -> None:
        waiting = self._more = asyncio.get_running_loop().create_future()
        self.listen()
        try:
            async with asyncio.timeout(limit_s):
                await waiting
        finally:
            self._more = None

    # --- for asyncio ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        assert isinstance(transport, asyncio.Transport)
        self._socket = self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes came: no more until somebody wants them."""
        self._received += data
        if self._socket is not None:
            self._socket.pause_reading()
        _wake(self._more)

    def eof_received(self) -> None:
        """The other side has said all; so have we."""
        self._over = True
        _wake(self._more)

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        self._over = True
        if isinstance(error, TimeoutError):  # the system's, of a line that is dead; ours is of who waits
            error = ConnectionResetError(*error.args)
        self._failure = self._failure or error
        _wake(self._more)
        _wake(self._room)

    def pause_writing(self) -> None:
        """What was written is not taken."""
        self._full = True

    def resume_writing(self) -> None:
        """It was taken."""
        self._full = False
        _wake(self._room)


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


async def connect(host: str, port: int) -> Line:
    """A line to whichever address of a host answers first; raises OSError, of which socket.gaierror is one."""
    loop = asyncio.get_running_loop()
    next_address_s = _NEXT_ADDRESS_S if as_number(host) is None else None
    _transport, line = await loop.create_connection(Line, host, port, happy_eyeballs_delay=next_address_s)
    return line
