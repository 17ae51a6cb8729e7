"""What is in a folder: read on a thread, filtered and sorted; what the file picker shows."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from tui_chat.attach import KINDS
from tui_chat.attach.image_header import read_header

READ_AT_MOST = 5000
"""Entries of one folder that are looked at; a folder of a million files must not stop the picker."""
_HEADER_BYTES = 256 * 1024


class Entry(Struct, frozen=True):
    """One file or folder."""

    path: Path
    is_folder: bool
    size: int = 0
    """Bytes; 0 for a folder."""
    is_regular: bool = False
    """Whether it is a plain file: to read from a pipe or a device would wait for ever."""


def read_folder(folder: Path, hidden: bool) -> tuple[list[Entry], str]:
    """What the folder holds, folders first, by name; and why it can't be read, "" where it can."""
    entries: list[Entry] = []
    try:
        with os.scandir(folder) as found:
            for at, item in enumerate(found):
                if at >= READ_AT_MOST:
                    break
                if hidden or not item.name.startswith("."):
                    entries.append(_entry(item))
    except OSError as error:
        return [], error.strerror or str(error)
    except ValueError as error:  # a name that no system takes
        return [], str(error)
    entries.sort(key=lambda entry: (not entry.is_folder, entry.path.name.lower()))
    return entries, ""


def of_kind(entries: Iterable[Entry], kind: str) -> list[Entry]:
    """Folders, and the files that are usually of this kind (a `Kind.name`; "" for all)."""
    suffixes = {suffix for each in KINDS if each.name == kind for suffix in each.suffixes}
    return [entry for entry in entries if entry.is_folder or not kind or entry.path.suffix.lower() in suffixes]


def is_there(path: Path) -> bool:
    """Whether a file, folder or anything else has this name; one that no system takes is nobody's."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def pixels(path: Path) -> tuple[int, int, str] | None:
    """Width, height and format of a picture, from its first bytes; None where it is none."""
    try:
        with path.open("rb") as file:
            header = read_header(file.read(_HEADER_BYTES))
    except OSError:
        return None
    return None if header is None else (header.width, header.height, header.format)


def _entry(item: os.DirEntry[str]) -> Entry:
    try:
        if item.is_dir():
            return Entry(Path(item.path), is_folder=True)
        found = item.stat()
        return Entry(Path(item.path), is_folder=False, size=found.st_size, is_regular=stat.S_ISREG(found.st_mode))
    except OSError:  # a link that leads nowhere
        return Entry(Path(item.path), is_folder=False)
