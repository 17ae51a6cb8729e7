"""How is a text given to the person's own editor or pager? As a private file, with the terminal handed over meanwhile.

What comes back from an editor is read whole before the file goes; if the editor can't be started, nothing is lost.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tui_chat.errors import UsageError
from tui_chat.ui.gate import visible


def edit(text: str, env: Mapping[str, str] = os.environ) -> str:
    """What the person made of `text` in $VISUAL or $EDITOR. Blocks; the terminal must be free.

    Raises:
        UsageError: no editor, or it failed; the text is as it was.
    """
    command = editor(env)
    if not command:
        raise UsageError("error.no_editor")
    with tempfile.TemporaryDirectory(prefix="yibu-chat-") as folder:
        path = Path(folder) / "message.md"
        path.write_text(text, "utf-8", newline="\n")
        path.chmod(0o600)
        _run([*command, str(path)], env)
        edited = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    # Editors end a file with a newline that nobody typed.
    return edited if text.endswith("\n") else edited.removesuffix("\n")


def view(text: str, env: Mapping[str, str] = os.environ) -> None:
    """Show `text` in $PAGER, less or more, control characters made visible. Blocks; the terminal must be free.

    Raises:
        UsageError: there is no pager, or it failed.
    """
    command = pager(env)
    if not command:
        raise UsageError("error.no_pager")
    with tempfile.TemporaryDirectory(prefix="yibu-chat-") as folder:
        path = Path(folder) / "message.md"
        path.write_text(visible(text), "utf-8", newline="\n")
        path.chmod(0o600)
        _run([*command, str(path)], env)


def editor(env: Mapping[str, str]) -> list[str]:
    """The editor's command line, [] where there is none."""
    named = env.get("VISUAL") or env.get("EDITOR")
    if named:
        return _words(named)
    candidates = ("notepad.exe",) if sys.platform == "win32" else ("nano", "vim", "vi")
    return _first(candidates, env)


def pager(env: Mapping[str, str]) -> list[str]:
    """The pager's command line, [] where there is none."""
    if named := env.get("PAGER"):
        return _words(named)
    return _first(("less", "more"), env)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command, posix=sys.platform != "win32")
    except ValueError:
        return [command]


def _first(candidates: tuple[str, ...], env: Mapping[str, str]) -> list[str]:
    found = (shutil.which(name, path=env.get("PATH")) for name in candidates)
    return [program] if (program := next(filter(None, found), None)) else []


def _run(command: list[str], env: Mapping[str, str]) -> None:
    # $LESS may hold -r, which lets escape sequences through; keys are nobody else's business.
    # Without the charset less takes UTF-8 for a binary file where the locale is missing.
    safe = {name: value for name, value in env.items() if "API_KEY" not in name.upper() and name != "LESS"}
    safe["LESSCHARSET"] = "utf-8"
    try:
        with _deaf_to_ctrl_c():
            status = subprocess.run(command, env=safe, check=False).returncode
    except (OSError, ValueError) as error:
        raise UsageError("error.editor_failed", command=command[0], reason=str(error)) from error
    if status != 0:
        raise UsageError("error.editor_failed", command=command[0], reason=str(status))


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Ctrl+C is meant for the program that has the terminal; every program that runs there is told of it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: None)  # to ignore it would make the other deaf, too
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
