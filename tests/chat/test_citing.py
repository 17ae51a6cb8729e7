"""Sources of an answer: numbers, marks, footnotes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tui_chat.chat.citing import Source, marked, sources_of
from tui_chat.chat.markdown import node_as_markdown
from tui_chat.chat.node import Node
from tui_chat.wire.messages import Citation, Text

A, B = "https://a.example/x", "https://b.example/y"


def mark(number: int, source: Source) -> str:
    return f"[{number}]"


def test_each_address_is_one_number_with_the_title_it_got() -> None:
    parts = (Text("x"), Citation(A, "", 0, 1), Citation(B, "Bee\n two", 0, 1), Citation(A, "Ay", 3, 4))
    sources = sources_of(parts)
    assert sources == [Source(A, "Ay"), Source(B, "Bee\n two")]
    assert [source.label for source in sources] == ["Ay", "Bee two"] and Source(A).label == "a.example"


def test_marks_stand_after_the_words_they_support() -> None:
    text = "巴黎是首都。It rains."
    cited = (Citation(B, "", 6, len(text)), Citation(A, "", 0, 5), Citation(B, "", 0, 5))
    assert marked(text, cited, mark) == "巴黎是首都[2][1]。It rains.[1]"


@pytest.mark.parametrize(
    ("text", "end", "shown"),
    [
        ("see `a[0]` now", 7, "see `a[0]`[1] now"),
        ("a\n```py\nx = 1\n```\nb", 10, "a\n```py\nx = 1\n```\n\n[1]\nb"),
        ("([a.example](https://a.example/x)) ok", 20, "([a.example](https://a.example/x)[1]) ok"),
        ("go to https://a.example/x now", 10, "go to https://a.example/x[1] now"),
        ("- one\n- two", 8, "- one[1]\n- two"),
        ("- one\n\n1. two", 9, "- one[1]\n\n1. two"),
        ("| a | b |\n|---|---|\n| c | d |\n", 31, "| a | b |\n|---|---|\n| c | d[1] |\n"),
        ("| a | b |\n|---|---|\n| c | d |", 14, "| a | b[1] |\n|---|---|\n| c | d |"),
        ("# ", 2, "[1]# "),
        ("short", 4000, "short[1]"),
        ("short", 0, "short"),
        ("short", -3, "short"),
    ],
)
def test_marks_break_nothing(text: str, end: int, shown: str) -> None:
    assert marked(text, (Citation(A, "", 0, end),), mark) == shown


def test_numbers_that_the_model_wrote_become_marks_where_no_place_is_told() -> None:
    text = "Rain[1][2], `x[1]`, [1](u) and [7].\n\n[1]: z"
    cited = (Citation(A), Citation(B))
    assert marked(text, cited, lambda number, source: f"<{number}>") == "Rain<1><2>, `x[1]`, [1](u) and [7].\n\n[1]: z"
    placed = (Citation(A, "", 0, 4), Citation(B))
    assert marked(text, placed, lambda number, source: f"<{number}>").startswith("Rain<1>[1][2]")


@given(st.text("ab`[]()~\n1 :/.h", max_size=60), st.lists(st.integers(-2, 70), max_size=4), st.booleans())
def test_nothing_of_the_text_is_lost(text: str, ends: list[int], placed: bool) -> None:
    cited = [Citation(f"https://{number}.example", "", 0, end) for number, end in enumerate(ends)]
    if not placed:
        cited = [replace(citation, start=None, end=None) for citation in cited]
    shown = marked(text, cited, lambda number, source: f"\x00{number}\x01")
    without = re.sub("(\n\n)?(\x00\\d\x01)+", "", shown) if placed else re.sub("\x00(\\d)\x01", r"[\1]", shown)
    assert without.replace("\n", "") == text.replace("\n", "")


def test_an_exported_answer_has_footnotes() -> None:
    cited = (Citation(A, "The [first]", 0, 4), Citation(B), Citation(A, "", 5, 9))
    node = Node("n", None, "assistant", (Text("Rain today."), *cited), finish="stop")
    assert node_as_markdown(node, "3-") == (
        "Rain[^3-1] toda[^3-1]y.\n\n[^3-1]: [The \\[first\\]](<https://a.example/x>)\n"
        "[^3-2]: [b.example](<https://b.example/y>)"
    )
