from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.long_form import long_form
from tests.store.material import CHAT, HEAD, again, said, session_journal
from tui_chat.chat.keeping import Unkept
from tui_chat.chat.node import Head
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.errors import StoreError
from tui_chat.store.journal import Refusing
from tui_chat.store.naming import partial_file
from tui_chat.store.places import Places
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Text

HERE = Path(__file__).parent
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HERE.parent.parent)},
    )


def test_what_is_appended_is_there_at_once(library: Library) -> None:
    journal = session_journal(library.create(HEAD))
    journal.append(NodeAdded(said(0, None)))
    tables = tomllib.loads(journal.path.read_text("utf-8"))
    assert tables["session"]["id"] == CHAT
    assert [node["id"] for node in tables["node"]] == [said(0, None).id]
    journal.close()


def test_the_file_is_named_after_the_first_words(library: Library) -> None:
    head = Head("c0ffee0002", HEAD.created)
    journal = session_journal(library.create(head))
    assert journal.path.name == "2025-03-01-c0ffee0002.toml"
    journal.append(NodeAdded(said(0, None, "Hello, World! Über 你好")))
    journal.append(NodeAdded(said(2, None, "Something else")))
    journal.grow(said(3, None))
    assert journal.path.name == "2025-03-01-hello-world-über-你好-c0ffee0002.toml"
    assert partial_file(journal.path).exists()
    journal.settle()
    journal.close()
    assert len(again(library, head.id).conversation) == 2


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (errno.ENOSPC, "error.store_full"),
        (errno.EDQUOT, "error.store_full"),
        (errno.EROFS, "error.store_read_only"),
        (errno.EIO, "error.store_failed"),
    ],
)
@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_a_failed_append_leaves_the_file_as_it_was_and_the_next_one_succeeds(
    library: Library, monkeypatch: pytest.MonkeyPatch, number: int, key: str, broken: str
) -> None:
    journal = session_journal(library.create(HEAD))
    journal.append(NodeAdded(said(0, None)))
    before = journal.path.read_bytes()
    real, bites = os.write, [7]

    def fail(descriptor: int, content: bytes = b"") -> int:
        if content and bites:
            return real(descriptor, bytes(content[: bites.pop()]))
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(StoreError) as failed:
        journal.append(NodeAdded(said(1, said(0, None).id)))
    monkeypatch.undo()
    assert failed.value.key == key
    assert journal.path.read_bytes() == before
    journal.append(NodeAdded(said(1, said(0, None).id)))
    journal.close()
    opened = again(library)
    assert (len(opened.conversation), opened.notes, opened.read_only) == (2, (), None)


def test_a_file_changed_by_another_program_is_not_written_to(library: Library) -> None:
    journal = session_journal(library.create(HEAD))
    with journal.path.open("ab") as other:
        other.write(b"# a note\n")
    before = journal.path.read_bytes()
    with pytest.raises(StoreError) as refused:
        journal.append(NodeAdded(said(0, None)))
    assert refused.value.key == "error.store_changed_outside"
    assert journal.path.read_bytes() == before
    journal.close()


def test_a_temporary_chat_leaves_no_trace(library: Library, home: Places) -> None:
    journal = library.create(Head("c0ffee0003", temporary=True))
    assert isinstance(journal, Unkept)
    journal.append(NodeAdded(said(0, None)))
    journal.grow(said(1, None))
    journal.settle()
    journal.close()
    assert not home.config.exists()


def test_a_refusing_journal_says_why_each_time() -> None:
    journal = Refusing(StoreError("error.store_newer", format=2))
    for attempt in (lambda: journal.append(HeadChanged({})), lambda: journal.grow(said(0, None))):
        with pytest.raises(StoreError) as refused:
            attempt()
        assert (refused.value.key, refused.value.facts) == ("error.store_newer", {"format": 2})
    journal.settle()
    journal.close()


def test_messages_can_be_read_on_after_the_file_was_moved_away(library: Library) -> None:
    journal = library.create(HEAD)
    journal.append(NodeAdded(said(0, None)))
    journal.close()
    opened = again(library)
    library.trash(CHAT)
    if os.name != "nt":
        assert opened.conversation.node(said(0, None).id) == said(0, None)


def test_bytes_spoilt_after_opening_are_noticed_when_read(library: Library) -> None:
    journal = session_journal(library.create(HEAD))
    for number in range(3):
        journal.append(NodeAdded(said(number, None)))
    journal.close()
    conversation = again(library).conversation
    content = journal.path.read_bytes()
    spoilt = content.replace(b"message 1", b"message 7").replace(b"message 2", b'message"2')
    with journal.path.open("r+b") as file:
        file.write(spoilt)
    first, second, third = (conversation.node(f"{number:010x}") for number in range(3))
    assert (first.text, first.altered) == ("message 0", False)
    assert (second.text, second.altered) == ("message 7", True)
    assert (third.parts, third.altered) == ((), True)
    with pytest.raises(KeyError):
        conversation.node("nobody")


@POSIX
def test_killed_at_any_moment_nothing_acknowledged_is_lost(home: Places) -> None:
    result = run("killed.py", str(home.config), "30")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["kills"] == 30
    assert report["lost"] == []
    assert report["acknowledged"] > 30
    assert report["recovered_answers"] > 0


@POSIX
def test_on_a_full_disk_what_was_saved_stays_and_saving_goes_on_later(home: Places) -> None:
    result = run("limited.py", str(home.config))
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["failures"] == ["error.store_full"] * 3
    assert report["texts"] == ["small", "small again", "x" * 20_000]
    assert (report["notes"], report["read_only"]) == ([], None)


def test_two_processes_never_write_into_the_same_chat(library: Library, home: Places) -> None:
    sends = long_form("SENDS", 60)
    library.create(HEAD).close()
    command = [sys.executable, str(HERE / "sender.py"), str(home.config), CHAT, str(sends)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    senders = [subprocess.Popen([*command, name], env=environment, stdout=subprocess.PIPE) for name in "ab"]
    sent: list[str] = []
    for sender in senders:
        output, _ = sender.communicate(timeout=60 + sends)
        sent += json.loads(output)["sent"]
    opened = again(library)
    assert (opened.read_only, opened.notes) == (None, ())
    found = [opened.conversation.node(id) for id in opened.conversation.children(None)]
    assert sorted(node.text for node in found) == sorted(sent)
    assert len(sent) >= 2 * sends
    assert all(isinstance(node.parts[0], Text) for node in found)
