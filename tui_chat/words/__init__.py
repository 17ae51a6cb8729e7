"""What is said: every sentence a person reads, in each language; nothing else holds prose.

`t("error.rate_limited.says", seconds=3)` looks up the dotted key in the active language's TOML file and fills
the `{blanks}`. Core rooms raise keys and facts; the doors (`cli`, `ui`) speak.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from threading import Lock

LANGUAGES = ("en", "zh")

_HERE = Path(__file__).parent
_HEAD = re.compile(r"^\[([A-Za-z0-9_.-]+)\]$", re.MULTILINE)
"""Where a table begins; a sentence of several lines has none like it (a test compares with the whole file)."""
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
def sentences(language: str) -> Mapping[str, str]:
    """Every sentence of `language` by dotted key."""
    return Sentences((_HERE / f"{language}.toml").read_text("utf-8"))


class Sentences(Mapping[str, str]):
    """The sentences of a TOML text. A table of it is parsed when one of its sentences is asked for.

    The whole file takes as long as a tenth of a start, and a start says some dozens of its two thousand sentences.
    """

    def __init__(self, toml: str) -> None:
        heads = list(_HEAD.finditer(toml))
        ends = [*(head.start() for head in heads), len(toml)]
        self._unread = {"": [toml[: ends[0]]]}
        for head, end in zip(heads, ends[1:], strict=True):
            self._unread.setdefault(head[1], []).append(toml[head.start() : end])
        self._read: dict[str, str] = {}
        self._reading = Lock()

    def __getitem__(self, key: str) -> str:
        """The sentence for a key; raises KeyError."""
        if key not in self._read:
            with self._reading:
                table = key
                while key not in self._read and table:
                    table = table.rpartition(".")[0]
                    self._parse(table)
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        """Every key."""
        return iter(self._all())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._all())

    def _all(self) -> dict[str, str]:
        with self._reading:
            for table in list(self._unread):
                self._parse(table)
        return self._read

    def _parse(self, table: str) -> None:
        for toml in self._unread.pop(table, ()):
            self._read.update(_flatten("", tomllib.loads(toml)))


def _flatten(prefix: str, table: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(f"{prefix}{name}.", value)
        else:
            yield prefix + name, str(value)
