"""An edit replaces exactly what was given, where it stands just once, and nothing else."""

from pathlib import Path

import pytest

from tests.tools.material import call, look, surroundings
from tui_chat.errors import ToolError
from tui_chat.tools.edit_file import EDIT_FILE
from tui_chat.tools.tool import Surroundings


async def edited(around: Surroundings, before: bytes, **change: object) -> bytes:
    target = around.folder / "x.txt"
    target.write_bytes(before)
    await call(EDIT_FILE, around, path="x.txt", **change)
    return target.read_bytes()


async def refusal(around: Surroundings, before: bytes, **change: object) -> str:
    with pytest.raises(ToolError) as caught:
        await edited(around, before, **change)
    assert (around.folder / "x.txt").read_bytes() == before
    return caught.value.key.removeprefix("error.")


async def test_the_one_passage_is_replaced(tmp_path: Path):
    around = surroundings(tmp_path)
    assert await edited(around, b"a\n  b\nc\n", old="  b\n", new="  B\n  B2\n") == b"a\n  B\n  B2\nc\n"
    assert await edited(around, b"abc", old="b", new="") == b"ac"
    assert await edited(around, b"x x x", old="x", new="y", everywhere=True) == b"y y y"
    assert await edited(around, "中文".encode(), old="文", new="国") == "中国".encode()


async def test_the_preview_is_the_diff_of_the_file(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x.txt").write_text("1\n2\n3\n")
    preview = look(EDIT_FILE, around, path="x.txt", old="2", new="two")
    assert preview.diff.endswith("@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n")
    assert not preview.runs_program
    assert (around.folder / "x.txt").read_text() == "1\n2\n3\n"


async def test_what_is_not_there_just_once_is_refused(tmp_path: Path):
    around = surroundings(tmp_path)
    assert await refusal(around, b"abc", old="B", new="x") == "tool_edit_absent"
    assert await refusal(around, b"aXbX", old="X", new="y") == "tool_edit_several"
    assert await refusal(around, b"abc", old="b", new="b") == "tool_edit_same"
    assert await refusal(around, b"abc", old="", new="x") == "call_wrong"
    assert await refusal(around, b"a" * 9_000, old="a", new="b" * 9_000, everywhere=True) == "tool_file_large"
    with pytest.raises(ToolError) as caught:
        await call(EDIT_FILE, around, path="gone.txt", old="a", new="b")
    assert caught.value.key == "error.tool_missing"


async def test_a_files_line_ends_stay_its_own(tmp_path: Path):
    around = surroundings(tmp_path)
    assert await edited(around, b"a\r\nb\r\nc\r\n", old="a\nb\n", new="A\nB\nB2\n") == b"A\r\nB\r\nB2\r\nc\r\n"
    assert await edited(around, b"a\r\nb\nc\n", old="b\nc", new="d") == b"a\r\nd\n"
    assert await refusal(around, b"a\r\nb\n", old="a\nb", new="x") == "tool_edit_absent"


async def test_an_edit_of_a_file_that_changed_since_it_was_shown_is_not_made(tmp_path: Path):
    around = surroundings(tmp_path)
    target = around.folder / "x.txt"
    target.write_text("key = 1\n")
    arguments = {"path": "x.txt", "old": "1", "new": "2"}
    look(EDIT_FILE, around, **arguments)
    target.write_text("other line\nkey = 1\n")
    assert EDIT_FILE.run is not None
    with pytest.raises(ToolError) as caught:
        await EDIT_FILE.run(arguments, around)
    assert caught.value.key == "error.tool_changed_meanwhile"
    assert target.read_text() == "other line\nkey = 1\n"
    look(EDIT_FILE, around, **arguments)
    await EDIT_FILE.run(arguments, around)
    assert target.read_text() == "other line\nkey = 2\n"
    assert around.backups is not None
    assert [path.read_text() for path in around.backups.iterdir()] == ["other line\nkey = 1\n"]


async def test_outside_is_refused(tmp_path: Path):
    around = surroundings(tmp_path)
    with pytest.raises(ToolError) as caught:
        await call(EDIT_FILE, around, path="../other/outside.txt", old="outside", new="in")
    assert caught.value.key == "error.tool_outside"
    assert (tmp_path / "other" / "outside.txt").read_text() == "outside"
