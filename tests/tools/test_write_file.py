"""A file is written as it was shown, whole, with its former content kept; or not at all."""

import os
import stat
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.tools.material import SECRET, call, look, surroundings
from tui_chat.errors import ToolError
from tui_chat.tools import changing
from tui_chat.tools.approval import Allowances, needs_word
from tui_chat.tools.tool import Surroundings
from tui_chat.tools.write_file import WRITE_FILE

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and pipes of POSIX")


def backups(around: Surroundings) -> list[bytes]:
    assert around.backups is not None
    return [path.read_bytes() for path in sorted(around.backups.iterdir())] if around.backups.exists() else []


async def refusal(around: Surroundings, path: str, content: str = "new") -> str:
    with pytest.raises(ToolError) as caught:
        await call(WRITE_FILE, around, path=path, content=content)
    assert SECRET not in str(caught.value)
    return caught.value.key.removeprefix("error.")


async def test_a_new_file_is_made_with_the_folders_it_needs(tmp_path: Path):
    around = surroundings(tmp_path)
    preview = look(WRITE_FILE, around, path="a/b/x.txt", content="hi\n")
    assert preview.diff == f"--- /dev/null\n+++ {around.folder / 'a' / 'b' / 'x.txt'}\n@@ -0,0 +1 @@\n+hi\n"
    assert not (around.folder / "a").exists()
    told = await call(WRITE_FILE, around, path="a/b/x.txt", content="hi\n")
    assert told.text.startswith("Created ")
    assert (around.folder / "a" / "b" / "x.txt").read_bytes() == b"hi\n"
    assert backups(around) == []


async def test_what_a_file_held_is_shown_and_kept(tmp_path: Path):
    around = surroundings(tmp_path)
    target = around.folder / "x.txt"
    target.write_bytes(b"old\r\n")
    target.chmod(0o640)
    diff = look(WRITE_FILE, around, path="x.txt", content="new\n").diff
    assert "-old\r\n" in diff
    assert "+new\n" in diff
    told = await call(WRITE_FILE, around, path="x.txt", content="new\n")
    assert target.read_bytes() == b"new\n"
    assert backups(around) == [b"old\r\n"]
    assert "The former content is kept in" in told.text
    if sys.platform != "win32":
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        assert around.backups is not None
        assert {stat.S_IMODE(path.stat().st_mode) for path in around.backups.iterdir()} == {0o600}
    assert [path.name for path in around.folder.iterdir()] == ["x.txt"]


async def test_the_same_content_is_not_written_again(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x").write_text("same")
    assert "nothing was written" in (await call(WRITE_FILE, around, path="x", content="same")).text
    assert backups(around) == []


async def test_a_file_keeps_its_encoding(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x").write_bytes(b"\xef\xbb\xbfold")
    assert "\ufeff" not in look(WRITE_FILE, around, path="x", content="new").diff
    await call(WRITE_FILE, around, path="x", content="new")
    assert (around.folder / "x").read_bytes() == b"\xef\xbb\xbfnew"


async def test_a_file_that_changed_since_it_was_shown_is_left_alone(tmp_path: Path):
    around = surroundings(tmp_path)
    target = around.folder / "x.txt"
    assert WRITE_FILE.run is not None
    arguments = {"path": "x.txt", "content": "mine\n"}
    for before, after in ((None, b"theirs"), (b"one", b"two"), (b"two", None)):
        target.unlink(missing_ok=True)
        if before is not None:
            target.write_bytes(before)
        look(WRITE_FILE, around, **arguments)
        target.unlink(missing_ok=True)
        if after is not None:
            target.write_bytes(after)
        with pytest.raises(ToolError) as caught:
            await WRITE_FILE.run(arguments, around)
        assert caught.value.key == "error.tool_changed_meanwhile"
        assert (target.read_bytes() if target.exists() else None) == after
        assert backups(around) == []


async def test_a_file_that_changes_at_the_last_moment_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    around = surroundings(tmp_path)
    target = around.folder / "x.txt"
    target.write_text("one")
    keeps = changing._kept

    def meanwhile(*given):
        target.write_text("two")
        return keeps(*given)

    monkeypatch.setattr(changing, "_kept", meanwhile)
    assert await refusal(around, "x.txt") == "tool_changed_meanwhile"
    assert target.read_text() == "two"


async def test_outside_private_and_odd_targets_are_refused(tmp_path: Path):
    around = surroundings(tmp_path)
    top = tmp_path.resolve()
    everything = Surroundings(top / "granted", (top,), around.private, backups=around.backups)
    (around.folder / "folder").mkdir()
    (around.folder / "file").write_text("x")
    (around.folder / "binary").write_bytes(b"\xff\xff\0")
    assert await refusal(around, "../other/outside.txt") == "tool_outside"
    assert await refusal(everything, "../own/credentials.toml") == "tool_private"
    assert await refusal(everything, "../own/tools/new.toml") == "tool_private"
    assert await refusal(around, "folder") == "tool_is_folder"
    assert await refusal(around, "file/under") == "tool_not_folder"
    assert await refusal(around, "binary") == "tool_not_text"
    assert (tmp_path / "own" / "credentials.toml").read_text() == SECRET


@posix
async def test_links_and_pipes_are_no_way_out(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "link").symlink_to(tmp_path / "other" / "outside.txt")
    (around.folder / "new").symlink_to(tmp_path / "other" / "made.txt")
    (around.folder / "dir").symlink_to(tmp_path / "own")
    (around.folder / "hard").hardlink_to(tmp_path / "own" / "credentials.toml")
    os.mkfifo(around.folder / "pipe")
    for path in ("link", "new", "dir/x", "dir/credentials.toml"):
        assert await refusal(around, path) == "tool_outside", path
    assert await refusal(around, "hard") == "tool_private"
    assert await refusal(around, "pipe") == "tool_not_file"
    assert not (tmp_path / "other" / "made.txt").exists()
    (around.folder / "read-only").write_text("x")
    (around.folder / "read-only").chmod(0o444)
    assert await refusal(around, "read-only") == "tool_forbidden"


async def test_without_room_for_a_backup_nothing_is_written(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x").write_text("old")
    (tmp_path / "file").write_text("")
    nowhere = replace(around, backups=tmp_path / "file" / "backups")
    with pytest.raises(ToolError):
        await call(WRITE_FILE, nowhere, path="x", content="new")
    assert (around.folder / "x").read_text() == "old"


def test_it_never_runs_without_a_word(tmp_path: Path):
    around = surroundings(tmp_path)
    arguments = {"path": "x", "content": ""}
    assert needs_word(WRITE_FILE, arguments, look(WRITE_FILE, around, **arguments), Allowances())
