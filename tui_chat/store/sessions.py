"""Which chats are there, and how is one begun, opened, renamed, thrown away and brought back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from tui_chat.chat.keeping import Journal, Opened, Unkept
from tui_chat.chat.node import Head, new_id, now
from tui_chat.chat.tree import Change, HeadChanged, NodeAdded
from tui_chat.disk import Lock, LockedElsewhere, make_folder, move_file, replace_file, sweep
from tui_chat.errors import StoreError
from tui_chat.store.catalogue import Catalogue, Summary, session_files
from tui_chat.store.handover import Requests
from tui_chat.store.journal import SessionJournal
from tui_chat.store.naming import chat_of, partial_file, session_name, torn_file
from tui_chat.store.opening import open_session
from tui_chat.store.places import Places
from tui_chat.store.reasons import store_error
from tui_chat.store.records import change_record, head_record

_GLANCE_S = 0.05
"""How long a lock is waited for: another window may hold it for as long as it takes to see whether it is free."""


class Library:
    """The folder of chats; the Shelf that the desk works with."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._catalogue = Catalogue(places.sessions, places.catalogue_file)
        self._requests = Requests(places.locks)
        self._swept = False

    def create(self, head: Head) -> Journal:
        """Begin the file of a new chat; a temporary chat gets a journal that keeps nothing.

        Raises:
            StoreError: the file can't be written.
        """
        if head.temporary:
            return Unkept()
        path = self._places.sessions / session_name(head.id, head.created, head.title)
        content = head_record(head)
        lock = self._lock(head.id)
        try:
            make_folder(path.parent)
            replace_file(path, content)
            return SessionJournal(path, len(content), 1, lock)
        except OSError as error:
            lock.release()
            raise store_error(error, path) from error

    def keep(self, head: Head, changes: Iterable[Change]) -> None:
        """Put a new chat on disk at once, whole or not at all; it is not open then.

        Raises:
            StoreError: the file can't be written.
        """
        made = list(changes)
        said = (change.node.text for change in made if isinstance(change, NodeAdded) and change.node.role == "user")
        path = self._places.sessions / session_name(head.id, head.created, head.title or next(said, ""))
        records = (change_record(change, seq, now()) for seq, change in enumerate(made, 1))
        try:
            make_folder(path.parent)
            replace_file(path, b"".join((head_record(head), *records)))
        except OSError as error:
            raise store_error(error, path) from error

    def copy(self, chat: str, title: str) -> str:
        """Make another chat of all that is on disk of this one, versions and parameters too; returns its id.

        Attachments are not copied: they are known by what is in them.

        Raises:
            StoreError: the chat can't be read, or the copy can't be written.
        """
        opened = self.open(chat)
        opened.journal.close()
        tree = opened.conversation
        head = replace(tree.head, id=new_id(), created=now(), title=title, pinned=False)
        self.keep(head, tree.changes())
        return head.id

    def open(self, chat: str) -> Opened:
        """Open a chat by its id; read-only, with the reason, where another window has it or it can't be written.

        One that another window asks for is that one's: who let go of it must not have it back before.

        Raises:
            StoreError: there is no such chat, or its file can't be read at all.
        """
        path = self.path(chat)
        lock: Lock | None = None
        refusal: StoreError | None = None
        try:
            if (asked := self._asked_by_another(chat)) is not None:
                raise asked
            lock = self._lock(chat)
            self._requests.withdraw(chat)
            if not os.access(path, os.W_OK):
                refusal = StoreError("error.store_read_only", path=str(path))
        except StoreError as error:
            refusal = error
        try:
            return open_session(self.path(chat), chat, lock, refusal)
        except OSError as error:
            if lock is not None:
                lock.release()
            raise store_error(error, path) from error

    def is_free(self, chat: str) -> bool:
        """Whether no other window has the chat open for writing just now, or asks for it."""
        if self._asked_by_another(chat) is not None:
            return False
        try:
            self._lock(chat, wait_s=0).release()
        except StoreError:
            return False
        return True

    def ask(self, chat: str) -> int:
        """Ask the window that has a chat to let go of it, until it is open here or `withdraw`; again does no harm.

        Returns:
            A number that is another one each time that window has heard it.

        Raises:
            StoreError: the request can't be left.
        """
        try:
            return self._requests.ask(chat)
        except OSError as error:
            raise store_error(error, self._places.locks) from error

    def withdraw(self, chat: str) -> None:
        """Ask no more for a chat."""
        self._requests.withdraw(chat)

    def asker(self, chat: str) -> StoreError | None:
        """Who else asks for a chat, as the reason to let go of it; None where nobody does. The asker is told: heard."""
        asks = self._asked_by_another(chat)
        if asks is not None:
            self._requests.hear(chat)
        return asks

    def summaries(self) -> list[Summary]:
        """All chats, pinned ones first, then the newest first, damaged ones among them.

        Raises:
            StoreError: the folder can't be read.
        """
        if not self._swept:
            self._swept = True
            sweep(self._places.sessions)
        try:
            return self._catalogue.rows()
        except OSError as error:
            raise store_error(error, self._places.sessions) from error

    def remembered(self) -> list[Summary]:
        """All chats as they were when `summaries` last looked: to be shown until it has looked again."""
        return self._catalogue.remembered()

    def latest(self) -> str | None:
        """The chat in which something was said last, None where there is none."""
        newest = max(self.summaries(), key=lambda row: row.updated_s, default=None)
        return newest.id if newest else None

    def find(self, prefix: str) -> str:
        """The id of the one chat whose id begins with `prefix`.

        Raises:
            StoreError: none does, or several do.
        """
        ids = self._ids()
        found = [prefix] if prefix in ids else [id for id in ids if prefix and id.startswith(prefix.lower())]
        if not found:
            raise StoreError("error.chat_unknown", chat=prefix)
        if len(found) > 1:
            raise StoreError("error.chat_ambiguous", chat=prefix, count=len(found))
        return found[0]

    def change(self, chat: str, change: HeadChanged) -> None:
        """Change the head of a chat that is not open here, for example its title.

        Raises:
            StoreError: it is open, here or elsewhere, or can't be written.
        """
        opened = self.open(chat)
        try:
            opened.journal.append(change)
        finally:
            opened.journal.close()

    def trash(self, chat: str) -> None:
        """Move a chat that is not open to the trash folder; `restore` brings it back.

        Raises:
            StoreError: it is open, here or elsewhere, or can't be moved.
        """
        self._move(chat, self.path(chat), self._places.trash)

    def restore(self, chat: str) -> None:
        """Bring a chat back from the trash folder; raises StoreError where it isn't there or can't be moved."""
        self._move(chat, _find(self._places.trash, chat), self._places.sessions)

    def path(self, chat: str) -> Path:
        """The chat's file; raises StoreError where there is none."""
        return _find(self._places.sessions, chat)

    def _asked_by_another(self, chat: str) -> StoreError | None:
        asks = self._requests.asker(chat)
        if asks is None:
            return None
        return StoreError("error.store_taken_over", pid=asks.pid, terminal=asks.terminal or "?")

    def _ids(self) -> list[str]:
        try:
            return [chat_of(name) for name in session_files(self._places.sessions)]
        except OSError as error:
            raise store_error(error, self._places.sessions) from error

    def _lock(self, chat: str, wait_s: float = _GLANCE_S) -> Lock:
        path = self._places.locks / f"{chat}.lock"
        try:
            make_folder(path.parent)
            return Lock.take(path, wait_s)
        except LockedElsewhere as held:
            terminal = held.terminal or "?"
            raise StoreError("error.store_open_elsewhere", pid=held.pid, terminal=terminal) from held
        except OSError as error:
            raise store_error(error, path) from error

    def _move(self, chat: str, source: Path, folder: Path) -> None:
        with self._lock(chat):
            target = folder / source.name
            try:
                make_folder(folder)
                if target.exists():  # another file of that name is nobody's to replace
                    move_file(target, target.with_name(f"{target.name}.{os.urandom(3).hex()}.old"))
                move_file(source, target)
                for beside in (partial_file, torn_file):
                    with suppress(FileNotFoundError):
                        move_file(beside(source), beside(target))
            except OSError as error:
                raise store_error(error, source) from error


def _find(folder: Path, chat: str) -> Path:
    try:
        names = session_files(folder)
    except OSError as error:
        raise store_error(error, folder) from error
    for name in names:
        if chat_of(name) == chat:
            return folder / name
    raise StoreError("error.chat_unknown", chat=chat)
