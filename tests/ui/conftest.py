"""What holds for every test of the screen: it begins in English, and leaves language and keys as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui_chat import words


@pytest.fixture(autouse=True)
def english_first() -> Iterator[None]:
    """Each test begins in English."""
    from tui_chat.ui import keys

    words.speak("en")
    yield
    keys.rebind({})
    words.speak("en")
