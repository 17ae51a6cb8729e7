from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_chat import disk

POSIX = pytest.mark.skipif(os.name == "nt", reason="modes and pipes of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_read_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"12345")
    assert disk.read_bounded(file, 5) == b"12345"
    with pytest.raises(disk.FileTooLarge):
        disk.read_bounded(file, 4)


def test_a_file_that_claims_to_be_empty_is_bounded_too() -> None:
    endless = Path("/proc/self/status")
    if not endless.exists():
        pytest.skip("no /proc here")
    with pytest.raises(disk.FileTooLarge):
        disk.read_bounded(endless, 10)
    assert disk.read_bounded(endless, 1 << 20).startswith(b"Name:")


def test_a_generous_limit_costs_no_memory(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 1000)
    tracemalloc.start()
    disk.read_bounded(tmp_path / "f", 1 << 30)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@POSIX
def test_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(disk.NotRegular):
            disk.read_bounded(path, 10)


@POSIX
def test_everything_made_is_private_whatever_the_umask(tmp_path: Path, no_umask: None) -> None:
    disk.make_folder(tmp_path / "a" / "b")
    disk.replace_file(tmp_path / "a" / "b" / "f", b"x")
    disk.GrowingFile(tmp_path / "a" / "b" / "g").append(b"x")
    with disk.Lock.take(tmp_path / "a" / "b" / "l"):
        assert mode(tmp_path / "a" / "b" / "l") == 0o600
    assert [mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o700, 0o700]
    assert [mode(tmp_path / "a" / "b" / name) for name in "fg"] == [0o600, 0o600]


@POSIX
def test_replacing_keeps_mode_and_follows_a_link(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "real"
    target.parent.mkdir()
    target.write_bytes(b"old")
    target.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(target)
    disk.replace_file(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert mode(target) == 0o640
    assert [entry.name for entry in target.parent.iterdir()] == ["real"]


@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_a_replacement_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"old")

    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="full"):
        disk.replace_file(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["f"]


def test_writes_the_system_takes_in_small_bites_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: real(descriptor, bytes(content[:3])))
    disk.replace_file(tmp_path / "f", b"0123456789")
    monkeypatch.undo()
    assert (tmp_path / "f").read_bytes() == b"0123456789"


def test_appends_that_fail_leave_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = disk.GrowingFile(tmp_path / "f")
    file.append(b"one\n")
    real = os.write
    bites = iter([3])

    def fill_up(descriptor: int, content: bytes) -> int:
        for size in bites:
            return real(descriptor, bytes(content[:size]))
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", fill_up)
    with pytest.raises(OSError, match="full"):
        file.append(b"two two\n")
    monkeypatch.undo()
    assert (tmp_path / "f").read_bytes() == b"one\n"
    file.append(b"three\n")
    assert (tmp_path / "f").read_bytes() == b"one\nthree\n"


def test_remains_that_could_not_be_taken_away_are_before_the_next_append(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = disk.GrowingFile(tmp_path / "f")
    file.append(b"one\n")

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(os, "ftruncate", fail)
    with pytest.raises(OSError, match="broken"):
        file.append(b"two\n")
    monkeypatch.undo()
    assert (tmp_path / "f").read_bytes() == b"one\ntwo\n"
    file.append(b"three\n")
    assert (tmp_path / "f").read_bytes() == b"one\nthree\n"


def test_a_file_somebody_else_changed_is_not_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "f"
    file = disk.GrowingFile(path)
    file.append(b"one\n")
    with path.open("ab") as other:
        other.write(b"theirs\n")
    with pytest.raises(disk.FileChanged):
        file.append(b"two\n")
    (tmp_path / "theirs").write_bytes(b"one\n")
    (tmp_path / "theirs").replace(path)
    with pytest.raises(disk.FileChanged):
        file.append(b"two\n")
    assert path.read_bytes() == b"one\n"


def test_a_cut_and_a_new_name_are_followed(tmp_path: Path) -> None:
    file = disk.GrowingFile(tmp_path / "f")
    file.append(b"one\ntwo\n")
    file.cut(4)
    file.rename(tmp_path / "g")
    file.append(b"three\n")
    assert (tmp_path / "g").read_bytes() == b"one\nthree\n"
    assert not (tmp_path / "f").exists()


def test_a_lock_tells_who_holds_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with disk.Lock.take(path) as lock:
        with pytest.raises(disk.LockedElsewhere) as held:
            disk.Lock.take(path)
        assert held.value.pid == os.getpid()
        assert lock.supported
    assert not path.exists()
    lock.release()
    disk.Lock.take(path).release()


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "l"
    script = (
        "import sys; from pathlib import Path; from tui_chat.disk import Lock\n"
        "lock = Lock.take(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n" or os.name == "nt"
        with pytest.raises(disk.LockedElsewhere) as held:
            disk.Lock.take(path)
        assert held.value.pid == other.pid
        other.kill()
        other.wait()
    assert path.exists()
    disk.Lock.take(path, wait_s=5).release()


@POSIX
def test_a_lock_that_was_deleted_while_waited_for_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "l"
    real = disk._try_lock
    opened: list[int] = []

    def delete_first(descriptor: int) -> bool:
        if not opened:
            path.unlink()
        opened.append(descriptor)
        return real(descriptor)

    monkeypatch.setattr(disk, "_try_lock", delete_first)
    with disk.Lock.take(path):
        assert len(opened) == 2
        assert path.exists()


@POSIX
def test_without_locks_it_goes_on_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", none)
    with disk.Lock.take(tmp_path / "l") as lock:
        assert not lock.supported


def test_on_windows_a_forbidden_rename_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(disk, "WINDOWS", True)
    monkeypatch.setattr(disk.time, "sleep", pauses.append)
    real = Path.replace

    def scanned(self: Path, target: Path) -> Path:
        if len(pauses) < 3:
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", scanned)
    disk.replace_file(tmp_path / "f", b"x")
    assert (tmp_path / "f").read_bytes() == b"x"
    assert len(pauses) == 3


def test_on_windows_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "WINDOWS", True)
    monkeypatch.setattr(disk.time, "sleep", lambda _: None)
    tries: list[int] = []

    def never() -> None:
        tries.append(1)
        raise PermissionError(errno.EACCES, "in use")

    with pytest.raises(PermissionError):
        disk.retrying(never)
    assert len(tries) == 6


def test_old_remains_of_replacements_are_swept(tmp_path: Path) -> None:
    for name in (".f.1.ab.tmp", ".g.2.cd.tmp", "f", ".hidden"):
        (tmp_path / name).write_bytes(b"")
    os.utime(tmp_path / ".f.1.ab.tmp", (1, 1))
    disk.sweep(tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.is_file()) == [".g.2.cd.tmp", ".hidden", "f"]
