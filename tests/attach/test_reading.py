from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.attach.conftest import Shelf
from tui_chat.attach import attach_file
from tui_chat.attach.reading import read_file, shown_name
from tui_chat.errors import AttachError
from tui_chat.wire.messages import TextFile

LIMIT_BYTES = 1_000_000
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Unix files")


def key_of_refusal(path: Path, limit_bytes: int = LIMIT_BYTES, private: tuple[Path, ...] = ()) -> str:
    with pytest.raises(AttachError) as caught:
        read_file(path, limit_bytes, private)
    assert set(caught.value.facts) >= {"name"}
    return caught.value.key


def test_a_file_is_read_whole(tmp_path: Path):
    path = tmp_path / "a"
    content = os.urandom(LIMIT_BYTES)
    path.write_bytes(content)
    assert read_file(path, LIMIT_BYTES) == content


def test_the_home_folder_is_expanded(own_home: Path):
    (own_home / "a.txt").write_text("here")
    assert read_file(Path("~/a.txt"), LIMIT_BYTES) == b"here"


def test_what_is_not_there_is_missing(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    assert key_of_refusal(tmp_path / "no") == "error.attach_missing"
    assert key_of_refusal(tmp_path / "file" / "inside") == "error.attach_missing"


def test_a_folder_is_called_a_folder(tmp_path: Path):
    assert key_of_refusal(tmp_path) == "error.attach_folder"


def test_an_empty_file_is_refused(tmp_path: Path):
    (tmp_path / "a").touch()
    assert key_of_refusal(tmp_path / "a") == "error.attach_empty"


def test_names_that_no_system_takes_are_refused_and_do_not_crash(tmp_path: Path):
    assert key_of_refusal(tmp_path / "a\0b") == "error.attach_unreadable"
    assert key_of_refusal(tmp_path / ("n" * 5000)) == "error.attach_unreadable"


def test_a_file_over_the_limit_is_refused_with_both_sizes(tmp_path: Path):
    (tmp_path / "a").write_bytes(bytes(3000))
    with pytest.raises(AttachError) as caught:
        read_file(tmp_path / "a", 2048)
    assert caught.value.key == "error.attach_too_large"
    assert caught.value.facts == {"name": "a", "size": "2.9 KB", "limit": "2 KB"}


def test_a_file_of_ten_gigabytes_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(10 * 1024**3)

    def no_reading(*_: object) -> bytes:
        raise AssertionError("read a file that is too large")

    monkeypatch.setattr(os, "read", no_reading)
    assert key_of_refusal(tmp_path / "huge", 20 * 1024**2) == "error.attach_too_large"


def test_a_file_that_grows_while_it_is_read_is_still_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "log"
    path.write_bytes(b"x" * 10)
    real_read = os.read

    def growing(descriptor: int, count: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"y" * 4096)
        return real_read(descriptor, count)

    monkeypatch.setattr(os, "read", growing)
    assert key_of_refusal(path, 5000) == "error.attach_too_large"


@unix_only
def test_links_are_followed_and_broken_ones_missing(tmp_path: Path):
    (tmp_path / "real").write_text("words")
    (tmp_path / "good").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    assert read_file(tmp_path / "good", LIMIT_BYTES) == b"words"
    assert key_of_refusal(tmp_path / "dangling") == "error.attach_missing"
    assert key_of_refusal(tmp_path / "circle") == "error.attach_unreadable"


@unix_only
def test_special_files_are_refused_without_waiting(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "to_fifo").symlink_to("fifo")
    (tmp_path / "to_zero").symlink_to("/dev/zero")
    specials = [tmp_path / "fifo", tmp_path / "to_fifo", tmp_path / "to_zero"]
    specials += [Path("/dev/zero"), Path("/dev/null"), Path("/dev/tty"), Path("/dev/urandom")]
    with socket.socket(socket.AF_UNIX) as server:
        with contextlib.chdir(tmp_path):  # a socket's path must be short
            server.bind("sock")
        specials.append(tmp_path / "sock")
        answers: dict[Path, str] = {}

        def ask() -> None:
            for path in specials:
                answers[path] = key_of_refusal(path)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(10)
    assert answers == dict.fromkeys(specials, "error.attach_special")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/kmsg", "/sys/kernel/notes", "/proc/self/mem"])
def test_files_that_the_kernel_makes_up_are_refused(path: str):
    assert key_of_refusal(Path(path)) in ("error.attach_special", "error.attach_missing")


@unix_only
def test_a_file_swapped_for_a_pipe_between_the_looks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a"
    path.write_text("x")
    real_open = os.open

    def swapped(name: Path, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return real_open(name, flags)

    monkeypatch.setattr(os, "open", swapped)
    assert key_of_refusal(path) == "error.attach_special"


@unix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_we_may_not_read_says_so(tmp_path: Path):
    path = tmp_path / "a"
    path.write_text("x")
    path.chmod(0)
    assert key_of_refusal(path) == "error.attach_forbidden"


def test_permission_errors_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a"
    path.write_text("x")

    def forbidden(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    assert key_of_refusal(path) == "error.attach_forbidden"


def test_a_disk_that_fails_is_said_and_no_descriptor_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a"
    path.write_text("x")
    closed: list[int] = []
    real_close = os.close

    def failing(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    def closing(descriptor: int) -> None:
        closed.append(descriptor)
        real_close(descriptor)

    monkeypatch.setattr(os, "read", failing)
    monkeypatch.setattr(os, "close", closing)
    with pytest.raises(AttachError) as caught:
        read_file(path, LIMIT_BYTES)
    assert caught.value.key == "error.attach_unreadable"
    assert caught.value.facts["reason"] == "Input/output error"
    assert len(closed) == 1


def test_private_files_are_never_read_under_any_name(tmp_path: Path):
    secret = tmp_path / "keys"
    secret.write_text("sk-1")
    assert key_of_refusal(secret, private=(tmp_path / "not there", secret)) == "error.attach_own_key"
    (tmp_path / "link").symlink_to(secret)
    assert key_of_refusal(tmp_path / "link", private=(secret,)) == "error.attach_own_key"
    os.link(secret, tmp_path / "hard")
    assert key_of_refusal(tmp_path / "hard", private=(secret,)) == "error.attach_own_key"
    assert read_file(secret, LIMIT_BYTES) == b"sk-1"


def test_our_own_credentials_are_refused_even_if_nobody_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for folder in (tmp_path / ".config" / "yibu-chat", tmp_path / "portable" / "config"):
        folder.mkdir(parents=True)
        (folder / "credentials.toml").write_text("key = 'sk-1'")
    monkeypatch.setenv("YIBU_CHAT_HOME", str(tmp_path / "portable"))
    (tmp_path / "innocent.txt").symlink_to(tmp_path / "portable" / "config" / "credentials.toml")
    assert key_of_refusal(tmp_path / ".config" / "yibu-chat" / "credentials.toml") == "error.attach_own_key"
    assert key_of_refusal(tmp_path / "innocent.txt") == "error.attach_own_key"
    (tmp_path / "credentials.toml").write_text("somebody else's")
    assert read_file(tmp_path / "credentials.toml", LIMIT_BYTES) == b"somebody else's"


def test_what_happens_to_a_file_after_it_was_attached_does_not_matter(tmp_path: Path, shelf: Shelf):
    path = tmp_path / "a.txt"
    path.write_bytes(b"before")
    part = attach_file(path, keep=shelf.keep).part
    path.write_bytes(b"after, and longer")
    assert isinstance(part, TextFile)
    assert (shelf[part.blob], part.size) == (b"before", 6)
    path.unlink()
    assert shelf[part.blob] == b"before"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names as bytes")
def test_a_name_that_is_no_text_can_be_attached_and_stored(tmp_path: Path, shelf: Shelf):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_text("x")
    name = attach_file(path, keep=shelf.keep).part.name
    assert name == "caf\ufffd.txt"
    name.encode("utf-8")


def test_a_name_cannot_break_out_of_its_line():
    assert shown_name("a\n```\x1b[2J\u202eb\u200b.txt") == "a\ufffd```\ufffd[2J\ufffdb\ufffd.txt"
    assert shown_name("照片　1 ñ.png") == "照片　1 ñ.png"


@unix_only
def test_reading_leaves_no_descriptor_to_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a"
    path.write_text("x")
    opened: list[int] = []
    real_read = os.read

    def looking(descriptor: int, count: int) -> bytes:
        opened.append(os.get_inheritable(descriptor))
        return real_read(descriptor, count)

    monkeypatch.setattr(os, "read", looking)
    read_file(path, LIMIT_BYTES)
    assert opened and not any(opened)


def test_the_room_needs_no_screen_and_no_network():
    script = "import sys, tui_chat.attach, tui_chat.attach.sources, tui_chat.attach.completing\n"
    script += "print(sorted({'textual', 'rich', 'h11', 'PIL', 'tui_chat.chat', 'tui_chat.ui'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
