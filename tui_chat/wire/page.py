"""How is a page of the public web fetched for a model? As a stranger: no key, no cookie, no way back into this network.

Every hop of every redirect is looked up and judged anew, and the address that was judged is the one connected to.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from urllib.parse import urljoin

from msgspec import Struct

from tui_chat import __version__
from tui_chat.errors import WireError
from tui_chat.wire.address import Permit, Resolve, is_public, reachable, read_url, resolved
from tui_chat.wire.http import get_at
from tui_chat.wire.place import Place

LIMIT_BYTES = 2 * 1024 * 1024
PATIENCE_S = 30.0
REDIRECTS = 8
_TRIED = 3
"""Addresses of one host that are tried."""
_HEADERS = {
    "User-Agent": f"yibu-chat/{__version__}",
    "Accept": "text/html,application/xhtml+xml,text/plain,application/json,application/xml;q=0.9,*/*;q=0.1",
    "Accept-Encoding": "identity",
}


class Page(Struct, frozen=True):
    """What a web address gave."""

    url: str
    """Where the last redirect led."""
    status: int
    media_type: str
    """Without parameters, in small letters; "" where the server names none."""
    charset: str
    """As the server names it; "" where it doesn't."""
    content: bytes
    cut: bool = False
    """The page is longer; what is here is its beginning."""


async def get_page(
    url: str,
    *,
    limit_bytes: int = LIMIT_BYTES,
    patience_s: float = PATIENCE_S,
    permit: Permit = is_public,
    resolve: Resolve = resolved,
    env: Mapping[str, str] = os.environ,
    ca_file: str = "",
) -> Page:
    """Fetch a page with GET, following redirects.

    Args:
        url: http or https.
        limit_bytes: of content, unpacked; more isn't read.
        patience_s: for all of it.
        permit: judges each address before it is connected to.
        resolve: looks hosts up.
        env: where proxy variables are looked up; a proxy is given the judged address, not the name.
        ca_file: certificates to trust besides the system's.

    Raises:
        WireError: an address that may not be fetched, too many redirects, no connection, or not in time.
    """
    place = read_url(url)
    try:
        async with asyncio.timeout(patience_s):
            for _ in range(REDIRECTS + 1):
                page, onward = await _hop(place, limit_bytes, permit, resolve, env, ca_file)
                if not onward:
                    return page
                following = read_url(_joined(place.url, onward))
                if place.scheme == "https" and following.scheme == "http":
                    raise WireError("error.page_downgraded", url=following.url[:200])
                place = following
    except TimeoutError:
        raise WireError("error.page_silent", retryable=True, host=place.host) from None
    except WireError as error:
        raise _of_page(error, place) from None
    raise WireError("error.page_redirects", url=url[:200], count=REDIRECTS)


async def _hop(
    place: Place, limit_bytes: int, permit: Permit, resolve: Resolve, env: Mapping[str, str], ca_file: str
) -> tuple[Page, str]:
    """One request: the page, and where it redirects to, "" where it doesn't."""
    addresses = (await reachable(place, permit, resolve))[:_TRIED]
    for address in addresses:
        try:
            async with get_at(place, address, _HEADERS, env=env, ca_file=ca_file) as answer:
                onward = answer.headers.get("location", "")
                if answer.status in (301, 302, 303, 307, 308) and onward:
                    return Page(place.url, answer.status, "", "", b""), onward
                content, size = bytearray(), 0
                async for piece in answer.chunks():
                    size += len(piece)
                    content += piece[: limit_bytes - len(content)]
                    if size > limit_bytes:
                        break
                kind, charset = _kind(answer.headers.get("content-type", ""))
                return Page(place.url, answer.status, kind, charset, bytes(content), size > limit_bytes), ""
        except WireError as error:
            if address == addresses[-1] or error.key not in ("error.connect_failed", "error.connect_timeout"):
                raise
    raise WireError("error.connect_failed", host=place.host, port=place.port)


def _of_page(error: WireError, place: Place) -> WireError:
    """The error in words for a page: those of the gateway's connection speak of base URL and balance."""
    match error.key:
        case "error.no_network":
            return WireError("error.page_unknown", retryable=True, host=place.host)
        case "error.connect_failed" | "error.connect_timeout" | "error.read_timeout":
            return WireError("error.page_silent", retryable=True, host=place.host)
        case "error.tls_failed":
            return WireError("error.page_tls", host=place.host, reason=error.facts["reason"])
        case "error.stream_cut" | "error.address_invalid" | "error.encoding_refused" | "error.event_too_large":
            return WireError("error.page_broken", host=place.host)
    return error


def _joined(url: str, onward: str) -> str:
    """Where a redirect leads; what can't be joined is left for `read_url` to refuse."""
    try:
        return urljoin(url, onward)
    except ValueError:
        return onward


def _kind(header: str) -> tuple[str, str]:
    """Media type and charset of a Content-Type header."""
    kind, *parameters = header.split(";")
    charset = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'")[:40]
    return kind.strip().lower()[:100], charset
