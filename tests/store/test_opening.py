from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.long_form import long_form
from tests.store.material import ANSWER, ASKED, CHAT, HEAD, NODES, again, keep, said
from tui_chat.chat.keeping import Opened
from tui_chat.chat.node import Failure, Head
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.disk import Lock
from tui_chat.errors import StoreError
from tui_chat.store.naming import partial_file, torn_file
from tui_chat.store.places import Places
from tui_chat.store.reading import build, read
from tui_chat.store.records import head_record
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Text

Recorder = Callable[[str, object], None]
AS_IT_IS = Head(CHAT, HEAD.created, "Renamed", True, HEAD.model, HEAD.system, {"top_p": 0.9})


SMALL = (NodeAdded(said(0, None)), NodeAdded(said(1, said(0, None).id, 'two\n"lines"')))


def keys(opened: Opened) -> list[str]:
    return [note.key for note in opened.notes]


def assert_nothing_is_silently_wrong(opened: Opened, at: object) -> None:
    conversation = opened.conversation
    flagged = bool(opened.notes) or opened.read_only is not None
    originals = {node.id: node for node in NODES}
    for id in conversation.below(conversation.children(None)[0]) if len(conversation) else ():
        node = conversation.node(id)
        assert node.altered or node == originals.get(id), at
    missing = [id for id in originals if id not in conversation]
    assert flagged or not missing, at
    assert flagged or (conversation.head, conversation.leaf) == (AS_IT_IS, ANSWER.id), at


def test_a_chat_comes_back_whole(library: Library) -> None:
    keep(library)
    opened = again(library)
    assert (opened.read_only, opened.notes) == (None, ())
    assert opened.conversation.head == AS_IT_IS
    assert [opened.conversation.node(node.id) for node in NODES] == list(NODES)
    assert opened.conversation.path() == [ASKED.id, ANSWER.id]


def test_cut_at_every_byte_the_records_before_the_cut_are_whole(library: Library, record_property: Recorder) -> None:
    keep(library, HEAD, SMALL)
    path = library.path(CHAT)
    content = path.read_bytes()
    ends = [trailer.end() for trailer in re.finditer(rb"\n# end \d+ [0-9a-f]{8}", content)]
    nodes = [change.node for change in SMALL]
    record_property("cuts", len(content) - ends[0])
    for length in range(ends[0], len(content)):
        path.write_bytes(content[:length])
        torn_file(path).unlink(missing_ok=True)
        opened = again(library)
        whole = sum(end <= length for end in ends)
        assert opened.read_only is None, length
        assert [opened.conversation.node(id) for id in opened.conversation.path()] == nodes[: whole - 1], length
        kept = path.read_bytes()
        assert content[:length].startswith(kept)
        if kept == content[:length]:
            assert (keys(opened), content[ends[whole - 1] : length].strip()) == ([], b"")
        else:
            assert (keys(opened), torn_file(path).read_bytes()) == (
                ["error.store_torn"],
                content[len(kept) : length] + b"\n",
            )


def test_a_cut_head_is_never_written_to(library: Library) -> None:
    keep(library)
    path = library.path(CHAT)
    head = head_record(HEAD)
    for length in range(len(head) - 1):
        path.write_bytes(head[:length])
        opened = again(library)
        assert path.read_bytes() == head[:length]
        assert opened.read_only is not None or "error.store_altered" in keys(opened), length


def test_a_flipped_bit_anywhere_is_never_silently_wrong(library: Library, record_property: Recorder) -> None:
    keep(library)
    path = library.path(CHAT)
    content = path.read_bytes()
    places = range(0, len(content), long_form("FLIP_STEP", 3))
    record_property("chats_opened_with_a_flipped_bit", len(places))
    for place in places:
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << (place % 8)
        path.write_bytes(spoilt)
        torn_file(path).unlink(missing_ok=True)
        opened = again(library)
        assert_nothing_is_silently_wrong(opened, place)
        assert path.read_bytes() == bytes(spoilt), place
        assert not torn_file(path).exists()


def test_an_altered_number_of_a_change_is_said(library: Library) -> None:
    keep(library)
    path = library.path(CHAT)
    path.write_bytes(path.read_bytes().replace(b'seq = 5\nkind = "deleted"', b'seq = 7\nkind = "deleted"'))
    assert keys(again(library)) == ["error.store_altered"]


def test_every_single_bit_of_a_small_chat(library: Library, record_property: Recorder) -> None:
    keep(library, Head(CHAT, HEAD.created), SMALL)
    content = library.path(CHAT).read_bytes()
    record_property("chats_read_with_a_flipped_bit", 8 * len(content))
    nodes = {change.node.id: change.node for change in SMALL}
    for bit in range(8 * len(content)):
        spoilt = bytearray(content)
        spoilt[bit // 8] ^= 1 << bit % 8
        contents = read(bytes(spoilt), CHAT)
        conversation = build(contents, lambda id: nodes[id])
        flagged = contents.altered or contents.lost or not contents.sound
        assert flagged or (conversation.path() == list(nodes) and conversation.head == Head(CHAT, HEAD.created)), bit
        assert contents.torn_at is None, bit


def test_zeroed_blocks_lose_only_the_records_they_touch(library: Library) -> None:
    changes = [NodeAdded(said(n, f"{n - 1:010x}" if n else None, f"words of {n}\n" * 40)) for n in range(12)]
    keep(library, HEAD, tuple(changes))
    path = library.path(CHAT)
    content = path.read_bytes()
    last = content.rindex(b"[[node]]")
    for start in range(512, last - 512, 512):
        spoilt = content[:start] + b"\0" * 512 + content[start + 512 :]
        path.write_bytes(spoilt)
        opened = again(library)
        wrong = [n for n in range(12) if opened.conversation.node(f"{n:010x}") != changes[n].node]
        assert len(wrong) <= 3, start
        assert all(opened.conversation.node(f"{n:010x}").altered for n in wrong)
        assert len(opened.conversation.path()) == 12
        assert opened.read_only is not None
        assert path.read_bytes() == spoilt


def test_garbage_never_hangs_or_breaks_the_reader(library: Library) -> None:
    keep(library)
    path = library.path(CHAT)
    content = path.read_bytes()
    chance = random.Random(5)
    for _ in range(150):
        spoilt = bytearray(content)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(spoilt))
            spoilt[at : at + chance.randrange(60)] = chance.randbytes(chance.randrange(40))
        path.write_bytes(spoilt)
        opened = again(library)
        assert_nothing_is_silently_wrong(opened, bytes(spoilt))
        assert spoilt.startswith(path.read_bytes())


def test_after_a_torn_end_it_goes_on(library: Library) -> None:
    keep(library)
    path = library.path(CHAT)
    whole = path.read_bytes()
    path.write_bytes(whole + b'\n[[node]]\nid = "a00000')
    opened = library.open(CHAT)
    assert keys(opened) == ["error.store_torn"]
    assert opened.notes[0].facts == {"bytes": 21, "path": str(torn_file(path))}
    opened.journal.append(NodeAdded(said(9, ANSWER.id)))
    opened.journal.close()
    assert path.read_bytes().startswith(whole)
    assert torn_file(path).read_bytes() == b'[[node]]\nid = "a00000\n'
    opened = again(library)
    assert (keys(opened), opened.conversation.leaf) == ([], said(9, None).id)


def test_two_torn_ends_are_both_kept(library: Library) -> None:
    keep(library)
    path = library.path(CHAT)
    for torn in (b"[[node]]\nid", b"[[change]]\nti"):
        with path.open("ab") as file:
            file.write(torn)
        again(library)
    assert torn_file(path).read_bytes() == b"[[node]]\nid\n[[change]]\nti\n"


def test_a_file_edited_by_hand_loads_and_can_go_on(library: Library) -> None:
    keep(library)
    path = library.path(CHAT)
    path.write_bytes(path.read_bytes().replace(b"What is on it?", b"What is in it?"))
    opened = library.open(CHAT)
    assert (opened.read_only, keys(opened)) == (None, ["error.store_altered"])
    assert opened.conversation.node(ASKED.id).text == "What is in it?\n"
    assert opened.conversation.node(ASKED.id).altered
    opened.journal.append(NodeAdded(said(9, ANSWER.id)))
    opened.journal.close()
    assert again(library).conversation.leaf == said(9, None).id


def test_a_newer_file_is_read_and_never_written(library: Library) -> None:
    keep(library)
    path = library.path(CHAT)
    newer = path.read_bytes().replace(b"format = 1", b"format = 9") + b"[[node]]\ntorn"
    path.write_bytes(newer)
    opened = library.open(CHAT)
    assert opened.read_only is not None
    assert (opened.read_only.key, opened.read_only.facts["format"]) == ("error.store_newer", 9)
    with pytest.raises(StoreError, match="store_newer"):
        opened.journal.append(HeadChanged({"title": "x"}))
    opened.journal.close()
    assert opened.conversation.node(ANSWER.id) == ANSWER
    assert path.read_bytes() == newer


def test_a_chat_open_elsewhere_is_read_only_and_left_alone(library: Library, home: Places) -> None:
    keep(library)
    first = library.open(CHAT)
    first.journal.grow(said(9, ANSWER.id))
    second = library.open(CHAT)
    assert second.read_only is not None
    assert second.read_only.key == "error.store_open_elsewhere"
    assert second.read_only.facts["pid"] == os.getpid()
    assert said(9, None).id not in second.conversation
    with pytest.raises(StoreError, match="open_elsewhere"):
        second.journal.append(HeadChanged({}))
    second.journal.close()
    first.journal.append(HeadChanged({"title": "still mine"}))
    first.journal.settle()
    first.journal.close()
    third = again(library)
    assert (third.read_only, third.conversation.head.title) == (None, "still mine")


def test_an_answer_that_was_coming_in_becomes_an_interrupted_message(library: Library) -> None:
    keep(library)
    opened = library.open(CHAT)
    growing = replace(said(9, ANSWER.id), parts=(Text("half an ans"),))
    opened.journal.grow(growing)
    opened.journal.close()
    opened = again(library)
    expected = replace(growing, finish="interrupted", failure=Failure("error.crashed"))
    assert keys(opened) == ["error.store_recovered"]
    assert opened.conversation.node(growing.id) == expected
    assert opened.conversation.leaf == growing.id
    assert not partial_file(library.path(CHAT)).exists()
    once_more = again(library)
    assert (keys(once_more), once_more.conversation.node(growing.id)) == ([], expected)


def test_a_sidecar_that_was_only_left_behind_is_forgotten(library: Library) -> None:
    keep(library)
    opened = library.open(CHAT)
    opened.journal.grow(replace(ANSWER, parts=(Text("early"),)))
    opened.journal.grow(replace(said(8, ASKED.id), parts=()))
    opened.journal.close()
    opened = again(library)
    assert (keys(opened), opened.conversation.node(ANSWER.id)) == ([], ANSWER)
    assert not partial_file(library.path(CHAT)).exists()


def test_a_sidecar_of_a_damaged_chat_is_shown_and_stays(library: Library) -> None:
    keep(library)
    opened = library.open(CHAT)
    opened.journal.grow(said(9, ANSWER.id))
    opened.journal.close()
    path = library.path(CHAT)
    path.write_bytes(path.read_bytes().replace(b'role = "user"', b'role = "user'))
    opened = again(library)
    assert opened.read_only is not None
    assert opened.read_only.key == "error.store_damaged"
    assert opened.conversation.node(said(9, None).id).finish == "interrupted"
    assert partial_file(path).exists()


def test_where_there_are_no_locks_it_says_so(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(library)
    real = Lock.take

    def unguarded(path: Path, wait_s: float = 0.0) -> Lock:
        lock = real(path, wait_s)
        lock.supported = False
        return lock

    monkeypatch.setattr(Lock, "take", unguarded)
    assert keys(again(library)) == ["error.store_no_locks"]


@pytest.mark.skipif(os.name == "nt", reason="owners of POSIX")
def test_a_folder_one_may_not_write_to_opens_read_only(tmp_path: Path, home: Places) -> None:
    keep(Library(home))
    script = (
        "import os, sys, json\n"
        "from pathlib import Path\n"
        "from tui_chat.store.places import Places, places\n"
        "from tui_chat.store.sessions import Library\n"
        "from tui_chat.chat.node import Head\n"
        "from tui_chat.errors import StoreError\n"
        "home = Path(sys.argv[1])\n"
        "library = Library(places({'YIBU_CHAT_HOME': str(home)}))\n"
        "library.open('c0ffee0001').journal.close()\n"
        "for folder in (home, home / 'sessions', home / 'locks'): folder.chmod(0o500)\n"
        "(home / 'sessions' / library.path('c0ffee0001').name).chmod(0o400)\n"
        "if os.geteuid() == 0:\n"
        "    for path in [home, *home.rglob('*')]: os.chown(path, 65534, 65534)\n"
        "    os.chdir(home)\n"  # what lies above may not be entered by that user
        "    library = Library(Places(Path(), Path('cache')))\n"
        "    os.setgid(65534); os.setuid(65534)\n"
        "opened = library.open('c0ffee0001')\n"
        "try: library.create(Head('c0ffee0009'))\n"
        "except StoreError as error: refused = error.key\n"
        "print(json.dumps([opened.read_only.key, len(opened.conversation), len(library.summaries()), refused]))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(home.config)], capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == '["error.store_read_only", 3, 1, "error.store_read_only"]', result.stderr
