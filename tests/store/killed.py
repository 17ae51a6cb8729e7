"""Run by test_journal: a writer that is killed at any moment, again and again, and what is found afterwards."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import tomllib

from msgspec.structs import replace

from tests.store.material import HEAD, said
from tui_chat.chat.node import Failure
from tui_chat.chat.tree import NodeAdded
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Text


def write_on(library: Library, pipe: int) -> None:
    """Ask and answer without end; each thing that is on disk is acknowledged on the pipe."""
    opened = library.open(HEAD.id)
    leaf = opened.conversation.leaf
    number = len(opened.conversation)
    while True:
        question = said(2 * number, leaf, f"question {number}\n" * 20)
        opened.journal.append(NodeAdded(question))
        os.write(pipe, f"{question.id} {len(question.text)}\n".encode())
        answer = said(2 * number + 1, question.id, "")
        for length in range(0, 2000, 500):
            answer = replace(answer, parts=(Text("word \n" * (length // 6 + 1)),))
            opened.journal.grow(answer)
            os.write(pipe, f"{answer.id} {len(answer.text)}\n".encode())
        opened.journal.append(NodeAdded(answer))
        opened.journal.settle()
        leaf, number = answer.id, number + 1


def main(home: str, kills: int) -> None:
    library = Library(places({"YIBU_CHAT_HOME": home}))
    library.create(HEAD).close()
    acknowledged: dict[str, int] = {}
    lost: list[str] = []
    for turn in range(kills):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            write_on(library, writer)
        os.close(writer)
        heard = b""
        while heard.count(b"\n") < 1 + turn % 12:
            heard += os.read(reader, 65536)
        select.select([], [], [], random.random() * 0.004)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(reader, 65536):
            heard += more
        os.close(reader)
        for line in heard.decode().splitlines(keepends=True):
            if line.endswith("\n"):
                id, length = line.split()
                acknowledged[id] = int(length)
        opened = library.open(HEAD.id)
        opened.journal.close()
        if opened.read_only is not None:
            lost.append(str(opened.read_only))
        for id, length in acknowledged.items():
            node = opened.conversation.node(id) if id in opened.conversation else None
            if node is None or node.altered or len(node.text) < length:
                lost.append(f"{turn}: {id}")
        tomllib.loads(library.path(HEAD.id).read_text("utf-8"))
    nodes = [opened.conversation.node(id) for id in opened.conversation.path()]
    recovered = sum(node.failure == Failure("error.crashed") for node in nodes)
    print(json.dumps({"kills": kills, "acknowledged": len(acknowledged), "lost": lost, "recovered_answers": recovered}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
