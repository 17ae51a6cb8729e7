"""Expect a failure, and that both languages have words for it that its facts fill."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tui_chat.errors import LocalModelError
from tui_chat.words import sentences


@contextlib.contextmanager
def fails(key: str) -> Iterator[pytest.ExceptionInfo[LocalModelError]]:
    with pytest.raises(LocalModelError) as caught:
        yield caught
    error = caught.value
    assert error.key == key, error
    for language in ("en", "zh"):
        words = sentences(language)
        assert "{" not in words[f"{key}.says"].format_map(error.facts)
        words.get(f"{key}.advice", "").format_map(error.facts)
