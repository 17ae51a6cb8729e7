"""Fixtures: each test of a widget or screen begins in English; `language` runs it in both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui_chat import words


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English and leaves the language as it was."""
    before = words.language()
    words.speak("en")
    yield
    words.speak(before)


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest, english: None) -> str:
    """Both languages, one after the other."""
    words.speak(request.param)
    return str(request.param)


@pytest.fixture
def chinese(english: None) -> None:
    """Chinese, where what is tested doesn't depend on the language, so that both are heard."""
    words.speak("zh")
