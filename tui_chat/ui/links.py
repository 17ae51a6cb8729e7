"""Which link may be opened? http, https and mailto, going by the address as written and as it reads once unquoted."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

_SCHEMES = frozenset({"http", "https", "mailto"})
_LIMIT_CHARACTERS = 4096


class Link(NamedTuple):
    """An address that may be opened."""

    url: str
    """Printable ASCII, encoded anew."""
    target: str
    """Who is meant: the host in its plain-ASCII form, or the mail address."""


def openable(href: str) -> Link | None:
    """The link behind an address from outside, None where it must not be opened."""
    href = href.strip()
    if len(href) > _LIMIT_CHARACTERS or any(not letter.isprintable() or letter.isspace() for letter in unquote(href)):
        return None
    try:
        raw, plain = urlsplit(href), urlsplit(unquote(href))
        host = raw.hostname or ""
    except ValueError:
        return None
    if raw.scheme not in _SCHEMES or plain.scheme != raw.scheme or href.startswith("-"):
        return None
    if raw.scheme == "mailto":
        address = raw.path
        return Link(f"mailto:{quote(address, safe='@%.+-_')}", address) if "@" in address else None
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if not ascii_host:
        return None
    return Link(_encoded(raw, ascii_host), ascii_host)


def _encoded(parts: SplitResult, host: str) -> str:
    port = f":{parts.port}" if parts.port else ""
    place = f"[{host}]" if ":" in host else host
    safe = "%/:?#[]@!$&'()*+,;=-._~"
    query = f"?{quote(parts.query, safe=safe)}" if parts.query else ""
    fragment = f"#{quote(parts.fragment, safe=safe)}" if parts.fragment else ""
    return f"{parts.scheme}://{place}{port}{quote(parts.path, safe=safe)}{query}{fragment}"
