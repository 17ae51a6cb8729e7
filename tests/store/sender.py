"""Run by test_journal: one of two processes that send into the same chat, each when it can have it."""

from __future__ import annotations

import json
import sys

from tui_chat.chat.node import Node, new_id
from tui_chat.chat.tree import NodeAdded
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Text


def main(home: str, chat: str, count: int, name: str) -> None:
    library = Library(places({"YIBU_CHAT_HOME": home}))
    sent: list[str] = []
    while len(sent) < count:
        opened = library.open(chat)
        if opened.read_only is None:
            for _ in range(3):
                text = f"{name}{len(sent)}"
                opened.journal.append(NodeAdded(Node(new_id(), None, "user", (Text(text),))))
                sent.append(text)
        opened.journal.close()
    print(json.dumps({"sent": sent}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
