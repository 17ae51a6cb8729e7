"""What can the system's clipboard give and take? Through the tools that stand on this computer, and never a guess.

The terminal's own way (OSC 52) is the screen's matter; this is the way that can say whether it worked. Texts go in by
stdin, no shell is involved, every tool has a deadline, and no tool sees a key from our environment.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Literal

from msgspec import Struct

Result = Literal["done", "no_tool", "empty", "failed", "timed_out", "too_large"]

IMAGE_LIMIT_BYTES = 64 * 1024 * 1024
_READ_DEADLINE_S = 5.0
_WRITE_DEADLINE_S = 3.0
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_PNG = b"\x89PNG\r\n\x1a\n"

_POWERSHELL = ("-NoProfile", "-NonInteractive", "-STA", "-Command")
# Both ways carry base64, so that no code page touches the bytes.
_POWERSHELL_IMAGE = (
    "Add-Type -AssemblyName System.Windows.Forms,System.Drawing;"
    "$i=[Windows.Forms.Clipboard]::GetImage();"
    "if($i){$m=New-Object IO.MemoryStream;$i.Save($m,[Drawing.Imaging.ImageFormat]::Png);"
    "[Console]::Out.Write([Convert]::ToBase64String($m.ToArray()))}"
)
_POWERSHELL_TEXT = (
    "$b=[Convert]::FromBase64String([Console]::In.ReadToEnd());"
    "Set-Clipboard -Value ([Text.Encoding]::UTF8.GetString($b))"
)


class Outcome(Struct, frozen=True):
    """What really happened."""

    result: Result
    tool: str = ""
    """The tool that was asked last; "" where there is none."""
    content: bytes = b""
    """The picture's file, of a reading that is done."""


class _Tool(Struct, frozen=True):
    """One way to the clipboard: a program with its arguments, and how what it carries is dressed."""

    program: str
    arguments: tuple[str, ...] = ()
    dress: Callable[[bytes], bytes] = bytes


def read_image() -> Outcome:
    """The picture on the clipboard as a file's bytes (PNG where there is a choice); "empty" if it holds none.

    Tools are asked in order until one gives a picture. Blocks up to a few seconds a tool.
    """
    outcome = Outcome("no_tool")
    for tool in _readers():
        program = _find(tool.program)
        if program is None:
            continue
        outcome = _read(tool, program)
        if outcome.result in ("done", "too_large", "timed_out"):
            break
    return outcome


def write_text(text: str) -> Outcome:
    """Put text on the clipboard; "done" means that a tool took all of it and reported success."""
    outcome = Outcome("no_tool")
    content = text.encode("utf-8", "replace")
    for tool in _writers():
        program = _find(tool.program)
        if program is None:
            continue
        result, _ = _run([program, *tool.arguments], tool.dress(content), 0, _WRITE_DEADLINE_S)
        outcome = Outcome(result, tool.program)
        if result == "done":
            break
    return outcome


def _readers() -> list[_Tool]:
    if sys.platform == "win32":
        return [_Tool("powershell.exe", (*_POWERSHELL, _POWERSHELL_IMAGE), _from_base64)]
    if sys.platform == "darwin":
        script = "the clipboard as «class PNGf»"
        return [_Tool("pngpaste", ("-",)), _Tool("osascript", ("-e", script), _from_applescript)]
    tools: list[_Tool] = []
    if os.environ.get("WAYLAND_DISPLAY"):
        tools += [_Tool("wl-paste", ("--no-newline", "--type", kind)) for kind in ("image/png", "image/jpeg")]
    if os.environ.get("DISPLAY"):
        options = ("-selection", "clipboard", "-out", "-target")
        tools += [_Tool("xclip", (*options, kind)) for kind in ("image/png", "image/jpeg")]
    if _in_wsl():
        tools.append(_Tool("powershell.exe", (*_POWERSHELL, _POWERSHELL_IMAGE), _from_base64))
    return tools


def _writers() -> list[_Tool]:
    # clip.exe guesses the encoding; PowerShell is exact but slower to start and not everywhere allowed.
    windows = [
        _Tool("powershell.exe", (*_POWERSHELL, _POWERSHELL_TEXT), base64.b64encode),
        _Tool("clip.exe", (), lambda content: content.decode("utf-8").encode("utf-16-le")),
    ]
    if sys.platform == "win32":
        return windows
    if sys.platform == "darwin":
        return [_Tool("pbcopy")]
    tools: list[_Tool] = []
    if os.environ.get("WAYLAND_DISPLAY"):
        tools.append(_Tool("wl-copy", ("--type", "text/plain;charset=utf-8")))
    if os.environ.get("DISPLAY"):
        tools += [_Tool("xclip", ("-selection", "clipboard", "-in")), _Tool("xsel", ("--clipboard", "--input"))]
    return tools + (windows if _in_wsl() else [])


def _in_wsl() -> bool:
    return bool(os.environ.get("WSL_DISTRO_NAME") or os.environ.get("WSL_INTEROP"))


def _find(program: str) -> str | None:
    if sys.platform != "win32":
        return shutil.which(program)
    # Windows looks in the current folder first, where anything may lie: only the system's own folders will do.
    system = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32")  # noqa: PTH118
    return shutil.which(program, path=os.pathsep.join((system, rf"{system}\WindowsPowerShell\v1.0")))


def _read(tool: _Tool, program: str) -> Outcome:
    result, output = _run([program, *tool.arguments], None, 2 * IMAGE_LIMIT_BYTES + 1024, _READ_DEADLINE_S)
    if result == "failed":
        return Outcome("empty", tool.program)  # how all of these tools say "no picture here"
    if result != "done":
        return Outcome(result, tool.program)
    try:
        content = tool.dress(output)
    except ValueError:
        return Outcome("failed", tool.program)
    if len(content) > IMAGE_LIMIT_BYTES:
        return Outcome("too_large", tool.program)
    if not content.startswith((_PNG, b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        return Outcome("empty", tool.program)
    return Outcome("done", tool.program, content)


def _from_base64(output: bytes) -> bytes:
    return base64.b64decode(output.strip())


def _from_applescript(output: bytes) -> bytes:
    """AppleScript prints `«data PNGf89504E47…»`, the guillemets in whatever encoding."""
    match = re.search(rb"data \w{4}([0-9A-Fa-f]+)", output)
    return bytes.fromhex(match[1].decode("ascii")) if match else b""


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    if sys.platform == "darwin":
        kept["LC_CTYPE"] = "UTF-8"  # pbcopy reads its input in the locale's encoding
    return kept


def _run(command: list[str], given: bytes | None, limit_bytes: int, deadline_s: float) -> tuple[Result, bytes]:
    """Run a tool; give it stdin (None: nothing), take at most `limit_bytes` of stdout (0: none is looked at).

    A tool that serves the clipboard stays behind as a child of its own: so its output is not waited for when
    writing, and it runs in a session of its own, which our terminal's end does not reach.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE if limit_bytes else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError):
        return "failed", b""
    late = threading.Event()

    def stop() -> None:
        if process.returncode is None:  # else what is left of its group is the clipboard's server
            late.set()
            _kill(process)

    timer = threading.Timer(deadline_s, stop)
    timer.daemon = True
    timer.start()
    output, delivered = b"", True
    try:
        with process:
            if process.stdin is not None:
                delivered = _give(process.stdin, given or b"")
            if process.stdout is not None:
                output = process.stdout.read(limit_bytes + 1)
                if len(output) > limit_bytes:
                    _kill(process)
                    return "too_large", b""
    finally:
        timer.cancel()
    if late.is_set():
        return "timed_out", b""
    return ("done", output) if process.returncode == 0 and delivered else ("failed", b"")


def _give(pipe: IO[bytes], content: bytes) -> bool:
    """Whether the tool took all of it."""
    try:
        pipe.write(content)
        pipe.close()
    except OSError:  # it went away before it had read everything
        with suppress(OSError):
            pipe.close()
        return False
    return True


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:
        process.kill()
