"""How is an exchange written down? As JSON to be read, and as a curl command or a Python program that repeats it.

Both programs send the same bytes to the same address; where the key stood they take it from $YIBU_API_KEY.
"""

from __future__ import annotations

import json
import re
import shlex
from pprint import pformat
from typing import Any

from tui_chat.wire.exchange import Exchange
from tui_chat.wire.json_text import pretty

KEY_VARIABLE = "YIBU_API_KEY"
_NOT_REPEATED = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "authorization"}
)
"""Headers that whoever sends it writes itself; and the key's own."""
_ARGUMENT_LIMIT_BYTES = 100_000
"""Linux takes no argument of more than 128 KB: longer bodies come by standard input."""
_FILE = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/=_-]{1024,}")
_SHOWN = 48
CUT_MARK = "…⟨"
"""Stands where the bytes of a file are left out, before their size."""


def readable(exchange: Exchange) -> str:
    """The body that was sent as indented JSON, the bytes of files as their beginning and size."""
    return readable_json(exchange.sent)


def readable_json(content: bytes) -> str:
    """JSON, indented and abridged; what is none as the text it is."""
    text = content.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return abridged(text)
    return pretty(_abridged(found))


def abridged(text: str) -> str:
    """Text with the bytes of files in it as their beginning and size."""
    return _FILE.sub(_short, text) if len(text) >= 1024 else text


def as_curl(exchange: Exchange) -> str:
    """A command for a POSIX shell."""
    lines = [f"curl {shlex.quote(exchange.url)}"]
    if exchange.method != "POST":
        lines[0] += f" -X {exchange.method}"
    if _has_key(exchange):
        lines.append(f'-H "Authorization: Bearer ${KEY_VARIABLE}"')
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in _repeated(exchange)]
    lines.append("--no-buffer")
    body = exchange.sent.decode("utf-8", "replace")
    if len(exchange.sent) <= _ARGUMENT_LIMIT_BYTES:
        lines.append(f"--data-raw {shlex.quote(body)}")
        return " \\\n  ".join(lines) + "\n"
    # The body is one line of JSON, so no line of it can be the mark at its end.
    lines.append("--data-binary @- <<'JSON'")
    return " \\\n  ".join(lines) + f"\n{body}\nJSON\n"


def as_python(exchange: Exchange) -> str:
    """A program that needs Python alone."""
    body = exchange.sent.decode("utf-8", "replace")
    try:
        literal = pformat(json.loads(body), width=100, sort_dicts=False)
    except (ValueError, RecursionError):
        literal = f"json.loads({body!r})"
    headers = [f'    "Authorization": "Bearer " + os.environ["{KEY_VARIABLE}"],'] if _has_key(exchange) else []
    headers += [f"    {name!r}: {value!r}," for name, value in _repeated(exchange)]
    lines = [
        "import json",
        "import os",
        "import urllib.request",
        "",
        f"body = {literal}",
        "headers = {",
        *headers,
        "}",
        'data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()',
        f"request = urllib.request.Request({exchange.url!r}, data, headers, method={exchange.method!r})",
        "with urllib.request.urlopen(request) as answer:",
        "    for line in answer:",
        '        print(line.decode(), end="", flush=True)',
    ]
    if not headers or not _has_key(exchange):
        lines.remove("import os")
    return "\n".join(lines) + "\n"


def parameters(exchange: Exchange) -> dict[str, Any]:
    """What was asked for, by field of the body; of the messages their number. {} where the body can't be read."""
    try:
        body = json.loads(exchange.sent)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict):
        return {}
    messages = body.get("messages")
    return {**body, "messages": len(messages)} if isinstance(messages, list) else body


def _has_key(exchange: Exchange) -> bool:
    return any(name.lower() == "authorization" for name, _ in exchange.headers)


def _repeated(exchange: Exchange) -> list[tuple[str, str]]:
    return [(name, value) for name, value in exchange.headers if name.lower() not in _NOT_REPEATED]


def _abridged(value: Any) -> Any:
    if isinstance(value, str):
        return abridged(value)
    if isinstance(value, list):
        return [_abridged(item) for item in value]
    if isinstance(value, dict):
        return {name: _abridged(item) for name, item in value.items()}
    return value


def _short(found: re.Match[str]) -> str:
    data = found[0]
    kb = len(data) * 3 / 4 / 1024
    size = f"{kb:.0f} KB" if kb < 1024 else f"{kb / 1024:.1f} MB"
    return f"{data[:_SHOWN]}{CUT_MARK}{size}⟩"
