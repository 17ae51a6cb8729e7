"""Chats to keep: a small one with a bit of everything, and strategies that make arbitrary ones."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st
from msgspec.structs import replace

from tui_chat.chat.keeping import Opened
from tui_chat.chat.node import Failure, Head, Node, Timing
from tui_chat.chat.tree import HeadChanged, LeafChosen, NodeAdded, NodesDeleted, NodesRestored
from tui_chat.store.journal import SessionJournal
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import (
    Audio,
    Citation,
    Document,
    Image,
    Reasoning,
    Refusal,
    Text,
    TextFile,
    ToolCall,
    ToolResult,
    Usage,
)

CHAT = "c0ffee0001"
TIME = datetime(2025, 3, 1, 12, 30, 5, tzinfo=UTC)
HEAD = Head(CHAT, TIME, title="Words", model="deep-1", system="Be brief.\nSay [[node]].", values={"temperature": 0.5})
NASTY = 'Line\r\n[[node]]\n[session]\n# end 12 00c0ffee\n"""\\\x00\x1b[2J\x7f\x9b你好\u2028\u202e"'
ASKED = Node(
    "a000000001", None, "user", (Text("What is on it?\n"), Image("ab" * 32, name="a.png", width=3, height=2)), TIME
)
ANSWER = Node(
    "a000000002",
    ASKED.id,
    "assistant",
    (Reasoning("Hm.", 1.5), Text(NASTY), Citation("https://x.invalid/", "X", 0, 4)),
    TIME,
    model="deep-1",
    values={"temperature": 0.5, "stop": ["a", "b"]},
    finish="stop",
    usage=Usage(prompt_tokens=5, completion_tokens=7),
    timing=Timing(0.25, 2.0),
    request_id="r-1",
)
FAILED = Node(
    "a000000003", ASKED.id, "assistant", (), TIME, finish="error", failure=Failure("error.rate_limited", {"s": 3}, True)
)
CHANGES = (
    NodeAdded(ASKED),
    NodeAdded(ANSWER),
    HeadChanged({"title": "Renamed", "pinned": True, "values": {"top_p": 0.9}}),
    NodeAdded(FAILED),
    NodesDeleted((FAILED.id,)),
    NodesRestored((FAILED.id,)),
    LeafChosen(ANSWER.id),
)
NODES = (ASKED, ANSWER, FAILED)


def keep(library: Library, head: Head = HEAD, changes: tuple[object, ...] = CHANGES) -> None:
    """Write a chat and let go of it."""
    journal = library.create(head)
    for change in changes:
        journal.append(change)  # type: ignore[arg-type]
    journal.close()


def said(number: int, parent: str | None, text: str = "") -> Node:
    """The message of this number, told apart by its id; even ones are the person's."""
    return Node(
        f"{number:010x}", parent, "assistant" if number % 2 else "user", (Text(text or f"message {number}"),), TIME
    )


def again(library: Library, chat: str = CHAT) -> Opened:
    """Open a chat and let go of it at once: only to look."""
    opened = library.open(chat)
    opened.journal.close()
    return opened


def session_journal(journal: object) -> SessionJournal:
    """The same, known to be a journal that writes."""
    assert isinstance(journal, SessionJournal)
    return journal


words = st.text(max_size=80) | st.text('"\\\r\n\t[]#= end\x00\x1b\x7f\x85\u2028\ud800\udc00é你🙂', max_size=60)
ids = st.text("0123456789abcdef", min_size=10, max_size=10)
odd_ids = ids | st.text(min_size=1, max_size=12).map(lambda text: text.encode(errors="replace").decode())
counts = st.integers(0, 10**9)
seconds = st.none() | st.floats(0, 1e6)
times = st.datetimes(
    min_value=datetime(1970, 1, 2),
    max_value=datetime(2200, 1, 1),
    timezones=st.just(UTC),
)
parts = (
    st.builds(Text, words)
    | st.builds(Reasoning, words, seconds)
    | st.builds(Image, words, words, words, words, counts, counts, counts, st.sampled_from([None, "low", "auto"]))
    | st.builds(Audio, words, st.sampled_from(["wav", "mp3"]), words, counts)
    | st.builds(Document, words, words, words, counts)
    | st.builds(TextFile, words, words, counts, words)
    | st.builds(Refusal, words)
    | st.builds(ToolCall, words, words, words)
    | st.builds(ToolResult, words, words)
    | st.builds(Citation, words, words, st.none() | counts, st.none() | counts)
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
values = st.dictionaries(words, json_values.filter(lambda value: value is not None), max_size=4)
facts = st.dictionaries(words, words | counts | st.floats(allow_nan=False), max_size=3)
usages = st.builds(Usage, *[st.none() | counts] * 9)
nodes = st.builds(
    Node,
    id=odd_ids,
    parent=st.none() | odd_ids,
    role=st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"]),
    parts=st.lists(parts, max_size=4).map(tuple),
    time=times,
    model=words,
    answered_by=words,
    values=values,
    finish=st.sampled_from(["", "stop", "length", "tool_calls", "pause", "stopped", "interrupted", "error"]),
    failure=st.none() | st.builds(Failure, words, facts, st.booleans()),
    usage=st.none() | usages,
    timing=st.builds(Timing, seconds, seconds),
    request_id=words,
    service_tier=words,
    system_fingerprint=words,
).map(lambda node: replace(node, parent=None) if node.parent == node.id else node)
