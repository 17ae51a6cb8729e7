"""Law 1: a page fed event by event is the page shown anew from the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.desk import View
from tui_chat.chat.events import (
    CallAsks,
    CallEnded,
    CallRuns,
    Changed,
    Event,
    Grew,
    NotSaved,
    Queued,
    Restarted,
    Retrying,
    RoundEnded,
    RoundsAsk,
    SavedAgain,
    TurnEnded,
    TurnStarted,
)
from tui_chat.chat.node import Failure, Head, Node
from tui_chat.chat.tree import (
    CallStarted,
    Conversation,
    HeadChanged,
    LeafChosen,
    NodeAdded,
    NodesDeleted,
    NodesRestored,
)
from tui_chat.engine import Engine
from tui_chat.tools.tool import Preview
from tui_chat.ui.entries import entry_of
from tui_chat.ui.showing import Showing
from tui_chat.ui.talk import Talk
from tui_chat.ui.transcript.entry import Call, Entry, Notice, Outline, Prose, Section, Thought
from tui_chat.ui.watch import Watch
from tui_chat.wire.messages import Reasoning, Text, ToolCall, ToolResult


class FakePage:
    """Holds entries; grows text as the transcript does."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.grown: dict[str, list[str]] = {}

    def show(self, outlines: Sequence[Outline], load: Any) -> None:
        self.entries, self.grown = {}, {}
        self.update_path(outlines, load)

    def update_path(self, outlines: Sequence[Outline], load: Any) -> None:
        self.entries = {outline.key: load(outline.key) for outline in outlines}
        self.grown = {key: grown for key, grown in self.grown.items() if key in self.entries}

    def append(self, entry: Entry) -> None:
        self.entries[entry.key] = entry

    def begin(self, entry: Entry) -> None:
        self.entries[entry.key] = entry
        self.grown[entry.key] = [
            "".join(section.source for section in entry.sections if isinstance(section, kind))
            for kind in (Thought, Prose)
        ]

    def grow(self, key: str, *, text: str = "", reasoning: str = "") -> None:
        self.grown[key][0] += reasoning
        self.grown[key][1] += text

    def replace(self, entry: Entry) -> None:
        assert entry.key in self.entries and entry.key not in self.grown
        self.entries[entry.key] = entry

    def settle(self, entry: Entry) -> None:
        assert entry.key in self.entries
        self.entries[entry.key] = entry
        self.grown.pop(entry.key, None)

    def rows(self) -> list[tuple[str, tuple[int, int], str, str, list[Section]]]:
        rows = []
        for key, entry in self.entries.items():
            if key in self.grown:
                thought, prose = self.grown[key]
            else:
                thought = "".join(part.source for part in entry.sections if isinstance(part, Thought))
                prose = "".join(part.source for part in entry.sections if isinstance(part, Prose))
            others = [part for part in entry.sections if isinstance(part, Call | Notice)]
            rows.append((key, entry.version, thought, prose, others))
        return rows


def fed(events: list[Event], view: View) -> tuple[FakePage, Showing]:
    page = FakePage()
    showing = Showing(Talk(view, lambda: 0.0), page, lambda blob: b"")
    showing.show()
    for event in events:
        showing.tell(event)
    return page, showing


def agrees(page: FakePage, showing: Showing) -> bool:
    anew = FakePage()
    Showing(showing.talk, anew, lambda blob: b"").show()
    return page.rows() == anew.rows()


WORDS = st.text("ab \n", min_size=1, max_size=4)


@st.composite
def histories(draw: Any) -> list[Event]:
    """What a desk could tell of a chat: turns of all kinds, changes between them."""
    tree = Conversation(Head("c"))
    events: list[Event] = []
    deleted: list[tuple[str, ...]] = []
    count = 0

    def change(made: Any) -> None:
        tree.apply(made)
        events.append(Changed("c", made))

    def turn(parent: str | None, begun: Node | None = None) -> None:
        nonlocal count
        count += 1
        parts = begun.parts if begun is not None else ()
        node = Node(f"a{count}", parent, "assistant", parts)
        events.append(TurnStarted("c", node))
        said, thought = "".join(p.text for p in parts if isinstance(p, Text)), ""
        for kind in draw(st.lists(st.sampled_from(["text", "reasoning", "again", "retry"]), max_size=4)):
            piece = draw(WORDS)
            if kind == "text":
                said += piece
                events.append(Grew("c", node.id, text=piece))
            elif kind == "reasoning":
                thought += piece
                events.append(Grew("c", node.id, reasoning=piece))
            elif kind == "again" and not parts:
                said = thought = ""
                events.append(Restarted("c", node.id))
            else:
                events.append(Retrying("c", node.id, 1, 2, 0.1, Failure("error.internal", {"what": ""})))
        calls = tuple(ToolCall(f"c{at}", "tool", "{}") for at in range(draw(st.integers(0, 2))))
        whole = (*((Reasoning(thought),) if thought else ()), *((Text(said),) if said else ()), *calls)
        if whole:
            change(NodeAdded(Node(node.id, parent, "assistant", whole, finish="tool_calls" if calls else "stop")))
        sees_to = bool(calls) and draw(st.booleans())
        events.append(TurnEnded("c", node.id, "stop" if whole else "stopped", kept=bool(whole), goes_on=sees_to))
        if sees_to:
            see_to(node.id, calls)

    def see_to(answer: str, calls: tuple[ToolCall, ...]) -> None:
        nonlocal count
        last = answer
        for call in draw(st.permutations(calls)):
            decision: Any = ""
            if draw(st.booleans()):
                events.append(CallAsks("c", answer, call, Preview()))
                decision = draw(st.sampled_from(["once", "denied", "typed"]))
            if decision in ("", "once"):
                change(CallStarted(answer, call.id))
                events.append(CallRuns("c", answer, call.id))
            count += 1
            result = ToolResult(call.id, draw(WORDS), draw(st.booleans()), decision)
            change(NodeAdded(Node(f"t{count}", last, "tool", (result,))))
            last = f"t{count}"
            events.append(CallEnded("c", answer, call.id))
        asks = draw(st.booleans())
        if asks:
            events.append(RoundsAsk("c", 25))
        events.append(RoundEnded("c", answer, False))
        if not asks and draw(st.booleans()):
            turn(last)

    actions = st.sampled_from(["say", "again", "go_on", "choose", "delete", "restore", "head"])
    for action in draw(st.lists(actions, max_size=9)):
        living = [id for id in (*tree._links,) if id in tree]
        answers = [id for id in living if tree.link(id).role == "assistant"]
        if action == "say":
            count += 1
            said = Node(f"u{count}", tree.leaf, "user", (Text(draw(WORDS)),))
            change(NodeAdded(said))
            turn(said.id)
        elif action == "again" and answers:
            turn(tree.parent(draw(st.sampled_from(answers))))
        elif action == "go_on" and answers:
            cut = tree.node(draw(st.sampled_from(answers)))
            turn(tree.parent(cut.id), cut)
        elif action == "choose":
            change(LeafChosen(draw(st.sampled_from([None, *living]))))
        elif action == "delete" and living:
            ids = tree.below(draw(st.sampled_from(living))) if draw(st.booleans()) else (draw(st.sampled_from(living)),)
            deleted.append(ids)
            change(NodesDeleted(ids))
        elif action == "restore" and deleted:
            change(NodesRestored(deleted.pop()))
        elif action == "head":
            change(HeadChanged({"title": draw(WORDS)}))
    return events


@given(histories(), st.data())
def test_fed_event_by_event_is_shown_anew(events: list[Event], data: Any) -> None:
    page, showing = fed([], View(Conversation(Head("c"))))
    for event in events:
        showing.tell(event)
        assert agrees(page, showing), event
    # and a watcher who comes later, with a copy of the conversation, sees the same
    later, _ = fed([], View(showing.talk.conversation.copy(), rounds=showing.talk.rounds_asked))
    assert page.rows() == later.rows()


def test_a_chat_opened_while_it_is_answered_goes_on() -> None:
    tree = Conversation(Head("c"))
    said = Node("u", None, "user", (Text("q"),))
    tree.apply(NodeAdded(said))
    so_far = Node("a", "u", "assistant", (Text("half "),), finish="interrupted")
    page, showing = fed([Grew("c", "a", "done")], View(tree, running=so_far))
    assert page.rows()[-1][3] == "half done" and showing.talk.node("a").text == "half done"
    whole = Node("a", "u", "assistant", (Text("half done"),), finish="stop")
    for event in (Changed("c", NodeAdded(whole)), TurnEnded("c", "a", "stop")):
        showing.tell(event)
    assert page.entries["a"] == entry_of(whole, lambda blob: b"", version=(1, 1))
    assert showing.talk.title == "q"


def test_a_chat_opened_in_the_middle_of_a_round_shows_how_its_calls_stand() -> None:
    tree = Conversation(Head("c"))
    calls = (ToolCall("1", "a"), ToolCall("2", "b"), ToolCall("3", "c"))
    asks = CallAsks("c", "a", calls[1], Preview())
    events: list[Event] = [
        Changed("c", NodeAdded(Node("u", None, "user", (Text("q"),)))),
        TurnStarted("c", Node("a", "u", "assistant", ())),
        Changed("c", NodeAdded(Node("a", "u", "assistant", calls, finish="tool_calls"))),
        TurnEnded("c", "a", "tool_calls", goes_on=True),
        CallRuns("c", "a", "1"),
        asks,
    ]
    page, showing = fed(events, View(tree))
    states = [card.state for card in page.entries["a"].sections if isinstance(card, Call)]
    assert states == ["running", "waiting", "asked"] and showing.talk.is_busy and agrees(page, showing)
    view = View(showing.talk.conversation.copy(), round="a", asking=(asks,), called=(CallRuns("c", "a", "1"),))
    later, _ = fed([], view)
    assert later.rows() == page.rows()


def test_queue_and_trouble_are_known() -> None:
    page, showing = fed([Queued("c", ("x",)), NotSaved("c", "error.store_full")], View(Conversation(Head("c"))))
    talk = showing.talk
    assert talk.queued == ("x",) and talk.not_saved is not None and talk.is_empty and page.rows() == []
    showing.tell(SavedAgain("c"))
    assert talk.not_saved is None and talk.last("user") is None and talk.title == ""


async def test_events_arrive_in_order_merged_and_none_twice_around_a_snapshot() -> None:
    watch, engine = Watch(), Engine()
    heard: list[Event] = []
    watch.connect(asyncio.get_running_loop(), heard.extend)

    async def speak(start: int) -> None:
        for number in range(start, start + 500):
            watch.put(Grew("c", "n", f"{number} "))

    async def snapshot() -> int:
        await speak(500)
        return len(heard)

    try:
        await asyncio.wrap_future(engine.submit(speak(0)))
        backlog, _ = await asyncio.wrap_future(engine.submit(watch.at_this_moment(snapshot)))
        before = list(heard)
        await asyncio.wrap_future(engine.submit(speak(1000)))
        await asyncio.sleep(0)
        assert heard == before  # held until the copy is taken over
        with watch.caught_up(backlog):
            at_moment = "".join(event.text for event in heard if isinstance(event, Grew))
            assert at_moment == "".join(f"{number} " for number in range(1000))
        while len("".join(event.text for event in heard if isinstance(event, Grew)).split()) < 1500:
            await asyncio.sleep(0.001)
        assert "".join(e.text for e in heard if isinstance(e, Grew)) == "".join(f"{n} " for n in range(1500))
        assert len(heard) < 20
    finally:
        watch.disconnect()
        watch.put(Grew("c", "n", "late"))
        engine.close()
