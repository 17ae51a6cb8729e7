"""Rows 103, 104 and 106: standard streams that are no terminal, full or closed; terminals that know little."""

import os
import subprocess
import sys

import pytest

from tests.faults.stage import READY, answer, environment, inherited, sessions
from tests.long_form import long_form
from tests.terminal.program import TerminalProgram, needs_pty

PROGRAM = f'"{sys.executable}" -m tui_chat'
posix = pytest.mark.skipif(sys.platform == "win32", reason="redirections of a POSIX shell")
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110


def shell(gateway, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    env = inherited(gateway, **more)
    script = line.replace("PROGRAM", PROGRAM)
    return subprocess.run(["/bin/sh", "-c", script], env=env, capture_output=True, timeout=60, check=False)


@posix
@pytest.mark.parametrize(
    "line",
    [
        "PROGRAM </dev/null",
        "echo hello | PROGRAM",
        "PROGRAM </dev/null >/dev/null",
        "PROGRAM <&-",
        "PROGRAM >&- </dev/null",
        "PROGRAM 2>&- </dev/null",
        "PROGRAM <&- >&- 2>&-",
        "TERM=dumb PROGRAM </dev/null",
    ],
)
def test_row_103_without_a_terminal_the_screen_says_so_and_ends(gateway, line):
    done = shell(gateway, line)
    assert done.returncode == 2, done
    assert b"Traceback" not in done.stderr
    assert done.stderr or "2>&-" in line or "<&-" in line


@posix
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("PROGRAM ask -m m hello </dev/null | head -c 3; true", 0),
        ("PROGRAM ask -m m hello <&-", 0),
        ("PROGRAM ask -m m hello </dev/null >&-", None),
        ("PROGRAM ask -m m hello </dev/null 2>&-", 0),
        ("echo more | PROGRAM ask -m m hello", 0),
        pytest.param("PROGRAM ask -m m hello </dev/null >/dev/full", 74, marks=full),
        pytest.param("PROGRAM models </dev/null >/dev/full", 74, marks=full),
        ("PROGRAM sessions </dev/null >&-", None),
    ],
)
def test_row_104_streams_that_fail_are_said_without_a_traceback(gateway, own_home, line, code):
    gateway.respond(answer("a " * 500, "whole answer"))
    done = shell(gateway, line)
    assert code is None or done.returncode == code, done
    assert b"Traceback" not in done.stderr and b"Exception ignored" not in done.stderr
    if "ask" in line:
        assert any("a a a" in path.read_text("utf-8") for path in sessions(own_home))


LOCALES = [
    {"LANG": "C", "LC_ALL": "C"},
    {"LANG": "POSIX"},
    {"LANG": "en_US.ISO-8859-1"},
    {"LANG": "", "LC_ALL": ""},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1:strict", "LANG": "C"},
    {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    {"LANG": "zh_CN.GBK"},
]


@posix
@pytest.mark.parametrize("env", LOCALES if long_form("LOCALES", 0) else LOCALES[:1] + LOCALES[5:7])
def test_row_106_no_locale_breaks_an_answer(gateway, env):
    gateway.respond(answer("你好 — naïve 🙂"))
    done = shell(gateway, "PROGRAM ask -m m hello </dev/null", **env)
    assert done.returncode == 0 and "你好 — naïve 🙂".encode() in done.stdout, done


POOR = [{"TERM": "vt100", "COLORTERM": "", "NO_COLOR": "1", "LC_ALL": "C"}, {"TERM": "dumb"}]


@needs_pty
@pytest.mark.parametrize("env", POOR if long_form("LOCALES", 0) else POOR[:1])
def test_row_106_a_terminal_that_knows_little_still_works(gateway, env):
    gateway.respond(answer("你好 fine"))
    with TerminalProgram([sys.executable, "-m", "tui_chat", "-m", "m"], env=environment(gateway, **env)) as program:
        program.wait_for(READY)
        program.say("hello")
        program.wait_for("fine")
        program.press("ctrl+q")
        assert program.wait_exit() == 0
        assert program.restored and b"Traceback" not in program.raw


@needs_pty
def test_row_103_the_screen_finds_its_terminal_where_stderr_is_a_file(gateway, tmp_path):
    command = ["/bin/sh", "-c", f"exec {PROGRAM} -m m 2>{tmp_path}/errors"]
    with TerminalProgram(command, env=environment(gateway)) as program:
        program.wait_for(READY)
        program.press("ctrl+q")
        assert program.wait_exit() == 0
        assert program.restored
    assert (tmp_path / "errors").read_bytes() == b""
