"""What tools leave in a chat file: readable, read back exactly, no trouble for what reads only the rest."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.store.material import HEAD
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import CallStarted, HeadChanged, NodeAdded, NodesDeleted
from tui_chat.store.places import places
from tui_chat.store.records import change_record, head_record, read_change, read_head
from tui_chat.store.sessions import Library
from tui_chat.store.toml_text import parse
from tui_chat.wire.messages import Image, Text, ToolCall, ToolResult

RESULT = ToolResult("c1", "line 1\n[[node]]\n# end 3 00000000\nline 4", True, "edited", 0.25, "/tmp/log")


def test_a_start_is_one_small_readable_record() -> None:
    record = change_record(CallStarted("abc", 'id "1"'), 7, HEAD.created).decode()
    found = tomllib.loads(record)["change"][0]
    assert (found["kind"], found["node"], found["call"], found["seq"]) == ("call_started", "abc", 'id "1"', 7)
    assert read_change(found) == CallStarted("abc", 'id "1"')


def test_tools_of_a_chat_are_a_list_of_names() -> None:
    head = Head("c", model="m", tools=("shell", "docs__search"))
    text = head_record(head).decode()
    assert 'tools = ["shell", "docs__search"]' in text
    assert read_head(parse(text.encode())["session"], "c").tools == head.tools  # type: ignore[index]
    for tools in (("a",), ()):
        found = parse(change_record(HeadChanged({"tools": tools, "title": "x"}), 1, head.created))["change"][0]  # type: ignore[index]
        assert read_change(found) == HeadChanged({"title": "x", "tools": tools})


def test_wrong_tools_in_a_file_by_hand_are_none() -> None:
    for wrong in ("x", 3, [1], {"a": 1}):
        assert read_head({"tools": wrong}, "c").tools == ()
    assert read_head({"tools": ["a", "a", "b"]}, "c").tools == ("a", "b")


def test_a_round_comes_back_as_it_was(tmp_path: Path) -> None:
    library = Library(places({"YIBU_CHAT_HOME": str(tmp_path)}))
    journal = library.create(HEAD)
    said = Node("aaaa000001", None, "user", (Text("go"),))
    answer = Node("aaaa000002", said.id, "assistant", (ToolCall("c1", "f", "{bad"),), finish="tool_calls")
    result = Node("aaaa000003", answer.id, "tool", (RESULT, Image(blob="b" * 64, media_type="image/png")))
    changes = (NodeAdded(said), NodeAdded(answer), CallStarted(answer.id, "c1"), NodeAdded(result))
    for change in changes:
        journal.append(change)
    journal.close()
    opened = library.open(HEAD.id)
    tree = opened.conversation
    assert opened.notes == () and opened.read_only is None
    assert [tree.node(id) for id in tree.path()] == [said, answer, result]
    assert tree.started(answer.id) == ("c1",) and tree.last_started == answer.id
    assert tree.copy().last_started == answer.id and tree.results(answer.id) == [result.id]
    opened.journal.append(NodesDeleted((answer.id,)))
    opened.journal.close()
    tomllib.loads(library.path(HEAD.id).read_text("utf-8"))


def test_a_start_of_a_call_nobody_knows_is_no_harm(tmp_path: Path) -> None:
    library = Library(places({"YIBU_CHAT_HOME": str(tmp_path)}))
    journal = library.create(HEAD)
    journal.append(NodeAdded(Node("aaaa000001", None, "user", (Text("go"),))))
    journal.append(CallStarted("never", "c1"))
    journal.close()
    opened = library.open(HEAD.id)
    opened.journal.close()
    assert opened.read_only is None and opened.conversation.path() == ["aaaa000001"]
