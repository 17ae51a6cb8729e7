from __future__ import annotations

import pytest

from tui_chat.store.places import Places, places
from tui_chat.store.sessions import Library


@pytest.fixture
def home() -> Places:
    """This test's own folders."""
    return places()


@pytest.fixture
def library(home: Places) -> Library:
    return Library(home)
