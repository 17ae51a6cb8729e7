"""How is JSON typed by people read and written? Strictly, with where it goes wrong, never deeper than can be kept."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

from tui_chat.errors import UsageError

DEEPEST = 40
"""Levels of nesting that a value may have."""
LIMIT_CHARACTERS = 1_000_000
_BREAKS = re.compile("[\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")


def read_json(name: str, typed: str) -> object:
    """The value of a JSON text.

    Args:
        name: of what it is for, for the words of an error.
        typed: the text.

    Raises:
        UsageError: it isn't JSON (says line, column and why), names a key twice, or is too long or too deep.
    """
    if len(typed) > LIMIT_CHARACTERS:
        raise UsageError("error.param_json_size", name=name, limit=LIMIT_CHARACTERS)

    def no_constant(word: str) -> NoReturn:
        raise UsageError("error.param_json_constant", name=name, word=word)

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                raise UsageError("error.param_twice", name=name, key=key[:40])
            found[key] = value
        return found

    try:
        value: object = json.loads(typed, parse_constant=no_constant, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise UsageError("error.param_json", name=name, line=error.lineno, column=error.colno) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; thousands of brackets
        raise UsageError("error.param_json_size", name=name, limit=LIMIT_CHARACTERS) from error
    require_json(name, value)
    return value


def require_json(name: str, value: object, depth: int = 0) -> None:
    """Raise UsageError where `value`, from a file perhaps, holds what JSON can't, or nests too deep."""
    if depth > DEEPEST:
        raise UsageError("error.param_json_depth", name=name, levels=DEEPEST)
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise UsageError("error.param_object", name=name)
            require_json(name, item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            require_json(name, item, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise UsageError("error.param_json_constant", name=name, word=str(value))
    elif value is not None and not isinstance(value, str | bool | int | float):
        raise UsageError("error.param_object", name=name)


def is_json_object(text: str) -> bool:
    """Whether a text is one JSON object, without NaN and the like."""

    def no_constant(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        return isinstance(json.loads(text, parse_constant=no_constant), dict)
    except (ValueError, RecursionError):
        return False


def compact(value: object) -> str:
    """JSON on one line."""
    return _in_lines(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def pretty(value: object) -> str:
    """JSON for an editor."""
    return _in_lines(json.dumps(value, ensure_ascii=False, indent=2))


def is_plain(text: str) -> bool:
    """Whether an editor keeps it exactly: its only breaks are line feeds."""
    return _BREAKS.search(text) is None


def _in_lines(text: str) -> str:
    """JSON with what an editor takes for the end of a line escaped."""
    return _BREAKS.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def texts_in(value: object) -> Iterator[str]:
    """Every text in parsed JSON, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
