"""Inside the sandbox only what was granted can be changed, and what is private is not there."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import pytest

from tui_chat.tools import landlock, process, sandbox, seccomp
from tui_chat.tools.run_python import PYTHON
from tui_chat.tools.shell import SHELL
from tui_chat.tools.tool import Preview, Surroundings

ATTEMPTS = """
import json, os, shutil, signal, socket, sys
from pathlib import Path
top, port, app = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
def connect(family, kind, address):
    with socket.socket(family, kind) as s:
        s.settimeout(2); s.connect(address); s.send(b"x")
def through_a_link():
    (top / "open" / "link").symlink_to(top / "private" / "key"); return (top / "open" / "link").read_text()
def renamed():
    (top / "open" / "mine").write_text("x"); (top / "open" / "mine").rename(top / "beside" / "moved")
attempts = {
    "write home": lambda: (Path.home() / "made").write_text("x"),
    "write a profile": lambda: (Path.home() / ".profile").write_text("x"),
    "write beside": lambda: (top / "beside" / "made").write_text("x"),
    "append beside": lambda: (top / "beside" / "file").open("a").write("x"),
    "truncate beside": lambda: os.truncate(top / "beside" / "file", 0),
    "remove beside": lambda: (top / "beside" / "file").unlink(),
    "rename beside": lambda: (top / "beside" / "file").rename(top / "beside" / "other"),
    "make a folder beside": lambda: (top / "beside" / "folder").mkdir(),
    "remove a folder beside": lambda: (top / "beside" / "empty").rmdir(),
    "make a link beside": lambda: (top / "beside" / "link").symlink_to("/"),
    "move a file out": renamed,
    "write the system": lambda: Path("/etc/made").write_text("x"),
    "read the key": lambda: (top / "private" / "key").read_text(),
    "read the key through a link": through_a_link,
    "read the key through proc": lambda: Path(f"/proc/self/root{top}/private/key").read_text(),
    "write the key": lambda: (top / "private" / "key").write_text("x"),
    "write the settings": lambda: (top / "private" / "settings").write_text("x"),
    "reach a port": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port)),
    "send a datagram": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", port)),
    "reach a service": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, str(top / "service")),
    "reach a hidden service": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, f"\\0yibu-{port}"),
    "signal the app": lambda: os.kill(app, signal.SIGURG),
    "read a terminal": lambda: os.open(sys.argv[4], os.O_RDONLY | os.O_NONBLOCK),
}
works = {
    "write what is granted": lambda: (top / "open" / "made").write_text("x"),
    "rename what is granted": lambda: (top / "open" / "made").rename(top / "open" / "renamed"),
    "make a folder": lambda: (top / "open" / "a" / "b").mkdir(parents=True),
    "remove a folder": lambda: shutil.rmtree(top / "open" / "a"),
    "write a temporary file": lambda: Path(os.environ["TMPDIR"], "made").write_text("x"),
    "write nowhere": lambda: open("/dev/null", "w").write("x"),
    "read the system": lambda: Path("/etc/passwd").read_text(),
    "import": lambda: __import__("decimal"),
    "start a program": lambda: os.system("true") and 1 / 0,
    "get random bytes": lambda: open("/dev/urandom", "rb").read(8),
}
def tried(attempt):
    try: attempt(); return "done"
    except Exception as error: return type(error).__name__
print(json.dumps([{n: tried(a) for n, a in attempts.items()}, {n: tried(a) for n, a in works.items()}]))
"""
BOXES = sandbox.candidates()
needs_box = pytest.mark.skipif(not BOXES, reason="neither bubblewrap nor Landlock is offered here")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A granted folder, one beside it, and a private one."""
    top = tmp_path.resolve()
    for folder in ("open", "beside/empty", "private"):
        (top / folder).mkdir(parents=True)
    (top / "beside" / "file").write_text("kept", "utf-8")
    (top / "private" / "key").write_text("canary", "utf-8")
    return top


@pytest.fixture(params=BOXES, ids=lambda box: box.name)
def box(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> sandbox.Sandbox:
    """Each kind of sandbox that this computer says to have."""
    if not sandbox.works(request.param):
        pytest.skip(f"{request.param.name} is here but may not be used")
    monkeypatch.setattr(sandbox, "_found", request.param)
    return request.param


async def attempt(top: Path, **more) -> tuple[dict[str, str], dict[str, str]]:
    """What a program in the sandbox could do of what it must not, and of what it may."""
    surroundings = Surroundings(top / "open", (top / "open",), (top / "private",), **more)
    with socket.socket() as server, socket.socket(socket.AF_UNIX) as service, socket.socket(socket.AF_UNIX) as hidden:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        os.chdir(top)
        service.bind("service")  # the whole path may be too long for a socket
        hidden.bind(f"\0yibu-{port}")
        for listening in (server, service, hidden):
            listening.listen()
        ours, theirs = os.openpty()
        argv = [sys.executable, "-c", ATTEMPTS, str(top), str(port), str(os.getpid()), os.ttyname(theirs)]
        ended = await process.run(argv, surroundings, timeout_s=30)
        os.close(ours)
        os.close(theirs)
    assert ended.status == 0, ended.text
    bad, good = json.loads(ended.text)
    return bad, good


@needs_box
async def test_nothing_gets_out_of_the_sandbox(box, top: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(top)
    bad, good = await attempt(top)
    assert len(bad) >= 20
    assert {name: how for name, how in bad.items() if how == "done"} == {}
    assert {name: how for name, how in good.items() if how != "done"} == {}
    assert (top / "beside" / "file").read_text("utf-8") == "kept"
    assert sorted(path.name for path in (top / "beside").iterdir()) == ["empty", "file"]
    assert (top / "private" / "key").read_text("utf-8") == "canary"
    assert [path.name for path in (top / "private").iterdir()] == ["key"]


@needs_box
async def test_the_network_is_there_where_the_person_lets_it(box, top: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(top)
    bad, _ = await attempt(top, network=True)
    done = {name for name, how in bad.items() if how == "done"}
    assert done == {"reach a port", "send a datagram"}


@needs_box
async def test_what_is_private_stays_hidden_in_a_granted_folder(box, top: Path):
    for granted in ((top / "private" / "deeper",), (Path("/"),)):
        (top / "private" / "deeper").mkdir(exist_ok=True)
        where = Surroundings(top / "open", granted, (top / "private", top / "gone"))
        ended = await process.run(
            ["sh", "-c", f"cat {top}/private/key; echo x > {top}/private/made"], where, timeout_s=30
        )
        assert "canary" not in ended.text
        assert ended.status != 0
        assert not (top / "private" / "made").exists()


@needs_box
async def test_a_working_folder_that_is_not_granted_can_only_be_read(box, top: Path):
    where = Surroundings(top / "beside", (), (top / "private",))
    ended = await process.run(["sh", "-c", "cat file; echo x > file"], where, timeout_s=30)
    assert ended.text.startswith("kept")
    assert ended.status != 0
    assert (top / "beside" / "file").read_text("utf-8") == "kept"


@needs_box
async def test_a_private_file_is_hidden_too(box, top: Path):
    where = Surroundings(top / "open", (top,), (top / "private" / "key",))
    ended = await process.run(["cat", str(top / "private" / "key")], where, timeout_s=30)
    assert "canary" not in ended.text


@pytest.mark.skipif("bubblewrap" not in {box.name for box in BOXES}, reason="bubblewrap is not installed")
async def test_in_bubblewrap_no_other_process_and_no_service_can_be_seen(top: Path, monkeypatch: pytest.MonkeyPatch):
    bubble = next(box for box in BOXES if box.name == "bubblewrap")
    if not sandbox.works(bubble):
        pytest.skip("bubblewrap is here but may not be used")
    monkeypatch.setattr(sandbox, "_found", bubble)
    where = Surroundings(top / "open", (top / "open",), (top / "private",))
    script = f"ls {top}/private /run; ls /proc | grep -c '^[0-9]'; chmod 777 /etc/passwd; grep CapEff /proc/self/status"
    ended = await process.run(["sh", "-c", script], where, timeout_s=30)
    assert "key" not in ended.text
    assert "Read-only file system" in ended.text
    assert "CapEff:\t0000000000000000" in ended.text
    processes = next(int(line) for line in ended.text.splitlines() if line.isdigit())
    assert processes <= 5


def test_without_any_sandbox_the_person_is_told_so(top: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(top))
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    monkeypatch.setattr(sandbox, "_found", None)
    assert sandbox.here() == sandbox.NONE
    where = Surroundings(top / "open", (top / "open",))
    for tool, arguments in ((SHELL, {"command": "ls"}), (PYTHON, {"code": "1"})):
        assert tool.look is not None
        preview: Preview = tool.look(arguments, where)
        assert (preview.sandbox, preview.network, preview.runs_program) == ("", True, True)


def test_a_sandbox_that_does_not_work_is_not_used(top: Path, monkeypatch: pytest.MonkeyPatch):
    fake = top / "bwrap"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n', "utf-8")
    fake.chmod(0o755)
    assert not sandbox.works(sandbox.Sandbox("bubblewrap", True, str(fake)))  # it starts, and contains nothing
    assert not sandbox.works(sandbox.Sandbox("bubblewrap", True, str(top / "gone")))
    assert not sandbox.works(sandbox.NONE)


def test_the_sandbox_is_tried_once(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []
    monkeypatch.setattr(sandbox, "_found", None)
    monkeypatch.setattr(sandbox, "candidates", lambda: [sandbox.Sandbox("landlock", True)])
    monkeypatch.setattr(sandbox, "works", lambda box: bool(asked.append(box.name)) or True)
    assert sandbox.here() is sandbox.here()
    assert asked == ["landlock"]


def test_what_the_filter_denies_is_a_whole_program():
    for network in (True, False):
        code = seccomp.program(network=network)
        assert len(code) % 8 == 0
        assert bool(code) == seccomp.machine_is_known()
        steps = len(code) // 8
        for at in range(steps):
            kind, true, false = code[at * 8], code[at * 8 + 2], code[at * 8 + 3]
            if kind in (0x15, 0x35):  # no jump leads out of it
                assert at + 1 + max(true, false) < steps
