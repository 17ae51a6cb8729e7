from __future__ import annotations

import os
import stat
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.material import ASKED, CHAT, HEAD, NODES, again, keep, said
from tui_chat.chat.keeping import Shelf
from tui_chat.chat.node import Head
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.disk import Lock
from tui_chat.errors import StoreError
from tui_chat.store.naming import partial_file, torn_file
from tui_chat.store.places import Places
from tui_chat.store.sessions import Library


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_the_library_is_a_shelf(library: Library) -> None:
    shelf: Shelf = library
    assert shelf is library


def test_every_file_written_is_toml(library: Library, home: Places) -> None:
    keep(library)
    files = [path for path in home.config.rglob("*") if path.is_file() and path.suffix == ".toml"]
    assert len(files) == 1
    for file in files:
        tables = tomllib.loads(file.read_bytes().decode())
        assert [node["id"] for node in tables["node"]] == [node.id for node in NODES]
        assert sorted(record["seq"] for record in tables["node"] + tables["change"]) == list(range(1, 8))


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_nothing_is_readable_by_others_even_without_a_umask(library: Library, home: Places, no_umask: None) -> None:
    keep(library)
    opened = library.open(CHAT)
    opened.journal.grow(said(9, None))
    library.summaries()
    found = [home.config, *home.config.rglob("*")]
    assert len(found) > 6
    assert {path.name: oct(path.stat().st_mode) for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077} == {}
    opened.journal.close()


def test_who_looks_whether_a_chat_is_free_keeps_nobody_from_it(library: Library, home: Places) -> None:
    keep(library)
    assert library.is_free(CHAT)
    looking = Lock.take(home.locks / f"{CHAT}.lock")
    threading.Timer(0.01, looking.release).start()
    opened = library.open(CHAT)
    assert opened.read_only is None and not library.is_free(CHAT)
    opened.journal.close()


def test_a_chat_that_is_not_there_is_said(library: Library) -> None:
    for name in ("nobody", "", "../../etc/passwd"):
        with pytest.raises(StoreError) as unknown:
            library.open(name)
        assert unknown.value.key == "error.chat_unknown"


def test_the_head_of_a_closed_chat_can_be_changed(library: Library) -> None:
    keep(library)
    library.change(CHAT, HeadChanged({"title": "New", "pinned": False}))
    assert again(library).conversation.head.title == "New"
    assert library.summaries()[0].title == "New"
    opened = library.open(CHAT)
    with pytest.raises(StoreError) as refused:
        library.change(CHAT, HeadChanged({"title": "Other"}))
    assert refused.value.key == "error.store_open_elsewhere"
    opened.journal.close()
    library.change(CHAT, HeadChanged({"title": "Third"}))
    assert again(library).conversation.head.title == "Third"


def test_what_was_thrown_away_can_be_brought_back(library: Library, home: Places) -> None:
    keep(library)
    path = library.path(CHAT)
    content = path.read_bytes()
    opened = library.open(CHAT)
    opened.journal.grow(said(9, ASKED.id))
    with pytest.raises(StoreError) as refused:
        library.trash(CHAT)
    assert refused.value.key == "error.store_open_elsewhere"
    opened.journal.close()
    torn_file(path).write_bytes(b"torn")
    library.trash(CHAT)
    assert (library.summaries(), list(home.sessions.iterdir())) == ([], [])
    assert len(list(home.trash.iterdir())) == 3
    with pytest.raises(StoreError):
        library.open(CHAT)
    library.restore(CHAT)
    assert (path.read_bytes(), torn_file(path).read_bytes()) == (content, b"torn")
    assert partial_file(path).exists()
    assert [row.id for row in library.summaries()] == [CHAT]
    with pytest.raises(StoreError):
        library.restore(CHAT)


def test_throwing_away_never_overwrites(library: Library, home: Places) -> None:
    keep(library)
    name = library.path(CHAT).name
    library.trash(CHAT)
    keep(library)
    library.path(CHAT).replace(home.sessions / name)
    library.trash(CHAT)
    assert len(list(home.trash.iterdir())) == 2
    library.restore(CHAT)
    assert len(again(library).conversation) == 3


def test_chats_are_found_by_the_start_of_their_id(library: Library) -> None:
    for id in ("aa00000001", "aa00000002", "bb00000001"):
        keep(library, Head(id), ())
    assert library.find("bb") == "bb00000001"
    assert library.find("aa00000002") == "aa00000002"
    assert library.find("BB0") == "bb00000001"
    for prefix, key in (("aa", "error.chat_ambiguous"), ("cc", "error.chat_unknown"), ("", "error.chat_unknown")):
        with pytest.raises(StoreError) as refused:
            library.find(prefix)
        assert refused.value.key == key


def test_a_copy_made_by_hand_is_a_chat_of_its_own(library: Library, home: Places) -> None:
    keep(library)
    path = library.path(CHAT)
    (home.sessions / "my copy.toml").write_bytes(path.read_bytes())
    assert sorted(row.id for row in library.summaries()) == [CHAT, "my copy"]
    opened = library.open("my copy")
    opened.journal.append(NodeAdded(said(5, None)))
    opened.journal.close()
    assert len(again(library).conversation) == 3
    assert len(again(library, "my copy").conversation) == 4


def test_the_latest_chat_is_the_one_last_talked_in(library: Library) -> None:
    assert library.latest() is None
    keep(library, Head("aa00000001", HEAD.created, pinned=True), (NodeAdded(said(0, None)),))
    keep(library, Head("aa00000002"), ())
    assert library.latest() == "aa00000002"
    assert [row.id for row in library.summaries()] == ["aa00000001", "aa00000002"]


def test_a_chat_that_cannot_be_begun_says_why(library: Library, home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config.mkdir(parents=True)
    home.sessions.write_bytes(b"a file where the folder should be")
    with pytest.raises(StoreError) as failed:
        library.create(HEAD)
    assert failed.value.key == "error.store_failed"
    home.sessions.unlink()
    library.create(HEAD).close()
    assert Path(library.path(CHAT)).exists()
