"""Where does the time of one streamed frame go? The app's own stacks, by parts that a reader of the code knows."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from bench.clients import CACHE, ROOT, Client, Start, new_home
from bench.gateway import Gateway, order
from bench.screen_work import ask, until_mark

SIZE_BYTES, PER_SECOND = 20_000, 300
FRAME = b"\x1b[?2026l"
"""The end of a synchronized update: one frame on the screen."""

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Markdown: parse (markdown-it)",
        ("/markdown_it/", "/mdit_py_plugins/", "/transcript/parse.py", "/transcript/split.py"),
    ),
    ("code: lex (Pygments)", ("/pygments/", "/transcript/highlight.py", "/transcript/fence.py", "/transcript/code.py")),
    ("bytes for the terminal", ("/ui/sgr.py", "/ui/frame.py", "/ui/driver.py", "/textual/drivers/", "_writer_thread")),
    ("transcript: rows and widths", ("/ui/transcript/", "/rich/cells.py")),
    ("screen beside the transcript", ("/tui_chat/ui/",)),
    (
        "Textual: compositor and styles",
        ("/textual/_compositor", "/textual/_styles_cache", "/textual/css/", "/textual/layout"),
    ),
    (
        "Textual and Rich: strips and styles of text",
        ("/textual/strip.py", "/rich/style.py", "/rich/segment.py", "<string>"),
    ),
    ("Textual: messages, timers, widgets", ("/textual/", "/rich/")),
    (
        "gateway: socket and HTTP",
        ("/h11/", "/wire/http.py", "/wire/connection.py", "/wire/chunks.py", "/wire/line.py", "/ssl.py"),
    ),
    ("gateway: events and JSON", ("/tui_chat/wire/", "/json/")),
    ("conversation, engine, store", ("/tui_chat/",)),
    ("asyncio and threads", ("/asyncio/", "/selectors.py", "/threading.py", "/queue.py", "/concurrent/")),
)
REST = "the rest"


def part_of(stack: list[str]) -> str:
    """The part that the innermost known frame of a stack belongs to."""
    for frame in stack:
        for part, places in PARTS:
            if any(place in frame for place in places):
                return part
    return REST


def profile(client: Client) -> dict[str, float]:
    """Shares in percent by part, with how many frames were looked at and what one cost in CPU milliseconds."""
    out = CACHE / "profile.json"

    def start(home: Path, root_url: str, chat: bool) -> Start:
        plain = client.start(home, root_url, chat)
        _python, _m, module, *arguments = plain.command
        return Start([sys.executable, ROOT / "bench/sampler.py", out, module, *arguments], plain.env)

    sampled = replace(client, start=start)
    with Gateway() as gateway, new_home() as home, sampled.run(Path(home), gateway.root_url) as program:
        program.wait_ready(client.ready)
        program.wait_calm(2.0)
        before = ask(program, client, order(SIZE_BYTES, PER_SECOND))
        os.kill(program.pid, signal.SIGUSR1)
        written, begun_s = program.written_bytes, time.monotonic()
        spent = until_mark(program, before, begun_s, written)["cpu_s"]
        frames = program.raw[written:].count(FRAME)
        out.unlink(missing_ok=True)
        os.kill(program.pid, signal.SIGUSR2)
        deadline = time.monotonic() + 10
        while not (out.exists() and out.read_bytes().endswith(b"]]")) and time.monotonic() < deadline:
            time.sleep(0.1)
    stacks = json.loads(out.read_text("utf-8"))
    show_hot(stacks)
    return shares(stacks) | {"frames": float(frames), "ms a frame": 1000 * spent / max(1, frames)}


def shares(stacks: list[list[object]]) -> dict[str, float]:
    """Percent of all samples by part; a stack is its count and its frames, innermost first."""
    counted: Counter[str] = Counter()
    for count, *frames in stacks:
        counted[part_of([str(frame) for frame in frames])] += int(str(count))
    whole = sum(counted.values()) or 1
    return {part: 100 * count / whole for part, count in counted.most_common()}


def show_hot(stacks: list[list[object]], most: int = 15) -> None:
    """Print the functions in which most of the time was spent themselves."""
    counted: Counter[str] = Counter()
    for count, innermost, *_outer in stacks:
        counted[str(innermost)] += int(str(count))
    whole = sum(counted.values()) or 1
    for place, count in counted.most_common(most):
        file, _, function = place.rpartition(":")
        print(f"  {100 * count / whole:5.1f} %  {function}  ({'/'.join(Path(file).parts[-2:])})")
