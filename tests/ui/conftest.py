"""What holds for every test of the screen: it begins in English, and leaves language and keys as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual._compositor import Compositor

from tests.ui.parsed_once import parse_once
from tui_chat import words

parse_once()


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


@pytest.fixture(autouse=True)
def undrawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that nobody looks at are not drawn, a third of the time of these tests; each stage draws its last one.

    Who looks at the screen has it drawn by `render_strips`. Tests of drawing itself ask for `drawn`.
    """
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr(Compositor, "render_update", lambda self, *_args, **_more: self._dirty_regions.clear())


@pytest.fixture
def drawn() -> None:
    """Every frame is drawn as in a terminal."""
