"""Listing a folder names what is there, follows no link, shows nothing private, and ends."""

import os
import sys
from pathlib import Path

import pytest

from tests.tools.material import call, surroundings
from tui_chat.errors import ToolError
from tui_chat.tools import list_folder
from tui_chat.tools.list_folder import LIST_FOLDER
from tui_chat.tools.tool import Surroundings


async def test_folders_come_first_and_files_with_their_sizes(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "b").mkdir()
    (around.folder / "b" / "deep.txt").write_text("12345")
    (around.folder / "a.txt").write_text("123")
    assert (await call(LIST_FOLDER, around)).text == ".: 2 entries\nb/\na.txt (3)"
    assert (await call(LIST_FOLDER, around, levels=2)).text == ".: 3 entries\nb/\n  deep.txt (5)\na.txt (3)"


@pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and names of POSIX")
async def test_links_are_named_and_not_followed(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "away").symlink_to(tmp_path / "other")
    (around.folder / "up").symlink_to("..")
    os.mkfifo(around.folder / "pipe")
    (around.folder / "new\nline").write_text("")
    Path(os.fsdecode(os.fsencode(around.folder) + b"/odd\xff")).write_text("")
    told = (await call(LIST_FOLDER, around, levels=6)).text
    assert f"away -> {tmp_path / 'other'}" in told
    assert "up -> .." in told
    assert "pipe (not a regular file)" in told
    assert "new\\nline (0)" in told
    assert "odd\ufffd (0)" in told
    assert "outside.txt" not in told
    with pytest.raises(ToolError) as caught:
        await call(LIST_FOLDER, around, path="away")
    assert caught.value.key == "error.tool_outside"


async def test_the_programs_own_folder_is_not_there(tmp_path: Path):
    around = surroundings(tmp_path)
    top = tmp_path.resolve()
    told = (await call(LIST_FOLDER, Surroundings(top, (top,), around.private), levels=3)).text
    assert "other/" in told
    assert "own" not in told
    assert "credentials" not in told


async def test_a_large_folder_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    around = surroundings(tmp_path)
    monkeypatch.setattr(list_folder, "LIMIT_ENTRIES", 5)
    for number in range(20):
        (around.folder / f"{number:02}").write_text("")
    told = (await call(LIST_FOLDER, around)).text.splitlines()
    assert told[0] == ".: 5 entries; there are more, which are not listed"
    assert len(told) == 6


async def test_a_file_or_nothing_is_no_folder(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x").write_text("")
    for path, key in (("x", "error.tool_not_folder"), ("gone", "error.tool_missing")):
        with pytest.raises(ToolError) as caught:
            await call(LIST_FOLDER, around, path=path)
        assert caught.value.key == key
