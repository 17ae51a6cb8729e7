"""How do several windows change one file? One after the other, each waiting a moment for the one before it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_chat.disk import Lock, LockedElsewhere, make_folder
from tui_chat.store.reasons import store_error

LOCK_WAIT_S = 2.0


@contextmanager
def alone(path: Path, lock: Path) -> Iterator[None]:
    """Hold `lock` while `path` is changed; the folders of both are there by then.

    Raises:
        StoreError: another window doesn't let go in time, or the disk fails, in the body too.
    """
    try:
        make_folder(path.parent)
        make_folder(lock.parent)
        with Lock.take(lock, wait_s=LOCK_WAIT_S):
            yield
    except LockedElsewhere as held:
        raise store_error(TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)), path) from held
    except OSError as error:
        raise store_error(error, path) from error
