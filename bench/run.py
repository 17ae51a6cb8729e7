"""How fast is it? The app in a real pseudo-terminal against a loopback gateway, beside a bare Textual app.

    python bench/run.py [startup|stream|typing|open|search|all]

CPU-seconds are those of the program's whole process tree. Machines differ: compare the ratios within one run.
"""

from __future__ import annotations

import argparse
import getpass
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from tui_chat.chat.node import Role

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.gateway.answers import DONE, Answer, Pause, Step  # noqa: E402  # after the path is set
from tests.gateway.documents import document, tokens  # noqa: E402
from tests.gateway.server import FakeGateway  # noqa: E402
from tests.gateway.upstreams import openai  # noqa: E402
from tests.terminal.program import TerminalProgram  # noqa: E402

BARE = """
from textual.app import App
from textual.widgets import Footer, TextArea

class Bare(App):
    def compose(self):
        yield TextArea("ready")
        yield Footer()

Bare().run()
"""
MARK = "end-of-answer"
WARM_S = 2.5
"""The idle thread imports what the first answer needs meanwhile; a blinking cursor makes waiting for silence vain."""


BYTECODE = Path(tempfile.gettempdir()) / f"yibu-chat-bench-{getpass.getuser()}"
COMPILED = {"PYTHONDONTWRITEBYTECODE": None, "PYTHONPYCACHEPREFIX": str(BYTECODE)}
"""Every program runs from compiled files, as an installed one does; the first start of each is not counted."""


def app(home: str, gateway: FakeGateway, *arguments: str) -> TerminalProgram:
    """The app, at 120×40, with a key for the gateway and a home of its own."""
    env = {
        **COMPILED,
        "YIBU_CHAT_HOME": home,
        "YIBU_API_KEY": "sk-bench",
        "YIBU_BASE_URL": gateway.base_url,
        "LANG": "en_US.UTF-8",
        "YIBU_WARM": None,
        "LC_ALL": None,
    }
    command = [sys.executable, "-m", "tui_chat", "-m", "bench", *arguments]
    return TerminalProgram(command, columns=120, rows=40, env=env, cwd=ROOT)


def ready(program: TerminalProgram) -> None:
    """Wait until it takes input and its idle thread has warmed up."""
    program.wait_for("Type here", 30)
    time.sleep(WARM_S)


def answer(size_bytes: int, per_second: float | None = None) -> Answer:
    """A document of this size, then the mark; as fast as it goes, or token by token at a rate."""
    pieces = [*tokens(document(size_bytes)), f"\n\n{MARK}"]

    def steps() -> Iterator[Step]:
        for piece in pieces:
            yield openai({"content": piece})
            if per_second:
                yield Pause(1 / per_second)
        yield openai({}, "stop")
        yield DONE

    return Answer(200, {"Content-Type": "text/event-stream"}, steps)


def startup(times: int = 7) -> dict[str, float]:
    """CPU of a start to a prompt that can be typed into, ours and a bare Textual app's; then to our whole screen."""
    ours, bare, whole = [], [], []
    with FakeGateway() as gateway, tempfile.TemporaryDirectory() as home:
        script = Path(home) / "bare.py"
        script.write_text(BARE)
        for _ in range(times + 1):
            with TerminalProgram(
                [sys.executable, str(script)], columns=120, rows=40, env=COMPILED, cwd=ROOT
            ) as program:
                program.wait_for("ready", 30)
                bare.append(program.cpu_seconds())
            with app(home, gateway) as program:
                program.wait_for("Type here", 30)
                ours.append(program.cpu_seconds())
                program.wait_for("New chat", 30)
                whole.append(program.cpu_seconds())
    a, b, c = (statistics.median(figures[1:]) for figures in (ours, bare, whole))
    return {"start CPU-s": a, "bare Textual CPU-s": b, "ratio": a / b, "chat screen CPU-s": c}


def stream(size_bytes: int) -> dict[str, float]:
    """CPU of one answer of this size as fast as the gateway sends, and the wall time until its end is on screen."""
    with FakeGateway() as gateway, tempfile.TemporaryDirectory() as home, app(home, gateway) as program:
        ready(program)
        gateway.script(answer(size_bytes))
        before = program.cpu_seconds()
        program.say("go")
        started = time.monotonic()
        program.wait_for(MARK, 120)
        wall = time.monotonic() - started
        time.sleep(1)  # the answer's end is laid out and kept
        return {f"stream {size_bytes // 1000} kB CPU-s": program.cpu_seconds() - before, "wall s": wall}


def typing(per_second: float = 1000, size_bytes: int = 40_000) -> dict[str, float]:
    """Milliseconds from a key to its echo while deltas arrive at this rate; keys are sent at fixed times."""
    with FakeGateway() as gateway, tempfile.TemporaryDirectory() as home, app(home, gateway) as program:
        ready(program)
        gateway.script(answer(size_bytes, per_second))
        program.say("go")
        time.sleep(1.0)  # well into the answer
        before, delays, typed = program.cpu_seconds(), [], ""
        due = time.monotonic()
        for number in range(40):
            due += 0.15
            time.sleep(max(0, due - time.monotonic()))
            typed += "qzxjv"[number % 5]
            program.type(typed[-1])
            delays.append((program.wait_for(typed, 10) - due) * 1000)
        spent = program.cpu_seconds() - before
    delays.sort()
    p50, p90, p99 = (delays[min(len(delays) - 1, int(len(delays) * share))] for share in (0.5, 0.9, 0.99))
    return {"key echo p50 ms": p50, "p90 ms": p90, "p99 ms": p99, "CPU share %": 100 * spent / 6}


def opening(messages: int) -> dict[str, float]:
    """CPU of starting with a chat of so many messages, over an empty start."""
    with FakeGateway() as gateway, tempfile.TemporaryDirectory() as home:
        empty = start_cpu(home, gateway)
        keep_chat(home, messages)
        full = start_cpu(home, gateway, "-c")
    return {f"open {messages} messages CPU-s over an empty start": full - empty}


def keep_chat(home: str, messages: int) -> None:
    """Put a chat of so many messages into this home."""
    from tui_chat.chat.node import Head, Node
    from tui_chat.chat.tree import NodeAdded
    from tui_chat.store.places import places
    from tui_chat.store.sessions import Library
    from tui_chat.wire.messages import Text

    library = Library(places({**os.environ, "YIBU_CHAT_HOME": home}))
    with patch("os.fsync"):  # ten thousand of them are not what is measured
        journal = library.create(Head("bench00000", model="bench"))
        words, parent = document(900), None
        for number in range(messages):
            role: Role = "assistant" if number % 2 else "user"
            said = (Text(f"{number} {words}"),)
            node = Node(f"n{number:09}", parent, role, said, finish="stop" if number % 2 else "")
            journal.append(NodeAdded(node))
            parent = node.id
        journal.close()


def start_cpu(home: str, gateway: FakeGateway, *arguments: str, times: int = 3) -> float:
    """CPU of a start until everything is there and warm; the least of some."""
    spent = []
    for _ in range(times):
        with app(home, gateway, *arguments) as program:
            ready(program)
            spent.append(program.cpu_seconds())
    return min(spent)


def searching(chats: int = 10_000) -> dict[str, float]:
    """CPU and wall time of looking through so many chats for what only the oldest of them says, or none."""
    from tui_chat.chat.node import Head, Node
    from tui_chat.store.naming import session_name
    from tui_chat.store.places import places
    from tui_chat.store.records import head_record, node_record
    from tui_chat.store.search import search
    from tui_chat.store.sessions import Library
    from tui_chat.wire.messages import Text

    with tempfile.TemporaryDirectory() as home:
        place = places({**os.environ, "YIBU_CHAT_HOME": home})
        place.sessions.mkdir(parents=True)
        words, start = document(60_000), datetime(2025, 1, 1, tzinfo=UTC)
        for number in range(chats):
            head = Head(f"{number:010x}", start + timedelta(hours=number))
            content = head_record(head)
            for at in range(6):
                begin = (number * 7919 + at * 2003) % (len(words) - 2000)
                said = words[begin : begin + 1500] + (" 魑 in the oldest" if number == at == 0 else "")
                node = Node(f"{at:010x}", None, "assistant" if at % 2 else "user", (Text(said),), head.created)
                content += node_record(node, at + 1)
            (place.sessions / session_name(head.id, head.created, "")).write_bytes(content)
        listed = Library(place).summaries()
        figures = {"MB": sum(chat.size for chat in listed) / 1e6}
        for text in ("魑", "IN THE OLDEST", "nobody says this"):
            cpu, wall = time.process_time(), time.monotonic()
            hits = list(search(text, listed))
            figures[f"{text}: CPU-s"] = time.process_time() - cpu
            figures["wall s"] = max(figures.get("wall s", 0), time.monotonic() - wall)
            assert len(hits) == (text != "nobody says this")
    return figures


WORK: dict[str, list[Callable[[], dict[str, float]]]] = {
    "startup": [startup],
    "stream": [lambda: stream(20_000), lambda: stream(100_000), lambda: stream(200_000), lambda: stream(400_000)],
    "typing": [typing],
    "open": [lambda: opening(1_000), lambda: opening(10_000)],
    "search": [searching],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="?", default="all", choices=[*WORK, "all"])
    chosen = parser.parse_args().work
    for name, measurements in WORK.items():
        if chosen in (name, "all"):
            for measure in measurements:
                shown = "  ".join(f"{label} {value:.3g}" for label, value in measure().items())
                print(f"{name:8} {shown}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
