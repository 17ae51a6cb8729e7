"""Which addresses are out in the public network? What a model asks for must never reach this computer or its network.

A name says nothing: anybody can let a name of his lead to 127.0.0.1, and to another address a second later. So names
are looked up here, once, every address found is judged, and the connection goes to that address and no other.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from tui_chat.errors import WireError
from tui_chat.wire.gateway import as_number
from tui_chat.wire.place import PORTS, Place, place_of

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to addresses; raises OSError where there are none."""
Permit = Callable[[str, int], bool]
"""Whether an address and port may be connected to."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
_TUNNELS = tuple(ipaddress.ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_UNSAFE = re.compile("[\x00-\x20\x7f\\\\]")


def read_url(typed: str) -> Place:
    """A web address taken apart strictly; whatever two programs might read differently is refused.

    Raises:
        WireError: "error.page_address" for what is no plain http(s) address: user names, blanks, backslashes, odd
            numbers for hosts; "error.page_port" for a port of the system's services other than 80 and 443.
    """
    text = typed.strip()
    refusal = WireError("error.page_address", url=_told(text))
    if len(text) > 8000 or _UNSAFE.search(text):
        raise refusal
    try:
        parts = urlsplit(text)
        place = place_of(text)
    except ValueError:
        raise refusal from None
    host = place.host.rstrip(".")
    if "@" in parts.netloc or not _is_host(host, "[" in parts.netloc):
        raise refusal
    if place.port not in PORTS.values() and place.port < 1024:
        raise WireError("error.page_port", url=_told(text), port=place.port)
    return Place(place.scheme, host, place.port, place.target)


def is_public(address: str, port: int = 0) -> bool:
    """Whether an IP address belongs to the public network, and can't lead back inside in disguise."""
    found = as_number(address)
    if found is None:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return False
        if found in _NAT64:  # how a network without IPv4 reaches an IPv4 address
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)), port)
        if found not in _UNICAST or any(found in network for network in _TUNNELS):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system gives them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def reachable(place: Place, permit: Permit, resolve: Resolve) -> list[str]:
    """The addresses to connect to for a place, in the system's order.

    Raises:
        WireError: "error.page_private" where a single one of them may not be connected to, "error.no_network" where
            there is none.
    """
    try:
        addresses = await resolve(place.host, place.port)
    except (OSError, UnicodeError):
        addresses = []
    if not addresses:
        raise WireError("error.no_network", retryable=True, host=place.host)
    for address in addresses:
        if not permit(address, place.port):
            raise WireError("error.page_private", host=place.host, address=address)
    return addresses


def _is_host(host: str, bracketed: bool) -> bool:
    if bracketed:
        try:
            return ipaddress.IPv6Address(host).scope_id is None
        except ValueError:
            return False
    if not host or len(host) > 253:
        return False
    labels = host.split(".")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):  # a number: then only the plain form of IPv4 will do
        try:
            return str(ipaddress.IPv4Address(host)) == host
        except ValueError:
            return False
    return all(_LABEL.fullmatch(label) for label in labels)


def _told(text: str) -> str:
    """An address for a sentence: without a password, printable, bounded."""
    place = re.sub(r"//[^/?#]*@", "//…@", text)
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in place)[:200]
