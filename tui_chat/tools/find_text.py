"""Find a text in the files of a folder. Plain text, not a pattern: patterns can be made that never come to an end."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from msgspec import Struct, field

from tui_chat.errors import ToolError
from tui_chat.tools.folders import (
    FileId,
    allowed,
    content_of,
    decoded,
    file_error,
    is_private,
    own_files,
    relative,
    shown,
)
from tui_chat.tools.function import in_thread, tool_of
from tui_chat.tools.schema import Limits
from tui_chat.tools.tool import Outcome, Surroundings, Tool

LIMIT_MATCHES = 200
_PER_FILE = 20
_LINE_CHARACTERS = 240
_FILE_BYTES = 2 * 1024 * 1024
_FILES = 20_000
_ALL_BYTES = 256 * 1024 * 1024
_PATIENCE_S = 15.0
_PASSED_OVER = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache"})
"""Folders of copies and caches, where a match is never what was meant."""


class _Search(Struct):
    """What is looked for, and what was found so far."""

    text: str
    names: str
    match_case: bool
    surroundings: Surroundings
    stop: threading.Event
    own: frozenset[FileId]
    deadline: float
    found: list[str] = field(default_factory=list)
    files: int = 0
    matching: int = 0
    passed_over: int = 0
    bytes_left: int = _ALL_BYTES
    cut: str = ""

    def over(self) -> bool:
        """Whether it has to end now."""
        if self.cut or self.stop.is_set():
            return True
        if len(self.found) >= LIMIT_MATCHES:
            self.cut = f"the search ended after {LIMIT_MATCHES} matches"
        elif self.files >= _FILES:
            self.cut = f"the search ended after {_FILES} files"
        elif self.bytes_left <= 0:
            self.cut = f"the search ended after {_ALL_BYTES // 1024 // 1024} MB"
        elif time.monotonic() > self.deadline:
            self.cut = f"the search ended after {_PATIENCE_S:g} s"
        return bool(self.cut)


async def find_text(
    text: Annotated[str, Limits(min_length=1, max_length=500)],
    surroundings: Surroundings,
    path: str = ".",
    names: Annotated[str, Limits(max_length=100)] = "*",
    match_case: bool = False,
) -> Outcome:
    """Find lines that hold a text in the files of a folder and the folders below it.

    The text is plain, not a regular expression, and stands within one line. Only folders that the person has granted
    are searched; binary files, files over 2 MB, links, and folders such as .git and node_modules are passed over.

    Args:
        text: what to look for.
        surroundings: where it may be looked for.
        path: a folder or one file, absolute or from the working folder.
        names: search only files whose names fit this pattern, such as "*.py".
        match_case: whether capital and small letters differ.
    """
    real = allowed(path, surroundings)
    stop = threading.Event()
    try:
        return await in_thread(lambda: _searched(real, text, names, match_case, surroundings, stop))
    except asyncio.CancelledError:
        stop.set()
        raise


def _searched(
    real: Path, text: str, names: str, match_case: bool, surroundings: Surroundings, stop: threading.Event
) -> Outcome:
    wanted = text if match_case else text.casefold()
    deadline = time.monotonic() + _PATIENCE_S
    search = _Search(wanted, names, match_case, surroundings, stop, own_files(surroundings), deadline)
    try:
        if real.is_dir():
            for file in _files(real, search):
                _look_into(file, search)
        else:
            _look_into(real, search, alone=True)
    except OSError as error:
        raise file_error(error, real) from error
    notes = [f"{search.matching} of {search.files} files hold it"]
    if search.passed_over:
        notes.append(f"{search.passed_over} files were passed over (binary, too large or unreadable)")
    if search.cut:
        notes.append(search.cut)
    return Outcome("\n".join([*search.found, f"({'; '.join(notes)})"]))


def _files(folder: Path, search: _Search) -> Iterator[Path]:
    """Every regular file below a folder whose name fits, no link followed, the program's own folders left out."""
    waiting = [folder]
    while waiting and not search.over():
        at = waiting.pop()
        if is_private(at, search.surroundings, parents_are_known=at != folder):
            continue
        try:
            with os.scandir(at) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except (PermissionError, FileNotFoundError):
            search.passed_over += 1
            continue
        for entry in found:
            if entry.is_file(follow_symlinks=False) and fnmatchcase(entry.name, search.names):
                if search.over():
                    return
                yield at / entry.name
        waiting += [
            at / entry.name
            for entry in reversed(found)
            if entry.is_dir(follow_symlinks=False) and entry.name not in _PASSED_OVER
        ]


def _look_into(file: Path, search: _Search, *, alone: bool = False) -> None:
    """Add what one file holds; one that can't be searched counts as passed over, unless it was asked for alone."""
    search.files += 1
    try:
        content = content_of(file, search.surroundings, _FILE_BYTES, search.own)
        search.bytes_left -= len(content)
        text, _ = decoded(content, file)
    except ToolError:
        if alone:
            raise
        search.files -= 1
        search.passed_over += 1
        return
    if search.text not in (text if search.match_case else text.casefold()):
        return
    name, count = relative(file, search.surroundings), 0
    for number, line in enumerate(text.split("\n"), 1):
        at = (line if search.match_case else line.casefold()).find(search.text)
        if at < 0:
            continue
        count += 1
        if count > _PER_FILE or len(search.found) >= LIMIT_MATCHES:
            search.found.append(f"{name}: more lines hold it")
            break
        search.found.append(f"{name}:{number}: {_excerpt(line, at)}")
    search.matching += bool(count)


def _excerpt(line: str, at: int) -> str:
    """A line, or what is around the match where it is long."""
    line = line.rstrip("\r")
    if len(line) <= _LINE_CHARACTERS:
        return shown(line.replace("\t", "    "))
    begin = max(0, at - _LINE_CHARACTERS // 3)
    end = begin + _LINE_CHARACTERS
    return f"{'…' if begin else ''}{shown(line[begin:end])}{'…' if end < len(line) else ''}"


FIND_TEXT: Tool = tool_of(find_text, "reads", timeout_s=40)
