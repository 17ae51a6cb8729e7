"""How does a request get to the gateway, and its answer back?

One `Http` speaks to one address. What it needs for that is imported when it first sends, since that and a TLS context
cost more than the rest of a start. Whatever goes wrong leaves here as a WireError.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from tui_chat.errors import WireError
from tui_chat.wire.catalogue import explain
from tui_chat.wire.encoding import unpacker
from tui_chat.wire.place import Place, place_of
from tui_chat.wire.proxy import proxy_for
from tui_chat.wire.trust import tls_reason, trusted

if TYPE_CHECKING:
    from tui_chat.wire.connection import Connection
    from tui_chat.wire.exchange import Exchange
    from tui_chat.wire.route import Route

JSON_LIMIT_BYTES = 32 * 1024 * 1024
_ERROR_LIMIT_BYTES = 1024 * 1024
_REST_S = 30.0
"""After so long without use a connection is not trusted to be there still."""


class Timeouts(Struct, frozen=True):
    """How long to wait, in seconds. An answer as a whole has no limit."""

    connect_s: float = 12.0
    first_byte_s: float = 300.0
    """From the request to the answer's headers: models that think are silent for minutes."""
    between_bytes_s: float = 310.0
    """Gateways cut a silent upstream after 300 s, so we wait a little longer and see what they say."""


_PAGE_WAITS = Timeouts(connect_s=10.0, first_byte_s=20.0, between_bytes_s=20.0)


class Answer:
    """An answer with a good status: its headers, and its body as it comes."""

    def __init__(
        self, http: Http, connection: Connection, status: int, headers: Mapping[str, str], exchange: Exchange | None
    ) -> None:
        self.status = status
        self.headers = headers
        self._http = http
        self._connection: Connection | None = connection
        self._exchange = exchange
        if exchange is not None:
            exchange.answered(status, headers)

    @property
    def request_id(self) -> str:
        """The gateway's own id of the request; "" where it gave none."""
        return self.headers.get("x-oneapi-request-id") or self.headers.get("x-request-id") or ""

    async def chunks(self, *, gather: bool = False) -> AsyncGenerator[bytes, None]:
        """The body in pieces as they come, decompressed; raises WireError where it is cut or can't be read.

        With `gather` what comes within the twentieth of a second is one piece (see `line.py`).
        """
        unpack = unpacker(self.headers.get("content-encoding", ""))
        exchange, connection = self._exchange, self._connection
        if connection is None:
            return
        try:
            connection.line.gathers = gather
            with self._http.explaining(in_body=True):
                async with aclosing(connection.body(self._http.timeouts.between_bytes_s)) as body:
                    async for raw in body:
                        for piece in (raw,) if unpack is None else unpack(raw):
                            if exchange is not None:
                                exchange.take(piece)
                            yield piece
        finally:
            connection.line.gathers = False
        self.let_go()  # now, so that the connection can serve again at once

    def let_go(self) -> None:
        """Nothing more is wanted of it. Once: its connection may serve somebody else by now."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._http.let_go(connection)

    async def read(self, limit_bytes: int = JSON_LIMIT_BYTES) -> bytes:
        """The whole body; raises WireError "error.event_too_large" where it is longer than the limit."""
        pieces: list[bytes] = []
        size = 0
        async for piece in self.chunks():
            size += len(piece)
            if size > limit_bytes:
                raise WireError("error.event_too_large", limit_mb=round(limit_bytes / 1024 / 1024))
            pieces.append(piece)
        return b"".join(pieces)


class Http:
    """Connections to one address."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        timeouts: Timeouts | None = None,
        ca_file: str = "",
        env: Mapping[str, str] | None = None,
        secret: str = "",
        address: str = "",
    ) -> None:
        """Nothing is opened or imported yet.

        Args:
            base_url: as `gateway.normalise_base_url` gives it.
            headers: sent with every request.
            timeouts: how long to wait for what.
            ca_file: PEM file of certificates to trust besides the system's; "" for none.
            env: where proxy variables are looked up; the process environment by default.
            secret: the key, taken out of whatever the server says.
            address: the IP address to go to, whatever the host's name leads to.
        """
        self.base_url = base_url.rstrip("/")
        self.timeouts = timeouts or Timeouts()
        self._headers = dict(headers)
        self._ca_file = ca_file
        self._env = os.environ if env is None else env
        self._secret = secret
        self._address = address
        self._context: ssl.SSLContext | None = None
        self._route: Route | None = None
        self._busy: set[Connection] = set()
        self._resting: dict[Connection, float] = {}
        """Since when: seconds of the clock on the wall, which goes on while a computer sleeps."""

    @asynccontextmanager
    async def send(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        *,
        model: str = "",
        headers: Mapping[str, str] | None = None,
        exchange: Exchange | None = None,
    ) -> AsyncGenerator[Answer, None]:
        """Send a request; inside the block its answer can be read, leaving the block closes what is unread.

        Args:
            method: GET, POST, DELETE.
            path: from the base URL, beginning with a slash.
            content: the JSON body.
            model: the model asked for, for the words of an error.
            headers: sent with this request beside those of every request, which they never replace.
            exchange: what is to note all that goes over the line.

        Raises:
            WireError: no connection, no answer in time, or an answer that is an error or a redirect.
        """
        own = {name.lower() for name in self._headers}
        others = {name: value for name, value in (headers or {}).items() if name.lower() not in own}
        place = _place(self.base_url + path)
        named = _headers(place, {**others, **self._headers}, content)
        if exchange is not None:
            exchange.goes_out(method, place.url, named.items())
        async with self._asked(place, method, named, content, exchange) as answer:
            if not 200 <= answer.status < 300:
                raise await self._refused(answer, model)
            yield answer

    @asynccontextmanager
    async def _asked(
        self,
        place: Place,
        method: str,
        headers: dict[str, str],
        content: bytes | None = None,
        exchange: Exchange | None = None,
    ) -> AsyncIterator[Answer]:
        connection = await self._connected(place, exchange)
        route, waits = self._way(place), self.timeouts
        target = place.target
        if route.is_forwarded:
            target, headers = route.reached(place).url, {**headers, **route.proxy_headers}
        if exchange is not None:
            exchange.sends()
        try:
            with self.explaining():
                status, answered = await connection.ask(
                    method,
                    target,
                    headers,
                    content,
                    write_s=waits.between_bytes_s,
                    answer_s=waits.first_byte_s,
                )
        except BaseException:
            self.let_go(connection)
            raise
        answer = Answer(self, connection, status, answered, exchange)
        try:
            yield answer
        finally:
            answer.let_go()

    async def _connected(self, place: Place, exchange: Exchange | None) -> Connection:
        """A connection that rests, or a new one."""
        if self._resting:
            for _turn in range(2):  # of the loop: a farewell that is there is seen in them
                await asyncio.sleep(0)
        connection = self._rested()
        if connection is None:
            from tui_chat.wire.connection import Connection

            if exchange is not None:
                exchange.connects()
            connection = Connection(await self._way(place).open())
            if exchange is not None:
                exchange.connected()
        self._busy.add(connection)
        return connection

    def _rested(self) -> Connection | None:
        """The connection that rested least, where one is fit; those that are not are closed."""
        now_s = time.time()
        for connection, since_s in list(self._resting.items()):
            if not connection.line.is_quiet or abs(now_s - since_s) > _REST_S:
                del self._resting[connection]
                connection.line.close()
        return self._resting.popitem()[0] if self._resting else None

    def let_go(self, connection: Connection) -> None:
        """A connection is no longer needed: it rests for the next request, or it is closed where it can't serve one."""
        if connection not in self._busy:
            return
        self._busy.remove(connection)
        if connection.can_serve_again():
            self._resting[connection] = time.time()
        else:
            connection.line.close()

    async def aclose(self) -> None:
        """Close every connection."""
        for connection in (*self._busy, *self._resting):
            connection.line.close()
        self._busy.clear()
        self._resting.clear()
        await asyncio.sleep(0)  # asyncio closes the sockets in its next turn

    @contextmanager
    def explaining(self, *, in_body: bool = False) -> Iterator[None]:
        """Whatever fails inside, of a connection that was there, leaves as a WireError."""
        from tui_chat.wire.connection import NotToBeSent, ProtocolError

        host = urlsplit(self.base_url).hostname or ""
        try:
            yield
        except TimeoutError:
            seconds = self.timeouts.between_bytes_s if in_body else self.timeouts.first_byte_s
            raise WireError("error.read_timeout", retryable=True, host=host, seconds=f"{seconds:g}") from None
        except ssl.SSLError as error:
            raise WireError("error.tls_failed", host=host, reason=tls_reason(error)) from None
        except NotToBeSent:
            raise WireError("error.address_invalid") from None
        except (ProtocolError, OSError):
            raise WireError("error.stream_cut", retryable=True, host=host) from None

    async def _refused(self, answer: Answer, model: str) -> WireError:
        target = answer.headers.get("location", "")
        if 300 <= answer.status < 400 and target:
            try:
                there = urlsplit(urljoin(self.base_url, target))
                target = f"{there.scheme}://{there.netloc.rpartition('@')[2]}{there.path}"
            except ValueError:  # no address at all
                target = target.rpartition("@")[2]
            return WireError("error.redirected", status=answer.status, target=target[:200])
        body: list[bytes] = []
        size = 0
        try:
            async for piece in answer.chunks():
                body.append(piece)
                size += len(piece)
                if size > _ERROR_LIMIT_BYTES:
                    break
        except WireError:
            pass  # what came of the body must do
        content = b"".join(body)[:_ERROR_LIMIT_BYTES]
        return explain(answer.status, answer.headers, content, model=model, secret=self._secret)

    def _way(self, place: Place) -> Route:
        """How to get there; found out when first needed."""
        if self._route is None:
            from tui_chat.wire.route import Route

            proxy = proxy_for(self.base_url, self._env)
            try:
                self._route = Route(place, proxy, self._trust, self.timeouts.connect_s, self._address)
            except ValueError:
                raise WireError("error.proxy_setting", variable=proxy.variable if proxy else "") from None
        return self._route

    def _trust(self) -> ssl.SSLContext:
        self._context = self._context or trusted(self._ca_file)
        return self._context


def _place(address: str) -> Place:
    try:
        return place_of(address)
    except ValueError:
        raise WireError("error.address_invalid") from None


def _headers(place: Place, headers: Mapping[str, str], content: bytes | None) -> dict[str, str]:
    """All headers of a request; raises WireError for those that can't be sent."""
    length = {"Content-Length": str(len(content))} if content is not None else {}
    named = {"Host": place.name, **headers, **length}
    if not all(f"{name}{value}".isascii() for name, value in named.items()):
        raise WireError("error.address_invalid")
    return named


@asynccontextmanager
async def get_at(
    place: Place, address: str, headers: Mapping[str, str], *, env: Mapping[str, str], ca_file: str = ""
) -> AsyncGenerator[Answer, None]:
    """GET a place of the web from exactly this address of its host, whatever its name leads to by now.

    A server with TLS still has to prove the host's name. The answer may have any status; it is not followed.

    Raises:
        WireError: no connection, or no answer in time.
    """
    http = Http(place.url, headers, timeouts=_PAGE_WAITS, ca_file=ca_file, env=env, address=address)
    try:
        async with http._asked(place, "GET", _headers(place, headers, None)) as answer:
            yield answer
    finally:
        await http.aclose()
