"""What must never be told? Keys: taken out of whatever is shown, logged or kept for a report.

The keys in use are known to this file from the moment they are found, since not every gateway's keys look like one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDER = "[key]"
_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_\-*.…]{4,}|(?<=[Bb]earer )[^\s\"']{8,}")
_SHORTEST = 6
"""A shorter "key" is a word like any other; taking it out would spoil every text."""

_LINE_CHARACTERS = 300

_known: set[str] = set()


def protect(key: str) -> None:
    """Remember a key that is in use: from now on it is taken out of every text."""
    if len(key) >= _SHORTEST:
        _known.add(key)


def protect_environment(env: Mapping[str, str]) -> None:
    """Remember every key that the environment holds."""
    for name, value in env.items():
        if name.upper().endswith("API_KEY"):
            protect(value.strip())


def without_keys(text: str, *more: str) -> str:
    """`text` with every known key, and whatever looks like one, replaced; `more` are keys only meant for this call."""
    for key in sorted({*_known, *(key for key in more if key)}, key=len, reverse=True):
        text = text.replace(key, PLACEHOLDER)
    return _KEY.sub(PLACEHOLDER, text)


def in_one_line(error: BaseException) -> str:
    """The class of a mistake of ours and its words, without keys, bounded."""
    words = " ".join(without_keys(f"{type(error).__name__}: {error}").split())
    return words if len(words) <= _LINE_CHARACTERS else f"{words[:_LINE_CHARACTERS]}…"
