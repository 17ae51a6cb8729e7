"""How does a value look in our TOML: exact for every character, readable, and safe to find records in by bytes.

Text with line breaks becomes a multi-line string, so that a chat can be read and compared with ordinary tools.
tomli-w's own multi-line form loses the CR of CRLF, hence this writer; tables of plain values are left to tomli-w.
A line of text can never look like the start of a record or like its end: such a line begins with an escape, so the
byte patterns below match only where a record really begins or ends.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime

import tomli_w

LIMIT_BYTES = 64 * 1024 * 1024
"""The longest TOML text that is parsed in one piece."""

_SPECIAL_IN_LINE = re.compile('[\\x00-\\x1f"\\\\\\x7f-\\x9f]')
_SPECIAL_IN_LINES = re.compile("[\\x00-\\x08\\x0b-\\x1f\\\\\\x7f-\\x9f]")
_QUOTE_NEXT_TO_ONE = re.compile(r'(?<=")"|"\Z')
_LOOKS_LIKE_RECORD = re.compile(r"^(?:\[\[|\[session\]|# end )", re.MULTILINE)
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def clean(text: str) -> str:
    """The text without lone surrogates, which no file can hold: matching halves are joined, others become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def string(text: str) -> str:
    """A TOML string that reads back as exactly `text`, lone surrogates apart."""
    text = clean(text)
    if "\n" not in text:
        return f'"{_SPECIAL_IN_LINE.sub(_escape, text)}"'
    lines = _QUOTE_NEXT_TO_ONE.sub('\\\\"', _SPECIAL_IN_LINES.sub(_escape, text))
    lines = _LOOKS_LIKE_RECORD.sub(lambda match: _escape_first(match.group()), lines)
    return f'"""\n{lines}"""'


def entry(key: str, value: str | int | float | datetime) -> str:
    """One `key = value` line or lines; `key` is a bare key, a datetime becomes UTC."""
    if isinstance(value, str):
        return f"{key} = {string(value)}\n"
    if isinstance(value, datetime):
        return f"{key} = {value.astimezone(UTC).isoformat().removesuffix('+00:00')}Z\n"
    return tomli_w.dumps({key: value})


def table(path: str, values: Mapping[str, object]) -> str:
    """A table of plain values under the dotted `path`, for example "node.values".

    TOML has no null, and request parameters of the JSON kind may hold one: such a value is kept as its JSON text
    in the sister table `<path>_json`, from where `values_of` takes it back.
    """
    plain = {clean(name): _plain(value) for name, value in values.items() if not _holds_null(value)}
    as_json = {
        clean(name): clean(json.dumps(value, ensure_ascii=False))
        for name, value in values.items()
        if _holds_null(value)
    }
    text = _nested(path, plain) if plain or not as_json else ""
    return text + (_nested(f"{path}_json", as_json) if as_json else "")


def values_of(parent: Mapping[str, object], name: str) -> dict[str, object]:
    """What `table` wrote under `name` in the table `parent`; what isn't readable is left out."""
    found: dict[str, object] = {}
    plain, as_json = parent.get(name), parent.get(f"{name}_json")
    if isinstance(plain, dict):
        found.update(plain)
    if isinstance(as_json, dict):
        for key, text in as_json.items():
            try:
                found[key] = json.loads(text)
            except (TypeError, ValueError, RecursionError):
                continue
    return found


def parse(content: bytes) -> dict[str, object] | None:
    """The tables of a TOML text, or None where it isn't TOML, is too large or is made to exhaust the reader."""
    if len(content) > LIMIT_BYTES:
        return None
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return None


def _nested(path: str, values: Mapping[str, object]) -> str:
    tables: dict[str, object] = dict(values)
    for name in reversed(path.split(".")):
        tables = {name: tables}
    return tomli_w.dumps(tables)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04X}"


def _escape_first(text: str) -> str:
    return f"\\u{ord(text[0]):04X}{text[1:]}"


def _plain(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _holds_null(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_null(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_null(item) for item in value)
    return value is None
