"""How does a line get to the gateway: straight, or through which proxy, and what does it mean where it doesn't?"""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from tui_chat.errors import WireError
from tui_chat.wire.connection import Connection, ProtocolError
from tui_chat.wire.gateway import ascii_host
from tui_chat.wire.line import Line, connect
from tui_chat.wire.place import PORTS, Place
from tui_chat.wire.proxy import ProxyChoice
from tui_chat.wire.socks import ask_through
from tui_chat.wire.trust import tls_reason


class Route:
    """The way to one place."""

    def __init__(
        self,
        place: Place,
        proxy: ProxyChoice | None,
        trust: Callable[[], ssl.SSLContext],
        connect_s: float,
        address: str = "",
    ) -> None:
        """Nothing is opened yet; raises ValueError for a proxy whose name or password can't be sent.

        Args:
            place: where to; its target does not matter.
            proxy: what to go through.
            trust: which certificates count.
            connect_s: how long the whole way may take, in seconds.
            address: the IP address to go to, whatever the place's name leads to.
        """
        self._place = place
        self._proxy = proxy
        self._trust = trust
        self._connect_s = connect_s
        self._address = address
        parts = urlsplit(proxy.url if proxy is not None else "")
        self._proxy_scheme = parts.scheme
        self._proxy_host = ascii_host(parts.hostname or "").decode("ascii")
        self._proxy_port = parts.port or PORTS.get(parts.scheme, 1080)
        self._user, self._password = (unquote(part or "").encode() for part in (parts.username, parts.password))

    @property
    def is_forwarded(self) -> bool:
        """Whether a proxy is handed the requests themselves, since nothing is encrypted."""
        return self._proxy_scheme in PORTS and self._place.scheme == "http"

    @property
    def proxy_headers(self) -> dict[str, str]:
        """What a proxy of HTTP wants to know of who asks."""
        if not (self._user or self._password):
            return {}
        return {"Proxy-Authorization": f"Basic {b64encode(self._user + b':' + self._password).decode()}"}

    def reached(self, place: Place) -> Place:
        """A place as whoever makes the connection is told of it."""
        return replace(place, host=self._address) if self._address else place

    async def open(self) -> Line:
        """A line that reaches the place.

        Raises:
            WireError: no connection in time, or to somebody who can't prove to be the place.
        """
        if "https" in (self._place.scheme, self._proxy_scheme):
            self._trust()  # what is wrong with it is said before anybody is called
        try:
            async with asyncio.timeout(self._connect_s):
                return await self._opened(self.reached(self._place))
        except OSError as error:
            raise self._unreached(error) from None
        except ValueError:  # a name that nobody can have
            raise WireError("error.address_invalid") from None

    async def _opened(self, there: Place) -> Line:
        """A line of which the other end is the place, or of a forwarding proxy the proxy."""
        with self._naming_the_proxy():
            first = (there.host, there.port) if self._proxy is None else (self._proxy_host, self._proxy_port)
            line = await connect(*first)
        try:
            if self._proxy is not None:
                with self._naming_the_proxy():
                    await self._pass_proxy(line, there, self._proxy)
            if self._place.scheme == "https":
                await line.encrypt(self._trust(), self._place.host)
        except BaseException:
            line.close()
            raise
        return line

    @contextmanager
    def _naming_the_proxy(self) -> Iterator[None]:
        """What is wrong inside is the proxy's fault, where there is one; a line that breaks is judged elsewhere."""
        try:
            yield
        except (ProtocolError, ssl.SSLError, ValueError):
            if self._proxy is None:
                raise
            raise WireError("error.proxy_failed", variable=self._proxy.variable) from None

    async def _pass_proxy(self, line: Line, there: Place, proxy: ProxyChoice) -> None:
        """Have the proxy at the other end of a line lead it on."""
        if self._proxy_scheme == "https":
            await line.encrypt(self._trust(), self._proxy_host)
        if not (self.is_forwarded or await self._asked(line, there)):
            raise WireError("error.proxy_failed", variable=proxy.variable)

    async def _asked(self, line: Line, there: Place) -> bool:
        """Whether the proxy connects its line to there."""
        if self._proxy_scheme not in PORTS:
            return await ask_through(line, there.host, there.port, self._user, self._password)
        headers = {"Host": there.authority, **self.proxy_headers}
        status, _headers = await Connection(line).ask("CONNECT", there.authority, headers)
        return 200 <= status < 300

    def _unreached(self, error: OSError) -> WireError:
        """What it means that there is no line."""
        host = self._place.host
        if isinstance(error, ssl.SSLError):
            return WireError("error.tls_failed", host=host, reason=tls_reason(error))
        if self._proxy is not None:
            return WireError("error.proxy_failed", retryable=True, variable=self._proxy.variable)
        if isinstance(error, TimeoutError) and error.errno is None:  # ours, not one of the system's
            seconds = f"{self._connect_s:g}"
            return WireError("error.connect_timeout", retryable=True, host=host, seconds=seconds)
        if isinstance(error, socket.gaierror):
            return WireError("error.no_network", retryable=True, host=host)
        return WireError("error.connect_failed", retryable=True, host=host, port=self._place.port)
