"""What holds for every test of the screen: it begins in English, and leaves language and keys as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui_chat import words


@pytest.fixture(autouse=True)
def english_first(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test begins in English. The pilot looks whether the app is idle every 5 ms instead of every 20."""
    from tui_chat.ui import keys

    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 1 / 200)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 1 / 2000)
    words.speak("en")
    yield
    keys.rebind({})
    words.speak("en")
