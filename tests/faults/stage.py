"""The program in a terminal, as all tests of faults begin it, and what they look for afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.gateway.answers import DONE, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.terminal.program import TerminalProgram

CANARY = "-".join(("sk", "canary" * 7))
READY = "Type here"


def environment(gateway: FakeGateway, **more: str | None) -> dict[str, str | None]:
    return {"YIBU_API_KEY": CANARY, "YIBU_BASE_URL": gateway.base_url, "LANG": "en_US.UTF-8", **more}


def inherited(gateway: FakeGateway, **more: str | None) -> dict[str, str]:
    """The whole environment of a program without a terminal: this process's, and that."""
    return {**os.environ, **{name: value or "" for name, value in environment(gateway, **more).items()}}


def start(
    gateway: FakeGateway,
    *arguments: str,
    module: tuple[str, ...] = ("tui_chat",),
    columns: int = 100,
    rows: int = 30,
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
) -> TerminalProgram:
    command = [sys.executable, "-m", *module, *arguments]
    settings = environment(gateway, **(env or {}))
    return TerminalProgram(command, columns=columns, rows=rows, env=settings, cwd=cwd)


def answer(*pieces: str):
    """A whole streamed answer."""
    return sse(*(openai({"content": piece}) for piece in pieces), openai({}, "stop"), DONE)


def files_with(home: Path, needle: str, *, except_for: str = "credentials.toml") -> list[Path]:
    """Every file under `home` that holds these bytes."""
    found = []
    for folder, _, names in os.walk(home):
        for name in names:
            path = Path(folder, name)
            if name != except_for and path.is_file() and needle.encode() in path.read_bytes():
                found.append(path)
    return found


def sessions(home: Path) -> list[Path]:
    return sorted((home / "yibu-chat" / "sessions").glob("*.toml"))


def settings(home: Path, text: str) -> None:
    """Write the settings file."""
    folder = home / "yibu-chat"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "settings.toml").write_text(text, "utf-8")
