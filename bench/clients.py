"""Who is measured? This project, what Textual itself costs, and the peers (`peers.py`): how each starts and is told."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from unittest.mock import patch

import platformdirs

from bench.document import message
from bench.terminal import Watched

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(platformdirs.user_cache_dir("yibu-chat-bench"))
"""Compiled files, the peers' environments, and the figures of the run that is going on."""
OURS, BARE, STREAM = "yibu-chat", "bare Textual", "get_stream"
PATIENCE_S = 75.0
"""An answer that is not on the screen by then is given up."""
READY = re.compile(r"ready|Type here")


@dataclass(frozen=True)
class Start:
    """How one client is started in one home folder, with its settings already there."""

    command: Sequence[str | os.PathLike[str]]
    env: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Client:
    """One program to be measured.

    Attributes:
        name: in tables and charts.
        version: the one measured, "" where it is not installed.
        start: writes the settings into a home folder and says how to start there. Arguments: the home, the gateway's
            root URL, and whether to open the chat that `keep` laid there.
        ready: what the screen shows once a prompt takes keys.
        keep: lays a chat of so many messages into a home; None where that can't be done from outside.
        enter: keys that send what was typed.
        answers_kb: lengths of answers to stream.
        types: whether something can be typed while an answer comes.
        jump: keys that go to the first message and back to the last, with the composer in focus.
        sizes: of the chats to open, in messages.
        open_keys: what opens the chat that was kept, where the start alone does not.
        patience_s: an answer that is not on the screen by then is given up.
    """

    name: str
    version: str
    start: Callable[[Path, str, bool], Start]
    ready: re.Pattern[str] = READY
    keep: Callable[[Path, int], None] | None = None
    enter: tuple[str, ...] = ("enter",)
    answers_kb: tuple[int, ...] = ()
    types: bool = True
    jump: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    sizes: tuple[int, ...] = ()
    open_keys: tuple[str, ...] = ()
    patience_s: float = PATIENCE_S

    def run(self, home: Path, root_url: str, chat: bool = False) -> Watched:
        """The client in a terminal, at home in this folder, with nothing of the person's own to read."""
        start = self.start(home, root_url, chat)
        return Watched(start.command, {**isolated(home), **start.env}, str(home))


def isolated(home: Path) -> dict[str, str | None]:
    """An environment in which nothing leads to the person's own settings, keys or proxies."""
    secrets = {name: None for name in os.environ if name.endswith(("_API_KEY", "_TOKEN", "_BASE_URL"))}
    proxies = {name: None for name in os.environ if name.lower().endswith("_proxy")}
    ours = {name: None for name in os.environ if name.startswith("YIBU_")}
    folders = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_STATE_HOME": str(home / ".local/state"),
    }
    compiled = {"PYTHONDONTWRITEBYTECODE": None, "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode")}
    words = {"LANG": "en_US.UTF-8", "LC_ALL": None, "PYTHONPATH": None, "NO_COLOR": None, "VIRTUAL_ENV": None}
    return {**secrets, **proxies, **ours, **folders, **compiled, **words}


# -- this project -----------------------------------------------------------------------------------------------------


def start_ours(home: Path, root_url: str, chat: bool) -> Start:
    """The chat client of this repository."""
    env = {
        "YIBU_CHAT_HOME": str(home),
        "YIBU_API_KEY": "sk-bench",
        "YIBU_BASE_URL": f"{root_url}/v1",
        "PYTHONPATH": str(ROOT),
    }
    return Start([sys.executable, "-m", "tui_chat", "-m", "bench", *(["-c"] if chat else [])], env)


def keep_ours(home: Path, messages: int) -> None:
    """Put a chat of so many messages into this home."""
    from tui_chat.chat.node import Head, Node
    from tui_chat.chat.tree import NodeAdded
    from tui_chat.store.places import places
    from tui_chat.store.sessions import Library
    from tui_chat.wire.messages import Text

    library = Library(places({**os.environ, "YIBU_CHAT_HOME": str(home)}))
    with patch("os.fsync"):  # ten thousand of them are not what is measured
        journal = library.create(Head("bench00000", model="bench"))
        parent = None
        for number in range(messages):
            asked = number % 2 == 0
            said = (Text(message(number)),)
            node = Node(f"n{number:09}", parent, "user" if asked else "assistant", said, finish="" if asked else "stop")
            journal.append(NodeAdded(node))
            parent = node.id
        journal.close()


# -- what Textual costs -----------------------------------------------------------------------------------------------


def start_bare(home: Path, root_url: str, chat: bool) -> Start:
    """A text area and a footer."""
    return Start([sys.executable, ROOT / "bench/apps/bare.py"])


def start_stream(home: Path, root_url: str, chat: bool) -> Start:
    """Textual's own way to stream Markdown."""
    kept = [home / "chat.json"] if chat else []
    return Start([sys.executable, ROOT / "bench/apps/stream.py", f"{root_url}/v1", *kept])


def keep_stream(home: Path, messages: int) -> None:
    """The messages that its column of widgets begins with."""
    (home / "chat.json").write_text(json.dumps([message(number) for number in range(messages)]), "utf-8")


def own_clients() -> list[Client]:
    """Those measured in every run, since ratios to them are the result."""
    from tui_chat import __version__

    textual = metadata.version("textual")
    return [
        Client(
            OURS,
            __version__,
            start_ours,
            keep=keep_ours,
            answers_kb=(10, 20, 100, 200, 400),
            jump=(("escape", "g"), ("G",)),
            sizes=(1_000, 10_000),
        ),
        Client(BARE, textual, start_bare),
        Client(
            STREAM,
            textual,
            start_stream,
            keep=keep_stream,
            answers_kb=(10, 20, 100),
            jump=(("f2",), ("f3",)),
            sizes=(300,),
            patience_s=400.0,  # the bytes it writes for 100 kB are the measure of ours
        ),
    ]


def new_home() -> tempfile.TemporaryDirectory[str]:
    """A folder for one measurement."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="yibu-bench-", ignore_cleanup_errors=True)
