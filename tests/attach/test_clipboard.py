from __future__ import annotations

import base64
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.attach.conftest import encoded, gradient
from tui_chat.attach import clipboard
from tui_chat.attach.clipboard import Outcome, read_image, write_text

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tools are played by shell scripts")

PNG = encoded(gradient(20, 10), "PNG")


class Stage:
    """A PATH with nothing on it but the tools a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def tool(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f"#!{sys.executable}\nimport os, sys, time\nhere = {str(self.folder)!r}\n{script}\n")
        path.chmod(stat.S_IRWXU)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("WAYLAND_DISPLAY", "DISPLAY", "WSL_DISTRO_NAME", "WSL_INTEROP"):
        monkeypatch.delenv(name, raising=False)
    return Stage(folder)


SAVE = "open(here + '/given', 'wb').write(sys.stdin.buffer.read()); open(here + '/args', 'w').write(repr(sys.argv[1:]))"
TEXT = "你好 🙂 $(touch /tmp/never) `x` \"q\" 'q'\r\nsecond line\n"


@pytest.mark.parametrize(
    ("variable", "tool", "arguments"),
    [
        ("WAYLAND_DISPLAY", "wl-copy", ["--type", "text/plain;charset=utf-8"]),
        ("DISPLAY", "xclip", ["-selection", "clipboard", "-in"]),
        ("DISPLAY", "xsel", ["--clipboard", "--input"]),
    ],
)
def test_text_goes_in_by_stdin_and_byte_for_byte(
    variable: str, tool: str, arguments: list[str], stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(variable, ":0")
    stage.tool(tool, SAVE)
    assert write_text(TEXT) == Outcome("done", tool)
    assert stage.read("given") == TEXT.encode()
    assert stage.read("args").decode() == repr(arguments)


def test_on_a_mac_the_mac_tool_takes_it(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("PYTHONCOERCECLOCALE", "0")  # else the player of the tool changes it
    stage.tool("pbcopy", SAVE + "; open(here + '/locale', 'w').write(os.environ['LC_CTYPE'])")
    assert write_text(TEXT) == Outcome("done", "pbcopy")
    assert stage.read("given") == TEXT.encode()
    assert stage.read("locale") == b"UTF-8"


def test_on_wsl_powershell_takes_it_in_base64_and_clip_exe_steps_in(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WSL_DISTRO_NAME", "Ubuntu")
    stage.tool("powershell.exe", SAVE)
    assert write_text(TEXT) == Outcome("done", "powershell.exe")
    assert base64.b64decode(stage.read("given")) == TEXT.encode()
    stage.tool("powershell.exe", "sys.exit(1)")
    stage.tool("clip.exe", SAVE)
    assert write_text(TEXT) == Outcome("done", "clip.exe")
    assert stage.read("given").decode("utf-16-le") == TEXT


def test_with_no_tool_or_no_display_nothing_is_claimed(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    assert write_text("x") == Outcome("no_tool")
    assert read_image() == Outcome("no_tool")
    stage.tool("xclip", SAVE)  # it is there, but there is no screen to talk to
    assert write_text("x") == Outcome("no_tool")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert write_text("x") == Outcome("no_tool")


def test_a_tool_that_fails_is_reported_and_the_next_is_asked(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", ":0")
    stage.tool("xclip", "sys.stdin.read(); sys.exit(1)")
    assert write_text("x") == Outcome("failed", "xclip")
    stage.tool("xsel", SAVE)
    assert write_text("x") == Outcome("done", "xsel")


def test_a_tool_that_leaves_before_it_took_all_of_it_has_failed(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", ":0")
    stage.tool("xclip", "os.close(0); sys.exit(0)")
    assert write_text("x" * 10_000_000) == Outcome("failed", "xclip")


def test_a_tool_that_hangs_is_ended_with_its_children(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clipboard, "_WRITE_DEADLINE_S", 0.3)
    monkeypatch.setattr(clipboard, "_READ_DEADLINE_S", 0.3)
    monkeypatch.setenv("DISPLAY", ":0")
    stage.tool(
        "xclip",
        "open(here + '/pid', 'w').write(str(os.getpid()))\n"
        "if os.fork() == 0: open(here + '/child', 'w').write(str(os.getpid()))\n"
        "time.sleep(600)",
    )
    assert write_text("x" * 10_000_000) == Outcome("timed_out", "xclip")
    assert read_image() == Outcome("timed_out", "xclip")
    with pytest.raises(ProcessLookupError):
        os.kill(int(stage.read("pid")), 0)


def test_a_tool_that_stays_to_serve_the_clipboard_is_left_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    stage.tool(
        "wl-copy",
        SAVE + "\nr, w = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    open(here + '/server', 'w').write(str(os.getpid())); os.write(w, b'x'); time.sleep(600)\n"
        "os.read(r, 1)",
    )
    assert write_text("x") == Outcome("done", "wl-copy")  # without waiting for the server to end
    server = int(stage.read("server"))
    os.kill(server, 0)
    assert os.getsid(server) != os.getsid(0)  # our terminal's end does not reach it
    os.kill(server, 9)


def test_no_tool_sees_a_key(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setenv("YIBU_API_KEY", "sk-canary")
    monkeypatch.setenv("GITHUB_TOKEN", "canary")
    monkeypatch.setenv("DB_PASSWORD", "canary")
    stage.tool("xclip", "sys.stdin.read(); open(here + '/env', 'w').write(repr(dict(os.environ)))")
    assert write_text("x").result == "done"
    assert b"canary" not in stage.read("env")
    assert b"':7'" in stage.read("env")


def give(content: bytes, only: str = "") -> str:
    condition = f"if {only!r} not in sys.argv: sys.exit(1)\n" if only else ""
    return f"{condition}sys.stdout.buffer.write({content!r})"


def test_a_picture_is_read_on_wayland_and_on_x(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    stage.tool("wl-paste", give(PNG, "image/png"))
    assert read_image() == Outcome("done", "wl-paste", PNG)
    stage.tool("wl-paste", "sys.exit(1)")
    monkeypatch.setenv("DISPLAY", ":0")
    jpeg = encoded(gradient(9, 9), "JPEG")
    stage.tool("xclip", give(jpeg, "image/jpeg"))
    assert read_image() == Outcome("done", "xclip", jpeg)


def test_a_picture_is_read_on_a_mac(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    stage.tool("osascript", give(b"\xc2\xabdata PNGf" + PNG.hex().upper().encode() + b"\xc2\xbb\n"))
    assert read_image() == Outcome("done", "osascript", PNG)
    stage.tool("pngpaste", give(PNG, "-"))
    assert read_image() == Outcome("done", "pngpaste", PNG)


def test_a_picture_is_read_on_wsl(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WSL_INTEROP", "/run/WSL/1_interop")
    stage.tool("powershell.exe", give(base64.b64encode(PNG) + b"\r\n"))
    assert read_image() == Outcome("done", "powershell.exe", PNG)
    stage.tool("powershell.exe", give(b"not base64!"))
    assert read_image().result == "failed"
    stage.tool("powershell.exe", "")
    assert read_image() == Outcome("empty", "powershell.exe")


@pytest.mark.parametrize("script", ["sys.exit(1)", "", "print('just text')"])
def test_a_clipboard_without_a_picture_is_empty(script: str, stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", ":0")
    stage.tool("xclip", script)
    assert read_image() == Outcome("empty", "xclip")


def test_a_clipboard_that_never_ends_is_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clipboard, "IMAGE_LIMIT_BYTES", 100_000)
    monkeypatch.setenv("DISPLAY", ":0")
    stage.tool("xclip", "while True: sys.stdout.buffer.write(bytes(65536))")
    assert read_image() == Outcome("too_large", "xclip")


def test_a_tool_that_cannot_be_started_has_failed(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISPLAY", ":0")
    path = stage.folder / "xclip"
    path.write_bytes(b"\x7fELF rubbish")
    path.chmod(stat.S_IRWXU)
    assert write_text("x") == Outcome("failed", "xclip")
