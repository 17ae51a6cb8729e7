"""Finding text searches what is granted, whole and bounded, and can be stopped."""

import asyncio
import os
import sys
import threading
from pathlib import Path

import pytest

from tests.tools.material import SECRET, call, surroundings
from tests.waiting import eventually
from tui_chat.errors import ToolError
from tui_chat.tools import find_text
from tui_chat.tools.find_text import FIND_TEXT
from tui_chat.tools.tool import Surroundings


async def test_it_tells_file_line_and_text(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "sub").mkdir()
    (around.folder / "a.py").write_text("x = 1\n# Wanted here\n")
    (around.folder / "sub" / "b.txt").write_text("wanted\twanted")
    told = (await call(FIND_TEXT, around, text="WANTED")).text.splitlines()
    sub = Path("sub", "b.txt")
    assert told == ["a.py:2: # Wanted here", f"{sub}:1: wanted    wanted", "(2 of 2 files hold it)"]
    told = (await call(FIND_TEXT, around, text="wanted", match_case=True, names="*.py")).text
    assert told == "(0 of 1 files hold it)"
    assert "a.py:1" in (await call(FIND_TEXT, around, text="x =", path="a.py")).text


async def test_the_text_is_no_pattern(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x").write_text("a.*b\naxxb\n(a+)+$")
    assert "x:1: a.*b\n(1 of" in (await call(FIND_TEXT, around, text=".*")).text
    assert "x:3: (a+)+$" in (await call(FIND_TEXT, around, text="(a+)+$")).text


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
async def test_links_pipes_caches_and_the_programs_own_files_are_passed_over(tmp_path: Path):
    around = surroundings(tmp_path)
    top = tmp_path.resolve()
    work = around.folder
    (work / "link").symlink_to(tmp_path / "own" / "credentials.toml")
    (work / "folder").symlink_to(tmp_path / "own")
    (work / "second").hardlink_to(tmp_path / "own" / "credentials.toml")
    os.mkfifo(work / "pipe")
    (work / ".git").mkdir()
    (work / ".git" / "x").write_text(SECRET)
    (work / "binary").write_bytes(b"\0" + SECRET.encode())
    for root in (around, Surroundings(top, (top,), around.private)):
        told = (await call(FIND_TEXT, root, text=SECRET)).text
        assert "second" not in told
        assert ":1:" not in told
        assert "2 files were passed over" in told


async def test_matches_lines_and_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    around = surroundings(tmp_path)
    for number in range(30):
        (around.folder / f"{number:02}").write_text("here\n" * 50)
    told = (await call(FIND_TEXT, around, text="here")).text
    assert len(told.splitlines()) <= find_text.LIMIT_MATCHES + 20
    assert "the search ended after 200 matches" in told
    assert "00: more lines hold it" in told
    monkeypatch.setattr(find_text, "_FILES", 3)
    assert "the search ended after 3 files" in (await call(FIND_TEXT, around, text="absent")).text
    (around.folder / "00").write_text("a" * 9000 + "needle" + "b" * 9000)
    line = (await call(FIND_TEXT, around, text="needle")).text.splitlines()[0]
    assert "needle" in line
    assert len(line) < 300


async def test_very_deep_folders_are_searched(tmp_path: Path):
    around = surroundings(tmp_path)
    deep = around.folder
    for _ in range(200):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "x").write_text("down here")
    assert ":1: down here" in (await call(FIND_TEXT, around, text="down here")).text


async def test_stopping_ends_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    around = surroundings(tmp_path)
    for number in range(50):
        (around.folder / f"{number}").write_text("x")
    looked: list[Path] = []
    gate = threading.Event()
    real = find_text._look_into

    def slowly(file: Path, search: find_text._Search, **more: bool) -> None:
        looked.append(file)
        gate.wait()
        real(file, search, **more)

    monkeypatch.setattr(find_text, "_look_into", slowly)
    task = asyncio.ensure_future(call(FIND_TEXT, around, text="x"))
    await eventually(lambda: bool(looked))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    await eventually(lambda: not any(thread.name == "yibu-tool" for thread in threading.enumerate()))
    assert len(looked) == 1


async def test_what_is_not_there_is_said(tmp_path: Path):
    around = surroundings(tmp_path)
    for path, key in (("gone", "error.tool_missing"), ("../other", "error.tool_outside")):
        with pytest.raises(ToolError) as caught:
            await call(FIND_TEXT, around, text="x", path=path)
        assert caught.value.key == key
