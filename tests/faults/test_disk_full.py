"""Rows 61 to 64 through the whole program: a disk that is full, read-only, broken or slow.

The disk is a small file system of its own, seen by the program alone; failures of `fsync` are put in by `strace`. Both
are Linux's, the first needs root: elsewhere these are skipped. Every day only the full disk is tried here; tests/store
holds the other rows. YIBU_FAULTS_DISKS=1 is the long form.
"""

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.faults.stage import READY, answer, environment
from tests.long_form import long_form
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually_in_thread
from tui_chat.store.places import places
from tui_chat.store.sessions import Library

LINUX = sys.platform.startswith("linux")
MOUNTS = LINUX and os.geteuid() == 0 and shutil.which("unshare")
pytestmark = needs_pty
needs_mounts = pytest.mark.skipif(not MOUNTS, reason="mounts a file system: needs root and unshare")
needs_strace = pytest.mark.skipif(not (LINUX and shutil.which("strace")), reason="needs strace")
in_long_form = pytest.mark.skipif(not long_form("DISKS", 0), reason="long form: YIBU_FAULTS_DISKS=1")
NOT_SAVED = "Not saved"


def on_disk(option: str, folder: Path, gateway) -> TerminalProgram:
    """The program with its folder on a disk that nobody else sees, mounted with this option."""
    folder.mkdir(parents=True)
    script = f'mount -t tmpfs -o {option} disk "{folder}" && exec "{sys.executable}" -m tui_chat -m m'
    command = ["unshare", "-m", "--propagation", "private", "/bin/sh", "-c", script]
    return TerminalProgram(command, env=environment(gateway), columns=120, rows=40)


def texts(folder: Path) -> list[str]:
    """What the chats of this folder hold, without touching it: it belongs to the program."""
    import tomllib

    found = (tomllib.loads(path.read_text("utf-8")) for path in (folder / "sessions").glob("*.toml"))
    return ["".join(part["text"] for part in node["parts"]) for chat in found for node in chat.get("node", ())]


@needs_mounts
def test_row_61_on_a_disk_that_fills_up_what_was_saved_stays_and_the_rest_is_saved_later(gateway, own_home, tmp_path):
    gateway.respond(answer("an answer"))
    folder = own_home / "yibu-chat"
    with on_disk("size=512k", folder, gateway) as program:  # half a megabyte
        program.wait_for(READY)
        inside = Path(f"/proc/{program.pid}/root{folder}")
        program.say("before")
        eventually_in_thread(lambda: texts(inside) == ["before", "an answer"], what=program.text)
        with (inside / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
            while True:
                filler.write(b"x" * 4096)
        for number in range(20):  # what still fits into the last page of a file is saved
            program.say(f"while it is full {number}")
            program.wait_for(lambda text, n=number: NOT_SAVED in text or f"while it is full {n}" in texts(inside))
            if NOT_SAVED in program.text:
                break
        program.wait_for(NOT_SAVED)
        assert texts(inside)[:2] == ["before", "an answer"]
        (inside / "filler").unlink()
        program.press("ctrl+s")
        program.wait_gone(NOT_SAVED)
        eventually_in_thread(lambda: f"while it is full {number}" in texts(inside))
        kept = texts(inside)
        shutil.copytree(inside, tmp_path / "kept")
        program.press("ctrl+q")
        assert program.wait_exit() == 0
        assert program.restored
    assert kept[:2] == ["before", "an answer"]
    library = Library(places({"YIBU_CHAT_HOME": str(tmp_path / "kept")}))
    assert all(library.open(summary.id).read_only is None for summary in library.summaries())


@needs_mounts
@in_long_form
def test_row_62_it_starts_in_a_folder_that_cannot_be_written_to(gateway, own_home):
    gateway.respond(answer("an answer"))
    with on_disk("ro", own_home / "yibu-chat", gateway) as program:
        program.wait_for(READY)
        program.say("hello")
        program.wait_for(NOT_SAVED)
        program.wait_for("hello")
        program.press("ctrl+q")
        assert program.wait_exit() == 0
        assert program.restored and b"Traceback" not in program.raw


def traced(gateway, injection: str) -> TerminalProgram:
    """The program, each of its calls of fsync failing or late."""
    command = ["strace", "-f", "-qqq", "--seccomp-bpf", "-o", "/dev/null", "-e", f"inject=fsync:{injection}"]
    return TerminalProgram(
        [*command, sys.executable, "-m", "tui_chat", "-m", "m"], env=environment(gateway), columns=120
    )


@needs_strace
@in_long_form
def test_row_63_what_fsync_refuses_is_not_called_saved(gateway):
    gateway.respond(answer("an answer"))
    with traced(gateway, "error=EIO") as program:
        program.wait_for(READY, 30)
        program.say("hello")
        program.wait_for(NOT_SAVED, 20)
        program.wait_for("hello")
        program.press("ctrl+q")
        assert program.wait_exit(20) == 0


@needs_strace
@in_long_form
def test_row_64_while_fsync_takes_its_time_the_screen_does_not(gateway):
    gateway.respond(answer("an answer"))
    with traced(gateway, "delay_exit=1500000") as program:
        program.wait_for(READY, 30)
        program.say("hello")
        slowest_s = 0.0
        for letter in "typed meanwhile":
            before = len(program.raw)
            began_s = time.monotonic()
            program.type(letter)
            eventually_in_thread(lambda n=before: len(program.raw) > n, 10)
            slowest_s = max(slowest_s, time.monotonic() - began_s)
        program.wait_for("an answer", 30)
        program.wait_for("typed meanwhile")
        program.press("ctrl+q")
        assert program.wait_exit(30) == 0
    assert slowest_s < 1.4  # no key waited for a whole fsync
