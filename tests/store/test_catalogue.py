from __future__ import annotations

import json
import os
import zlib
from pathlib import Path

import pytest

from tests.store.material import CHAT, HEAD, TIME, again, keep, said
from tui_chat.chat.node import Head
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.store import catalogue
from tui_chat.store.catalogue import Summary
from tui_chat.store.places import Places
from tui_chat.store.sessions import Library


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the session files that are read for the list, as they are read."""
    names: list[str] = []
    real = catalogue.summarise

    def noting(path: Path, status: os.stat_result) -> Summary:
        names.append(path.name)
        return real(path, status)

    monkeypatch.setattr(catalogue, "summarise", noting)
    return names


def test_a_row_tells_what_the_list_shows(library: Library) -> None:
    keep(library)
    row = library.summaries()[0]
    assert (row.id, row.title, row.model, row.pinned, row.damaged) == (CHAT, "Renamed", "deep-1", True, False)
    assert (row.created, row.updated) == (TIME, TIME)
    assert (row.path, row.size) == (library.path(CHAT), library.path(CHAT).stat().st_size)


def test_without_a_name_a_chat_goes_by_its_first_words(library: Library) -> None:
    system = said(4, None, "not this")
    first = NodeAdded(said(0, None, "  \n What   is\nthis? " + "word " * 40))
    keep(library, Head("aa00000001"), (NodeAdded(type(system)("x", None, "system", system.parts)), first))
    keep(library, Head("aa00000002"), ())
    titles = {row.id: row.title for row in library.summaries()}
    assert titles["aa00000001"].startswith("What is this? word")
    assert len(titles["aa00000001"]) == 80
    assert titles["aa00000002"] == ""


def test_only_what_changed_is_read_again(library: Library, home: Places, read_files: list[str]) -> None:
    for number in range(5):
        keep(library, Head(f"aa0000000{number}", HEAD.created, title=f"t{number}"), (NodeAdded(said(0, None)),))
    assert len(library.summaries()) == len(read_files) == 5
    read_files.clear()
    library.summaries()
    fresh = Library(home)
    assert [row.title for row in fresh.summaries()] == [row.title for row in library.summaries()]
    assert read_files == []
    fresh.change("aa00000003", HeadChanged({"title": "other"}))
    fresh.trash("aa00000004")
    assert {row.title for row in fresh.summaries()} == {"t0", "t1", "t2", "other"}
    assert {row.title for row in library.summaries()} == {"t0", "t1", "t2", "other"}
    assert read_files == [library.path("aa00000003").name] * 2
    assert {row.title for row in Library(home).summaries()} == {"t0", "t1", "t2", "other"}


def test_what_is_remembered_is_told_without_a_look_at_the_folder(
    library: Library, home: Places, read_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert library.remembered() == []
    for number in range(3):
        keep(library, Head(f"aa0000000{number}", HEAD.created, title=f"t{number}"), (NodeAdded(said(0, None)),))
    whole = library.summaries()
    gone = library.path("aa00000000")
    gone.unlink()
    keep(library, Head("aa00000009", HEAD.created, title="t9"), (NodeAdded(said(0, None)),))
    read_files.clear()
    fresh = Library(home)
    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "_sessions", lambda folder: pytest.fail("it looked"))
        assert fresh.remembered() == library.remembered() == whole
    assert read_files == []
    assert {row.title for row in fresh.summaries()} == {"t1", "t2", "t9"}
    assert fresh.remembered() == fresh.summaries()
    assert len(read_files) == 1


def test_chats_of_another_folder_are_not_remembered(library: Library, home: Places, tmp_path: Path) -> None:
    keep(library)
    library.summaries()
    assert catalogue.Catalogue(home.sessions, home.catalogue_file).remembered()
    assert not catalogue.Catalogue(tmp_path / "elsewhere", home.catalogue_file).remembered()


@pytest.mark.parametrize("spoil", ["gone", "garbage", "flipped", "older", "wrong types"])
def test_a_spoilt_catalogue_is_made_anew(library: Library, home: Places, spoil: str) -> None:
    keep(library)
    before = library.summaries()
    file = home.catalogue_file
    content = file.read_bytes()
    if spoil == "gone":
        file.unlink()
    elif spoil == "garbage":
        file.write_bytes(b"\0\xff" * 50)
    elif spoil == "flipped":
        file.write_bytes(content.replace(b"Renamed", b"Renumed"))
    else:
        text = json.dumps({"fields": ["id"], "rows": [["x"]]} if spoil == "older" else [1]).encode()
        file.write_bytes(b"%08x\n%b" % (zlib.crc32(text), text))
    assert Library(home).summaries() == before
    assert file.read_bytes() == content


def test_a_catalogue_that_cannot_be_written_stops_nothing(library: Library, home: Places) -> None:
    keep(library)
    home.cache.parent.mkdir(exist_ok=True)
    home.cache.write_bytes(b"in the way")
    assert len(library.summaries()) == 1
    assert len(Library(home).summaries()) == 1


def test_damaged_files_are_rows_and_stop_nothing(library: Library, home: Places) -> None:
    keep(library)
    bombs = {
        "empty": b"",
        "noise": bytes(range(256)),
        "deep": b"a = " + b"[" * 200_000,
        "number": b"a = " + b"9" * 10_000,
        "zeros": b"\0" * 4096,
        "dotted": b".".join([b"a"] * 2_000) + b" = 1",
    }
    for name, content in bombs.items():
        (home.sessions / f"{name}.toml").write_bytes(content)
    (home.sessions / "folder.toml").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(home.sessions / "pipe.toml")
    rows = {row.id: row for row in library.summaries()}
    assert rows.keys() == {CHAT, *bombs}
    assert {id for id, row in rows.items() if row.damaged} == set(bombs)
    for name in bombs:
        assert again(library, name).read_only is not None


def test_many_chats_are_listed_from_the_catalogue_alone(library: Library, home: Places, read_files: list[str]) -> None:
    keep(library)
    content = library.path(CHAT).read_bytes()
    for number in range(300):
        (home.sessions / f"2025-01-01-{number:010d}.toml").write_bytes(content)
    assert len(library.summaries()) == len(read_files) == 301
    read_files.clear()
    assert len(Library(home).summaries()) == 301
    assert read_files == []
