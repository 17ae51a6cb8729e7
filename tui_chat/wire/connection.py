# ruff: noqa: TID251  # this is the home of h11
"""What do requests and answers look like on a line? HTTP/1.1, by h11."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping

import h11

from tui_chat.wire.chunks import ChunkJoiner
from tui_chat.wire.line import Line

ProtocolError = h11.ProtocolError
"""What came, or was to be sent, is no HTTP."""
NotToBeSent = h11.LocalProtocolError
"""A header or target that no request can have; a ProtocolError."""
_HEAD_LIMIT_BYTES = 100 * 1024


class Connection:
    """One request after the other, each with its answer. Fails with ProtocolErrors and what its line raises."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT_BYTES)
        self._chunks = ChunkJoiner()

    async def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        *,
        write_s: float | None = None,
        answer_s: float | None = None,
    ) -> tuple[int, dict[str, str]]:
        """Send a request; the status and the headers of its answer.

        Args:
            method: GET, POST, DELETE, CONNECT.
            target: path and query, or whatever else the other side is to be asked for.
            headers: all of them, "Host" too; values in ASCII.
            content: the body.
            write_s: how long each piece of it may wait until it is taken.
            answer_s: how long until the answer's head is there.
        """
        self._chunks = ChunkJoiner()
        named = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        events = [h11.Request(method=method, target=target.encode("ascii"), headers=named), h11.EndOfMessage()]
        if content:
            events.insert(1, h11.Data(data=content))
        pieces = [piece for event in events if (piece := self._http.send(event))]
        try:
            for piece in pieces:
                await self.line.write(piece, write_s)
        except TimeoutError:
            raise
        except OSError:
            pass  # who refuses a request may hang up before he has read it; what he said is still there
        while isinstance(event := await self._next(answer_s), h11.InformationalResponse):
            if event.status_code == 101:
                break
        if not isinstance(event, h11.Response | h11.InformationalResponse):
            raise ConnectionResetError("hung up without an answer")
        return event.status_code, _by_name(event.headers)

    async def body(self, wait_s: float) -> AsyncGenerator[bytes, None]:
        """The answer's body in pieces as they come; `wait_s`: how long to wait for each."""
        while isinstance(event := await self._next(wait_s), h11.Data):
            yield bytes(event.data)

    def can_serve_again(self) -> bool:
        """Whether all is said on both sides and the line stays open; then it is ready for the next request."""
        http = self._http
        if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
            return False
        if http.trailing_data[0] or not self.line.is_quiet:  # what nobody asked for would be the next one's answer
            return False
        http.start_next_cycle()
        self.line.listen()  # so that a farewell is seen
        return True

    async def _next(self, limit_s: float | None) -> object:
        """The next event of h11, or how it says that there is none."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self.line.read(limit_s)
            joined = self._chunks.join(data)
            if joined or not data:
                self._http.receive_data(joined)
        return event


def _by_name(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by name in small letters, those of one name in one."""
    read: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("ascii", "replace").lower()
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        read[key] = f"{read[key]}, {text}" if key in read else text
    return read
