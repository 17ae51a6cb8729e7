"""Messages as the transcript shows them: a pure function of the node."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.errors_catalogue import ERRORS
from tui_chat import words
from tui_chat.chat.node import Failure, Finish, Node, Timing
from tui_chat.ui.calls import Standing, note_of, state_of
from tui_chat.ui.details import details_of
from tui_chat.ui.entries import attachment_label, entry_of, tokens_per_second
from tui_chat.ui.numbers import usage_numbers
from tui_chat.ui.transcript.entry import Call, Chip, Notice, Picture, Prose, Thought
from tui_chat.wire.messages import (
    Audio,
    Citation,
    Document,
    Image,
    Part,
    Reasoning,
    Refusal,
    Text,
    TextFile,
    ToolCall,
    ToolResult,
    Usage,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BLOBS = {"p": b"png"}


def node(*parts: Part, finish: Finish = "stop", failure: Failure | None = None, **more: object) -> Node:
    more.setdefault("time", NOON)
    return Node("n", None, "assistant", parts, model="gpt-x", finish=finish, failure=failure, **more)  # type: ignore[arg-type]


def shown(made: Node) -> tuple[object, ...]:
    return entry_of(made, BLOBS.__getitem__, now=NOON).sections


def test_every_part_has_its_section() -> None:
    image = Image(blob="p", name="a.png", width=3, height=2, size=2048)
    sections = shown(
        node(
            Reasoning("hm", 3.1),
            Text("**hi**"),
            image,
            Image(url="https://example.org/" + "x" * 200),
            Audio("a", "wav", "talk.wav", 10),
            Document("d", "application/pdf", "r.pdf", 1536),
            TextFile("t", "main.py", 5),
            ToolCall("1", "get_weather", '{"city":"北京"}'),
            ToolResult("1", "sunny"),
        )
    )
    kinds = [type(section) for section in sections]
    assert kinds == [Thought, Prose, Picture, Chip, Chip, Chip, Chip, Call, Call]
    assert sections[0] == Thought("hm", 3.1) and sections[1] == Prose("**hi**")
    picture = sections[2]
    assert isinstance(picture, Picture) and picture.label == "a.png  3×2  2 KB"
    assert picture.load is not None and picture.load() == b"png"
    labels = [section.label for section in sections if isinstance(section, Chip)]
    assert "talk.wav" in labels[1] and "r.pdf  1.5 KB" in labels[2]
    assert all(len(label) < 100 for label in labels)


def test_calls_and_results_are_one_card_each() -> None:
    calls = (
        ToolCall("1", "weather", '{"city":"北京"}'),
        ToolCall("2", "shell", '{"a":1,"b":"x  y"}'),
        ToolCall("3", "z"),
    )
    made = node(Text("Let me look."), *calls, finish="tool_calls")
    weather = Node(
        "t1",
        "n",
        "tool",
        (
            ToolResult("1", '{"sky":"```"}', seconds=0.34),
            Image(blob="p", name="m.png"),
            Audio("s", "wav", "sound.wav", seconds=2),
        ),
    )
    lost = Node("t2", "t1", "tool", (ToolResult("9", "--- a\n+++ b\n", decision="unknown"),))
    standing = Standing((weather, lost), frozenset({"2"}), {"3": 5.0})
    sections = entry_of(made, BLOBS.__getitem__, now=NOON, standing=standing).sections
    cards = [section for section in sections if isinstance(section, Call)]
    assert [(card.name, card.state, card.brief) for card in cards] == [
        ("weather", "done", "北京"),
        ("shell", "waiting", "a=1  b=x y"),
        ("z", "running", ""),
        (words.t("card.orphan"), "unknown", ""),
    ]
    assert cards[0].seconds == 0.34 and cards[2].since_s == 5.0 and '"sky": "```"' in cards[0].source
    assert "````json" in cards[0].source and "```diff" in cards[3].source and isinstance(sections[2], Picture)
    assert isinstance(sections[3], Chip) and sections[3].label.startswith("♪ sound.wav  2.0 s  0 B   p ")
    decisions = {"denied": "denied", "stopped": "stopped", "unknown": "unknown", "invalid": "failed", "once": "done"}
    for decision, state in decisions.items():
        assert state_of(ToolResult("1", "", decision=decision)) == state  # type: ignore[arg-type]
    assert state_of(ToolResult("1", "", failed=True)) == "failed" and note_of("always") and not note_of("once")


def test_the_same_node_makes_an_equal_entry() -> None:
    made = node(Text("x"), Image(blob="p", name="a.png"))
    assert entry_of(made, BLOBS.__getitem__, now=NOON) == entry_of(made, BLOBS.__getitem__, now=NOON)


def test_a_refusal_is_said_and_marked() -> None:
    prose, notice = shown(node(Refusal("I can't.")))
    assert prose == Prose("I can't.") and isinstance(notice, Notice) and notice.level == "info"


def test_sources_are_links_whose_titles_cant_break_out() -> None:
    (sources,) = shown(node(Citation("https://e.org/a b>", "A [title](x) `y`"), Citation("https://e.org/c")))
    assert isinstance(sources, Prose)
    assert r"1. [A \[title\](x) \`y\`](<https://e.org/a%20b%3E>)" in sources.source
    assert "2. [e.org](<https://e.org/c>)" in sources.source


@pytest.mark.parametrize(
    ("finish", "level", "key"),
    [
        ("stopped", "info", "n continue"),
        ("interrupted", "warning", "n continue"),
        ("length", "warning", "F5 parameters"),
        ("content_filter", "warning", "r ask again"),
        ("pause", "info", "n continue"),
    ],
)
def test_every_end_but_a_good_one_is_told_with_the_keys_that_help(finish: Finish, level: str, key: str) -> None:
    notice = shown(node(Text("x"), finish=finish))[-1]
    assert isinstance(notice, Notice) and notice.level == level and key in notice.lines[-1]
    assert len(shown(node(Text("x"), finish="stop"))) == 1
    assert len(entry_of(node(Text("x"), finish=finish), BLOBS.__getitem__, growing=True).sections) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_known_error_is_explained_with_a_key_that_helps(language: str) -> None:
    words.speak(language)
    for row in {error.row for error in ERRORS}:
        facts = {"status": 403, "message": "raw words", "request_id": "2026f3", "model": "m", "seconds": 3}
        failure = Failure(f"error.{row}", facts)
        (notice,) = shown(node(finish="error", failure=failure))
        assert isinstance(notice, Notice) and notice.level == "error"
        assert words.t("error.internal.says", what="") not in notice.lines[0], row
        assert "raw words" in notice.lines[-2] and "2026f3" in notice.lines[-2] and "HTTP 403" in notice.lines[-2]
        assert words.t("ui.hint.details") in notice.lines[-1]


def test_an_error_without_a_sentence_is_still_told() -> None:
    (notice,) = shown(node(finish="error", failure=Failure("error.never_heard_of")))
    assert isinstance(notice, Notice) and "error.never_heard_of" in notice.lines[0]


def test_an_error_after_half_an_answer_offers_to_go_on() -> None:
    notice = shown(node(Text("half"), finish="error", failure=Failure("error.internal", {"what": "x"})))[-1]
    assert isinstance(notice, Notice) and notice.lines[-1].startswith("n continue")


def test_numbers_of_an_answer() -> None:
    usage = Usage(1117, 46, 1163, cached_tokens=1000, reasoning_tokens=12_345)
    made = node(Text("x"), usage=usage, timing=Timing(0.6, 1.148))
    assert round(tokens_per_second(made) or 0) == 84
    entry = entry_of(made, BLOBS.__getitem__, now=NOON)
    assert entry.meta.startswith("84 tok/s · 1.1 s · ")
    numbers = usage_numbers(made)
    assert numbers[:3] == ["↑1 117", "↓46", "context 1 163"]
    assert "cached 1 000" in numbers and "reasoning 12.3k" in numbers and "first 0.6 s" in numbers
    assert usage_numbers(None) == [] and usage_numbers(node(Text("x"))) == []
    assert tokens_per_second(node(Text("x"), usage=usage)) is None


def test_what_the_server_said_is_not_said_twice() -> None:
    said = "image input is not  supported"
    told = {"told": "image input is not supported", "id": "abc"}
    facts = {**told, "message": said, "status": 500, "request_id": "abc"}
    lines = shown(node(finish="error", failure=Failure("error.gateway_internal", facts)))[-1].lines
    assert sum("image input is not" in line for line in lines) == 1
    assert any(line.startswith("HTTP 500 · ") and line.endswith("abc") for line in lines)


def test_details_hold_what_is_known_and_no_empty_rows() -> None:
    failure = Failure("error.internal", {"what": "x", "status": 500, "message": "boom", "request_id": "abc"})
    made = node(
        Text("x"),
        TextFile("t", "main.py", 5),
        finish="error",
        failure=failure,
        usage=Usage(1, 2),
        timing=Timing(0.5, 2.5),
        values={"temperature": 0.3, "stream": False},
        answered_by="gpt-x-2026",
        request_id="abc",
        altered=True,
    )
    rows = dict(details_of(made))
    assert rows["Parameters"] == "temperature=0.3  stream=off"
    assert rows["Model that answered"] == "gpt-x-2026" and rows["Tokens out"] == "2"
    assert rows["The server's words"] == "HTTP 500 · boom · request abc"
    assert all(rows.values()) and len(details_of(node(Text("x")))) < 10


def test_the_date_stands_where_it_is_not_today() -> None:
    later = NOON + timedelta(days=1)
    meta = entry_of(node(Text("x")), BLOBS.__getitem__, now=later).meta
    assert "Mar" in meta
    words.speak("zh")
    assert "3月" in entry_of(node(Text("x")), BLOBS.__getitem__, now=later).meta
    assert "2026" in entry_of(node(Text("x")), BLOBS.__getitem__, now=NOON + timedelta(days=400)).meta


def test_a_pasted_text_is_called_so() -> None:
    assert attachment_label(Text("a\nb")) == "pasted 2 lines"
