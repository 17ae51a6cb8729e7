"""How does a line get to the gateway: straight, or through which proxy, and what does it mean where it doesn't?"""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
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
                there = self.reached(self._place)
                if self._proxy is None:
                    return await self._encrypted(await connect(there.host, there.port))
                return await self._encrypted(await self._through_proxy(self._proxy, there))
        except OSError as error:
            raise self._unreached(error) from None
        except ValueError:  # a name that nobody can have
            raise WireError("error.address_invalid") from None

    async def _through_proxy(self, proxy: ProxyChoice, there: Place) -> Line:
        """A line of which the other end is the place, or of a forwarding proxy the proxy."""
        refused = WireError("error.proxy_failed", variable=proxy.variable)
        try:
            line = await connect(self._proxy_host, self._proxy_port)
        except UnicodeError:
            raise refused from None
        try:
            if self._proxy_scheme == "https":
                await line.encrypt(self._trust(), self._proxy_host)
            if not (self.is_forwarded or await self._asked(line, there)):
                raise refused
        except (ProtocolError, ssl.SSLError, ValueError):
            line.close()
            raise refused from None
        except BaseException:
            line.close()
            raise
        return line

    async def _asked(self, line: Line, there: Place) -> bool:
        """Whether the proxy connects its line to there."""
        if self._proxy_scheme not in PORTS:
            return await ask_through(line, there.host, there.port, self._user, self._password)
        host = f"[{there.host}]" if ":" in there.host else there.host
        target = f"{host}:{there.port}"
        status, _headers = await Connection(line).ask("CONNECT", target, {"Host": target, **self.proxy_headers})
        return 200 <= status < 300

    async def _encrypted(self, line: Line) -> Line:
        if self._place.scheme == "https":
            try:
                await line.encrypt(self._trust(), self._place.host)
            except BaseException:
                line.close()
                raise
        return line

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
