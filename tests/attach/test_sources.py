from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_chat.attach.sources import as_mention, is_image_url, mentions, paths_in, resolve_mention

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="dropped Unix paths")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drop = tmp_path / "drop zone"
    drop.mkdir()
    for name in ("a.png", "b c.png", "it's.txt", 'say "hi".txt', "(1) [x] & y$.txt", "照片 1.jpg", "tab\there.txt"):
        (drop / name).write_text("x")
    return drop


def escaped(path: Path) -> str:
    """As Terminal.app and iTerm2 drop: a backslash before all that is not plain."""
    return "".join(letter if letter.isalnum() or letter in "/._-" else f"\\{letter}" for letter in str(path))


def url(path: Path) -> str:
    return "file://" + quote(str(path))


NAMES = ["a.png", "b c.png", "it's.txt", 'say "hi".txt', "(1) [x] & y$.txt", "照片 1.jpg"]
DRESSES: dict[str, Callable[[Path], str]] = {
    "bare": str,
    "space behind": lambda path: f"{path} ",
    "newline behind": lambda path: f"{path}\r\n",
    "shell quoted": lambda path: shlex.quote(str(path)),
    "shell quoted, space behind": lambda path: shlex.quote(str(path)) + " ",
    "always single quoted": lambda path: "'" + str(path).replace("'", "'\\''") + "'",
    "double quoted": lambda path: '"' + str(path).replace('"', '\\"') + '"',
    "backslashes": escaped,
    "file address": url,
    "file address of localhost": lambda path: "file://localhost" + quote(str(path)),
    "file address, space behind": lambda path: url(path) + " ",
    "file address quoted": lambda path: f"'{url(path)}'",
    "uri list": lambda path: f"# dropped\r\n{url(path)}\r\n",
    "file address in capitals": lambda path: "FILE://" + quote(str(path)),
}


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("name", NAMES)
def test_one_dropped_file_is_recognised_in_every_dress(dress: str, name: str, folder: Path):
    assert paths_in(DRESSES[dress](folder / name)) == [folder / name]


@pytest.mark.parametrize(
    "dress", ["shell quoted", "always single quoted", "double quoted", "backslashes", "file address"]
)
@pytest.mark.parametrize("between", [" ", "\n", "\r\n"])
def test_several_dropped_files_are_recognised(dress: str, between: str, folder: Path):
    paths = [folder / name for name in NAMES]
    assert paths_in(between.join(DRESSES[dress](path) for path in paths)) == paths


def test_lines_of_bare_paths_are_recognised(folder: Path):
    paths = [folder / "a.png", folder / "b c.png"]
    assert paths_in("\n".join(map(str, paths))) == paths


def test_home_and_relative_paths_are_recognised(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (own_home / "my pic.png").write_text("x")
    monkeypatch.chdir(own_home)
    assert paths_in("~/my pic.png") == [own_home / "my pic.png"]
    assert paths_in("~/my\\ pic.png") == [own_home / "my pic.png"]
    assert paths_in("./my\\ pic.png ../home/my\\ pic.png") == [Path("my pic.png"), Path("../home/my pic.png")]


def test_a_name_that_is_no_text_comes_through_a_file_address(tmp_path: Path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    try:
        path.write_text("x")
    except OSError:
        pytest.skip("this file system wants UTF-8 names")
    assert paths_in(f"file://{quote(str(tmp_path))}/caf%E9.txt") == [path]


@pytest.mark.parametrize(
    "text",
    [
        r"C:\Users\me\b c.png",
        r'"C:\Users\me\b c.png"',
        r"'C:\Users\me\b c.png'",
        r"& 'C:\Users\me\b c.png'",
        "C:/Users/me/b c.png",
        "file:///C:/Users/me/b%20c.png",
        "file:///c:/Users/me/b%20c.png",
    ],
)
def test_a_windows_path_means_a_mounted_drive_on_wsl(text: str, tmp_path: Path):
    path = tmp_path / "c" / "Users" / "me" / "b c.png"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    assert paths_in(text, mounts=tmp_path) == [path]


def test_several_windows_paths(tmp_path: Path):
    for name in ("new.png", "tab le.png"):
        (tmp_path / "d").mkdir(exist_ok=True)
        (tmp_path / "d" / name).write_text("x")
    both = [tmp_path / "d" / "new.png", tmp_path / "d" / "tab le.png"]
    assert paths_in(r'D:\new.png "D:\tab le.png"', mounts=tmp_path) == both


@pytest.mark.parametrize("share", [r"\\wsl$\Ubuntu", r"\\wsl.localhost\Debian-12", "file://wsl.localhost/Ubuntu"])
def test_windows_own_names_for_wsl_files_are_understood(share: str, folder: Path):
    path = folder / "a.png"
    tail = quote(str(path)) if share.startswith("file") else str(path).replace("/", "\\")
    assert paths_in(share + tail) == [path]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "a.png",
        "hello world",
        "/",
        "/no/such/file.png",
        "~nobody-at-all/x",
        "file://",
        "file:///",
        "file://elsewhere.example/etc/hostname",
        "file:///no%00pe",
        "'/unclosed",
        "/" + "n" * 5000,
        "https://example.org/a.png",
        "\\",
        "\\\\server\\share\\x.png",
        "C:\\",
        "\x00",
        "# /etc/hostname",
        "x" * 100_000,
    ],
)
def test_what_names_no_file_stays_text(text: str):
    assert paths_in(text) == []


def test_words_that_happen_to_be_files_here_stay_text(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    assert paths_in("a.png") == []


def test_one_missing_file_or_a_word_between_makes_it_text(folder: Path):
    path = folder / "a.png"
    assert paths_in(f"'{path}' '{folder}/gone.png'") == []
    assert paths_in(f"look at '{path}'") == []
    assert paths_in(f"{url(path)} and more") == []
    assert paths_in(str(folder)) == []


def test_too_many_files_at_once_stay_text(folder: Path):
    assert len(paths_in(f"{url(folder / 'a.png')}\n" * 100)) == 100
    assert paths_in(f"{url(folder / 'a.png')}\n" * 101) == []


def test_a_pipe_is_not_opened_nor_taken(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    assert paths_in(str(tmp_path / "fifo")) == []


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet="ab c'\"\\$&;*?[](){}<>|~`!#%字é", min_size=1, max_size=12))
def test_any_name_survives_quoting_and_addresses(tmp_path: Path, name: str):
    # A folder for each: `x\\{x` of one example would be the name of another's file.
    path = Path(tempfile.mkdtemp(dir=tmp_path)) / f"x{name}x"
    path.write_text("x")
    assert paths_in(shlex.quote(str(path))) == [path]
    assert paths_in(url(path)) == [path]
    assert paths_in(escaped(path)) == [path]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_is_looked_at_without_harm(text: str):
    paths_in(text)
    is_image_url(text)
    for word in mentions(text):
        resolve_mention(word, Path("/nonexistent"))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://example.org/a.png", True),
        (" http://example.org/a.JPEG?size=2#x\n", True),
        ("https://example.org/a.webp", True),
        ("https://example.org/a.gif", True),
        ("https://example.org/a.svg", False),
        ("https://example.org/", False),
        ("https://example.org/page?img=a.png", False),
        ("https:///a.png", False),
        ("http://[::1/a.png", False),
        ("ftp://example.org/a.png", False),
        ("look https://example.org/a.png", False),
        ("a.png", False),
        ("https://example.org/" + "a" * 9000 + ".png", False),
    ],
)
def test_addresses_of_pictures_are_recognised(text: str, is_one: bool):
    assert is_image_url(text) is is_one


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("what is in @a.png?", ["a.png?"]),
        ("@a.png", ["a.png"]),
        ("compare @src/a.py and @src/b.py, @src/a.py", ["src/a.py", "src/b.py,"]),
        ('see @"my file.txt" now', ["my file.txt"]),
        (r"see @my\ file.txt now", ["my file.txt"]),
        ("看看@照片.jpg 好吗", ["照片.jpg"]),
        ("（@a.txt）", ["a.txt）"]),
        ("mail me@example.org", []),
        ("a @ b", []),
        ("@@twice", []),
        ("decorated\n@cached\ndef f", ["cached"]),
        ("~ @~/x @/etc/hosts @../y", ["~/x", "/etc/hosts", "../y"]),
        ("npm i pkg/@scope/name", []),
        ('@"unclosed', []),
    ],
)
def test_mentions_are_found(text: str, words: list[str]):
    assert mentions(text) == words


def test_a_mention_means_the_longest_name_that_is_a_file(tmp_path: Path, own_home: Path):
    for name in ("a.txt", "a.txt.bak", "报告.txt", "b.txt里"):
        (tmp_path / name).write_text("x")
    (own_home / "h.txt").write_text("x")
    (tmp_path / "sub").mkdir()
    assert resolve_mention("a.txt", tmp_path) == tmp_path / "a.txt"
    for word in ("a.txt?", "a.txt,", "a.txt).", "a.txt。", "a.txt里有什么？", "a.txt）"):
        assert resolve_mention(word, tmp_path) == tmp_path / "a.txt"
    assert resolve_mention("a.txt.bak", tmp_path) == tmp_path / "a.txt.bak"
    assert resolve_mention("报告.txt讲了什么", tmp_path) == tmp_path / "报告.txt"
    assert resolve_mention("b.txt里", tmp_path) == tmp_path / "b.txt里"
    assert resolve_mention("~/h.txt", tmp_path) == own_home / "h.txt"
    for word in ("", "a", "a.txtx", "sub", "nobody", "\0", "n" * 100_000):
        assert resolve_mention(word, tmp_path) is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab./@ \\\"'字~-", min_size=1, max_size=15))
def test_what_is_written_as_a_mention_is_read_back(path: str):
    path = path.strip()
    if path and "\n" not in path:
        assert mentions(f"see {as_mention(path)} now") == [path]
