"""Messages inserted, rewritten and moved: a new line, the old one whole, and the results of tools with their answer."""

from __future__ import annotations

from functools import partial

import pytest
from msgspec.structs import force_setattr

from tests.chat.stage import Stage, words
from tui_chat.chat.node import Head, Node
from tui_chat.chat.rewriting import Line, Written, as_written, calls_before, inserted, moved, rewritten
from tui_chat.chat.tree import Conversation, LeafChosen, NodeAdded
from tui_chat.wire.messages import Image, Reasoning, Text, ToolCall, ToolResult, Usage

PICTURE = Image("sha")
NODES = (
    Node("u1", None, "user", (PICTURE, Text("look"))),
    Node("a1", "u1", "assistant", (Reasoning("hm"), Text("I call"), ToolCall("c1", "f")), finish="tool_calls"),
    Node("t1", "a1", "tool", (ToolResult("c1", "7"),)),
    Node("a2", "t1", "assistant", (Text("seven"),), model="m", finish="stop", usage=Usage(3, 4)),
    Node("u2", "a2", "user", (Text("thanks"),)),
)


def talk() -> Conversation:
    tree = Conversation(Head("chat"))
    for node in NODES:
        tree.apply(NodeAdded(node))
    return tree


def laid(tree: Conversation, line: Line | None) -> list[str]:
    """The path once the line is there, by role and words; the old path must still be whole."""
    assert line is not None
    before, leaf = tree.path(), tree.leaf
    for node in line.nodes:
        tree.apply(NodeAdded(node))
    now = [as_written(tree.node(id)) for id in tree.path()]
    after = tree.path()
    tree.apply(LeafChosen(leaf))
    assert tree.path() == before
    assert [tree.node(id) for id in before] == list(NODES)
    tree.apply(LeafChosen(after[-1]))
    return [f"{each.role} {each.text}" for each in now]


OLD = ["user look", "assistant I call", "tool 7", "assistant seven", "user thanks"]


@pytest.mark.parametrize(
    ("beside", "before", "at"),
    [
        *(("u1", True, 0), ("u1", False, 1), ("a1", False, 3), ("t1", False, 3)),
        *(("a2", True, 3), ("u2", False, 5), (None, False, 5)),
    ],
)
def test_a_message_of_any_role_stands_where_it_was_put(beside: str | None, before: bool, at: int) -> None:
    tree = talk()
    line = inserted(tree, beside, Written("developer", "rule", "me"), before=before)
    assert laid(tree, line) == [*OLD[:at], "developer rule", *OLD[at:]]
    node = tree.node(tree.path()[at])
    assert (node.name, node.message().name) == ("me", "me")
    assert line.above == (tree.path()[at - 1] if at else None)


def test_a_copy_was_not_asked_for_and_costs_nothing() -> None:
    tree = talk()
    line = inserted(tree, "u1", Written("user", "x"), before=False)
    copy = next(node for node in line.nodes if node.text == "seven")
    assert (copy.usage, copy.model, copy.finish, copy.id == "a2") == (None, "m", "stop", False)


def test_rewriting_keeps_what_follows_and_what_is_not_words() -> None:
    tree = talk()
    line = rewritten(tree, "u1", Written("user", "see", "ann"))
    assert laid(tree, line) == ["user see", *OLD[1:]]
    assert line is not None
    assert (line.nodes[0].parts, line.nodes[0].name) == ((PICTURE, Text("see")), "ann")
    assert line.nodes[1].calls == NODES[1].calls
    tree = talk()
    assert rewritten(tree, "a1", Written("assistant", "I call")) is None  # nothing changes
    line = rewritten(tree, "a1", Written("assistant", "I do call"))
    assert laid(tree, line) == [OLD[0], "assistant I do call", *OLD[2:]]
    assert line is not None
    assert line.nodes[0].parts == (Reasoning("hm"), Text("I do call"), ToolCall("c1", "f"))
    assert line.nodes[0].finish == "tool_calls"


def test_another_role_takes_the_words_and_leaves_what_only_the_old_one_has() -> None:
    tree = talk()
    line = rewritten(tree, "a1", Written("system", "I call"))
    assert laid(tree, line)[1] == "system I call"
    assert line is not None
    assert line.nodes[0].parts == (Text("I call"),)
    line = rewritten(talk(), "u2", Written("tool", "8", call_id="c9"))
    assert line is not None
    assert line.nodes[0].result == ToolResult("c9", "8", decision="typed")
    assert as_written(line.nodes[0]) == Written("tool", "8", "", "c9")


@pytest.mark.parametrize(
    ("id", "step", "order"),
    [("u2", -1, [0, 1, 2, 4, 3]), ("u1", 1, [1, 2, 0, 3, 4]), ("a1", -1, [1, 2, 0, 3, 4]), ("a2", -1, [0, 3, 1, 2, 4])],
)
def test_messages_change_places_and_results_go_along(id: str, step: int, order: list[int]) -> None:
    assert laid(talk(), moved(talk(), id, step)) == [OLD[at] for at in order]


def test_at_the_end_nothing_moves() -> None:
    assert moved(talk(), "u1", -1) is moved(talk(), "u2", 1) is moved(talk(), "gone", 1) is None


def test_the_calls_that_a_result_can_answer() -> None:
    assert calls_before(talk(), "a1", before=False) == ["c1"]
    assert calls_before(talk(), "a2", before=True) == ["c1"]
    assert calls_before(talk(), "u1", before=True) == calls_before(talk(), "u2", before=False) == []


def test_the_desk_lays_the_line_keeps_it_and_the_old_one_is_a_step_away() -> None:
    stage = Stage()
    chat = stage.begin()
    stage.scripts.append(words("answer"))
    stage.say("question")
    stage.wait_for_end()
    old = stage.tree().path()
    first = stage.run(
        stage.desk.rebuild(chat, partial(inserted, beside=old[0], written=Written("system", "rule"), before=True))
    )
    tree = stage.tree()
    assert [tree.link(id).role for id in tree.path()] == ["system", "user", "assistant"]
    assert tree.siblings(tree.path()[0]) == [old[0], first]  # ‹ and › lead from one to the other
    stage.run(stage.desk.choose(chat, old[-1]))
    assert stage.tree().path() == old
    assert stage.run(stage.desk.rebuild(chat, lambda tree: None)) is None
    stage.scripts.append(words("again"))
    stage.run(stage.desk.choose(chat, tree.path()[-1]))
    stage.say("more")
    stage.wait_for_end(2)
    assert [message.role for message in stage.requests[-1].messages] == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize(("prompt", "roles"), [("go on", "user assistant user"), ("", "user assistant")])
def test_an_answer_goes_on_from_its_given_beginning(prompt: str, roles: str) -> None:
    stage = Stage()
    force_setattr(stage.desk._means, "continue_prompt", lambda: prompt)
    chat = stage.begin()
    stage.scripts += [words("first"), words(" upon", " a time"), words("there")]
    stage.say("tell")
    stage.wait_for_end()
    user, answer = stage.tree().path()
    stage.run(stage.desk.prefill(chat, user, "Once"))
    stage.wait_for_end(2)
    assert [message.role for message in stage.requests[-1].messages] == roles.split()
    assert stage.requests[-1].messages[1].text == "Once"
    tree = stage.tree()
    assert tree.node(tree.path()[-1]).text == "Once upon a time"
    assert tree.siblings(answer) == [answer, tree.path()[-1]]
    stage.run(stage.desk.prefill(chat, answer, "Hi "))  # beside an answer
    stage.wait_for_end(3)
    tree = stage.tree()
    assert tree.path()[0] == user
    assert tree.node(tree.path()[-1]).text == "Hi there"
