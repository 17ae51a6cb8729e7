"""A style sheet is parsed once in a test process, not by each of the hundreds of apps that tests start: a third of one.

Only the parsing: which rules hold for a widget is worked out by each app for itself.
"""

from __future__ import annotations

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_really_parse = Stylesheet._parse_rules
_parsed: dict[Any, list[RuleSet]] = {}


def _parse(self: Stylesheet, css: str, read_from: Any, *how: Any, **more: Any) -> list[RuleSet]:
    key = (css, read_from, how, frozenset(more.items()), frozenset(self._variables.items()))
    if key not in _parsed:
        _parsed[key] = _really_parse(self, css, read_from, *how, **more)
    return _parsed[key]


def parse_once() -> None:
    """From now on, in this process. What can't be parsed is an error each time."""
    Stylesheet._parse_rules = _parse  # type: ignore[method-assign]
