"""Tool messages on the path: branches, edits, deletions, crashes; and what is sent is always valid."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.chat.tools import ToolStage, Workbench, call, calls, is_valid, shape, words
from tui_chat.chat.events import CallEnded, CallRuns, RoundEnded, RoundStarted, TurnEnded
from tui_chat.chat.markdown import as_markdown
from tui_chat.chat.node import Head, Node, new_id
from tui_chat.chat.sending import messages
from tui_chat.chat.tree import CallStarted, Conversation, NodeAdded, NodesDeleted
from tui_chat.errors import WireError
from tui_chat.wire.messages import Reasoning, Text, ToolCall, ToolResult


@pytest.fixture
def stage() -> Iterator[ToolStage]:
    bench = Workbench()
    stage = ToolStage(bench.tool("look"), bench.tool("peek"), bench.tool("write", "writes"), bench=bench)
    yield stage
    stage.run(stage.desk.close_all())
    stage.engine.close()


def answered(stage: ToolStage) -> list[str]:
    """A chat of a question, a round of two calls, and an answer; ids of its path."""
    stage.begin()
    stage.scripts = [calls(call("look", index=0), call("peek", index=1), text="See:"), words("so")]
    stage.say("go")
    stage.wait_over()
    return stage.tree().path()


def test_asking_again_for_the_last_answer_goes_back_to_the_question(stage):
    question, first, *_, last = answered(stage)
    stage.scripts = [words("another")]
    stage.run(stage.desk.regenerate("chat", last))
    stage.wait_over(2)
    tree = stage.tree()
    assert tree.path()[0] == question and [tree.node(id).text for id in tree.path()] == ["go", "another"]
    assert tree.siblings(tree.leaf) == [first, tree.leaf]
    stage.run(stage.desk.choose("chat", tree.tip(first)))
    assert stage.tree().path()[-1] == last
    assert stage.tree().siblings(last) == [last]


def test_asking_again_after_a_failure_without_words_runs_no_tool_again(stage):
    stage.begin()
    stage.scripts = [calls(call("look")), [WireError("error.server_error", status=500)], words("so")]
    stage.say("go")
    assert stage.wait_over().finish == "error"
    stage.run(stage.desk.regenerate("chat", stage.tree().leaf))
    stage.wait_over(2)
    assert len(stage.bench.ran) == 1 and is_valid(stage.sent())
    assert [node.role for node in stage.path()] == ["user", "assistant", "tool", "assistant"]


def test_asking_for_an_answer_to_a_result_sends_all_results(stage):
    path = answered(stage)
    stage.scripts = [words("otherwise")]
    stage.run(stage.desk.regenerate("chat", path[2]))
    stage.wait_over(2)
    assert is_valid(stage.sent()) and len(stage.sent()) == 4
    assert stage.tree().siblings(stage.tree().leaf) == [path[-1], stage.tree().leaf]


def test_a_result_can_be_edited_and_the_model_is_asked_again(stage):
    path = answered(stage)
    old = stage.tree().node(path[2]).result
    stage.scripts = [words("then so")]
    edited = ToolResult(old.call_id, "something else", decision=old.decision)
    stage.run(stage.desk.edit("chat", path[2], (edited,)))
    stage.wait_over(2)
    assert is_valid(stage.sent())
    results = {result.call_id: (result.text, result.decision) for result in stage.results()}
    assert results["c_look_0"] == ("something else", "edited") and results["c_peek_1"][0].startswith("peek")
    assert len(stage.tree().siblings(stage.tree().path()[2])) == 2


def test_a_result_can_be_edited_by_its_text_alone(stage):
    path = answered(stage)
    stage.scripts = [words("then so")]
    stage.run(stage.desk.edit("chat", path[3], (Text("other"),)))
    stage.wait_over(2)
    assert [(result.call_id, result.text) for result in stage.results()][1] == ("c_peek_1", "other")
    assert is_valid(stage.sent())


def test_a_call_can_be_run_again(stage):
    path = answered(stage)
    stage.events.clear()
    stage.scripts = [words("now so")]
    stage.run(stage.desk.run_again("chat", path[2]))
    stage.wait_over()
    assert [name for name, _ in stage.bench.ran] == ["look", "peek", "look"]
    assert [result.call_id for result in stage.results()] == ["c_look_0", "c_peek_1"]
    tree = stage.tree()
    assert tree.siblings(tree.path()[2]) == [path[2], tree.path()[2]] and tree.path()[1] == path[1]
    assert is_valid(stage.sent()) and tree.node(tree.leaf).text == "now so"
    kinds = [type(event) for event in stage.events]
    assert [kinds.count(kind) for kind in (RoundStarted, CallRuns, CallEnded, RoundEnded, TurnEnded)] == [1] * 5


def test_a_call_that_is_run_again_asks_again_and_can_be_stopped(stage):
    stage.begin()
    stage.scripts = [calls(call("write", index=0), call("look", index=1)), words("ok")]
    stage.say("go")
    stage.asks()
    stage.decide("c_write_0", "once")
    stage.wait_over()
    first = next(node.id for node in stage.path() if node.result is not None)
    stage.run(stage.desk.run_again("chat", first))
    stage.asks(2)
    stage.run(stage.desk.stop("chat"))
    assert len(stage.bench.ran) == 2 and len(stage.requests) == 2
    assert [result.decision for result in stage.results()] == ["stopped", ""]
    stage.run(stage.desk.run_again("chat", stage.tree().path()[0]))  # no tool message: nothing happens
    assert stage.run(stage.desk.open("chat")).round == ""


def test_an_edited_answer_keeps_its_calls_and_their_results(stage):
    path = answered(stage)
    stage.run(stage.desk.edit("chat", path[1], (Text("Let me look:"),)))
    stage.scripts = [words("well")]
    stage.say("and?")
    stage.wait_over(2)
    assert is_valid(stage.sent())
    assert shape(stage.sent())[1:4] == ["assistant c_look_0 c_peek_1", "tool c_look_0", "tool c_peek_1"]


def test_an_edited_question_starts_afresh(stage):
    path = answered(stage)
    stage.scripts = [calls(call("peek")), words("new")]
    stage.run(stage.desk.edit("chat", path[0], (Text("go there"),)))
    stage.wait_over(2)
    assert [node.text for node in stage.path() if node.role != "tool"] == ["go there", "", "new"]


def test_deleting_an_answer_takes_its_results_along_and_brings_them_back(stage):
    path = answered(stage)
    stage.run(stage.desk.delete("chat", (path[1],)))
    assert stage.tree().path() == [path[0], path[-1]]
    stage.run(stage.desk.restore("chat", (path[1],)))
    assert stage.tree().path() == path


@pytest.mark.parametrize("gone", [2, 3])
def test_a_deleted_result_leaves_a_request_that_is_valid(stage, gone):
    path = answered(stage)
    stage.run(stage.desk.delete("chat", (path[gone],)))
    stage.scripts = [words("well")]
    stage.say("and?")
    stage.wait_over(2)
    assert is_valid(stage.sent()) and len(stage.path()) == 6


def test_an_answer_that_was_cut_behind_a_round_goes_on(stage):
    stage.begin()
    stage.scripts = [calls(call("look")), words("It is", finish="length"), words(" so.")]
    stage.say("go")
    stage.wait_over()
    stage.run(stage.desk.resume("chat", stage.tree().leaf))
    stage.wait_over(2)
    assert stage.path()[-1].text == "It is so." and is_valid(stage.sent())
    assert shape(stage.sent())[-2:] == ["assistant", "user"]


class TestAfterACrash:
    @staticmethod
    def begun(stage: ToolStage, *calls: ToolCall, started: tuple[str, ...], ended: tuple[str, ...] = ()) -> str:
        """The chat as a kill leaves it behind, opened again; the id of the answer."""
        stage.begin()
        question = Node(new_id(), None, "user", (Text("go"),))
        answer = Node(new_id(), question.id, "assistant", calls, model="model", finish="tool_calls")
        journal = stage.shelf.create(stage.tree().head)
        for change in (NodeAdded(question), NodeAdded(answer), *(CallStarted(answer.id, id) for id in started)):
            journal.append(change)
        above = answer.id
        for id in ended:
            node = Node(new_id(), above, "tool", (ToolResult(id, "fine"),))
            journal.append(NodeAdded(node))
            above = node.id
        stage.desk = stage.new_desk()
        return answer.id

    def test_a_call_that_had_begun_may_have_run_and_never_runs_again(self, stage):
        self.begun(stage, ToolCall("a", "write", "{}"), ToolCall("b", "write", "{}"), started=("a",))
        view = stage.run(stage.desk.open("chat"))
        assert [note.key for note in view.notes] == ["error.call_unknown"]
        assert [(result.call_id, result.decision) for result in stage.results()] == [("a", "unknown")]
        again = stage.new_desk()
        assert stage.run(again.open("chat")).notes == ()
        stage.scripts = [words("I see")]
        stage.say("what happened?")
        stage.wait_over()
        assert stage.bench.ran == [] and is_valid(stage.sent())
        assert [(result.call_id, result.decision) for result in stage.results()] == [("a", "unknown"), ("b", "stopped")]

    def test_a_call_that_had_ended_is_left_as_it_is(self, stage):
        self.begun(stage, ToolCall("a", "write", "{}"), started=("a",), ended=("a",))
        assert stage.run(stage.desk.open("chat")).notes == ()
        assert [result.text for result in stage.results()] == ["fine"]

    def test_a_call_that_had_not_begun_can_be_left_or_answered(self, stage):
        self.begun(stage, ToolCall("a", "write", "{}"), started=())
        assert stage.run(stage.desk.open("chat")).notes == () and stage.results() == []
        stage.scripts = [words("hm")]
        stage.say("go on")
        stage.wait_over()
        assert [result.decision for result in stage.results()] == ["stopped"] and is_valid(stage.sent())

    def test_one_of_two_had_ended(self, stage):
        self.begun(stage, ToolCall("a", "look", "{}"), ToolCall("b", "look", "{}"), started=("a", "b"), ended=("b",))
        stage.run(stage.desk.open("chat"))
        assert [(result.call_id, result.decision) for result in stage.results()] == [("b", ""), ("a", "unknown")]
        stage.scripts = [words("hm")]
        stage.say("go on")
        stage.wait_over()
        assert shape(stage.sent())[1:4] == ["assistant a b", "tool a", "tool b"]

    def test_a_result_that_was_thrown_away_is_no_missing_one(self, stage):
        self.begun(stage, ToolCall("a", "write", "{}"), started=("a",))
        stage.run(stage.desk.open("chat"))
        stage.run(stage.desk.delete("chat", (stage.tree().leaf,)))
        assert stage.results() == []
        assert stage.run(stage.new_desk().open("chat")).notes == ()

    def test_a_call_that_was_being_run_again(self, stage):
        answer = self.begun(
            stage, ToolCall("a", "look", "{}"), ToolCall("b", "look", "{}"), started=("a", "b"), ended=("a", "b")
        )
        stage.shelf.journals["chat"].append(CallStarted(answer, "a"))
        assert stage.run(stage.desk.open("chat")).notes != ()
        assert [(result.call_id, result.decision) for result in stage.results()] == [("a", "unknown"), ("b", "")]
        assert len(stage.tree().siblings(stage.tree().path()[2])) == 2
        assert stage.run(stage.new_desk().open("chat")).notes == ()
        stage.scripts = [words("hm")]
        stage.say("go on")
        stage.wait_over()
        assert is_valid(stage.sent()) and stage.bench.ran == []

    def test_a_deleted_answer_is_no_matter(self, stage):
        answer = self.begun(stage, ToolCall("a", "look", "{}"), started=("a",))
        stage.shelf.journals["chat"].append(NodesDeleted((answer,)))
        assert stage.run(stage.desk.open("chat")).notes == ()

    def test_another_branch_stays_chosen(self, stage):
        answer = self.begun(stage, ToolCall("a", "look", "{}"), started=("a",))
        other = Node(new_id(), stage.shelf.journals["chat"].changes[0].node.id, "assistant", (Text("x"),))
        stage.shelf.journals["chat"].append(NodeAdded(other))
        assert stage.run(stage.desk.open("chat")).notes != ()
        assert stage.tree().leaf == other.id and len(stage.tree().results(answer)) == 1

    def test_a_chat_that_cannot_be_written_is_left_alone(self, stage):
        self.begun(stage, ToolCall("a", "look", "{}"), started=("a",))
        stage.shelf.read_only = WireError("error.server_error")
        assert stage.run(stage.desk.open("chat")).notes == ()


def test_any_tree_makes_a_request_that_is_valid():
    """Random trees of answers with calls, results of some, in any order, deleted here and there."""
    chance = random.Random(8)
    for _ in range(300):
        tree = Conversation(Head("c", model="m", system=chance.choice(["", "Be brief."])))
        for number in range(chance.randrange(2, 14)):
            ids = list(tree._links)
            parent = chance.choice(ids) if ids and chance.random() < 0.3 else tree.leaf
            role = chance.choice(["user", "assistant", "assistant", "tool", "tool"])
            parts = []
            if role == "tool":
                parts = [ToolResult(chance.choice("abx"), f"result {number}")]
            elif role == "user" or chance.random() < 0.5:
                parts = [Text(f"words {number}")]
            if role == "assistant":
                parts += [ToolCall(id, "f", chance.choice(["{}", "{"])) for id in "ab"[: chance.randrange(3)]]
                parts = [Reasoning("hm"), *parts] if chance.random() < 0.3 else parts
            finish = chance.choice(["tool_calls", "stop", "length", "stopped"]) if role == "assistant" else ""
            tree.apply(NodeAdded(Node(f"n{number}", parent, role, tuple(parts), finish=finish)))
        tree.apply(NodesDeleted(tuple(id for id in list(tree._links) if chance.random() < 0.15)))
        sent = messages(tree, tree.leaf)
        assert is_valid(list(sent)), [tree.node(id) for id in tree.path()]
        assert all(message.parts for message in sent)
        assert as_markdown(tree)
