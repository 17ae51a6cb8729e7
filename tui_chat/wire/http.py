# ruff: noqa: TID251  # this is the home of httpx
"""How bytes get to the gateway and back: the only import of httpx.

One `Http` speaks to one address. It is built when first used, since building a TLS context and importing httpx cost
more than the rest of a start. Whatever goes wrong leaves here as a WireError; no exception of httpx does, for those
hold URLs and headers.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import ssl
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from tui_chat.errors import WireError
from tui_chat.wire.catalogue import explain
from tui_chat.wire.encoding import unpacker
from tui_chat.wire.gateway import is_loopback
from tui_chat.wire.inlet import Inlet, Inlets
from tui_chat.wire.proxy import ProxyChoice, proxy_for

if TYPE_CHECKING:
    import httpx

    from tui_chat.wire.address import Place
    from tui_chat.wire.exchange import Exchange

JSON_LIMIT_BYTES = 32 * 1024 * 1024
_ERROR_LIMIT_BYTES = 1024 * 1024

if "httpx" not in sys.modules:
    # Where click is installed, httpx brings its command line with it: click, rich and pygments, more than all the rest.
    _no_command_line = ModuleType("httpx._main")
    _no_command_line.main = lambda: None  # type: ignore[attr-defined]
    sys.modules.setdefault("httpx._main", _no_command_line)


class Timeouts(Struct, frozen=True):
    """How long to wait, in seconds. An answer as a whole has no limit."""

    connect_s: float = 12.0
    first_byte_s: float = 300.0
    """From the request to the answer's headers: models that think are silent for minutes."""
    between_bytes_s: float = 310.0
    """Gateways cut a silent upstream after 300 s, so we wait a little longer and see what they say."""


class Answer:
    """An answer with a good status: its headers, and its body as it comes."""

    def __init__(self, response: httpx.Response, http: Http, exchange: Exchange | None = None) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
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
        import httpx

        unpack = unpacker(self.headers.get("content-encoding", ""))
        exchange = self._exchange
        inlet = self._response.extensions.get("network_stream")
        try:
            if isinstance(inlet, Inlet):
                inlet.gathers = gather
            async for raw in self._response.aiter_raw():
                for piece in (raw,) if unpack is None else unpack(raw):
                    if exchange is not None:
                        exchange.take(piece)
                    yield piece
        except (httpx.HTTPError, OSError) as error:
            raise self._http.explained(error, in_body=True) from None
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
        self._client: httpx.AsyncClient | None = None

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
        import httpx

        client = self._built()
        waits = self._timeouts
        timeout: dict[str, float | None] = {
            "connect": waits.connect_s,
            "read": waits.first_byte_s,
            "write": waits.between_bytes_s,
            "pool": None,
        }
        try:
            request = client.build_request(
                method,
                self.base_url + path,
                content=content,
                headers={**(headers or {}), **self._headers},
                extensions={"timeout": timeout} if exchange is None else {"timeout": timeout, "trace": exchange.trace},
            )
            if exchange is not None:
                exchange.goes_out(request.method, str(request.url), request.headers.items())
            response = await client.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise self.explained(error) from None
        # The body's reader looks the time-out up when it begins, so from here on the other one counts.
        timeout["read"] = waits.between_bytes_s
        try:
            answer = Answer(response, self, exchange)
            if not 200 <= answer.status < 300:
                raise await self._refused(answer, model)
            yield answer
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def explained(self, error: Exception, *, in_body: bool = False) -> WireError:
        """What a failure of the connection means."""
        import httpx

        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        causes = list(_causes(error))
        if isinstance(error, httpx.ConnectTimeout):
            if self._proxy is not None:
                return WireError("error.proxy_failed", retryable=True, variable=self._proxy.variable)
            return WireError(
                "error.connect_timeout", retryable=True, host=host, seconds=f"{self._timeouts.connect_s:g}"
            )
        if isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)):
            seconds = self._timeouts.between_bytes_s if in_body else self._timeouts.first_byte_s
            return WireError("error.read_timeout", retryable=True, host=host, seconds=f"{seconds:g}")
        if isinstance(error, httpx.ProxyError) and self._proxy is not None:
            return WireError("error.proxy_failed", variable=self._proxy.variable)
        if isinstance(error, (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError)):
            return WireError("error.address_invalid")
        tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
        if tls is not None or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return WireError("error.tls_failed", host=host, reason=_tls_reason(tls or error))
        if in_body or not isinstance(error, httpx.ConnectError):
            return WireError("error.stream_cut", retryable=True, host=host)
        if self._proxy is not None:
            return WireError("error.proxy_failed", retryable=True, variable=self._proxy.variable)
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return WireError("error.no_network", retryable=True, host=host)
        return WireError("error.connect_failed", retryable=True, host=host, port=parts.port or _port(parts.scheme))

    async def _refused(self, answer: Answer, model: str) -> WireError:
        target = answer.headers.get("location", "")
        if 300 <= answer.status < 400 and target:
            there = urlsplit(urljoin(self.base_url, target))
            place = there.netloc.rpartition("@")[2]
            return WireError(
                "error.redirected", status=answer.status, target=f"{there.scheme}://{place}{there.path}"[:200]
            )
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

    def _built(self, trust: ssl.SSLContext | None = None) -> httpx.AsyncClient:
        """The client, made when it is first needed; `trust` says which certificates count, by default `_trust()`."""
        if self._client is not None:
            return self._client
        import httpx

        for name in ("httpx", "httpcore"):
            logger = logging.getLogger(name)
            logger.setLevel(max(logger.level, logging.WARNING))  # they log URLs and headers
        try:
            self._proxy = proxy_for(self.base_url, self._env)
        except ValueError:
            raise WireError("error.address_invalid") from None
        try:
            proxy = httpx.Proxy(self._proxy.url) if self._proxy is not None else None
            limits = httpx.Limits(max_connections=None, keepalive_expiry=30)
            transport = httpx.AsyncHTTPTransport(trust or self._trust(), trust_env=False, limits=limits, proxy=proxy)
            pool: Any = getattr(transport, "_pool", None)  # httpx hands no backend on
            if hasattr(pool, "_network_backend"):  # where that is elsewhere, nothing gathers
                pool._network_backend = Inlets(pool._network_backend)
            self._client = httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)
        except (ValueError, ImportError, httpx.InvalidURL):
            variable = self._proxy.variable if self._proxy is not None else ""
            raise WireError("error.proxy_setting", variable=variable) from None
        return self._client

    def _trust(self) -> ssl.SSLContext:
        return trusted(self.base_url, self._ca_file)


def trusted(url: str, ca_file: str) -> ssl.SSLContext:
    """The certificates to trust for an address: the system's, and those of `ca_file`. Nothing trusts everything.

    Raises:
        WireError: "error.ca_file", it can't be read or holds none.
    """
    if is_loopback(url) and url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; the real one takes 30 ms to load
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(cafile=Path(ca_file).expanduser())
        except (OSError, RuntimeError, ssl.SSLError):
            raise WireError("error.ca_file", path=ca_file) from None
    return context


@asynccontextmanager
async def get_at(
    place: Place, address: str, headers: Mapping[str, str], *, env: Mapping[str, str], ca_file: str = ""
) -> AsyncGenerator[Answer, None]:
    """GET a place of the web from exactly this address of its host, whatever its name leads to by now.

    A server with TLS still has to prove the host's name. The answer may have any status; it is not followed.

    Raises:
        WireError: no connection, or no answer in time.
    """
    import httpx

    http = Http(f"{place.scheme}://{place.name}", headers, ca_file=ca_file, env=env)
    client = http._built(_as_host(http._trust(), place.host) if place.scheme == "https" else None)
    host = f"[{address}]" if ":" in address else address
    extensions = {"timeout": {"connect": 10.0, "read": 20.0, "write": 20.0, "pool": None}}
    try:
        url = f"{place.scheme}://{host}:{place.port}{place.target}"
        request = client.build_request("GET", url, headers={**headers, "Host": place.name}, extensions=extensions)
        response = await client.send(request, stream=True)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        await http.aclose()
        raise http.explained(error) from None
    except BaseException:
        await http.aclose()
        raise
    try:
        yield Answer(response, http)
    finally:
        await response.aclose()
        await http.aclose()


def _as_host(context: ssl.SSLContext, host: str) -> ssl.SSLContext:
    """The context, asking whoever it talks to to be `host`: the connection is to an address, or through a proxy."""
    wrap = context.wrap_bio

    def wrap_bio(
        incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_side: bool = False, *_: object, **__: object
    ) -> ssl.SSLObject:
        return wrap(incoming, outgoing, server_side=server_side, server_hostname=host)

    context.wrap_bio = wrap_bio  # type: ignore[method-assign]
    return context


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all it came from, groups included."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        at = waiting.pop()
        if at is None or id(at) in seen:
            continue
        seen.add(id(at))
        yield at
        waiting += [at.__cause__, at.__context__]
        if isinstance(at, BaseExceptionGroup):
            waiting += at.exceptions


def _tls_reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_message:
        return error.verify_message[:200]
    return re.sub(r"^\[[^]]*\]\s*|\s*\(_ssl\.c:\d+\)$", "", str(error) or type(error).__name__)[:200]


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
