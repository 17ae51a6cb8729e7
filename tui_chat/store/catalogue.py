"""What does the list of chats show, without reading all chats each time: one row a file, kept in the cache folder.

A row counts as long as its file has the size and time it had when it was read; any other file is read anew. So
the catalogue can be deleted, damaged, or written by two programs at once: it is only ever a shortcut.
"""

from __future__ import annotations

import json
import os
import stat
import zlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from tui_chat.chat.node import Node
from tui_chat.chat.tree import HeadChanged
from tui_chat.disk import make_folder, read_bounded, replace_file
from tui_chat.store.index import Span
from tui_chat.store.journal import FILE_LIMIT_BYTES
from tui_chat.store.naming import chat_of
from tui_chat.store.reading import Contents, node_at, read
from tui_chat.store.records import FORMAT

_LIMIT_BYTES = 256 * 1024 * 1024
_TITLE_CHARACTERS = 80


class Summary(NamedTuple):
    """One row of the list of chats."""

    id: str
    title: str
    """As the person named it, else the first words of the first message; "" where nothing was said yet."""
    model: str
    created_s: float
    """Seconds since 1970, as all times here: ten thousand rows are made faster than their dates."""
    updated_s: float
    """Time of the last message."""
    pinned: bool
    damaged: bool
    """Some of it can't be read, or it can't be written to."""
    size: int
    """Bytes of its file."""
    mtime_ns: int
    """When its file was last written."""
    file: str
    """Path of its file."""

    @property
    def path(self) -> Path:
        """Its file."""
        return Path(self.file)

    @property
    def created(self) -> datetime:
        """When it was begun."""
        return date_of(self.created_s)

    @property
    def updated(self) -> datetime:
        """When something was last said."""
        return date_of(self.updated_s)


class Catalogue:
    """The rows of all chats of a folder."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._folder = folder
        self._file = file
        self._rows: dict[str, Summary] | None = None

    def rows(self) -> list[Summary]:
        """All chats, pinned ones first, then the newest first; raises OSError where the folder can't be read."""
        known = self._load() if self._rows is None else self._rows
        found: dict[str, Summary] = {}
        changed = False
        for entry in _sessions(self._folder):
            try:
                status = entry.stat()
            except OSError:
                continue  # gone since it was listed
            row = known.get(entry.path)
            if row is None or row.mtime_ns != status.st_mtime_ns or row.size != status.st_size:
                if not stat.S_ISREG(status.st_mode):
                    continue
                row = summarise(Path(entry.path), status)
                changed = True
            found[entry.path] = row
        if changed or len(found) != len(known):
            self._save(found)
        self._rows = found
        return _in_order(found.values())

    def remembered(self) -> list[Summary]:
        """All chats as they were when `rows` last looked, in its order: a first sight, at half the cost."""
        if self._rows is None:
            inside = f"{self._folder}{os.sep}"  # as the paths that `os.scandir` gives
            self._rows = {path: row for path, row in self._load().items() if path.startswith(inside)}
        return _in_order(self._rows.values())

    def _load(self) -> dict[str, Summary]:
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError, MemoryError):
            checksum, _, text = read_bounded(self._file, _LIMIT_BYTES).partition(b"\n")
            if int(checksum, 16) == zlib.crc32(text):
                found = json.loads(text)
                if found["fields"] == list(Summary._fields):
                    return {row[-1]: Summary._make(row) for row in found["rows"]}
        return {}

    def _save(self, rows: dict[str, Summary]) -> None:
        text = json.dumps({"fields": Summary._fields, "rows": list(rows.values())}, separators=(",", ":")).encode()
        with suppress(OSError):  # it is only a shortcut
            make_folder(self._file.parent)
            replace_file(self._file, b"%08x\n%b" % (zlib.crc32(text), text))


def session_files(folder: Path) -> list[str]:
    """Names of the session files in the folder; raises OSError where it can't be read."""
    return [entry.name for entry in _sessions(folder)]


def summarise(path: Path, status: os.stat_result) -> Summary:
    """Read one session file for the list; a file that can't be read is a row too."""
    chat = chat_of(path.name)
    written_s = status.st_mtime
    try:
        content = read_bounded(path, FILE_LIMIT_BYTES)
    except OSError:
        return Summary(chat, "", "", written_s, written_s, False, True, status.st_size, status.st_mtime_ns, str(path))
    contents = read(content, chat)
    head = contents.head
    title, model, pinned = head.title, head.model, head.pinned
    for entry in contents.entries:
        if isinstance(entry, HeadChanged):
            title, model = str(entry.fields.get("title", title)), str(entry.fields.get("model", model))
            pinned = bool(entry.fields.get("pinned", pinned))
    return Summary(
        id=chat,
        title=title or _first_words(contents, content),
        model=model,
        created_s=_seconds(head.created) if contents.sound else written_s,
        updated_s=_updated_s(contents, written_s),
        pinned=pinned,
        damaged=not contents.sound or contents.lost > 0 or contents.format > FORMAT,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        file=str(path),
    )


def _in_order(rows: Iterable[Summary]) -> list[Summary]:
    ordered = sorted(rows, key=attrgetter("updated_s"), reverse=True)
    ordered.sort(key=attrgetter("pinned"), reverse=True)
    return ordered


def _sessions(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.name.endswith(".toml") and not entry.name.startswith(".")]
    except FileNotFoundError:
        return []


def _first_words(contents: Contents, content: bytes) -> str:
    """The start of the first user message that has words, on one line."""
    for entry in contents.entries:
        node = entry if isinstance(entry, Node) else None
        if isinstance(entry, Span) and entry.role == "user":
            node = node_at(content, entry)
        if node is not None and node.role == "user" and (words := " ".join(node.text[:400].split())):
            return words[:_TITLE_CHARACTERS]
    return ""


def _updated_s(contents: Contents, written_s: float) -> float:
    """Time of the newest message; of the file where no message tells."""
    for entry in reversed(contents.entries):
        with suppress(ValueError, OverflowError):
            if isinstance(entry, Span):
                return datetime.fromisoformat(entry.time).timestamp()
            if isinstance(entry, Node):
                return entry.time.timestamp()
    return _seconds(contents.head.created) if contents.sound else written_s


def _seconds(time: datetime) -> float:
    try:
        return time.timestamp()
    except (OverflowError, ValueError, OSError):
        return 0.0


def date_of(seconds: float) -> datetime:
    """The time so many seconds after 1970; its beginning where that is no time."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
