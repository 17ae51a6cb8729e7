"""Chats that earlier versions wrote open with nothing lost, and go on."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.store.old_chats import CHATS
from tui_chat.chat.keeping import Opened
from tui_chat.chat.node import Failure, Node
from tui_chat.chat.tree import NodeAdded
from tui_chat.store.places import Places
from tui_chat.store.records import node_record
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Audio, Citation, Document, Image, Refusal, Text, ToolCall, ToolResult, Usage

NAMES = {
    "c0ffee0001": "2025-03-01-plan-c0ffee0001",
    "c0ffee0002": "2026-06-01-clock-c0ffee0002",
    "c0ffee0003": "2025-04-01-c0ffee0003",
}


EDITED = {"c0ffee0003": ["error.store_altered"]}
"""What is said of a chat that was changed outside the program."""


def keys_of(opened: Opened) -> list[str]:
    return [note.key for note in opened.notes]


def put(home: Places, chat: str) -> bytes:
    home.sessions.mkdir(parents=True, exist_ok=True)
    content = CHATS[chat].encode()
    (home.sessions / f"{NAMES[chat]}.toml").write_bytes(content)
    return content


@pytest.mark.parametrize("chat", CHATS)
def test_every_field_of_every_message_is_there_and_would_be_written_again(
    home: Places, library: Library, chat: str
) -> None:
    content = put(home, chat)
    opened = library.open(chat)
    try:
        assert opened.read_only is None and keys_of(opened) == EDITED.get(chat, [])
        for written in tomllib.loads(content.decode())["node"]:
            node = opened.conversation.node(written["id"])
            again: dict[str, Any] = tomllib.loads(node_record(node, written.get("seq", 0)).decode())["node"][0]
            again.setdefault("seq", 0)
            assert {**again, "time": None} == {"seq": 0, **written, "time": None}
            assert node.time == written["time"].replace(tzinfo=written["time"].tzinfo or UTC)
            assert node.altered is (chat in EDITED)
    finally:
        opened.journal.close()


@pytest.mark.parametrize("chat", CHATS)
def test_it_goes_on_and_what_was_there_stays_byte_for_byte(home: Places, library: Library, chat: str) -> None:
    content = put(home, chat)
    opened = library.open(chat)
    before = opened.conversation.path()
    more = Node("f000000001", before[-1], "user", (Text("and on"),), created=1741569952)
    opened.journal.append(NodeAdded(more))
    opened.journal.close()
    (file,) = home.sessions.glob("*.toml")
    assert file.read_bytes().startswith(content)
    again = library.open(chat)
    assert again.conversation.path() == [*before, "f000000001"]
    assert keys_of(again) == EDITED.get(chat, [])
    assert again.conversation.node("f000000001").created == 1741569952
    again.journal.close()


def test_the_first_version(home: Places, library: Library) -> None:
    put(home, "c0ffee0001")
    tree = library.open("c0ffee0001").conversation
    head = tree.head
    assert (head.title, head.pinned, head.model) == ("计划", True, "gpt-4o")
    assert head.system == 'Answer briefly.\nNever say """sorry""".' and head.values == {"top_p": 0.9}
    assert tree.path() == ["a000000001", "a000000002", "a000000004", "a000000005"]
    assert tree.children("a000000001") == ["a000000002", "a000000003"]
    asked, answer, refused, cut = (tree.node(f"a00000000{at}") for at in (1, 2, 3, 5))
    text, near, far, sound, paper, code = asked.parts
    assert text == Text("What is on it?\r\nAnd what is said?")
    assert isinstance(near, Image) and (near.name, near.detail, near.width) == ("plan.png", "high", 640)
    assert far == Image(url="https://example.org/a.jpg") and sound == Audio("b" * 64, "wav", "note.wav", 96044)
    assert paper == Document("c" * 64, "application/pdf", "report.pdf", 4096)
    assert code.language == "python"  # type: ignore[union-attr]
    assert answer.reasoning == "Let me look." and answer.parts[-1] == Citation("https://example.org/x", "A page", 2, 6)
    assert answer.usage == Usage(31, 18, 49, cached_tokens=16, reasoning_tokens=4)
    assert (answer.answered_by, answer.completion_id) == ("gpt-4o-2024-08-06", "")  # it kept no such id
    assert (answer.service_tier, answer.system_fingerprint, answer.created) == ("default", "fp_1", 0)
    assert refused.parts == (Refusal("I can't say."),) and refused.finish == "content_filter"
    assert cut.failure == Failure("error.stream_cut", {"status": 200, "message": "cut"}, True)
    assert answer.time == datetime(2025, 3, 1, 12, 32, 5, tzinfo=UTC)


def test_the_version_with_tools(home: Places, library: Library) -> None:
    put(home, "c0ffee0002")
    tree = library.open("c0ffee0002").conversation
    head = tree.head
    assert (head.tools, head.model, head.system) == (("clock",), "o3", "Be brief.")
    assert head.values == {"seed": 9007199254740991, "extra_headers": {"X-Title": "yibu"}}
    assert tree.path()[-1] == "b000000007" and tree.siblings("b000000007") == ["b000000006", "b000000007"]
    first, asked, called, done, denied, spoken, other, old = (tree.node(f"b00000000{at}") for at in range(1, 9))
    assert (first.role, first.name, asked.name, old.role, old.name) == (
        *("developer", "boss", "ann", "function", "old_function"),
    )
    assert asked.parts[1] == Document("", "", "", file_id="file-abc123")
    assert called.calls == (ToolCall("call_1", "clock", '{"zone":"UTC"}'), ToolCall("call_2", "clock", ""))
    assert called.values["response_format"]["json_schema"]["strict"] is None  # type: ignore[index,call-overload]
    assert called.values["extra_body"] == {"functions": [{"name": "f"}], "top_k": None}
    assert called.usage is not None and len(called.usage.known()) == 12
    assert done.result == ToolResult("call_1", "08:03", False, "once", 0.012, "/tmp/log.txt")
    assert denied.result == ToolResult("call_2", "Denied.", True, "denied")
    (_, sound) = spoken.parts
    assert isinstance(sound, Audio) and (sound.transcript, sound.expires_at) == ("3 past 8", 1787469342)
    assert spoken.logprobs == "1" * 64 and other.blocked == "violence, hate" and other.finish == "length"


def test_one_that_a_person_edited(home: Places, library: Library) -> None:
    put(home, "c0ffee0003")
    tree = library.open("c0ffee0003").conversation
    assert tree.head.values == {"temperature": 1, "stop": ["x"]} and tree.head.title == "By hand"
    assert [tree.node(id).text for id in tree.path()] == ["你好", "Hello."]


def test_what_an_old_chat_has_set_can_still_be_sent(home: Places, library: Library) -> None:
    """Raw `functions` were written before there was a parameter of that name."""
    from tui_chat.wire import params

    put(home, "c0ffee0002")
    values = library.open("c0ffee0002").conversation.node("b000000003").values
    sent = params.encode(values, tools=True)
    assert sent["functions"] == [{"name": "f"}] and sent["n"] == 2
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "clock"}}
