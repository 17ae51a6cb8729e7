"""What people type and what gateways list: addresses, keys and model lists, brought into one form."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from tui_chat.errors import UsageError, WireError
from tui_chat.wire.catalogue import refusal

DEFAULT_BASE_URL = "https://yibuapi.com/v1"
_QUOTES = "\"'`“”‘’„‟«»‹›「」『』《》〈〉＂＇"
_VERSION = re.compile(r"v\d+\w*", re.IGNORECASE)
_ENDPOINT = re.compile(
    r"/(chat/completions|completions|models|embeddings|responses|messages|dashboard/billing|images|audio)(/.*)?$"
)
_SITE_PAGES = frozenset({"console", "panel", "login", "register", "pricing", "token", "topup", "setting", "about"})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def ascii_host(host: str) -> bytes:
    """A host as it goes over the line, by IDNA 2008; raises UnicodeError for what is no name."""
    if host.isascii():
        return host.encode()
    import idna

    return idna.encode(host)


def normalise_base_url(typed: str) -> str:
    """The base URL that a person means: `https://yibuapi.com/v1` for all the ways to write it.

    Spaces, quotes, full-width characters and doubled schemes are cleaned; a missing scheme becomes https (http for this
    machine and local networks); the path of an endpoint is cut off; `/v1` is added where no version is named. With a
    `#` at its end the address is taken exactly as typed.

    Raises:
        UsageError: error.address_empty, address_invalid, address_scheme, address_userinfo or address_query.
    """
    text = _clean(typed).replace("。", ".").replace("、", ",").replace("\\", "/")
    exact = text.endswith("#")
    text = text.rstrip("#")
    if not text:
        raise UsageError("error.address_empty")
    text = re.sub(r"^(https?:/*)+(?=https?:)", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^(https?):/*", r"\1://", text, flags=re.IGNORECASE)
    found = re.match(r"([a-z][a-z0-9+.\-]*)://", text, re.IGNORECASE)
    if found is None and re.match(r"[a-z][a-z0-9+.\-]*:(?!\d)", text, re.IGNORECASE) and "@" not in text:
        raise UsageError("error.address_scheme")
    scheme = found[1].lower() if found else ""
    rest = text[found.end() :] if found else text.lstrip("/")
    if scheme not in ("", "http", "https"):
        raise UsageError("error.address_scheme")
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("error.address_invalid") from None
    if "@" in parts.netloc:
        raise UsageError("error.address_userinfo")
    if not _is_host(host) or port == 0:
        raise UsageError("error.address_invalid")
    if parts.query or "?" in rest or parts.fragment:
        raise UsageError("error.address_query")
    scheme = scheme or ("http" if _is_local(host) else "https")
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        place = f"{place}:{port}"
    path = re.sub("(/chat/completions)?/*$", "", parts.path) if exact else _path(parts.path)
    return f"{scheme}://{place}{path}"


def site_root(base_url: str) -> str:
    """Where the gateway's site begins: the base URL less its version segment and what follows it."""
    parts = urlsplit(base_url)
    segments = parts.path.split("/")
    versions = [index for index, segment in enumerate(segments) if _VERSION.fullmatch(segment)]
    path = "/".join(segments[: versions[-1]] if versions else segments).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def as_number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A host that is an IP address, without brackets; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(url: str) -> bool:
    """Whether an address, or a bare host, is this machine."""
    try:
        host = (urlsplit(url if "//" in url else f"//{url}").hostname or "").lower().rstrip(".")
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = as_number(host.partition("%")[0])
    return address is not None and (address.is_loopback or address.is_unspecified)


def is_unencrypted(base_url: str) -> bool:
    """Whether key and chats would cross a network in the clear."""
    return base_url.lower().startswith("http://") and not is_loopback(base_url)


def clean_key(typed: str) -> str:
    """The key in what a person pasted: without spaces, quotes, `Bearer `, invisible and full-width characters.

    Raises:
        UsageError: error.key_empty, key_masked (the shortened form a web page shows), key_several, or key_character,
            which names the position and the code point of what a header can't carry. None of them holds the key.
    """
    words = typed.strip()
    tokens = [_clean(token) for token in re.split(r"[\s,，;；]+", words)]
    keys = [token for token in tokens if re.match(r"sk-\w", token)]
    if len(set(keys)) > 1:
        raise UsageError("error.key_several", count=len(set(keys)))
    text = re.sub(r"^(export)?[A-Za-z_]*(api_?key|token)[=:]", "", _clean(words), flags=re.IGNORECASE)
    text = re.sub(r"^(authorization:)?(bearer)?:?", "", text, flags=re.IGNORECASE)
    if keys and not text.startswith("sk-"):
        text = keys[0]  # a key within a sentence
    if not text:
        raise UsageError("error.key_empty")
    if "…" in text or "***" in text or "..." in text or "•" in text:
        raise UsageError("error.key_masked")
    for position, character in enumerate(text, 1):
        if not "!" <= character <= "~":
            raise UsageError("error.key_character", position=position, code=f"U+{ord(character):04X}")
    return text


def masked_key(key: str) -> str:
    """A key fit to show: `sk-abc…wxyz`; of a short one nothing."""
    return f"{key[:6]}…{key[-4:]}" if len(key) >= 20 else "…"


def warn_key(key: str) -> str:
    """The words key of a doubt about a key, "" where there is none.

    Gateways read what follows a second `-` as the name of a channel, so keys of other providers can't be theirs.
    """
    if not key.startswith("sk-"):
        return ""
    if key.startswith(("sk-proj-", "sk-ant-", "sk-or-", "sk-svcacct-", "sk-admin-")):
        return "error.key_foreign"
    return "error.key_second_hyphen" if "-" in key[3:] else ""


class Model(Struct, frozen=True):
    """One row of a model list."""

    id: str
    """What a request names; any characters."""
    owned_by: str = ""
    endpoint_types: tuple[str, ...] = ()
    """What the gateway says it can be asked for; empty where it does not say."""

    @property
    def chats(self) -> bool:
        """Whether it may be talked to, as far as the list tells; the list can be wrong, so never refuse one for it."""
        kinds = set(self.endpoint_types)
        return not kinds or bool(kinds & {"openai", "anthropic", "gemini"})


def read_models(payload: object) -> list[Model]:
    """The models of a `GET /models` answer, each id once, in the server's order.

    Raises:
        WireError: the answer says that it failed; "error.wrong_path" where it is no model list at all.
    """
    if isinstance(payload, Mapping):
        rows = payload.get("data", payload.get("models"))
        failed = refusal(payload)
        if failed is not None:
            raise failed
        if rows is None and not ("data" in payload or "models" in payload):
            rows = payload
    else:
        rows = payload
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise _no_list()
    models: dict[str, Model] = {}
    for row in rows:
        id = row.get("id") if isinstance(row, Mapping) else None
        if isinstance(id, str) and id and id not in models:
            owner, kinds = row.get("owned_by"), row.get("supported_endpoint_types")
            models[id] = Model(
                id,
                owner if isinstance(owner, str) else "",
                tuple(kind for kind in kinds if isinstance(kind, str)) if isinstance(kinds, list) else (),
            )
    return list(models.values())


def _clean(text: str) -> str:
    """Without white space, quotes, invisible and control characters; full-width characters as ASCII."""
    kept = (c for c in text.translate(_FULL_WIDTH) if c not in _QUOTES and not c.isspace())
    return "".join(c for c in kept if (c.isascii() and c.isprintable()) or _is_visible(c))


def _is_visible(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) not in ("Cf", "Cc", "Zs", "Mn")


def _is_host(host: str) -> bool:
    if not host or len(host) > 253 or host.startswith("sk-"):
        return False
    if ":" in host:
        return True  # an IPv6 address; the URL parser has checked it
    labels = host.rstrip(".").split(".")
    if not all(re.fullmatch(r"[\w\-]{1,63}", label) for label in labels):
        return False
    return len(labels) > 1 or host.isascii()


def _is_local(host: str) -> bool:
    """This machine, or a network that is nobody else's."""
    if is_loopback(host if ":" not in host else f"[{host}]") or host.endswith((".local", ".lan", ".home.arpa")):
        return True
    address = as_number(host)
    return address.is_private if address is not None else "." not in host


def _path(path: str) -> str:
    path = _ENDPOINT.sub("", re.sub("/+", "/", path).rstrip("/"))
    segments = [segment for segment in path.split("/") if segment]
    if any(_VERSION.fullmatch(segment) for segment in segments):
        return "/" + "/".join(segments)
    if segments and segments[0].lower() in _SITE_PAGES:
        segments = []
    return "/" + "/".join([*segments, "v1"])


def _no_list() -> WireError:
    return WireError("error.wrong_path", told="—", id="—")
