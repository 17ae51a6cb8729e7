# ruff: noqa: TID251  # this is the home of httpcore
"""How bytes get to the gateway and back: the only import of httpcore.

One `Http` speaks to one address. It is built when first used, since building a TLS context and importing httpcore cost
more than the rest of a start. Whatever goes wrong leaves here as a WireError; no exception of httpcore does, for those
may hold what was sent.
"""

from __future__ import annotations

import logging
import os
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from msgspec import Struct

from tui_chat.errors import WireError, causes
from tui_chat.wire.catalogue import explain
from tui_chat.wire.encoding import unpacker
from tui_chat.wire.gateway import ascii_host
from tui_chat.wire.inlet import Inlet, Inlets
from tui_chat.wire.proxy import ProxyChoice, proxy_for
from tui_chat.wire.trust import as_host, tls_reason, trusted

if TYPE_CHECKING:
    import httpcore

    from tui_chat.wire.address import Place
    from tui_chat.wire.exchange import Exchange

JSON_LIMIT_BYTES = 32 * 1024 * 1024
_ERROR_LIMIT_BYTES = 1024 * 1024
_PORTS = {"http": 80, "https": 443}
_AS_IT_IS = "/:@!$&'()*+,;=~-._%?[]|"
"""What of an address is sent as it is written, beside letters and digits."""


class Timeouts(Struct, frozen=True):
    """How long to wait, in seconds. An answer as a whole has no limit."""

    connect_s: float = 12.0
    first_byte_s: float = 300.0
    """From the request to the answer's headers: models that think are silent for minutes."""
    between_bytes_s: float = 310.0
    """Gateways cut a silent upstream after 300 s, so we wait a little longer and see what they say."""


class Answer:
    """An answer with a good status: its headers, and its body as it comes."""

    def __init__(self, response: httpcore.Response, http: Http, exchange: Exchange | None = None) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = _read_headers(response.headers)
        self._response = response
        self._http = http
        self._exchange = exchange
        if exchange is not None:
            exchange.answered(self.status, self.headers)

    @property
    def request_id(self) -> str:
        """The gateway's own id of the request; "" where it gave none."""
        return self.headers.get("x-oneapi-request-id") or self.headers.get("x-request-id") or ""

    async def chunks(self, *, gather: bool = False) -> AsyncGenerator[bytes, None]:
        """The body in pieces as they come, decompressed; raises WireError where it is cut or can't be read.

        With `gather` what comes within the twentieth of a second is one piece (see `inlet.py`).
        """
        unpack = unpacker(self.headers.get("content-encoding", ""))
        exchange = self._exchange
        inlet = self._response.extensions.get("network_stream")
        try:
            if isinstance(inlet, Inlet):
                inlet.gathers = gather
            with self._http.explaining(in_body=True):
                async for raw in self._response.aiter_stream():
                    for piece in (raw,) if unpack is None else unpack(raw):
                        if exchange is not None:
                            exchange.take(piece)
                        yield piece
                await self._response.aclose()  # now, so that its connection can serve again at once
        finally:
            if isinstance(inlet, Inlet):
                inlet.gathers = False

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
    ) -> None:
        """Nothing is opened or imported yet.

        Args:
            base_url: as `gateway.normalise_base_url` gives it.
            headers: sent with every request.
            timeouts: how long to wait for what.
            ca_file: PEM file of certificates to trust besides the system's; "" for none.
            env: where proxy variables are looked up; the process environment by default.
            secret: the key, taken out of whatever the server says.
        """
        self.base_url = base_url.rstrip("/")
        self._headers = dict(headers)
        self._timeouts = timeouts or Timeouts()
        self._ca_file = ca_file
        self._env = os.environ if env is None else env
        self._secret = secret
        self._proxy: ProxyChoice | None = None
        self._pool: httpcore.AsyncConnectionPool | None = None

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
        waits = self._timeouts
        timeout: dict[str, float | None] = {
            "connect": waits.connect_s,
            "read": waits.first_byte_s,
            "write": waits.between_bytes_s,
            "pool": None,
        }
        own = {name.lower() for name in self._headers}
        others = {name: value for name, value in (headers or {}).items() if name.lower() not in own}
        extensions: dict[str, object] = {"timeout": timeout}
        if exchange is not None:
            extensions["trace"] = exchange.trace
        request = _request(method, self.base_url + path, {**others, **self._headers}, content, extensions)
        if exchange is not None:
            sent = _read_headers(request.headers, str)
            url = request.url
            exchange.goes_out(method, f"{url.scheme.decode()}://{sent['Host']}{url.target.decode()}", sent.items())
        async with self._sent(request) as response:
            # The body's reader looks the time-out up when it begins, so from here on the other one counts.
            timeout["read"] = waits.between_bytes_s
            answer = Answer(response, self, exchange)
            if not 200 <= answer.status < 300:
                raise await self._refused(answer, model)
            yield answer

    @asynccontextmanager
    async def _sent(self, request: httpcore.Request) -> AsyncIterator[httpcore.Response]:
        pool = self._built()
        with self.explaining():
            response = await pool.handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()

    @contextmanager
    def explaining(self, *, in_body: bool = False) -> Iterator[None]:
        """Whatever fails inside leaves as a WireError."""
        import httpcore

        of_line = (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
        )
        known: tuple[type[Exception], ...] = (*of_line, *self._of_proxy(), OSError, UnicodeError)
        try:
            yield
        except known as error:
            raise self._explained(error, in_body=in_body) from None

    def _of_proxy(self) -> tuple[type[Exception], ...]:
        """What says that the proxy failed; nonsense from a SOCKS proxy and names too long for one come as they are."""
        import httpcore

        if self._proxy is None or not self._proxy.url.startswith("socks"):
            return (httpcore.ProxyError,)
        import socksio

        return httpcore.ProxyError, socksio.ProtocolError, OverflowError

    def _explained(self, error: Exception, *, in_body: bool) -> WireError:
        """What a failure of the connection means."""
        import httpcore

        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        whole = list(causes(error))
        if isinstance(error, (httpcore.ConnectTimeout, TimeoutError)):  # the second: a SOCKS proxy that says nothing
            if self._proxy is not None:
                return WireError("error.proxy_failed", retryable=True, variable=self._proxy.variable)
            return WireError(
                "error.connect_timeout", retryable=True, host=host, seconds=f"{self._timeouts.connect_s:g}"
            )
        if isinstance(error, (httpcore.ReadTimeout, httpcore.WriteTimeout)):
            seconds = self._timeouts.between_bytes_s if in_body else self._timeouts.first_byte_s
            return WireError("error.read_timeout", retryable=True, host=host, seconds=f"{seconds:g}")
        if isinstance(error, self._of_proxy()) and self._proxy is not None:
            return WireError("error.proxy_failed", variable=self._proxy.variable)
        if isinstance(error, (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError, UnicodeError)):
            return WireError("error.address_invalid")
        tls = next((cause for cause in whole if isinstance(cause, ssl.SSLError)), None)
        if tls is not None or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return WireError("error.tls_failed", host=host, reason=tls_reason(tls or error))
        if in_body or not isinstance(error, httpcore.ConnectError):
            return WireError("error.stream_cut", retryable=True, host=host)
        if self._proxy is not None:
            return WireError("error.proxy_failed", retryable=True, variable=self._proxy.variable)
        if any(isinstance(cause, socket.gaierror) for cause in whole):
            return WireError("error.no_network", retryable=True, host=host)
        port = parts.port or _PORTS[parts.scheme]
        return WireError("error.connect_failed", retryable=True, host=host, port=port)

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

    def _built(self, trust: ssl.SSLContext | None = None) -> httpcore.AsyncConnectionPool:
        """The connections, made when first needed; `trust` says which certificates count, by default `_trust()`."""
        if self._pool is not None:
            return self._pool
        import httpcore

        logger = logging.getLogger("httpcore")
        logger.setLevel(max(logger.level, logging.WARNING))  # it logs URLs and headers
        try:
            self._proxy = proxy_for(self.base_url, self._env)
        except ValueError:
            raise WireError("error.address_invalid") from None
        try:
            proxy = _proxy(self._proxy.url, self._trust) if self._proxy is not None else None
        except ValueError:
            raise WireError("error.proxy_setting", variable=self._proxy.variable if self._proxy else "") from None
        backend: Any = Inlets(httpcore.AnyIOBackend())
        self._pool = httpcore.AsyncConnectionPool(
            trust or self._trust(), proxy, max_connections=None, keepalive_expiry=30, network_backend=backend
        )
        return self._pool

    def _trust(self) -> ssl.SSLContext:
        return trusted(self.base_url, self._ca_file)


@asynccontextmanager
async def get_at(
    place: Place, address: str, headers: Mapping[str, str], *, env: Mapping[str, str], ca_file: str = ""
) -> AsyncGenerator[Answer, None]:
    """GET a place of the web from exactly this address of its host, whatever its name leads to by now.

    A server with TLS still has to prove the host's name. The answer may have any status; it is not followed.

    Raises:
        WireError: no connection, or no answer in time.
    """
    http = Http(f"{place.scheme}://{place.name}", headers, ca_file=ca_file, env=env)
    http._built(as_host(http._trust(), place.host) if place.scheme == "https" else None)
    host = f"[{address}]" if ":" in address else address
    url = f"{place.scheme}://{host}:{place.port}{place.target}"
    extensions = {"timeout": {"connect": 10.0, "read": 20.0, "write": 20.0, "pool": None}}
    try:
        request = _request("GET", url, {**headers, "Host": place.name}, None, extensions)
        async with http._sent(request) as response:
            yield Answer(response, http)
    finally:
        await http.aclose()


def _request(
    method: str, address: str, headers: Mapping[str, str], content: bytes | None, extensions: Mapping[str, object]
) -> httpcore.Request:
    """The request for an address; raises WireError for one, or a header, that can't be sent."""
    import httpcore

    length = {"Content-Length": str(len(content))} if content is not None else {}
    try:
        url = _url(address)
        host = f"[{url.host.decode()}]" if b":" in url.host else url.host.decode()
        always = {"Host": host if url.port is None else f"{host}:{url.port}"}
        sent = [(name.encode(), value.encode("ascii")) for name, value in {**always, **headers, **length}.items()]
    except ValueError:
        raise WireError("error.address_invalid") from None
    return httpcore.Request(method, url, headers=sent, content=content, extensions=dict(extensions))


def _proxy(address: str, trust: Callable[[], ssl.SSLContext]) -> httpcore.Proxy:
    """A proxy, with the name and password of its address; one with TLS has to prove its name too."""
    import httpcore

    parts = urlsplit(address)
    auth = (unquote(parts.username or "").encode(), unquote(parts.password or "").encode())
    context = trust() if parts.scheme == "https" else None
    return httpcore.Proxy(_url(address), auth=auth if any(auth) else None, ssl_context=context)


def _url(address: str) -> httpcore.URL:
    """An address in the letters that go over the line."""
    import httpcore

    parts = urlsplit(address)
    host = parts.hostname or ""
    if not host or not host.isprintable() or " " in host:
        raise ValueError(address)
    target = quote(parts.path or "/", safe=_AS_IT_IS) + (
        f"?{quote(parts.query, safe=_AS_IT_IS)}" if parts.query else ""
    )
    return httpcore.URL(
        scheme=parts.scheme.encode(),
        host=ascii_host(host),
        port=parts.port if parts.port != _PORTS.get(parts.scheme) else None,
        target=target.encode(),
    )


def _read_headers(headers: Iterable[tuple[bytes, bytes]], spelled: Callable[[str], str] = str.lower) -> dict[str, str]:
    """Headers by name, those of one name in one."""
    read: dict[str, str] = {}
    for name, value in headers:
        key = spelled(name.decode("ascii", "replace"))
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        read[key] = f"{read[key]}, {text}" if key in read else text
    return read
