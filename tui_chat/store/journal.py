"""How do a chat's changes get to disk, each whole and for certain before it counts, and come back.

A session file only grows: one record, one write, one fsync. Nothing that can't be read for sure is ever written to:
then the chat opens read-only and says why.
"""

from __future__ import annotations

import os
import weakref
import zlib
from contextlib import suppress
from pathlib import Path

from tui_chat.chat.node import Node, now
from tui_chat.chat.tree import Change, NodeAdded
from tui_chat.disk import WINDOWS, GrowingFile, Lock
from tui_chat.errors import ChatError, StoreError
from tui_chat.store.index import Span
from tui_chat.store.naming import partial_file, slug, torn_file, with_slug
from tui_chat.store.partial import Sidecar
from tui_chat.store.reading import Contents, unreadable_node
from tui_chat.store.reasons import store_error
from tui_chat.store.records import Unreadable, change_record, read_node
from tui_chat.store.toml_text import parse

FILE_LIMIT_BYTES = 512 * 1024 * 1024
"""The longest session file that is opened."""

_TRAILER_BYTES = 32
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class SessionJournal:
    """The journal of one chat that is open for writing here."""

    def __init__(self, path: Path, size: int, next_seq: int, lock: Lock) -> None:
        self._file = GrowingFile(path)
        self._file.end = size  # as it was when it was read: a file that has changed since is not written to
        self._seq = next_seq
        self._lock = lock
        self._sidecar = Sidecar(partial_file(path))

    @property
    def path(self) -> Path:
        """The session file; it gets a speaking name with the first message."""
        return self._file.path

    def append(self, change: Change) -> None:
        """Put one change on disk; raises StoreError where it isn't there, and then the file is as before."""
        try:
            self._file.append(change_record(change, self._seq, now()))
        except OSError as error:
            raise store_error(error, self.path) from error
        self._seq += 1
        if isinstance(change, NodeAdded) and change.node.role == "user":
            self._name_after(change.node.text)

    def grow(self, node: Node) -> None:
        """Keep a growing answer as it stands; raises StoreError where it can't be kept."""
        self._sidecar.keep(node)

    def secure(self) -> None:
        """Put what `grow` kept on disk for certain; raises StoreError where it isn't there."""
        self._sidecar.secure()

    def settle(self) -> None:
        """The growing answer is in the file, or was given up."""
        self._sidecar.forget()

    def close(self) -> None:
        """Let go of the chat: another window can have it now."""
        self._lock.release()

    def keep_torn(self, content: bytes, start: int) -> None:
        """Move what stands from byte `start` of the file's `content` on into the `.torn` file; raises OSError."""
        GrowingFile(torn_file(self.path)).append(content[start:] + b"\n")
        self._file.cut(start)

    def _name_after(self, text: str) -> None:
        target = with_slug(self.path, slug(text))
        with suppress(OSError):  # a plain name will do
            if target != self.path and not target.exists():
                self._file.rename(target)
                self._sidecar.path = partial_file(target)


class Refusing:
    """The journal of a chat that can't be written to: it says so to whoever tries."""

    def __init__(self, reason: ChatError, lock: Lock | None = None) -> None:
        self.reason = reason
        self._lock = lock

    def append(self, change: Change) -> None:
        """Raise why not."""
        raise StoreError(self.reason.key, **self.reason.facts)

    def grow(self, node: Node) -> None:
        """Raise why not."""
        raise StoreError(self.reason.key, **self.reason.facts)

    def secure(self) -> None:
        """Nothing was kept."""

    def settle(self) -> None:
        """Nothing was kept."""

    def close(self) -> None:
        """Let go of the chat."""
        if self._lock is not None:
            self._lock.release()


class Pages:
    """Loads the messages of a session file one by one, when they are asked for.

    The file is held open, so that it can be read on after it was renamed or moved to the trash; on Windows, where
    an open file can't be moved, it is opened for each message.
    """

    def __init__(self, path: Path, contents: Contents) -> None:
        self._path = path
        self._spans = {entry.id: entry for entry in contents.entries if isinstance(entry, Span)}
        self._descriptor: int | None = None
        if not WINDOWS:
            self._descriptor = os.open(path, _READ_FLAGS)
            weakref.finalize(self, os.close, self._descriptor)

    def __call__(self, id: str) -> Node:
        """The node with this id, or a stand-in marked unreadable where its bytes were spoilt meanwhile.

        Raises:
            KeyError: the file has no such node.
        """
        span = self._spans[id]
        lost = unreadable_node(id, span.parent, span.role)
        try:
            content = self._bytes(span.start, span.stop + _TRAILER_BYTES)
        except OSError:
            return lost
        size = span.stop - span.start
        tables = parse(content[:size])
        fits = content[size:].startswith(b"# end %d %08x" % (size, zlib.crc32(content[:size])))
        match tables:
            case {"node": [{"id": str(found)} as node]} if found == id:
                with suppress(Unreadable):
                    return read_node(node, altered=not fits)
        return lost

    def _bytes(self, start: int, stop: int) -> bytes:
        if self._descriptor is not None:
            return os.pread(self._descriptor, stop - start, start)
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)
