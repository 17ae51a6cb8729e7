"""What is measured of the rooms without a screen: the store, the search, the decoding of a stream.

Every figure has its floor in the same run: what the least Python that could do the work takes, with nothing checked,
escaped or kept in order. Ratios to it are the result.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.document import answer, message
from tests.gateway.answers import DONE
from tests.gateway.documents import document, tokens
from tests.gateway.upstreams import openai

Figures = dict[str, float]
RECORDS = 200
CHATS = 10_000
OLDEST = "魑 in the oldest"


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """CPU-seconds and wall seconds of a piece of work in this process, all threads."""
    cpu, wall = time.process_time(), time.monotonic()
    work()
    return time.process_time() - cpu, time.monotonic() - wall


def store() -> Figures:
    """Putting one message of 900 bytes on disk, fsync and all, beside a plain append with fsync."""
    from tui_chat.chat.node import Head, Node
    from tui_chat.chat.tree import NodeAdded
    from tui_chat.store.places import places
    from tui_chat.store.sessions import Library
    from tui_chat.wire.messages import Text

    with tempfile.TemporaryDirectory() as home:
        library = Library(places({**os.environ, "YIBU_CHAT_HOME": home}))
        said = [message(number) for number in range(RECORDS)]

        def ours() -> None:
            with closing(library.create(Head("bench00000", model="bench"))) as journal:
                for number, text in enumerate(said):
                    journal.append(NodeAdded(Node(f"n{number:09}", None, "user", (Text(text),))))

        def plain() -> None:
            with (Path(home) / "plain").open("ab", buffering=0) as file:
                for text in said:
                    file.write(text.encode())
                    os.fsync(file.fileno())

        cpu, wall = spent(ours)
        floor_cpu, floor_wall = spent(plain)
    each = 1000 / RECORDS
    return {
        "cpu_ms": cpu * each,
        "wall_ms": wall * each,
        "floor_cpu_ms": floor_cpu * each,
        "floor_wall_ms": floor_wall * each,
    }


def write_chats(folder: Path) -> None:
    """10 000 chats of about 12 kB, made from one long document; only the oldest says `OLDEST`."""
    from tui_chat.chat.node import Head, Node
    from tui_chat.store.naming import session_name
    from tui_chat.store.records import head_record, node_record
    from tui_chat.wire.messages import Text

    folder.mkdir(parents=True)
    words, start = document(60_000), datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(CHATS):
        head = Head(f"{number:010x}", start + timedelta(hours=number))
        content = head_record(head)
        for at in range(6):
            begin = (number * 7919 + at * 2003) % (len(words) - 2000)
            said = words[begin : begin + 1500] + (f" {OLDEST}" if number == at == 0 else "")
            node = Node(f"{at:010x}", None, "assistant" if at % 2 else "user", (Text(said),), head.created)
            content += node_record(node, at + 1)
        (folder / session_name(head.id, head.created, "")).write_bytes(content)


def search() -> Figures:
    """Listing 10 000 chats and looking through them for what only the oldest says, beside reading every file."""
    from tui_chat.store.catalogue import Summary
    from tui_chat.store.places import places
    from tui_chat.store.search import search
    from tui_chat.store.sessions import Library

    with tempfile.TemporaryDirectory() as home:
        place = places({**os.environ, "YIBU_CHAT_HOME": home})
        write_chats(place.sessions)
        Library(place).summaries()  # the catalogue is made once
        shown: list[Summary] = []
        listing, _wall = spent(lambda: shown.extend(Library(place).remembered()))
        verifying, _wall = spent(lambda: Library(place).summaries())  # on a thread, once the list is shown
        listed = Library(place).summaries()
        assert len(shown) == len(listed), (len(shown), len(listed))
        needle = OLDEST.encode().lower()

        def plain() -> None:
            for chat in listed:
                _found = needle in chat.path.read_bytes().lower()

        figures = {"MB": sum(chat.size for chat in listed) / 1e6, "list_cpu_ms": listing * 1000}
        figures["list_verified_cpu_ms"] = verifying * 1000
        for name, text, hits in (("one", "魑", 1), ("words", OLDEST.upper(), 1), ("none", "nobody says this", 0)):
            found: list[object] = []
            cpu, wall = spent(lambda text=text, found=found: found.extend(search(text, listed)))  # type: ignore[misc]
            assert len(found) == hits, (text, len(found))
            figures |= {f"{name}_cpu_s": cpu, f"{name}_wall_s": wall}
        figures["cpu_s"] = max(figures[f"{name}_cpu_s"] for name in ("one", "words", "none"))
        figures["floor_cpu_s"], _wall = spent(plain)
    return figures


def sse(size_bytes: int = 400_000) -> Figures:
    """Bytes of a stream to a folded answer, beside splitting the lines and `json.loads`."""
    from tui_chat.wire.reader import AnswerReader
    from tui_chat.wire.reply import Reply

    pieces = tokens(answer(size_bytes))
    body = b"".join([*(openai({"content": piece}) for piece in pieces), openai({}, "stop"), DONE])
    chunks = [body[start : start + 16_384] for start in range(0, len(body), 16_384)]

    def ours() -> None:
        reader, reply = AnswerReader(200, {"content-type": "text/event-stream"}), Reply()
        for chunk in chunks:
            for delta in reader.take(chunk):
                reply.fold(delta)
        reader.finish()
        assert reply.choices[0].text == "".join(pieces)

    def plain() -> None:
        said = []
        for line in body.split(b"\n"):
            if line.startswith(b"data: {"):
                said.append(json.loads(line[6:])["choices"][0]["delta"].get("content", ""))
        assert len("".join(said)) == sum(map(len, pieces))

    cpu = min(spent(ours)[0] for _ in range(5))
    floor = min(spent(plain)[0] for _ in range(5))
    return {"cpu_s": cpu, "floor_cpu_s": floor, "events_per_cpu_s": len(pieces) / cpu}
