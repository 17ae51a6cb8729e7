"""Reading a file gives the lines asked for as they are, bounded, and says where to go on."""

from pathlib import Path

import pytest

from tests.tools.material import call, surroundings
from tui_chat.errors import ToolError
from tui_chat.tools.read_file import LIMIT_CHARACTERS, READ_FILE


async def test_a_file_is_read_whole(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x.txt").write_text("one\n  two\n\nfour\n")
    told = (await call(READ_FILE, around, path="x.txt")).text
    assert told == "x.txt: lines 1 to 4 of 4\none\n  two\n\nfour"


async def test_some_lines_are_read_and_the_rest_is_named(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x.txt").write_text("\n".join(f"line {number}" for number in range(1, 101)))
    told = (await call(READ_FILE, around, path="x.txt", first_line=10, lines=2)).text
    assert told == "x.txt: lines 10 to 11 of 100; go on with first_line 12\nline 10\nline 11"
    assert "no line 200" in (await call(READ_FILE, around, path="x.txt", first_line=200)).text


async def test_long_files_and_lines_are_bounded(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "many.txt").write_text("x" * 99 + "\n" + ("y" * 99 + "\n") * 4000)
    told = (await call(READ_FILE, around, path="many.txt", lines=5000)).text
    assert len(told) < LIMIT_CHARACTERS + 200
    assert "lines 1 to 480 of 4001; go on with first_line 481" in told.splitlines()[0]
    (around.folder / "one.txt").write_text("z" * 100_000)
    told = (await call(READ_FILE, around, path="one.txt")).text
    assert told.count("z") == LIMIT_CHARACTERS
    assert "of 100000 characters of line 1" in told


async def test_empty_files_encodings_and_ends_of_lines(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "empty").write_bytes(b"")
    (around.folder / "wide").write_bytes(b"\xff\xfe" + "中".encode("utf-16-le"))
    (around.folder / "crlf").write_bytes(b"a\r\nb\r\n")
    assert (await call(READ_FILE, around, path="empty")).text == "empty: the file is empty"
    assert (await call(READ_FILE, around, path="wide")).text == "wide (utf-16-le): lines 1 to 1 of 1\n中"
    assert (await call(READ_FILE, around, path="crlf")).text.endswith("a\r\nb\r")


async def test_what_is_no_text_is_refused(tmp_path: Path):
    around = surroundings(tmp_path)
    (around.folder / "x.bin").write_bytes(bytes(range(256)))
    with pytest.raises(ToolError) as caught:
        await call(READ_FILE, around, path="x.bin")
    assert caught.value.key == "error.tool_not_text"


def test_it_reads_and_asks_for_a_path_alone():
    assert READ_FILE.danger == "reads"
    assert READ_FILE.parameters["required"] == ["path"]
    assert set(READ_FILE.parameters["properties"]) == {"path", "first_line", "lines"}
