"""Run by test_journal: a process that may write only so many bytes to a file, as on a full disk."""

from __future__ import annotations

import json
import resource
import signal
import sys

from tests.store.material import HEAD, again, said
from tui_chat.chat.tree import NodeAdded
from tui_chat.errors import StoreError
from tui_chat.store.blobs import Blobs
from tui_chat.store.places import places
from tui_chat.store.sessions import Library


def main(home: str) -> None:
    folders = places({"YIBU_CHAT_HOME": home})
    library = Library(folders)
    journal = library.create(HEAD)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    journal.append(NodeAdded(said(0, None, "small")))
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, unlimited[1]))
    failures = []
    large = said(4, None, "x" * 20_000)
    for attempt in (
        lambda: journal.append(NodeAdded(large)),
        lambda: journal.grow(large),
        lambda: Blobs(folders.blobs).keep(b"x" * 20_000),
    ):
        try:
            attempt()
        except StoreError as error:
            failures.append(error.key)
    journal.append(NodeAdded(said(2, None, "small again")))
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    journal.append(NodeAdded(large))
    journal.close()
    opened = again(library)
    texts = [opened.conversation.node(id).text for id in opened.conversation.children(None)]
    notes = [note.key for note in opened.notes]
    read_only = opened.read_only and opened.read_only.key
    print(json.dumps({"failures": failures, "texts": texts, "notes": notes, "read_only": read_only}))


if __name__ == "__main__":
    main(sys.argv[1])
