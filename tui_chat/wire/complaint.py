"""What a server says when it refuses: every shape of error, read into one small value.

Gateways, upstreams, resellers, proxies and web sites all have shapes of their own: an `error` object or string,
`message`, `msg`, `detail`, a page of HTML, nothing at all. The catalogue judges; this file only reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tui_chat import late
from tui_chat.wire.redaction import without_keys
from tui_chat.wire.retry import retry_after_s

_SHOWN_CHARACTERS = 600
_REQUEST_ID = late.pattern(r"\s*[(（]request id:\s*([^)）]{0,200})[)）]", re.IGNORECASE)
_TITLE = late.pattern(r"<title[^>]*>(.{0,400}?)</title", re.IGNORECASE | re.DOTALL)
_MESSAGES = ("message", "msg", "err", "error_msg", "error_message", "detail", "status_msg", "errors")
_ID_HEADERS = ("x-oneapi-request-id", "x-request-id", "request-id")
_GATEWAY_KINDS = ("new_api", "one_api", "shell_api", "rix_api")


class Complaint(Struct, frozen=True):
    """A refusal as it was told."""

    status: int = 0
    """HTTP status, or the one that an error within a 200 answer names; 0 where neither tells."""
    http_status: int = 0
    message: str = ""
    """The server's words: without request id and keys, at most 600 characters."""
    code: str = ""
    kind: str = ""
    """The error's `type`."""
    param: str = ""
    has_param: bool = False
    """Whether there is a `param` key at all: relay errors have one, those of the gateway's door have none."""
    request_id: str = ""
    chained: bool = False
    """Two request ids: one gateway repeats what another one said."""
    from_gateway: bool = False
    """Whether a gateway stands between us and the provider."""
    is_html: bool = False
    is_empty: bool = False
    retry_after_s: float | None = None
    told_not_to_retry: bool = False


def read_body(status: int, headers: Mapping[str, str], body: bytes, secret: str = "") -> Complaint:
    """Read an answer that is an error, or is no answer of a chat API at all.

    Args:
        status: HTTP status.
        headers: names in lower case.
        body: the whole body, or its beginning.
        secret: the key that was sent; taken out of the server's words.
    """
    text = body.decode("utf-8", "replace").lstrip("\ufeff").strip()
    if text.startswith("<"):
        title = _TITLE.search(text)
        from html import unescape  # its table of names is large, and pages instead of answers are rare

        words = " ".join(unescape(title[1]).split())[:200] if title else ""
        return _complaint(status, headers, {"message": words}, secret, is_html=True)
    try:
        payload = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        payload = text
    return _complaint(status, headers, payload, secret, is_empty=not text)


def read_payload(payload: object, secret: str = "") -> Complaint:
    """Read an error that came as JSON within a good answer."""
    return _complaint(200, {}, payload, secret)


def is_refusal(payload: Mapping[str, Any]) -> bool:
    """Whether a JSON object that holds no choice says that something failed."""
    if payload.get("error") or payload.get("success") is False:
        return True
    base = payload.get("base_resp")
    if isinstance(base, Mapping) and base.get("status_code"):
        return True
    if any(name in payload for name in ("choices", "usage", "data", "id")) and payload.get("object") != "error":
        return False
    header = payload.get("header")
    tables = (payload, header) if isinstance(header, Mapping) else (payload,)
    return any(table.get(name) for table in tables for name in _MESSAGES)


def clean(text: str, secret: str = "") -> str:
    """A server's words fit to keep and show: no key in them, no request id, one line, bounded."""
    text = text[: 20 * _SHOWN_CHARACTERS]
    text = " ".join(_REQUEST_ID.sub("", without_keys(text, secret)).split())
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _complaint(
    status: int,
    headers: Mapping[str, str],
    payload: object,
    secret: str,
    *,
    is_html: bool = False,
    is_empty: bool = False,
) -> Complaint:
    while isinstance(payload, list):
        payload = payload[0] if payload else {}
    table: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {"message": payload}
    inner = table.get("error")
    while isinstance(inner, list):
        inner = inner[0] if inner else None
    error: Mapping[str, Any] = inner if isinstance(inner, Mapping) else table
    raw = inner if isinstance(inner, str) and inner else _message(error) or _message(table)
    ids = _REQUEST_ID.findall(raw)
    code, kind = _word(error.get("code")) or _word(table.get("code")), _word(error.get("type"))
    header_id = next((headers[name] for name in _ID_HEADERS if headers.get(name)), "")
    gateway = any(name in headers for name in ("x-oneapi-request-id", "x-new-api-version"))
    param = error.get("param")
    return Complaint(
        status=_status(status, error, table),
        http_status=status,
        message=clean(raw, secret),
        code=code,
        kind=kind,
        param=clean(param, secret)[:100] if isinstance(param, str) else "",
        has_param="param" in error,
        request_id=clean(header_id or (ids[-1].strip() if ids else ""), secret)[:200],
        chained=len(ids) > 1,
        from_gateway=gateway or bool(ids) or kind.startswith(_GATEWAY_KINDS),
        is_html=is_html,
        is_empty=is_empty,
        retry_after_s=retry_after_s(headers),
        told_not_to_retry=headers.get("x-should-retry", "").strip().lower() == "false",
    )


def _message(table: Mapping[str, Any]) -> str:
    """The words of an error, wherever they stand; an upstream's own words added where the gateway quotes them."""
    said = ""
    for name in _MESSAGES:
        said = _flat(table.get(name))
        if said:
            break
    if not said:
        for name in ("header", "base_resp"):
            inner = table.get(name)
            if isinstance(inner, Mapping):
                said = said or _flat(inner.get("message")) or _flat(inner.get("status_msg"))
    metadata = table.get("metadata")
    if isinstance(metadata, Mapping) and (quoted := _flat(metadata.get("raw"))):
        said = f"{said}: {quoted}"
    return said


def _flat(value: object, depth: int = 0) -> str:
    """Words of a string, of a list of them, or of a table that has some."""
    if isinstance(value, str):
        return value
    if depth > 3:
        return ""
    if isinstance(value, list):
        return "; ".join(words for item in value[:5] if (words := _flat(item, depth + 1)))
    if isinstance(value, Mapping):
        return next((words for name in _MESSAGES if (words := _flat(value.get(name), depth + 1))), "")
    return ""


def _word(value: object) -> str:
    if isinstance(value, str):
        return value[:100]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else ""


def _status(status: int, error: Mapping[str, Any], table: Mapping[str, Any]) -> int:
    """The status that counts: within a 200 answer the one that the error names."""
    if status != 200:
        return status
    for value in (error.get("code"), error.get("status"), error.get("status_code"), table.get("code")):
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value[:4])
        if isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599:
            return value
    return 0
