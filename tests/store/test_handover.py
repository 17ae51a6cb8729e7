from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.long_form import long_form
from tests.store.handing import SURE_TURNS
from tests.store.material import ANSWER, CHANGES, CHAT, HEAD, NODES, again, keep, said
from tui_chat.chat.tree import CallStarted, NodeAdded, NodesDeleted
from tui_chat.errors import StoreError
from tui_chat.store.places import Places
from tui_chat.store.sessions import Library

HERE = Path(__file__).parent
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
ASKS = "import sys; from tui_chat.store.places import places; from tui_chat.store.sessions import Library; "
ASKS += "Library(places({'YIBU_CHAT_HOME': sys.argv[1]})).ask(sys.argv[2]); print('asked', flush=True); input()"


def python(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_request_is_seen_by_others_and_its_asker_hears_that(library: Library, home: Places) -> None:
    other = Library(home)
    keep(library)
    mark = other.ask(CHAT)
    assert other.asker(CHAT) is None, "nobody lets go of a chat for itself"
    assert other.ask(CHAT) == mark, "asking again leaves the request as it is"
    asker = library.asker(CHAT)
    assert asker is not None and asker.facts["pid"] == os.getpid()
    assert other.ask(CHAT) != mark
    other.withdraw(CHAT)
    assert library.asker(CHAT) is None
    assert list(home.locks.iterdir()) == []


def test_a_chat_is_kept_for_the_one_who_asks(library: Library, home: Places) -> None:
    other = Library(home)
    keep(library)
    other.ask(CHAT)
    assert not library.is_free(CHAT)
    refused = again(library)
    assert refused.read_only is not None and refused.read_only.key == "error.store_taken_over"
    assert other.is_free(CHAT)
    opened = other.open(CHAT)
    assert opened.read_only is None
    assert library.asker(CHAT) is None, "who has it asks no more"
    opened.journal.close()
    assert library.is_free(CHAT)


def test_where_two_ask_each_has_it_in_turn(library: Library, home: Places) -> None:
    keep(library)
    had = library.open(CHAT)
    second, third = Library(home), Library(home)
    second.ask(CHAT)
    third.ask(CHAT)
    had.journal.close()
    assert again(third).read_only is not None
    opened = second.open(CHAT)
    assert opened.read_only is None
    third.ask(CHAT)
    assert second.asker(CHAT) is not None
    opened.journal.close()
    assert again(third).read_only is None


@POSIX
def test_a_request_ends_with_its_process_however_that_ends(library: Library, home: Places) -> None:
    keep(library)
    asking = python("-c", ASKS, str(home.config), CHAT)
    assert asking.stdout is not None and asking.stdout.readline() == "asked\n"
    asker = library.asker(CHAT)
    assert asker is not None and asker.facts["pid"] == asking.pid
    assert not library.is_free(CHAT)
    os.kill(asking.pid, signal.SIGKILL)
    asking.communicate()
    assert library.is_free(CHAT)
    assert list(home.locks.iterdir()) == []


def test_where_no_request_can_be_left_it_is_said_why(library: Library, home: Places) -> None:
    home.locks.parent.mkdir(parents=True, exist_ok=True)
    home.locks.write_text("a file where the folder should be")
    with pytest.raises(StoreError) as refused:
        library.ask(CHAT)
    assert str(home.locks) in str(refused.value.facts["path"])


def test_two_processes_hand_a_chat_to_and_fro_and_lose_nothing(library: Library, home: Places) -> None:
    count = long_form("HANDED", 20)
    keep(library, changes=())
    senders = [python(str(HERE / "handing.py"), str(home.config), CHAT, str(count), name) for name in "ab"]
    told = [json.loads(sender.communicate(timeout=60 + count)[0]) for sender in senders]
    assert [each["unsaved"] for each in told] == [[], []]
    assert all(each["turns"] > SURE_TURNS for each in told), told
    opened = again(library)
    assert (opened.read_only, opened.notes) == (None, ())
    tree = opened.conversation
    line = [tree.node(id) for id in tree.path()]
    assert [node.role for node in line] == ["user", "assistant"] * (2 * count), "nothing stands between"
    for name in "ab":
        texts = [node.text for node in line if node.text.startswith(name)]
        assert texts == [f"{name}{number}" for number in range(count)]


def test_a_copy_holds_all_that_was_said_and_set(library: Library, home: Places) -> None:
    gone = said(8, ANSWER.id)
    more = (NodeAdded(gone), NodesDeleted((gone.id,)), CallStarted(ANSWER.id, "call-1"))
    keep(library, changes=(*CHANGES, *more))
    holder = Library(home).open(CHAT)
    copy = library.copy(CHAT, "Renamed (copy)")
    made, source = again(library, copy), holder.conversation
    assert (made.read_only, made.notes) == (None, ())
    head = replace(source.head, id=copy, title="Renamed (copy)", pinned=False, created=made.conversation.head.created)
    assert made.conversation.head == head != HEAD
    assert made.conversation.path() == source.path()
    assert [made.conversation.node(node.id) for node in NODES] == [source.node(node.id) for node in NODES]
    assert made.conversation.siblings(ANSWER.id) == source.siblings(ANSWER.id)
    assert made.conversation.knows(gone.id) and gone.id not in made.conversation
    assert made.conversation.started(ANSWER.id) == source.started(ANSWER.id) == ("call-1",)
    assert library.path(copy).name.endswith(f"-renamed-copy-{copy}.toml")
    holder.journal.close()
