from __future__ import annotations

from msgspec.structs import replace

from tests.store.material import ANSWER, ASKED, CHANGES, CHAT, HEAD, NODES, TIME, said
from tui_chat.chat.node import Node
from tui_chat.chat.tree import Conversation, NodeAdded
from tui_chat.store.index import Span
from tui_chat.store.reading import Contents, Lost, build, read
from tui_chat.store.records import change_record, head_record, node_record, read_node
from tui_chat.store.toml_text import parse

RECORDS = [head_record(HEAD), *(change_record(change, seq, TIME) for seq, change in enumerate(CHANGES, 1))]
WHOLE = b"".join(RECORDS)


def told(content: bytes) -> Conversation:
    contents = read(content, CHAT)
    spans = {entry.id: entry for entry in contents.entries if isinstance(entry, Span)}

    def load(id: str) -> Node:
        tables = parse(content[spans[id].start : spans[id].stop])
        assert tables is not None
        return read_node(tables["node"][0])  # type: ignore[index]

    return build(contents, load)


def state(content: bytes) -> tuple[int, int, bool]:
    contents = read(content, CHAT)
    return contents.altered, contents.lost, contents.sound


def test_what_we_wrote_is_read_without_parsing_messages() -> None:
    contents = read(WHOLE, CHAT)
    assert state(WHOLE) == (0, 0, True)
    assert sum(isinstance(entry, Span) for entry in contents.entries) == len(NODES)
    assert (contents.head, contents.next_seq) == (HEAD, 8)
    conversation = told(WHOLE)
    assert [conversation.node(node.id) for node in NODES] == list(NODES)
    assert conversation.leaf == ANSWER.id
    assert (conversation.head.title, conversation.head.pinned) == ("Renamed", True)


def test_an_edited_text_is_altered_and_the_rest_is_not() -> None:
    content = WHOLE.replace(b"Hm.", b"Hmmm.")
    assert state(content) == (1, 0, True)
    conversation = told(content)
    assert [conversation.node(node.id).altered for node in NODES] == [False, True, False]
    assert conversation.node(ANSWER.id).reasoning == "Hmmm."
    assert conversation.leaf == ANSWER.id


def test_a_comment_by_hand_changes_nothing_but_is_said() -> None:
    content = RECORDS[0] + b"# my note\n" + b"".join(RECORDS[1:])
    assert state(content) == (1, 0, True)
    assert [told(content).node(node.id) for node in NODES] == list(NODES)


def test_a_file_without_any_trailer_loads_as_altered() -> None:
    content = b"\n".join(line for line in WHOLE.splitlines() if not line.startswith(b"# end "))
    contents = read(content, CHAT)
    assert (contents.torn_at, contents.sound, contents.lost) == (None, True, 0)
    conversation = told(content)
    assert [replace(conversation.node(node.id), altered=False) for node in NODES] == list(NODES)
    assert all(conversation.node(node.id).altered for node in NODES)
    assert (conversation.leaf, conversation.head.title) == (ANSWER.id, "Renamed")


def test_a_file_with_windows_line_ends_loads_with_the_same_words() -> None:
    content = WHOLE.replace(b"\n", b"\r\n")
    assert state(content)[1:] == (0, True)
    conversation = told(content)
    assert [conversation.node(node.id).text for node in NODES] == [node.text for node in NODES]


def test_records_in_another_order_are_read_by_their_numbers() -> None:
    content = RECORDS[0] + RECORDS[2].replace(b"Hm.", b"Hn.") + RECORDS[1] + b"".join(RECORDS[3:])
    conversation = told(content)
    assert conversation.path() == [ASKED.id, ANSWER.id]
    assert conversation.node(ASKED.id) == ASKED


def test_a_spoilt_record_in_the_middle_is_passed_over_and_marked() -> None:
    spoilt = bytes(RECORDS[1][:200]) + b"\0" * (len(RECORDS[1]) - 200)
    content = RECORDS[0] + spoilt + b"".join(RECORDS[2:])
    assert state(content) == (0, 1, False)
    conversation = told(content)
    stand_in = conversation.node(ASKED.id)
    assert (stand_in.role, stand_in.altered, stand_in.parts) == ("user", True, ())
    assert stand_in.failure is not None
    assert conversation.node(ANSWER.id) == ANSWER
    assert conversation.path() == [ASKED.id, ANSWER.id]


def test_a_missing_message_is_marked_where_it_was() -> None:
    first, second, third = (said(number, f"{number - 1:010x}" if number else None) for number in range(3))
    kept = [head_record(HEAD), node_record(first, 1), node_record(third, 3)]
    conversation = told(b"".join(kept))
    assert conversation.path() == [first.id, second.id, third.id]
    stand_in = conversation.node(second.id)
    assert (stand_in.role, stand_in.altered) == ("assistant", True)


def test_parents_in_a_ring_do_not_hang_the_reader() -> None:
    a, b = said(1, f"{2:010x}"), said(2, f"{1:010x}")
    own = replace(said(3, None), parent=f"{3:010x}")
    conversation = told(head_record(HEAD) + b"".join(node_record(node, 1) for node in (a, b, own, a)))
    for node in (a, b, own):
        assert len(conversation.path(node.id)) <= 3
        assert conversation.node(node.id).text == node.text


def test_records_of_an_unknown_kind_are_said() -> None:
    content = WHOLE + b'[[note]]\ntext = "by hand"\n# end 1 00000000\n'
    assert state(content) == (0, 1, True)
    newer = content.replace(b"format = 1", b"format = 2")
    contents = read(newer, CHAT)
    assert (contents.format, contents.lost, len(told(newer))) == (2, 0, 3)


def test_a_file_that_is_nothing_is_unsound_and_empty() -> None:
    for content in (b"", b"\0" * 100, b"hello", b"[session]\nformat = 1\n[session]\n", b"x = 1\n", b"[session]\n"):
        contents = read(content, CHAT)
        assert (contents.sound, contents.entries in ([], [Lost()])) == (False, True)
        assert contents.head.id == CHAT


def test_messages_under_a_lost_head_are_still_there() -> None:
    content = b"\0" * len(RECORDS[0]) + b"".join(RECORDS[1:])
    assert not read(content, CHAT).sound
    assert [told(content).node(node.id) for node in NODES] == list(NODES)


def test_ten_thousand_messages_are_hung_without_parsing_one() -> None:
    content = head_record(HEAD) + b"".join(
        node_record(said(number, f"{number - 1:010x}" if number else None), number + 1) for number in range(10_000)
    )
    loaded: list[str] = []
    contents = read(content, CHAT)

    def load(id: str) -> Node:
        loaded.append(id)
        return said(int(id, 16), None)

    conversation = build(contents, load)
    assert (len(conversation), len(conversation.path()), loaded) == (10_000, 10_000, [])
    conversation.node(conversation.path()[-1])
    assert loaded == [f"{9_999:010x}"]
    assert isinstance(contents, Contents)


def test_a_message_twice_in_a_file_is_one_message() -> None:
    content = WHOLE + node_record(ASKED, 9)
    conversation = told(content)
    assert len(conversation) == 3
    conversation.apply(NodeAdded(said(7, ASKED.id)))
    assert len(conversation) == 4
