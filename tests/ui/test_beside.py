"""Law 1 with several answers and with sources: a page fed event by event is the page shown anew."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.ui.test_showing import agrees, fed
from tui_chat.chat.desk import View
from tui_chat.chat.events import Beside, Changed, Event, Grew, Restarted, TurnEnded, TurnStarted
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import Conversation, LeafChosen, NodeAdded
from tui_chat.ui.entries import entry_of, sections_of
from tui_chat.ui.transcript.entry import Notice, Prose
from tui_chat.wire.messages import Citation, Part, Text

WORDS = st.text("ab \n`[1]", min_size=1, max_size=6)
CITED = st.builds(
    Citation,
    st.sampled_from(["https://a.example", "https://b.example", "x"]),
    st.just(""),
    st.none() | st.just(0),
    st.none() | st.integers(0, 9),
)
FORMAT: Any = {"type": "json_object"}


def no_bytes(blob: str) -> bytes:
    return b""


@st.composite
def turns(draw: Any) -> tuple[list[Event], list[Event]]:
    """One turn of one to three answers, and the changes that end it."""
    ids = ["a", "b", "d"][: draw(st.integers(1, 3))]
    said = dict.fromkeys(ids, "")
    begun: set[str] = {"a"}
    values = {"response_format": FORMAT} if draw(st.booleans()) else {}
    node = Node("a", "u", "assistant", (), values=values)
    events: list[Event] = [Changed("c", NodeAdded(Node("u", None, "user", (Text("q"),)))), TurnStarted("c", node)]
    for id in draw(st.lists(st.sampled_from(ids), max_size=8)):
        if id not in begun or draw(st.integers(0, 5)) == 0:
            again = Restarted("c", id) if id == "a" else Beside("c", "a", Node(id, "u", "assistant", (), values=values))
            begun.add(id)
            said[id] = ""
            events.append(again)
        piece = draw(WORDS)
        said[id] += piece
        events.append(Grew("c", id, piece))
    ends: list[Event] = []
    for id in ids:
        if said[id]:
            parts: tuple[Part, ...] = (Text(said[id]), *draw(st.lists(CITED, max_size=3)))
            ends.append(Changed("c", NodeAdded(Node(id, "u", "assistant", parts, values=values, finish="stop"))))
    kept = bool(said["a"])
    if kept and len(ends) > 1:
        ends.append(Changed("c", LeafChosen("a")))
    return events, [*ends, TurnEnded("c", "a", "stop" if kept else "stopped", kept=kept)]


@given(turns(), st.integers(0, 20))
def test_fed_is_rebuilt_at_every_moment(turn: tuple[list[Event], list[Event]], moment: int) -> None:
    grown, ended = turn
    page, showing = fed(grown[: max(2, moment)], View(Conversation(Head("c"))))
    assert agrees(page, showing)
    for event in (*grown[max(2, moment) :], *ended):
        showing.tell(event)
    assert agrees(page, showing)
    talk = showing.talk
    for key, entry in page.entries.items():
        if talk.node(key).role == "assistant":
            assert entry == entry_of(talk.node(key), no_bytes, version=talk.version(key))


@given(turns())
def test_a_watcher_that_comes_later_holds_the_same(turn: tuple[list[Event], list[Event]]) -> None:
    grown, ended = turn
    _, showing = fed(grown, View(Conversation(Head("c"))))
    talk = showing.talk
    beside = tuple(talk.node(id) for id in talk.beside.ids)
    view = View(talk.conversation.copy(), talk.node("a"), beside)
    later_page, later = fed(ended, view)
    for event in ended:
        showing.tell(event)
    assert later.talk.path == talk.path and agrees(later_page, later)


def test_sources_are_numbered_marks_and_one_list() -> None:
    text = "Rain | today."
    cited = (Citation("https://a.example/x|y", "A [page]", 0, 4), Citation("javascript:alert(1)", "", 0, 4))
    prose, listed = sections_of((Text(text), *cited, *cited), no_bytes)
    assert prose == Prose("Rain[\\[1\\]](<https://a.example/x%7Cy>)\\[2\\] | today.")
    assert isinstance(listed, Prose) and listed.source.count("\n1. ") == 1 and "A \\[page\\]" in listed.source
    assert "\n3. " not in listed.source


def test_one_line_says_whether_an_answer_fits() -> None:
    for text, level in (('{"a": 1}', "info"), ("[1]", "warning"), ("no", "warning")):
        node = Node("n", None, "assistant", (Text(text),), values={"response_format": FORMAT}, finish="stop")
        notice = entry_of(node, no_bytes).sections[-1]
        assert isinstance(notice, Notice) and notice.level == level and len(notice.lines) == 1
        assert not any(isinstance(part, Notice) for part in entry_of(node, no_bytes, growing=True).sections)


def test_json_is_shown_as_code_once_it_is_whole() -> None:
    text = '{\n  "a_b*": "```"\n}'
    node = Node("n", None, "assistant", (Text(text), Citation("https://a.example", "", 0, 3)), finish="stop")
    node = replace(node, values={"response_format": FORMAT})
    assert entry_of(node, no_bytes).sections[0] == Prose(f"````json\n{text}\n````")
    assert entry_of(node, no_bytes, growing=True).sections == (Prose(text),)
    fenced = replace(node, parts=(Text('```json\n{"a": 1}\n```'),))
    assert entry_of(fenced, no_bytes).sections[0] == Prose('```json\n{"a": 1}\n```')
