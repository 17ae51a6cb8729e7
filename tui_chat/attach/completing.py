"""Which files may an `@pa` that is being typed mean? Found by a walk that is bounded in entries, depth and time.

Typing must stay smooth in a folder of a million files, so the walk stops where it must and gives what it has seen;
what lies nearer is seen first.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from tui_chat.disk import expanded

_MAX_ENTRIES = 20_000
_MAX_DEPTH = 8
_DEADLINE_S = 0.15
_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache"})


def complete_path(prefix: str, cwd: Path, limit: int = 50) -> list[str]:
    """Paths that a half-typed one may mean, the best first; folders end in "/".

    What stands before the last "/" names the folder to look in; the rest is matched fuzzily below it. If there is no
    such folder, the whole is matched fuzzily below `cwd`. Hidden names are given only for a last piece that begins with
    a dot. Paths come in the style of the prefix: seen from `cwd`, from `~` or from the root.
    """
    written, slash, needle = prefix.replace(os.sep, "/").rpartition("/")
    written += slash
    base, fixed = _folder(written, cwd)
    if base is None:
        base, written, needle, fixed = cwd, "", prefix.replace(os.sep, "/"), False
    hidden = needle.rpartition("/")[2].startswith(".")
    # From the root or the home folder a walk would see everything; with nothing typed yet there is nothing to look for.
    deep = bool(needle) and not fixed
    ranked = [
        (rank, len(path), path)
        for path in _walk(base, hidden, deep)
        if (rank := _rank(needle.casefold(), path.casefold())) is not None
    ]
    ranked.sort()
    return [written + path for _, _, path in ranked[:limit]]


def _folder(written: str, cwd: Path) -> tuple[Path | None, bool]:
    """The folder to look in, None if there is none; and whether it was named from the root, `~` or upwards."""
    try:
        path = expanded(written)
        fixed = path.is_absolute() or ".." in path.parts
        base = cwd / path
        return (base if base.is_dir() else None), fixed
    except (OSError, ValueError):
        return None, True


def _walk(base: Path, hidden: bool, deep: bool) -> Iterator[str]:
    """Paths below `base`, breadth first, folders with a "/" at the end."""
    until = time.monotonic() + _DEADLINE_S
    waiting: deque[tuple[str, int]] = deque([("", 0)])
    seen = 0
    while waiting:
        inside, depth = waiting.popleft()
        try:
            with os.scandir(base / inside) as entries:
                for entry in entries:
                    seen += 1
                    if seen > _MAX_ENTRIES or (seen % 256 == 0 and time.monotonic() > until):
                        return
                    if not _is_shown(entry.name, hidden):
                        continue
                    folder = _is_folder(entry)
                    yield inside + entry.name + ("/" if folder else "")
                    if folder and deep and depth < _MAX_DEPTH and not entry.is_symlink():
                        waiting.append((f"{inside}{entry.name}/", depth + 1))
        except OSError:  # not ours to read, or gone since
            continue
        if time.monotonic() > until:
            return


def _is_shown(name: str, hidden: bool) -> bool:
    if name in _SKIPPED or (name.startswith(".") and not hidden):
        return False
    return name.isprintable()  # control characters and bytes that are no UTF-8 can't be typed into a prompt


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _rank(needle: str, path: str) -> int | None:
    """How well a path fits: 0 its name begins so, 1 its name holds it, 2 the path holds it, 3 the letters in order."""
    name = path.rstrip("/").rpartition("/")[2]
    if name.startswith(needle):
        return 0
    if needle in name:
        return 1
    if needle in path:
        return 2
    letters = iter(path)
    return 3 if all(letter in letters for letter in needle) else None
