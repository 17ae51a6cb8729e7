"""One real server a test process: loading takes about a second, so the tests share it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real_model import real_model, real_server
from tui_chat.local import LocalServer


@pytest.fixture(scope="session")
def model_file() -> Path:
    return real_model()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    with real_server(tmp_path_factory.mktemp("cache")) as started:
        yield started
