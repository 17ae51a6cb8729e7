"""The loop: calls are checked, decided on, run, and the model is asked again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from threading import Event as Flag

import pytest

from tests.chat.tools import ToolStage, Workbench, call, calls, is_valid, shape, words
from tests.waiting import eventually_in_thread
from tui_chat.chat.events import (
    CallAsks,
    CallEnded,
    Calling,
    CallRuns,
    Queued,
    RoundEnded,
    RoundsAsk,
    TurnEnded,
    TurnStarted,
)
from tui_chat.chat.round import CALLS_LIMIT, TEXT_LIMIT_CHARACTERS
from tui_chat.chat.tree import CallStarted, Conversation, NodeAdded
from tui_chat.errors import ToolError, UsageError
from tui_chat.tools.tool import Brought, Outcome, Preview
from tui_chat.wire.delta import Delta, ToolCallDelta
from tui_chat.wire.messages import Audio, Image, Message, Text, ToolCall, ToolResult
from tui_chat.wire.sound import wav
from tui_chat.words import t


@pytest.fixture
def bench() -> Workbench:
    return Workbench()


@pytest.fixture
def stage(bench: Workbench) -> Iterator[ToolStage]:
    stage = ToolStage(
        bench.tool("look"),
        bench.tool("peek"),
        bench.tool("read", "reads"),
        bench.tool("write", "writes"),
        bench.tool("page", "network", remote=True, reaches_out=True),
        bench.tool("hand", run=None),
        bench=bench,
    )
    yield stage
    for gate in bench.gates.values():
        gate.set()
    stage.run(stage.desk.close_all())
    stage.engine.close()


def test_a_call_is_run_and_its_result_is_answered(stage, bench):
    stage.begin()
    stage.scripts = [calls(call("look", '{"n": 1}'), text="Let me see."), words("It is 1.")]
    stage.say("what is it?")
    stage.wait_over()
    assert bench.ran == [("look", {"n": 1})]
    roles = [(node.role, node.finish) for node in stage.path()]
    assert roles == [("user", ""), ("assistant", "tool_calls"), ("tool", ""), ("assistant", "stop")]
    (result,) = stage.results()
    assert (result.text, result.failed, result.decision) == ('look {"n": 1}', False, "")
    assert result.seconds is not None
    assert [tool.name for tool in stage.requests[0].tools] == ["look", "peek", "read", "write", "page", "hand"]
    assert stage.requests[1].tools == stage.requests[0].tools
    assert shape(stage.sent()) == ["user", "assistant c_look_0", "tool c_look_0"]
    kinds = [type(event) for event in stage.events if not isinstance(event, NodeAdded)]
    order = [CallRuns, CallEnded, RoundEnded, TurnStarted, TurnEnded]
    assert [kind for kind in kinds[kinds.index(TurnEnded) :] if kind in order] == [TurnEnded, *order]
    assert [end.goes_on for end in stage.ends()] == [True, False]
    assert [end.goes_on for end in stage.of(RoundEnded)] == [True]


def test_that_a_call_begins_is_on_disk_before_it_runs(stage, bench):
    stage.begin()
    bench.gates["look"] = Flag()
    stage.scripts = [calls(call("look")), words("ok")]
    stage.say("go")
    eventually_in_thread(lambda: bench.ran, what="the tool runs")
    answer = stage.tree().leaf
    assert stage.shelf.journals["chat"].changes[-1] == CallStarted(answer, "c_look_0")
    bench.gates["look"].set()
    stage.wait_over()
    tree = Conversation(stage.tree().head)
    for change in stage.shelf.journals["chat"].changes:
        tree.apply(change)
    assert tree.path() == stage.tree().path()
    assert tree.started(answer) == ("c_look_0",) and tree.last_started == answer


def test_calls_that_change_nothing_run_side_by_side_and_are_sent_in_call_order(stage, bench):
    stage.begin()
    bench.gates["look"] = Flag()
    stage.scripts = [calls(call("look", index=0), call("read", index=1), call("peek", index=2)), words("ok")]
    stage.say("go")
    eventually_in_thread(lambda: sorted(bench.ended) == ["peek", "read"], what="the others have ended")
    bench.gates["look"].set()
    stage.wait_over()
    assert bench.most_at_once >= 2
    assert stage.results()[-1].call_id == "c_look_0"  # kept as they came
    assert shape(stage.sent())[1:] == [
        "assistant c_look_0 c_read_1 c_peek_2",
        "tool c_look_0",
        "tool c_read_1",
        "tool c_peek_2",
    ]


def test_calls_that_change_something_run_one_after_another_each_with_its_own_word(stage, bench):
    stage.begin()
    stage.scripts = [calls(call("write", '{"n":1}', index=0), call("write", '{"n":2}', index=1)), words("done")]
    stage.say("go")
    first = stage.asks()
    assert (first.call.id, first.preview, bench.ran) == ("c_write_0", Preview(), [])
    view = stage.run(stage.desk.open("chat"))
    assert view.asking == (first,) and view.round == first.node and view.called == ()
    stage.decide("c_write_0", "once")
    second = stage.asks(2)
    assert bench.ran == [("write", {"n": 1})]
    stage.decide(second.call.id, "deny", reason="not that one")
    stage.wait_over()
    assert bench.ran == [("write", {"n": 1})]
    allowed, denied = stage.results()
    assert (allowed.decision, denied.decision, denied.failed) == ("once", "denied", True)
    assert "not that one" in denied.text
    assert len(stage.of(CallEnded)) == 2 and len(stage.of(CallRuns)) == 1


def test_arguments_can_be_edited_and_the_model_is_told(stage, bench):
    stage.begin()
    stage.scripts = [calls(call("write", '{"n":1}')), words("ok")]
    stage.say("go")
    stage.asks()
    with pytest.raises(ToolError) as wrong:
        stage.decide("c_write_0", "once", arguments={"n": "seven"})
    assert wrong.value.key == "error.call_wrong" and bench.ran == []
    assert stage.run(stage.desk.open("chat")).asking  # it still asks
    stage.decide("c_write_0", "once", arguments={"n": 7})
    stage.wait_over()
    assert bench.ran == [("write", {"n": 7})]
    (result,) = stage.results()
    assert result.decision == "edited" and '{"n":7}' in result.text


def test_a_tool_without_code_takes_the_result_a_person_types(stage):
    stage.begin()
    stage.scripts = [calls(call("hand")), words("ok")]
    stage.say("go")
    stage.asks()
    with pytest.raises(ToolError) as wrong:
        stage.decide("c_hand_0", "once")
    assert wrong.value.key == "error.tool_wants_result"
    stage.decide("c_hand_0", "typed", result="42")
    stage.wait_over()
    assert [(result.text, result.decision) for result in stage.results()] == [("42", "typed")]
    assert not stage.of(CallRuns)


def test_always_counts_for_exactly_this_call_and_can_be_revoked(stage, bench):
    stage.begin()
    one = calls(call("write", '{"n":1}'))
    stage.scripts = [one, one, calls(call("write", '{"n":2}')), words("ok"), one, words("ok")]
    stage.say("go")
    assert stage.asks().allowance is not None
    stage.decide("c_write_0", "always")
    assert stage.asks(2).call.arguments == '{"n":2}'
    stage.decide("c_write_0", "deny")
    stage.wait_over()
    assert [result.decision for result in stage.results()] == ["always", "always", "denied"]
    (allowance,) = stage.desk.allowances("chat")
    stage.run(stage.desk.revoke("chat", allowance))
    assert stage.desk.allowances("chat") == ()
    stage.say("again")
    assert stage.asks(3).call.arguments == '{"n":1}'
    stage.decide("c_write_0", "deny")
    stage.wait_over(2)


def test_after_text_from_outside_always_is_no_longer_offered_to_what_reaches_out(stage):
    stage.begin()
    page = calls(call("page"))
    stage.scripts = [page, page, words("ok")]
    stage.say("go")
    assert stage.asks().allowance is not None
    stage.decide("c_page_0", "always")
    assert stage.asks(2).allowance is None
    stage.decide("c_page_0", "deny")
    stage.wait_over()


def test_a_chat_opened_again_knows_that_text_from_outside_is_in_it(stage):
    stage.begin()
    page = calls(call("page"))
    stage.scripts = [page, words("ok"), calls(call("look")), page, words("ok")]
    stage.say("go")
    stage.asks()
    stage.decide("c_page_0", "once")
    stage.wait_over()
    stage.run(stage.desk.close("chat"))
    stage.run(stage.desk.open("chat"))
    stage.say("again")
    assert stage.asks(2).allowance is None
    stage.decide("c_page_0", "deny")
    stage.wait_over(2)


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (call("look", "{n: 1"), "JSON"),
        (call("look", "[1]"), "object"),
        (call("look", '{"n": "one"}'), "integer"),
        (call("look", '{"m": 1}'), "m"),
        (call("rm_rf", "{}"), "rm_rf"),
        (call("look", '{"n": NaN}'), "NaN"),
        (call("look", '{"n": 1, "n": 2}'), "n"),
        (call("look", '{"n": ' + "1" * 1_100_000 + "}"), "MB"),
        (call("look", "[" * 60_000), ""),
    ],
)
def test_a_call_that_is_none_is_never_run_and_the_model_is_told(stage, bench, wanted, key):
    stage.begin()
    stage.scripts = [calls(wanted), words("sorry")]
    stage.say("go")
    stage.wait_over()
    assert bench.ran == []
    (result,) = stage.results()
    assert result.failed and result.decision == "invalid" and key in result.text
    assert is_valid(stage.sent())
    assert not stage.of(CallAsks)


def test_a_tool_that_is_not_switched_on_is_unknown(stage, bench):
    stage.begin(tools=("peek",))
    stage.scripts = [calls(call("look")), words("sorry")]
    stage.say("go")
    stage.wait_over()
    assert bench.ran == [] and stage.results()[0].decision == "invalid"
    assert [tool.name for tool in stage.requests[0].tools] == ["peek"]


def test_a_second_call_with_the_same_id_is_not_run(stage, bench):
    """Such pieces with one index are one call; this is an upstream that numbers them and repeats the id."""
    stage.begin()
    stage.scripts = [calls(call("look", '{"n":1}', "x", 0), call("look", '{"n":2}', "x", 1)), words("ok")]
    stage.say("go")
    stage.wait_over()
    assert bench.ran == [("look", {"n": 1})]
    first, second = sorted(stage.results(), key=lambda result: result.failed)
    assert (first.call_id, second.decision) == ("x", "invalid") and second.call_id != "x"
    assert is_valid(stage.sent())


def test_a_call_without_an_id_gets_one(stage, bench):
    stage.begin()
    stage.scripts = [calls(ToolCallDelta(0, "", "look", '{"n":3}')), words("ok")]
    stage.say("go")
    stage.wait_over()
    assert bench.ran == [("look", {"n": 3})]
    (made,) = stage.path()[1].calls
    assert made.id.startswith("call_") and is_valid(stage.sent())


def test_no_more_calls_of_one_answer_than_the_limit_are_run(stage, bench):
    stage.begin()
    stage.scripts = [calls(*(call("look", index=at) for at in range(CALLS_LIMIT + 3))), words("ok")]
    stage.say("go")
    stage.wait_over()
    assert len(bench.ran) == CALLS_LIMIT
    assert sum(result.decision == "invalid" for result in stage.results()) == 3
    assert is_valid(stage.sent())


def test_a_tool_that_fails_tells_the_model_why(stage, bench):
    stage.begin()
    bench.fails = {"look": ToolError("error.call_timeout", seconds=3), "peek": RuntimeError("boom")}
    bench.fails["read"] = SystemExit(3)
    stage.scripts = [calls(call("look", index=0), call("peek", index=1), call("read", index=2)), words("ok")]
    stage.say("go")
    stage.wait_over()
    texts = {result.call_id: result.text for result in stage.results()}
    assert "3 seconds" in texts["c_look_0"] and "boom" in texts["c_peek_1"] and "SystemExit" in texts["c_read_2"]
    assert all(result.failed for result in stage.results())


def test_a_tool_that_never_ends_is_ended(stage, bench, monkeypatch):
    monkeypatch.setattr("tui_chat.chat.round._GRACE_S", 0.0)
    stage.box = stage.box.plus([bench.tool("slow", timeout_s=0.01)])
    stage.begin()
    bench.gates["slow"] = Flag()
    stage.scripts = [calls(call("slow")), words("ok")]
    stage.say("go")
    stage.wait_over()
    assert bench.cancelled == ["slow"] and stage.results()[0].failed


def test_a_long_result_loses_its_middle_and_says_so(stage):
    async def flood(arguments, surroundings):
        return Outcome("a" * TEXT_LIMIT_CHARACTERS + "b" * 10)

    stage.box = stage.box.plus([stage.bench.tool("flood", run=flood)])
    stage.begin()
    stage.scripts = [calls(call("flood")), words("ok")]
    stage.say("go")
    stage.wait_over()
    (result,) = stage.results()
    assert result.text.endswith("b" * 10) and " 10 " in result.text
    assert len(result.text) < TEXT_LIMIT_CHARACTERS + 100


def drawn() -> bytes:
    """A whole picture."""
    from PIL import Image as pillow

    file = io.BytesIO()
    pillow.new("RGB", (3, 2)).save(file, "PNG")
    return file.getvalue()


BROUGHT = (Brought(drawn(), "plot.png"), Brought(wav(b"\0" * 4800)), Brought(b"<svg/>"), Brought(b"\x89PNG\r\n\x1a\n"))


def shown_to(stage: ToolStage, model: str) -> list[Message]:
    """What a model is sent after a tool gave back a picture, a sound, and what is neither."""

    async def draw(arguments, surroundings):
        return Outcome("drawn", brought=BROUGHT)

    stage.box = stage.box.plus([stage.bench.tool("draw", run=draw)])
    stage.begin()
    stage.run(stage.desk.set_head("chat", model=model))
    stage.scripts = [calls(call("draw", index=0), call("look", index=1)), words("ok")]
    stage.say("go")
    stage.wait_over()
    return list(stage.sent())


def test_what_a_result_brought_is_kept_with_it_and_shown_to_the_model_after_all_results(stage):
    sent = shown_to(stage, "gpt-4.1")
    assert shape(sent)[1:] == ["assistant c_draw_0 c_look_1", "tool c_draw_0", "tool c_look_1", "user"]
    tree = stage.tree()
    result, picture, sound = next(tree.node(id).parts for id in tree.path() if len(tree.node(id).parts) == 3)
    assert (picture.name, picture.width, picture.height, picture.media_type) == ("plot.png", 3, 2, "image/png")
    assert stage.blobs.load(picture.blob) == drawn()
    assert (sound.format, sound.seconds, sound.name) == ("wav", 0.1, "sound.wav")
    assert stage.blobs.load(sound.blob)[:4] == b"RIFF"
    assert result.text.startswith("drawn\n") and len(result.text.split("\n")) == 4  # two were lost, and why
    assert [part for part in sent[-1].parts if not isinstance(part, Text)] == [picture]
    said = sent[2].parts[0]
    assert said.text == result.text + "\n" + t("chat.call.not_taken", count=1)


@pytest.mark.parametrize(("model", "kinds"), [("gemini-2.5-pro", [Image, Audio]), ("deepseek-chat", [])])
def test_a_model_is_shown_only_what_it_takes_and_told_of_the_rest(stage, model, kinds):
    sent = shown_to(stage, model)
    assert [type(part) for part in sent[-1].parts if isinstance(part, Image | Audio)] == kinds
    assert (sent[-1].role == "user") is bool(kinds)
    assert (t("chat.call.not_taken", count=2) in sent[2].parts[0].text) is (not kinds)


class TestStopping:
    def test_a_stop_ends_the_tool_and_gives_every_call_a_result(self, stage, bench):
        stage.begin()
        bench.gates["write"] = Flag()
        stage.scripts = [calls(call("write", index=0), call("write", index=1)), words("never said")]
        stage.say("go")
        stage.asks()
        stage.decide("c_write_0", "once")
        eventually_in_thread(lambda: bench.ran, what="the tool runs")
        assert stage.run(stage.desk.open("chat")).called == (CallRuns("chat", stage.tree().leaf, "c_write_0"),)
        stage.run(stage.desk.stop("chat"))
        assert bench.cancelled == ["write"] and len(bench.ran) == 1
        assert [result.decision for result in stage.results()] == ["stopped", "stopped"]
        assert stage.results()[0].text != stage.results()[1].text  # one may have done a part of its work
        assert [event.goes_on for event in stage.of(RoundEnded)] == [False]
        assert len(stage.requests) == 1 and len(stage.of(CallEnded)) == 2
        stage.scripts = [words("hello")]
        stage.say("hello")
        stage.wait_over(2)
        assert is_valid(stage.sent()) and shape(stage.sent())[-1] == "user"

    def test_a_stop_while_a_call_asks(self, stage, bench):
        stage.begin()
        stage.scripts = [calls(call("write"))]
        stage.say("go")
        stage.asks()
        stage.run(stage.desk.stop("chat"))
        assert bench.ran == [] and stage.results()[0].decision == "stopped"
        stage.decide("c_write_0", "once")  # a word that comes too late
        assert bench.ran == [] and stage.run(stage.desk.open("chat")).asking == ()

    def test_a_stop_of_calls_side_by_side(self, stage, bench):
        stage.begin()
        bench.gates.update(look=Flag(), peek=Flag())
        stage.scripts = [calls(call("look", index=0), call("peek", index=1), call("read", index=2))]
        stage.say("go")
        eventually_in_thread(lambda: len(bench.ran) == 3 and bench.ended == ["read"], what="all run")
        eventually_in_thread(lambda: len(stage.of(CallEnded)) == 1, what="one has ended")
        stage.run(stage.desk.stop("chat"))
        assert sorted(bench.cancelled) == ["look", "peek"]
        decisions = {result.call_id: result.decision for result in stage.results()}
        assert decisions == {"c_read_2": "", "c_look_0": "stopped", "c_peek_1": "stopped"}

    def test_a_stop_as_the_answer_arrives_runs_nothing(self, stage, bench):
        gate = Flag()
        stage.begin()
        stage.scripts = [[Delta(text="a", tool_calls=(call("look", '{"n"'),)), gate]]
        stage.say("go")
        eventually_in_thread(lambda: stage.of(TurnStarted) and stage.closed_streams == 0, what="it streams")
        eventually_in_thread(lambda: any(getattr(e, "text", "") == "a" for e in stage.events), what="a word")
        stage.run(stage.desk.stop("chat"))
        assert bench.ran == [] and stage.ends()[-1].finish == "stopped" and not stage.ends()[-1].goes_on
        stage.scripts = [words("ok")]
        stage.say("next")
        stage.wait_over(2)
        assert shape(stage.sent()) == ["user", "assistant", "user"]  # half a call is not sent

    def test_closing_all_while_a_tool_runs(self, stage, bench):
        stage.begin()
        bench.gates["look"] = Flag()
        stage.scripts = [calls(call("look"))]
        stage.say("go")
        eventually_in_thread(lambda: bench.ran, what="the tool runs")
        stage.say("later, with a picture")
        assert stage.run(stage.desk.close_all()) == {"chat": ((Text("later, with a picture"),),)}
        assert bench.cancelled == ["look"]
        kept = [change.node for change in stage.shelf.journals["chat"].changes if isinstance(change, NodeAdded)]
        assert kept[-1].result.decision == "stopped"

    def test_what_a_tool_still_brought_to_its_end_is_kept(self, stage):
        began = Flag()

        async def stubborn(arguments, surroundings):
            import asyncio

            began.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return Outcome("ended well")
            raise AssertionError

        stage.box = stage.box.plus([stage.bench.tool("stubborn", run=stubborn)])
        stage.begin()
        stage.scripts = [calls(call("stubborn"))]
        stage.say("go")
        eventually_in_thread(began.is_set, what="it runs")
        stage.run(stage.desk.stop("chat"))
        assert [result.text for result in stage.results()] == ["ended well"]


class TestRounds:
    def test_after_25_rounds_a_person_is_asked(self, stage, bench):
        stage.begin()
        stage.scripts = [calls(call("look")) for _ in range(50)] + [words("at last")]
        stage.say("go")
        stage.wait_over()
        assert len(bench.ran) == 25 and len(stage.requests) == 25
        assert stage.of(RoundsAsk) == [RoundsAsk("chat", 25)] and stage.overs()[-1] == stage.of(RoundEnded)[-1]
        assert stage.run(stage.desk.open("chat")).rounds == 25
        stage.run(stage.desk.go_on("chat"))
        stage.wait_over(2)
        assert len(bench.ran) == 50 and stage.of(RoundsAsk)[-1].count == 50
        stage.run(stage.desk.go_on("chat"))
        stage.wait_over(3)
        assert stage.path()[-1].text == "at last" and is_valid(stage.sent())
        assert stage.run(stage.desk.open("chat")).rounds == 0
        stage.run(stage.desk.go_on("chat"))  # nothing to go on with
        assert len(stage.requests) == 51

    def test_a_word_of_the_persons_will_do_too(self, stage):
        stage.begin()
        stage.scripts = [*(calls(call("look")) for _ in range(25)), words("fine")]
        stage.say("go")
        stage.wait_over()
        stage.say("enough, sum up")
        stage.wait_over(2)
        assert is_valid(stage.sent()) and stage.run(stage.desk.open("chat")).rounds == 0

    def test_a_demand_for_a_call_is_for_the_first_answer(self, stage):
        stage.begin(values={"tool_choice": "required", "temperature": 0.5})
        stage.scripts = [calls(call("look")), words("ok"), words("ok")]
        stage.say("go")
        stage.wait_over()
        stage.say("again")
        stage.wait_over(2)
        assert [request.values.get("tool_choice") for request in stage.requests] == ["required", None, "required"]

    def test_messages_wait_while_tools_run(self, stage, bench):
        stage.begin()
        bench.gates["look"] = Flag()
        stage.scripts = [calls(call("look")), words("done"), words("yes")]
        stage.say("go")
        eventually_in_thread(lambda: bench.ran, what="the tool runs")
        stage.say("and then?")
        assert stage.of(Queued)[-1].texts == ("and then?",)
        for forbidden in (stage.desk.regenerate("chat", "x"), stage.desk.choose("chat", None)):
            with pytest.raises(UsageError):
                stage.run(forbidden)
        bench.gates["look"].set()
        stage.wait_over(2)
        assert [node.text for node in stage.path() if node.role != "tool"] == ["go", "", "done", "and then?", "yes"]

    def test_a_disk_that_is_full_lets_nothing_run_that_changes_anything(self, stage, bench):
        stage.begin()
        stage.scripts = [calls(call("write")), calls(call("look")), words("ok")]
        stage.say("go")
        stage.asks()
        stage.shelf.full = True
        stage.decide("c_write_0", "once")
        stage.wait_over()
        assert bench.ran == [("look", {})]
        assert stage.results()[0].failed
        stage.shelf.full = False
        assert stage.run(stage.desk.save_again("chat"))

    def test_a_temporary_chat_runs_tools_and_keeps_nothing(self, stage, bench):
        stage.begin(temporary=True)
        stage.scripts = [calls(call("write")), words("ok")]
        stage.say("go")
        stage.asks()
        stage.decide("c_write_0", "once")
        stage.wait_over()
        assert len(bench.ran) == 1 and stage.shelf.journals == {}

    def test_a_chat_without_tools_opens_no_box_and_sends_none(self, stage):
        stage.begin(tools=())
        stage.scripts = [calls(call("look"))]
        stage.say("go")
        stage.wait_over()
        assert stage.opened_boxes == 0 and stage.requests[0].tools == ()
        assert stage.ends()[-1].finish == "tool_calls"

    def test_a_broken_call_under_an_ordinary_stop_is_answered_too(self, stage, bench):
        stage.begin()
        stage.scripts = [calls(call("look", "{broken"), finish="stop"), words("ok")]
        stage.say("go")
        stage.wait_over()
        assert bench.ran == [] and stage.results()[0].decision == "invalid"

    def test_calls_cut_at_the_length_limit_are_not_run(self, stage, bench):
        stage.begin()
        stage.scripts = [calls(call("look", '{"n": 1}'), finish="length"), words("ok")]
        stage.say("go")
        stage.wait_over()
        assert bench.ran == [] and stage.ends()[-1].finish == "length"


def test_a_long_call_is_told_and_kept_as_it_is_written(stage, monkeypatch):
    monkeypatch.setattr("tui_chat.chat.turn.CALLING_EVERY_S", 0.0)
    monkeypatch.setattr("tui_chat.chat.growing.KEEP_EVERY_S", 0.0)
    stage.begin()
    gate = Flag()
    pieces = [Delta(tool_calls=(ToolCallDelta(0, arguments=" " * 1000),)) for _ in range(5)]
    end = Delta(tool_calls=(ToolCallDelta(0, arguments="}"),))
    stage.scripts = [
        [Delta(tool_calls=(call("look", "{"),)), *pieces, gate, end, *calls(finish="tool_calls")],
        words("ok"),
    ]
    stage.say("go")
    eventually_in_thread(lambda: any(event.size == 5001 for event in stage.of(Calling)), what="its size is told")
    assert {event.name for event in stage.of(Calling)} == {"look"}
    partials = stage.shelf.journals["chat"].partials
    eventually_in_thread(
        lambda: any(node.calls and len(node.calls[0].arguments) > 5000 for node in partials), what="kept"
    )
    gate.set()
    stage.wait_over()
    assert len(stage.bench.ran) == 1


def test_the_parts_of_results_stand_alone_in_the_tree(stage):
    stage.begin()
    stage.scripts = [calls(call("look", index=0), call("peek", index=1)), words("ok")]
    stage.say("go")
    stage.wait_over()
    tree = stage.tree()
    answer = tree.path()[1]
    assert [type(tree.node(id).parts[0]) for id in tree.results(answer)] == [ToolResult, ToolResult]
    assert tree.path() == [*tree.path()[:2], *tree.results(answer), tree.leaf]
    assert [type(part) for part in tree.node(answer).parts] == [ToolCall, ToolCall]
