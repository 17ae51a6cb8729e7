"""List a folder, and what is below it: names, kinds and sizes, within bounds."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Struct

from tui_chat.errors import ToolError
from tui_chat.tools.folders import allowed, file_error, is_private, relative, shown
from tui_chat.tools.function import tool_of
from tui_chat.tools.schema import Limits
from tui_chat.tools.tool import Outcome, Surroundings, Tool

LIMIT_ENTRIES = 1000
_SCANNED = 20_000
"""Of one folder; what is more is not even looked at."""
_PATIENCE_S = 10.0


class _Bounds(Struct):
    left: int
    deadline: float
    cut: bool = False


def list_folder(surroundings: Surroundings, path: str = ".", levels: Annotated[int, Limits(ge=1, le=6)] = 1) -> Outcome:
    """List the files and folders within a folder of this computer, with their sizes in bytes.

    Only folders that the person has granted, and what is in them, can be listed. Folders end in "/"; links are shown
    with where they point and are not followed.

    Args:
        surroundings: where it may be.
        path: the folder, absolute or from the working folder.
        levels: how deep to go: 1 lists the folder alone, 2 its folders' contents too.
    """
    real = allowed(path, surroundings)
    if real.exists() and not real.is_dir():
        raise ToolError("error.tool_not_folder", path=shown(real))
    bounds = _Bounds(LIMIT_ENTRIES, time.monotonic() + _PATIENCE_S)
    try:
        with os.scandir(real):
            pass
    except OSError as error:
        raise file_error(error, real) from error
    entries = list(_listed(real, levels, 0, bounds, surroundings))
    head = f"{relative(real, surroundings)}: {len(entries)} entries"
    if bounds.cut:
        head = f"{head}; there are more, which are not listed"
    return Outcome("\n".join([head, *entries]))


def _listed(folder: Path, levels: int, depth: int, bounds: _Bounds, surroundings: Surroundings) -> Iterator[str]:
    """A line for each entry, folders first, each folder's content below it."""
    try:
        with os.scandir(folder) as entries:
            found: list[os.DirEntry[str]] = []
            for entry in entries:
                if len(found) >= _SCANNED or time.monotonic() > bounds.deadline:
                    bounds.cut = True
                    break
                found.append(entry)
    except OSError:
        yield f"{'  ' * (depth)}(can't be opened)"
        return
    found.sort(key=lambda entry: (not entry.is_dir(follow_symlinks=False), entry.name.lower(), entry.name))
    for entry in found:
        path = folder / entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and is_private(path, surroundings, parents_are_known=True):
            continue
        if bounds.left <= 0 or time.monotonic() > bounds.deadline:
            bounds.cut = True
            return
        bounds.left -= 1
        yield f"{'  ' * depth}{_line(entry, is_folder)}"
        if is_folder and depth + 1 < levels:
            yield from _listed(path, levels, depth + 1, bounds, surroundings)


def _line(entry: os.DirEntry[str], is_folder: bool) -> str:
    name = shown(entry.name)
    if is_folder:
        return f"{name}/"
    try:
        if entry.is_symlink():
            return f"{name} -> {shown(Path(entry.path).readlink())}"
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return f"{name} (?)"
    return f"{name} ({status.st_size})" if stat.S_ISREG(status.st_mode) else f"{name} (not a regular file)"


LIST_FOLDER: Tool = tool_of(list_folder, "reads", timeout_s=30)
