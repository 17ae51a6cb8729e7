"""Which logs and backups are let go of? Old ones, and the oldest where there is too much; never a file's last backup.

Without an end to them they would fill the disk unseen. A log is only the middle that a result in the chat leaves out,
so a month of them will do. A backup may be all that is left of somebody's work, so those stay longer, and the latest
of each file stays for good.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread

from msgspec import Struct

from tui_chat.tools.changing import BACKUP_NAME

DAY_S = 24 * 3600.0
LOG_DAYS = 30
LOGS_BYTES = 500 * 1000 * 1000
"""All logs together: ten of the longest there can be."""
BACKUP_DAYS = 180
BACKUPS_BYTES = 500 * 1000 * 1000
_YOUNG_S = 3600.0
"""What was written within the hour may still be growing, or be looked at."""


class _Kept(Struct, frozen=True):
    path: Path
    written_s: float
    size_bytes: int


@cache
def begin_pruning(logs: Path, backups: Path) -> Thread:
    """Let go of what is old or too much in both folders, once a run, on a thread that nobody waits for."""

    def prune() -> None:
        prune_logs(logs)
        prune_backups(backups)

    thread = Thread(target=prune, name="yibu-prune", daemon=True)
    thread.start()
    return thread


def prune_logs(folder: Path) -> int:
    """Let go of logs older than `LOG_DAYS`, then of the oldest beyond `LOGS_BYTES`; how many went. Blocks."""
    gone = _let_go(list(_files(folder)), LOG_DAYS, LOGS_BYTES)
    with suppress(OSError):
        for inner in folder.iterdir():
            with suppress(OSError):  # it holds logs still, or is none of ours
                inner.rmdir()
    return gone


def prune_backups(folder: Path) -> int:
    """Let go of old backups, but never of the latest of a file; how many went. Blocks.

    What isn't named like a backup was put there by somebody else, and stays.
    """
    latest: dict[str, _Kept] = {}
    found: list[_Kept] = []
    for kept in _files(folder):
        if name := re.match(BACKUP_NAME, kept.path.name):
            found.append(kept)
            before = latest.get(name["file"])
            if before is None or (before.written_s, before.path.name) < (kept.written_s, kept.path.name):
                latest[name["file"]] = kept
    last = set(latest.values())
    return _let_go(found, BACKUP_DAYS, BACKUPS_BYTES, lambda kept: kept not in last)


def _let_go(
    found: list[_Kept], days: int, total_bytes: int, may_go: Callable[[_Kept], bool] = lambda kept: True
) -> int:
    now_s = time.time()
    left_bytes = sum(kept.size_bytes for kept in found)
    gone = 0
    for kept in sorted(found, key=lambda kept: kept.written_s):
        age_s = now_s - kept.written_s
        if age_s < _YOUNG_S or (age_s < days * DAY_S and left_bytes <= total_bytes):
            break  # those that follow are younger still
        if may_go(kept):
            with suppress(OSError):  # held open, or gone already: the next run finds it
                kept.path.unlink()
                left_bytes -= kept.size_bytes
                gone += 1
    return gone


def _files(folder: Path) -> Iterator[_Kept]:
    """The plain files below a folder; links are not followed."""
    for top, _, names in os.walk(folder):
        for name in names:
            path = Path(top, name)
            with suppress(OSError):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    yield _Kept(path, status.st_mtime, status.st_size)
