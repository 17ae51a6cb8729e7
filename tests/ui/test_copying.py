"""Copying promises no more than it knows; the editor and the pager get a private file; links are let out with care."""

from __future__ import annotations

import base64
import signal
import stat
import sys
from pathlib import Path

import pytest

from tui_chat.attach.clipboard import Outcome
from tui_chat.errors import UsageError
from tui_chat.ui import keys, pager
from tui_chat.ui.command_names import commands, matching
from tui_chat.ui.copying import OSC52_LIMIT_BYTES, osc52, what_was_done
from tui_chat.ui.links import openable
from tui_chat.ui.speech import count, seconds


def test_the_sequence_holds_the_text() -> None:
    assert osc52("Bäume", {}) == "\x1b]52;c;QsOkdW1l\x07"
    assert osc52("\ud800", {}) == f"\x1b]52;c;{base64.b64encode(b'?').decode()}\x07"


def test_inside_tmux_it_is_wrapped_and_inside_screen_too() -> None:
    assert osc52("a", {"TMUX": "/tmp/x"}).startswith("\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\")
    assert osc52("a", {"TERM": "screen-256color"}) == "\x1bP\x1b]52;c;YQ==\x07\x1b\\"


def test_what_is_too_long_for_a_terminal_is_not_sent() -> None:
    longest = OSC52_LIMIT_BYTES // 4 * 3
    assert osc52("x" * longest, {}) and not osc52("x" * (longest + 3), {})


def test_the_person_is_told_which_way_it_went() -> None:
    done, missing = Outcome("done", "wl-copy"), Outcome("no_tool")
    assert "wl-copy" in what_was_done("abc", by_terminal=True, outcome=done)
    assert "terminal's clipboard" in what_was_done("abc", by_terminal=True, outcome=missing)
    assert "Not copied" in what_was_done("abc", by_terminal=False, outcome=missing)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as an editor")
def test_the_editor_gets_a_private_file_and_its_work_comes_back(tmp_path: Path) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nstat -c %a "$1" > "$0.mode"\ncat "$1" > "$0.seen"\nprintf "new\\n" > "$1"\n')
    script.chmod(0o700)
    assert pager.edit("old text", {"EDITOR": str(script), "PATH": "/bin:/usr/bin"}) == "new"
    assert (tmp_path / "editor.seen").read_text() == "old text"
    assert stat.S_IMODE(int((tmp_path / "editor.mode").read_text(), 8)) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as an editor")
def test_ctrl_c_in_the_editor_is_the_editors_alone(tmp_path: Path) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\ntrap "printf heard >> $1" INT\nkill -INT $PPID $$\n')
    script.chmod(0o700)
    before = signal.getsignal(signal.SIGINT)
    assert pager.edit("", {"EDITOR": str(script), "PATH": "/bin:/usr/bin"}) == "heard"
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as a pager")
def test_the_pager_is_shown_no_escape_sequences_and_no_keys(tmp_path: Path) -> None:
    script = tmp_path / "pager"
    script.write_text('#!/bin/sh\ncat "$2" > "$0.seen"\nenv > "$0.env"\n')
    script.chmod(0o700)
    pager.view("red \x1b[31m", {"PAGER": f"{script} -x", "YIBU_API_KEY": "sk-canary", "PATH": "/bin:/usr/bin"})
    assert (tmp_path / "pager.seen").read_text() == "red ␛[31m"
    assert "canary" not in (tmp_path / "pager.env").read_text()


def test_an_editor_that_fails_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"error\.editor_failed"):
        pager.edit("x", {"EDITOR": str(tmp_path / "none")})
    with pytest.raises(UsageError, match=r"error\.no_editor"):
        pager.edit("x", {"PATH": str(tmp_path)})
    with pytest.raises(UsageError, match=r"error\.no_pager"):
        pager.view("x", {"PATH": str(tmp_path)})


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)", "javascript%3Aalert(1)", "file:///etc/passwd", "file%3A///x", "/etc/passwd",
        "evil.desktop", "--version", "vscode:x", "ssh://-oProxyCommand=x", "data:text/html,x", "ftp://e.org",
        "https://", "http://[",
        "https://e.org/\x1b]0;x", "https://e.org/%0Ax", "mailto:", "mailto:nobody", "https://e.org/" + "x" * 5000,
    ],
)  # fmt: skip
def test_only_web_and_mail_addresses_are_let_out(href: str) -> None:
    assert openable(href) is None


def test_an_address_is_shown_by_its_real_host() -> None:
    assert openable("https://例子.example/a?b=c#d") == ("https://xn--fsqu00a.example/a?b=c#d", "xn--fsqu00a.example")
    assert openable("https://good.example@evil.example/") == ("https://evil.example/", "evil.example")
    assert openable("http://127.0.0.1:8080/x") == ("http://127.0.0.1:8080/x", "127.0.0.1")
    assert openable("mailto:me@e.org") == ("mailto:me@e.org", "me@e.org")


def test_numbers_read_well() -> None:
    assert [count(n) for n in (7, 1117, 12_345, 20_000, 3_400_000)] == ["7", "1 117", "12.3k", "20k", "3.4M"]
    assert [seconds(s) for s in (0.62, 9.9, 12.3, 125)] == ["0.6 s", "9.9 s", "12 s", "2 min 05 s"]


def test_keys_are_spelled_as_people_read_them() -> None:
    spelled = [keys.spelled(key) for key in ("ctrl+o", "escape", "enter", "shift+enter", "f1", "c", "slash", "alt+up")]
    assert spelled == ["^O", "esc", "⏎", "⇧⏎", "F1", "c", "/", "alt+↑"]
    keys.rebind({"chat.new": "f9", "no.such": "x"})
    assert keys.shown("chat.new") == "F9" and keys.shown("chat.attach") == "^O"
    keys.rebind({})
    assert keys.shown("chat.new") == "^N"


def test_commands_are_found_by_any_of_their_names() -> None:
    assert matching("new chat")[0].id == "chat.new"
    assert matching("新对话")[0].id == "chat.new"
    assert "chat.attach" in [key.id for key in matching("att")]
    for_reading = {"chat.take_over", "chat.copy"}  # where nothing can be typed
    assert matching("zzz") == [] == matching("take over")
    assert matching("") == [key for key in commands() if key.id not in for_reading]
