"""Patterns compiled at their first use are what `re.compile` makes."""

from __future__ import annotations

import re
from copy import copy

import pytest

from tui_chat import late


def test_it_finds_what_the_pattern_finds_and_is_made_once(monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    compile_ = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: made.append(given[0]) or compile_(*given))
    words = late.pattern(r"[a-z]+", re.IGNORECASE)
    assert made == []
    assert [found[0] for found in words.finditer("Ab 12 cd")] == ["Ab", "cd"]
    assert words.fullmatch("AB") and not words.fullmatch("1")
    assert words.sub("-", "a1b") == "-1-" and words.fullmatch("x")
    assert (words.pattern, words.flags & re.IGNORECASE) == (r"[a-z]+", re.IGNORECASE)
    assert len(made) == 1
    again = copy(words)
    assert again.fullmatch("AB") and not again.fullmatch("1")


def test_a_wrong_pattern_says_so_when_it_is_used():
    with pytest.raises(re.error):
        late.pattern("(").match("a")
