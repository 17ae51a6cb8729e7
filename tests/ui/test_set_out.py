"""What tools are given and give back stands on cards whole, in two parts where it is long, and never as markup."""

from __future__ import annotations

import json

import pytest

from tests.ui.transcript.stage import typesetter
from tui_chat import words
from tui_chat.chat.node import Node
from tui_chat.ui.calls import card_of, trees_of
from tui_chat.ui.set_out import HEAD_CHARACTERS, HEAD_LINES, ROWS_LIMIT, SPARE_LINES, json_in, set_out
from tui_chat.ui.transcript.entry import Call, More
from tui_chat.ui.transcript.parse import block_tokens
from tui_chat.ui.transcript.piece import Piece
from tui_chat.ui.transcript.split import split
from tui_chat.wire.messages import ToolCall, ToolResult


def code(markdown: str) -> str:
    """What stands in the only fence."""
    (token,) = block_tokens(markdown)
    assert token.type == "fence"
    return token.content.removesuffix("\n")


def lines(count: int) -> str:
    return "\n".join(f"line {number} ```" for number in range(count))


@pytest.mark.parametrize("count", [1, HEAD_LINES, HEAD_LINES + SPARE_LINES])
def test_what_is_short_stands_whole(count: int) -> None:
    out = set_out(lines(count))
    assert code(out.head) == lines(count) and not out.rest and not out.left


@pytest.mark.parametrize("ending", ["", "\n"])
def test_long_text_is_cut_at_a_line_and_loses_nothing(ending: str) -> None:
    out = set_out(lines(200) + ending)
    assert code(out.head) == lines(HEAD_LINES)
    assert f"{code(out.head)}\n{code(out.rest)}" == lines(200)
    whole = lines(200) + ending
    assert dict(out.copies) == {code(out.head): whole, code(out.rest): whole}
    assert out.left == words.t("card.more_lines", count=200 - HEAD_LINES)


@pytest.mark.parametrize("text", ["x" * 100_000, "short\n" + "y" * 100_000, "\n" + "z" * 100_000])
def test_long_lines_are_cut_too(text: str) -> None:
    out = set_out(text)
    assert len(out.head) < HEAD_CHARACTERS + 20 and out.left
    assert (code(out.head) + code(out.rest)).replace("\n", "") == text.replace("\n", "")


def test_a_list_of_flat_objects_is_a_table_whatever_stands_in_it() -> None:
    nasty = "a|b `c` **d** <b> [x](http://e.com) ~~y~~ &amp; # $1$\nnew \\ | " + "long " * 90
    out = set_out(json.dumps([{"name": nasty, "n": number, "none": None} for number in range(30)]))
    tokens = block_tokens(out.head)
    assert sum(token.type == "tr_open" for token in tokens) == HEAD_LINES + 1
    assert sum(token.type == "td_open" for token in tokens) == 3 * HEAD_LINES
    (block,) = split(out.head)
    rows = typesetter(150).lay(Piece("card", block, 0)).strips
    assert "a|b `c` **d** <b> [x](http://e.com) ~~y~~ &amp; # $1$ new \\ | long" in rows[2].text
    assert out.left == words.t("card.more_rows", count=10)
    many = set_out(json.dumps([{"n": number} for number in range(ROWS_LIMIT + 7)]))
    assert many.rest.endswith(words.t("card.rows_left", count=7))


def test_all_other_json_is_set_out_in_lines() -> None:
    for text in ('{"rows": [{"a": 1}], "beside": 2}', '[1, {"a": [2]}]', "[]", "{}"):
        assert json.loads(code(set_out(text).head)) == json.loads(text) and "```json" in set_out(text).head
    for text in ("[not json", '"text"', "12", "", "[" * 5000):
        assert json_in(text) is None and "```json" not in set_out(text).head
    assert set_out("--- a\n+++ b\n-x").head.startswith("```diff")


def test_a_card_folds_the_rest_of_arguments_and_result_below_one_row() -> None:
    call = ToolCall("1", "write", json.dumps({f"k{n}": n for n in range(60)}))
    made = card_of(call, ToolResult("1", lines(50)))
    assert len(made) == 2
    card, more = made
    assert isinstance(card, Call) and isinstance(more, More)
    assert more.label == " · ".join(words.t("card.more_lines", count=count) for count in (62 - HEAD_LINES, 30))
    assert '"k59"' not in card.source and '"k59"' in more.source and "line 49" in more.source
    assert len(card_of(call, None, "running")) == 2 and len(card_of(None, ToolResult("1", "ok"))) == 1


def test_results_that_are_json_can_be_looked_at_as_trees() -> None:
    node = Node("n", None, "assistant", (ToolCall("1", "a"), ToolCall("2", "b"), ToolCall("3", "c")))
    results = tuple(
        Node(f"r{id}", "n", "tool", (ToolResult(id, text),))
        for id, text in (("2", "[1]"), ("1", "words"), ("3", "{}"), ("9", '{"x": 1}'))
    )
    assert trees_of(node, results) == [("b", "[1]"), (words.t("card.orphan"), '{"x": 1}')]
    card = card_of(node.calls[1], results[0].result)[0]
    assert words.t("card.as_tree", key="T") in card.source
