"""How does a chat come back from its file, and what is put right on the way.

A torn end is cut off and kept beside, an answer that was coming in when the program died becomes an interrupted
message, and whatever can't be made sure of is left alone: then the chat opens read-only.
"""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from tui_chat.chat.keeping import Journal, Opened
from tui_chat.chat.node import Failure
from tui_chat.chat.tree import Conversation, NodeAdded
from tui_chat.disk import Lock, read_bounded, retrying
from tui_chat.errors import ChatError, StoreError
from tui_chat.store.journal import FILE_LIMIT_BYTES, Pages, Refusing, SessionJournal
from tui_chat.store.naming import partial_file, torn_file
from tui_chat.store.partial import read_sidecar
from tui_chat.store.reading import Contents, build, read
from tui_chat.store.reasons import store_error
from tui_chat.store.records import FORMAT


def open_session(path: Path, chat: str, lock: Lock | None, refusal: StoreError | None) -> Opened:
    """Open the session file of chat `chat`.

    Args:
        path: The file.
        chat: The chat's id.
        lock: The chat's lock, held; None where another holds it or none could be made.
        refusal: Why it can't be written to, as far as known already.

    Raises:
        OSError: the file can't be read at all.
    """
    content = retrying(lambda: read_bounded(path, FILE_LIMIT_BYTES))
    contents = read(content, chat)
    conversation = build(contents, Pages(path, contents))
    refusal = _refusal(contents, path) or refusal
    notes = _notes(contents, lock)
    journal: Journal
    if lock is None or refusal is not None:
        refusal = refusal or StoreError("error.store_read_only", path=str(path))
        journal = Refusing(refusal, lock)
    else:
        journal = writer = SessionJournal(path, len(content), contents.next_seq, lock)
        if contents.torn_at is not None:
            try:
                writer.keep_torn(content, contents.torn_at)
            except OSError as error:
                refusal = store_error(error, path)
                journal = Refusing(refusal, lock)
            else:
                size = len(content) - contents.torn_at
                notes.append(StoreError("error.store_torn", bytes=size, path=str(torn_file(path))))
    if lock is not None and contents.format <= FORMAT:
        notes.extend(_recover(path, conversation, None if refusal else journal))
    return Opened(conversation, journal, refusal, tuple(notes))


def _refusal(contents: Contents, path: Path) -> StoreError | None:
    if contents.format > FORMAT:
        return StoreError("error.store_newer", path=str(path), format=contents.format)
    if not contents.sound:
        return StoreError("error.store_damaged", path=str(path), count=contents.lost)
    return None


def _notes(contents: Contents, lock: Lock | None) -> list[ChatError]:
    notes: list[ChatError] = []
    if contents.altered:
        notes.append(StoreError("error.store_altered", count=contents.altered))
    if contents.lost:
        notes.append(StoreError("error.store_lost", count=contents.lost))
    if lock is not None and not lock.supported:
        notes.append(StoreError("error.store_no_locks"))
    return notes


def _recover(path: Path, conversation: Conversation, journal: Journal | None) -> list[ChatError]:
    """Make messages of the answers that were coming in when the program ended; kept too where there is a journal."""
    notes: list[ChatError] = []
    for node in read_sidecar(partial_file(path)):
        if not node.parts or conversation.knows(node.id):
            continue  # nothing had come, or its record is in the file and only the sidecar was left behind
        parent = node.parent if node.parent is None or conversation.knows(node.parent) else conversation.leaf
        answer = replace(node, parent=parent, finish="interrupted", failure=Failure("error.crashed"))
        conversation.apply(NodeAdded(answer))
        notes.append(StoreError("error.store_recovered"))
        if journal is not None:
            try:
                journal.append(NodeAdded(answer))
            except StoreError as error:
                return [*notes, error]  # the sidecar stays: next time, perhaps
    if journal is not None:
        journal.settle()
    return notes
