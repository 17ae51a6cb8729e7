"""No paragraph is worth the time that finding the pairs of hostile marks in it would take."""

from __future__ import annotations

import pytest

from tui_chat.ui.transcript.parse import inline_tokens


@pytest.mark.parametrize(
    "mark", ["*", "*a", "_a ", "`", "[", "[a ", "![", "[[]", "[![a](b)", "<a ", "&", "~~a", "[a]("]
)
def test_hostile_marks_make_a_paragraph_plain(mark: str) -> None:
    assert inline_tokens(mark * 600, {}) is None


@pytest.mark.parametrize("mark", ["[", "[a ", "![", "[[]"])
def test_few_brackets_without_an_end_are_enough(mark: str) -> None:
    assert inline_tokens("words " + mark * 60 + " ]" * 5, {}) is None
    assert inline_tokens("]" * 60 + mark * 60, {}) is None, "what ends before it begins does not end it"


@pytest.mark.parametrize("text", ["[a](b) " * 60, "[[nested]] " * 55, "[0, 1) " * 40, "*a* " * 120])
def test_what_people_write_is_read(text: str) -> None:
    assert inline_tokens(text, {}) is not None
