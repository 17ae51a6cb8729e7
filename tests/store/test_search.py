"""Whatever is said is found, by any part of it; nothing else is, and hardly anything is parsed for it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store.material import CHAT, HEAD, NASTY, TIME, keep, said, words
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import HeadChanged, NodeAdded, NodesDeleted, NodesRestored
from tui_chat.store import search as searching
from tui_chat.store.catalogue import Summary, summarise
from tui_chat.store.folding import fold, spellings
from tui_chat.store.naming import session_name
from tui_chat.store.places import Places
from tui_chat.store.records import head_record, node_record
from tui_chat.store.search import CONTEXT_CHARACTERS, Hit, Query, messages, search, titles
from tui_chat.store.sessions import Library
from tui_chat.store.toml_text import clean
from tui_chat.wire.messages import Part, Reasoning, Refusal, Text, TextFile, ToolCall, ToolResult


def found(library: Library, text: str) -> list[Hit]:
    return list(search(text, library.summaries()))


def nodes(hits: Iterable[Hit]) -> list[str]:
    return [hit.node for hit in hits]


def kept_in(folder: Path, *parts: Part) -> Summary:
    """A chat of one message."""
    path = folder / session_name(CHAT, TIME, "")
    node = Node("a000000001", None, "user", parts, TIME)
    path.write_bytes(head_record(Head(CHAT, TIME)) + node_record(node, 1))
    return summarise(path, path.stat())


@given(st.data())
def test_a_text_is_found_by_any_part_of_it(data: st.DataObject):
    text = data.draw(words.filter(bool))
    start = data.draw(st.integers(0, len(clean(text)) - 1))
    part = clean(text)[start : data.draw(st.integers(start + 1, len(clean(text))))]
    kind = data.draw(st.sampled_from([Text, Reasoning, Refusal]))
    with tempfile.TemporaryDirectory() as folder:
        chat = kept_in(Path(folder), Text("other words"), kind(text))
        for asked in (
            part,
            part.upper() if len(part.upper()) == len(part) and fold(part.upper()) == fold(part) else part,
        ):
            (hit,) = messages(Query(asked), [chat])
            assert (hit.chat, hit.node, hit.role, hit.time) == (CHAT, "a000000001", "user", TIME)
            shown = fold(hit.excerpt[hit.start : hit.end])
            assert " ".join(shown.split()) == " ".join(fold(part).split())


@given(words, words)
def test_nothing_is_found_that_is_not_said(text: str, other: str):
    with tempfile.TemporaryDirectory() as folder:
        chat = kept_in(Path(folder), Text(text), Reasoning("thought"))
        said_so = bool(other) and (fold(clean(other)) in fold(clean(text)) or fold(clean(other)) in "thought")
        assert len(list(messages(Query(other), [chat]))) == said_so


def test_case_does_not_matter_letter_by_letter(library: Library):
    texts = ["Straße und ÄRGER", "ΣΊΣΥΦΟΣ", "Привет, МИР", "İstanbul K ſ", "世界 Hello"]
    keep(library, HEAD, tuple(NodeAdded(said(n, None, text)) for n, text in enumerate(texts)))
    for asked, number in {
        "STRAẞE": 0,
        "ärger": 0,
        "σίσυφος": 1,
        "мир": 2,
        "ПРИВЕТ": 2,
        "界": 4,
        "世界 hELLO": 4,
    }.items():
        assert nodes(found(library, asked)) == [said(number, None).id], asked
    assert found(library, "strasse") == []  # a letter stays a letter
    assert nodes(found(library, "ſ")) == [said(3, None).id]


def test_every_letter_that_folds_is_among_the_spellings_of_what_it_folds_to():
    for character in map(chr, range(0x80, 0x20000)):
        folded = fold(character)
        assert len(folded) == 1 and fold(folded) == folded
        if folded != character:
            assert character in spellings(folded)


def test_titles_are_found_first_and_as_they_are_now(library: Library):
    keep(library)
    assert [(hit.node, hit.role, hit.excerpt) for hit in found(library, "rename")] == [("", "", "Renamed")]
    assert found(library, "words") == []  # what it was called before
    (hit,) = titles(Query("NAME"), library.summaries())
    assert hit.excerpt[hit.start : hit.end] == "name"


def test_only_words_are_looked_at_not_what_describes_them(library: Library):
    first = Node("beef000001", None, "user", (Text("hello"), TextFile("ab" * 32, "plan.txt")), TIME, model="deep-1")
    tool = Node("beef000002", first.id, "assistant", (ToolCall("c1", "look", '{"q": "sky"}'), ToolResult("c1", "blue")))
    keep(library, HEAD, (NodeAdded(first), NodeAdded(tool), HeadChanged({"system": "Speak like a pirate."})))
    for asked in (
        "beef",
        "deep-1",
        "user",
        "[[node",
        'kind = "text"',
        "seq",
        "plan.txt",
        "look",
        "sky",
        "pirate",
        "Brief",
    ):
        assert found(library, asked) == [], asked
    assert nodes(found(library, "hello")) == [first.id]


def test_words_that_look_like_records_are_found(library: Library):
    keep(library, HEAD, (NodeAdded(said(1, None, NASTY)), NodeAdded(said(2, None, 'kind = "text"\ntext = "x"\n'))))
    for asked in ("[[node]]", "[SESSION]", "# end 12", '"""\\', "\x1b[2j", "\r\n", "你好\u2028", "\\"):
        assert nodes(found(library, asked)) == [said(1, None).id], asked
    assert nodes(found(library, 'kind = "text"\ntext')) == [said(2, None).id]


def test_what_was_deleted_is_not_found_until_it_is_brought_back(library: Library):
    changes = [NodeAdded(said(1, None, "apple")), NodeAdded(said(2, said(1, None).id, "apple too"))]
    keep(library, HEAD, (*changes, NodesDeleted((said(2, None).id,))))
    assert nodes(found(library, "apple")) == [said(1, None).id]
    opened = library.open(CHAT)
    opened.journal.append(NodesRestored((said(2, None).id,)))
    opened.journal.close()
    assert nodes(found(library, "apple")) == [said(2, None).id, said(1, None).id]  # the newest first


def test_the_excerpt_is_one_line_around_the_match(tmp_path: Path):
    text = "x" * 200 + "\n\n  a \t needle\nin\r\nhay  \n" + "y" * 200
    (hit,) = messages(Query("needle\nin"), [kept_in(tmp_path, Text(text))])
    assert hit.excerpt[hit.start : hit.end] == "needle in" and "\n" not in hit.excerpt
    assert hit.excerpt.startswith("…x") and hit.excerpt.endswith("y…")
    assert "x a needle in hay y" in hit.excerpt
    assert CONTEXT_CHARACTERS // 2 < hit.start <= CONTEXT_CHARACTERS + 1
    (whole,) = messages(Query("a"), [kept_in(tmp_path, Text("\n A b\n"))])
    assert (whole.excerpt, whole.start, whole.end) == ("A b", 0, 1)


def thousand(home: Places, count: int = 1000) -> list[Summary]:
    """So many chats of six messages, one of which names the chat's number."""
    home.sessions.mkdir(parents=True)
    chats = []
    for number in range(count):
        time = TIME + timedelta(hours=number)
        head = Head(f"{number:010x}", time, title=f"chat {number}")
        content = head_record(head)
        for at in range(6):
            text = f"this is number <{number}>, 第{number}个" if at == 3 else f"message {at}"
            content += node_record(replace(said(at, None, text), time=time), at + 1)
        path = home.sessions / session_name(head.id, time, "")
        path.write_bytes(content)
        chats.append(summarise(path, path.stat()))
    return chats


def test_of_a_thousand_chats_only_what_matches_is_parsed(home: Places, monkeypatch: pytest.MonkeyPatch):
    chats = thousand(home)
    read, parsed = [], []
    real_read, real_node = searching.read, searching.node_at
    monkeypatch.setattr(searching, "read", lambda *what: read.append(what[1]) or real_read(*what))
    monkeypatch.setattr(searching, "node_at", lambda *what: parsed.append(what[1].id) or real_node(*what))
    (hit,) = search("<321>", chats)
    assert hit.title == "chat 321" and len(read) == len(parsed) == 1
    newest = list(islice(search("个", chats), 3))  # as they come: nothing beyond them is read
    assert [hit.title for hit in newest] == ["chat 999", "chat 998", "chat 997"]
    assert len(read) == len(parsed) == 4
    assert list(search("nobody says this", chats)) == [] and len(read) == 4


def test_it_gives_up_between_two_files_when_it_is_told_to(home: Places):
    chats = thousand(home, 20)
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 5

    assert len(list(messages(Query("message 1"), chats, stop))) == 5


def test_damaged_and_missing_files_give_what_they_can(library: Library, home: Places):
    changes = tuple(NodeAdded(said(n, None, f"pear {n}")) for n in range(3))
    keep(library, HEAD, changes)
    for number, damage in enumerate(
        (
            lambda content: content.replace(b"pear 1", b"pear \xff"),
            lambda content: content[:-9],
            lambda content: b"\x00\xff[[node]]\n" * 50,
            lambda content: b'[session]\nformat = 99\n[[node]]\nid = "pear"\n',
            lambda content: b"[[[" * 5000 + b"pear",
        )
    ):
        keep(library, Head(f"dada00000{number}", TIME), changes)
        path = library.path(f"dada00000{number}")
        path.write_bytes(damage(path.read_bytes()))
    summaries = library.summaries()
    library.path("dada000000").with_name("other").mkdir()
    gone = next(row for row in summaries if row.id == "dada000004")
    gone.path.unlink()
    counts: dict[str, int] = {}
    for hit in messages(Query("PEAR"), summaries):
        counts[hit.chat] = counts.get(hit.chat, 0) + 1
    assert counts == {CHAT: 3, "dada000000": 2, "dada000001": 2}


def test_what_a_person_wrote_into_the_file_is_found(library: Library):
    keep(library, HEAD, (NodeAdded(said(1, None, "plum")),))
    path = library.path(CHAT)
    mine = "[[node]]\nid = 'mine'\nrole = 'user'\nparts = [{kind = 'text', text = 'my \"own\" C:\\new plum'}]\n\n"
    path.write_text(path.read_text("utf-8").replace("[[node]]", f"{mine}[[node]]"), "utf-8")
    assert nodes(found(library, "plum")) == [said(1, None).id, "mine"]
    assert nodes(found(library, '"own" c:\\new')) == ["mine"]


def test_an_empty_question_finds_nothing(library: Library):
    keep(library)
    assert found(library, "") == []
