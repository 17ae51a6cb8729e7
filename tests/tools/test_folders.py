"""What a tool may touch is judged by where a path really leads, whatever it is called."""

import os
import sys
from pathlib import Path

import pytest

from tests.tools.material import SECRET, surroundings
from tui_chat.errors import ToolError
from tui_chat.tools import folders
from tui_chat.tools.folders import allowed, content_of, decoded, encoded, open_file, relative, shown
from tui_chat.tools.tool import Surroundings

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


def refusal(path: str, around: Surroundings) -> str:
    with pytest.raises(ToolError) as caught:
        open_file(path, around)
    assert SECRET not in str(caught.value)
    return caught.value.key.removeprefix("error.")


def test_what_is_granted_is_read_by_any_of_its_names(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "a").mkdir()
    (around.folder / "a" / "x.txt").write_text("hello")
    for name in ("a/x.txt", "./a/../a/x.txt", str(around.folder / "a" / "x.txt"), "a//x.txt"):
        assert open_file(name, around)[1] == b"hello"
    assert relative(allowed("a/x.txt", around), around) == str(Path("a", "x.txt"))


@pytest.mark.parametrize(
    "path",
    [
        "../other/outside.txt",
        "a/../../other/outside.txt",
        "/etc/passwd",
        "~/x",
        "..",
        "/",
        "../granted-not",
        "../granted/../other/outside.txt",
    ],
)
def test_outside_is_refused(tmp_path: Path, path: str):
    around = surroundings(tmp_path)
    (tmp_path / "granted-not").write_text("not work")
    assert refusal(path, around) == "tool_outside"


@pytest.mark.parametrize("path", ["", "  ", "a\0b", "~nobody-of-this-name/x"])
def test_what_is_no_path_is_refused(tmp_path: Path, path: str):
    assert refusal(path, surroundings(tmp_path)) == "tool_path"


def test_nothing_granted_means_nothing(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x").write_text("x")
    assert refusal("x", Surroundings(around.folder)) == "tool_nothing_granted"


@posix
def test_links_are_judged_by_where_they_lead(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "in.txt").write_text("in")
    (around.folder / "good").symlink_to("in.txt")
    (around.folder / "out").symlink_to(tmp_path / "other" / "outside.txt")
    (around.folder / "folder").symlink_to(tmp_path / "other")
    (around.folder / "chain").symlink_to("out")
    (around.folder / "loop").symlink_to("loop")
    (around.folder / "own").symlink_to(tmp_path / "own")
    assert open_file("good", around)[1] == b"in"
    assert refusal("out", around) == "tool_outside"
    assert refusal("chain", around) == "tool_outside"
    assert refusal("folder/outside.txt", around) == "tool_outside"
    assert refusal("folder/../own/credentials.toml", around) == "tool_outside"
    assert refusal("own/credentials.toml", around) == "tool_outside"
    assert refusal("loop", around) in ("tool_path", "tool_disk")


@posix
def test_a_granted_folder_reached_by_a_link_is_the_folder_itself(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x").write_text("x")
    (tmp_path / "alias").symlink_to(around.folder)
    by_alias = Surroundings(tmp_path / "alias", (tmp_path / "alias",), around.private)
    assert open_file("x", by_alias)[1] == b"x"


@posix
def test_the_programs_own_folder_is_closed_even_where_all_is_granted(tmp_path: Path):
    around = surroundings(tmp_path)
    top = tmp_path.resolve()
    everything = Surroundings(top / "granted", (top,), around.private)
    (top / "granted" / "second").hardlink_to(top / "own" / "credentials.toml")
    (top / "granted" / "link").symlink_to(top / "own")
    assert refusal("../own/credentials.toml", everything) == "tool_private"
    assert refusal("link/credentials.toml", everything) == "tool_private"
    assert refusal("second", everything) == "tool_private"
    assert refusal("../own", everything) == "tool_private"
    (top / "granted" / "third").write_text("x")
    (top / "granted" / "fourth").hardlink_to(top / "granted" / "third")
    assert open_file("fourth", everything)[1] == b"x"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_living_folders_of_the_system_are_closed_even_where_all_is_granted(tmp_path: Path):
    everything = Surroundings(tmp_path, (Path("/"),))
    (tmp_path / "environ").symlink_to("/proc/self/environ")
    (tmp_path / "root").symlink_to("/proc/self/root")
    (tmp_path / "memory").symlink_to("/dev/mem")
    for path in ("/proc/self/environ", "environ", "/proc/1/mem", "/sys/kernel", "/dev/tty", "memory", "/dev/fd/0"):
        assert refusal(path, everything) == "tool_private", path
    assert open_file("root/etc/hostname", everything)[0] == Path("/etc/hostname").resolve()


@posix
async def test_pipes_and_sockets_are_not_waited_for(tmp_path: Path):
    around = surroundings(tmp_path)
    os.mkfifo(around.folder / "pipe")
    assert refusal("pipe", around) == "tool_not_file"
    assert refusal(".", around) == "tool_is_folder"
    assert refusal("gone", around) == "tool_missing"
    (around.folder / "file").write_text("x")
    assert refusal("file/under", around) == "tool_missing"


def test_a_file_over_the_limit_is_not_read(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "big").write_bytes(b"x" * 2000)
    with pytest.raises(ToolError) as caught:
        content_of(around.folder / "big", around, 1000)
    assert caught.value.key == "error.tool_file_large"


@posix
def test_a_link_put_in_the_files_place_meanwhile_gives_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    around = surroundings(tmp_path)
    target = around.folder / "x"
    target.write_text("x")
    real = allowed("x", around)
    reads = folders.read_bounded

    def swapped(path: Path, limit_bytes: int) -> bytes:
        target.unlink()
        target.symlink_to(tmp_path / "own" / "credentials.toml")
        return reads(path, limit_bytes)

    monkeypatch.setattr(folders, "read_bounded", swapped)
    with pytest.raises(ToolError) as caught:
        content_of(real, around)
    assert caught.value.key == "error.tool_outside"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_text_comes_back_in_its_own_encoding(encoding: str):
    content = encoded("中文\r\nx", encoding)
    assert decoded(content, Path("x")) == ("中文\r\nx", encoding)


@pytest.mark.parametrize("content", [b"\xff\xff\xff", "中文".encode("gb18030"), b"a\0b", b"\xff\xfea"])
def test_what_could_only_be_guessed_is_no_text(content: bytes):
    with pytest.raises(ToolError) as caught:
        decoded(content, Path("x"))
    assert caught.value.key == "error.tool_not_text"


def test_names_are_shown_so_that_they_can_be_sent():
    assert shown("a\nb\x1b[31m") == r"a\nb\x1b[31m"
    assert shown(os.fsdecode(b"a\xffb")).encode() == "a\ufffdb".encode()


@pytest.mark.parametrize(
    "path",
    [r"\\server\share\x", "//server/share/x", r"\\?\C:\x", "C:\\x:stream", "NUL", "folder/con.txt", "x/COM1", "lpt9"],
)
def test_on_windows_paths_that_reach_elsewhere_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str):
    monkeypatch.setattr(folders, "WINDOWS", True)
    assert refusal(path, surroundings(tmp_path)) == "tool_path"
