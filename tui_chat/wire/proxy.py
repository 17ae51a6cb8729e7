"""Which proxy the environment asks for, for one address, made robust.

HTTP libraries give up at start when a proxy variable is odd (`socks://…`, `NO_PROXY=[::1]`), and send even loopback
through a proxy. We decide for our one address by ourselves, and name the variable where it can't be used.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from tui_chat.discreet import Discreet
from tui_chat.errors import WireError
from tui_chat.wire.gateway import as_number, is_loopback

SYSTEM = "system settings"
_CGI = "REQUEST_METHOD"
_SCHEMES = {"http": "http", "https": "https", "socks5": "socks5", "socks5h": "socks5h", "socks": "socks5h"}


class ProxyChoice(Discreet, Struct, frozen=True):
    """A proxy, and where it was named."""

    SHOWN = ("variable",)

    url: str
    """May hold a password."""
    variable: str


def proxy_for(url: str, environ: Mapping[str, str]) -> ProxyChoice | None:
    """The proxy to use for `url`; None means a direct connection.

    Variables in lower case come first, as everywhere. Loopback never goes through a proxy. Entries of `NO_PROXY` that
    can't be read are passed over; host names with their subdomains, addresses, networks (CIDR), ports and `*` are.

    Raises:
        WireError: "error.proxy_setting", the variable names no usable proxy.
    """
    parts = urlsplit(url)
    host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
    if is_loopback(url):
        return None
    found = _named(parts.scheme, environ) or _from_system(parts.scheme, host, environ)
    if found is None or _bypassed(host, port, environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return None
    variable, value = found
    return ProxyChoice(_usable(value, variable), variable)


def proxy_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """What of an environment `proxy_for` goes by, for who must not be handed the rest."""
    return {name: value for name, value in environ.items() if name.lower().endswith("_proxy") or name == _CGI}


def _named(scheme: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY"):
        if name == "HTTP_PROXY" and _CGI in environ:
            continue  # in a CGI program this is a header that the visitor set
        if value := environ.get(name, "").strip():
            return name, value
    return None


def _from_system(scheme: str, host: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The proxy of the system settings of macOS and Windows."""
    if sys.platform not in ("darwin", "win32") or any(name.lower().endswith("_proxy") for name in environ):
        return None
    import urllib.request

    value = urllib.request.getproxies().get(scheme)
    if not value or urllib.request.proxy_bypass(host):
        return None
    return SYSTEM, value


def _bypassed(host: str, port: int, entries: str) -> bool:
    address = as_number(host)
    for entry in entries.replace(",", " ").lower().split():
        if entry == "*":
            return True
        name, _colon, entry_port = entry.rpartition(":")
        if name and entry_port.isdigit() and (":" not in name or name.endswith("]")):
            if int(entry_port) != port:
                continue
            entry = name
        entry = entry.partition("://")[2] or entry
        entry = entry.strip("[]")
        if address is not None:
            try:
                if address in ipaddress.ip_network(entry, strict=False):
                    return True
            except ValueError:
                continue
        else:
            entry = entry.removeprefix("*").lstrip(".")
            if entry and (host == entry or host.endswith(f".{entry}")):
                return True
    return False


def _usable(value: str, variable: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator:
        scheme, rest = "http", value
    known = _SCHEMES.get(scheme.lower())
    try:
        parts = urlsplit(f"http://{rest}")
        usable = known is not None and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in rest):
        raise WireError("error.proxy_setting", variable=variable)
    return f"{known}://{rest.rstrip('/')}"
