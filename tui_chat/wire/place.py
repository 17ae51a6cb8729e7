"""Where is something on the web, in the letters that go over the line?"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from msgspec import Struct

from tui_chat.wire.gateway import ascii_host

PORTS = {"http": 80, "https": 443}
_AS_IT_IS = "/:@!$&'()*+,;=~-._%?[]|"
"""What of an address is sent as it is written, beside letters and digits."""


class Place(Struct, frozen=True):
    """A web address taken apart: all that is needed to ask for it."""

    scheme: str
    host: str
    """In ASCII and small letters; an IPv6 address without brackets."""
    port: int
    target: str
    """Path and query, encoded."""

    @property
    def url(self) -> str:
        """The address as one would type it."""
        return f"{self.scheme}://{self.name}{self.target}"

    @property
    def name(self) -> str:
        """Host, and the port where it isn't the usual one."""
        return self.authority.removesuffix(f":{PORTS[self.scheme]}")

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place_of(address: str) -> Place:
    """An http(s) address taken apart; raises ValueError, of which UnicodeError is one, for what can't be asked for."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not host or not host.isprintable() or " " in host:
        raise ValueError(address)
    port = parts.port if parts.port is not None else PORTS[parts.scheme]
    query = f"?{quote(parts.query, safe=_AS_IT_IS)}" if parts.query else ""
    target = f"{quote(parts.path or '/', safe=_AS_IT_IS)}{query}"
    return Place(parts.scheme, ascii_host(host).decode("ascii").lower(), port, target)
