"""What is said: every sentence a person reads, in each language; nothing else holds prose.

`t("error.rate_limited.says", seconds=3)` looks up the dotted key in the active language's TOML file and fills
the `{blanks}`. Core rooms raise keys and facts; the doors (`cli`, `ui`) speak.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")

_HERE = Path(__file__).parent
_active = "en"


def speak(language: str) -> None:
    """Make `language` ("en" or "zh") the one that `t` answers in; anything else means English."""
    global _active
    _active = language if language in LANGUAGES else "en"


def language() -> str:
    """The language that `t` answers in now."""
    return _active


def locale_language() -> str:
    """The language the environment asks for: the first of LC_ALL, LC_MESSAGES, LANG that is set."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


UNKNOWN = "—"
"""Stands for a fact that nobody told."""


def t(key: str, /, **facts: object) -> str:
    """The sentence for `key` in the active language, its `{blanks}` filled from `facts`.

    Where a fact is `UNKNOWN` and there is a `<key>_unknown`, a sentence that does without, that one is said.

    Raises:
        KeyError: no such key (a test proves that every key used exists in every language).
    """
    said = sentences(_active)
    sentence = said[key]
    if UNKNOWN in facts.values():
        sentence = said.get(f"{key}_unknown", sentence)
    return sentence.format_map(facts) if facts else sentence


def has(key: str) -> bool:
    """Whether the active language has a sentence for `key`."""
    return key in sentences(_active)


@cache
def sentences(language: str) -> dict[str, str]:
    """Every sentence of `language` by dotted key."""
    return dict(_flatten("", tomllib.loads((_HERE / f"{language}.toml").read_text("utf-8"))))


def _flatten(prefix: str, table: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(f"{prefix}{name}.", value)
        else:
            yield prefix + name, str(value)
