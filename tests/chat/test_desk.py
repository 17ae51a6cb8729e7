import asyncio
from collections.abc import Iterator

import pytest

from tests.chat.stage import Flag, Stage, words
from tests.waiting import eventually_in_thread
from tui_chat.chat.events import (
    Changed,
    Grew,
    NotSaved,
    Queued,
    Restarted,
    Retrying,
    SavedAgain,
    TurnEnded,
    TurnStarted,
)
from tui_chat.chat.node import Failure, Head
from tui_chat.chat.tree import Conversation, NodeAdded
from tui_chat.errors import StoreError, UsageError, WireError
from tui_chat.wire.delta import Delta, Waiting
from tui_chat.wire.messages import Image, Reasoning, Text, Usage


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.run(stage.desk.close_all())
    stage.engine.close()


def test_a_question_is_answered_and_both_are_kept(stage):
    stage.begin()
    usage = Usage(prompt_tokens=3, completion_tokens=2)
    stage.scripts = [
        [Delta(text="Hel", model="model-2", id="c1"), Delta(text="lo"), Delta(finish_reason="stop", usage=usage)]
    ]
    stage.say("hi")
    assert stage.wait_for_end().finish == "stop"
    tree = stage.tree()
    question, answer = (tree.node(id) for id in tree.path())
    assert (question.role, question.text) == ("user", "hi")
    assert (answer.role, answer.text, answer.finish, answer.usage) == ("assistant", "Hello", "stop", usage)
    assert (answer.model, answer.answered_by, answer.completion_id) == ("model", "model-2", "c1")
    assert answer.timing.first_token_s is not None
    kept = [change.node.text for change in stage.shelf.journals["chat"].changes if isinstance(change, NodeAdded)]
    assert kept == ["hi", "Hello"]


def test_the_question_is_on_disk_before_the_request_leaves(stage):
    stage.begin()
    stage.scripts = [words("ok")]
    stage.say("hi")
    stage.wait_for_end()
    kinds = [kind for kind, _ in stage.shelf.log]
    assert kinds == ["append", "request", "append"]


def test_events_fold_to_the_same_conversation_as_the_desk_holds(stage):
    stage.begin()
    stage.scripts = [words("one"), words("two", finish=None), words("three")]
    stage.say("a")
    stage.wait_for_end(1)
    stage.say("b")
    stage.wait_for_end(2)
    stage.run(stage.desk.regenerate("chat", stage.tree().path()[-1]))
    stage.wait_for_end(3)
    watched = Conversation(stage.tree().head)
    for event in stage.events:
        if isinstance(event, Changed):
            watched.apply(event.change)
    tree = stage.tree()
    assert watched.path() == tree.path()
    assert [watched.node(id) for id in watched.path()] == [tree.node(id) for id in tree.path()]


def test_earlier_turns_the_system_prompt_and_the_parameters_are_sent(stage):
    stage.begin(system="Be brief.", values={"temperature": 0.5})
    stage.scripts = [words("one"), words("two")]
    stage.say("a")
    stage.wait_for_end(1)
    stage.say("b")
    stage.wait_for_end(2)
    request = stage.requests[1]
    assert [(message.role, message.text) for message in request.messages] == [
        ("system", "Be brief."),
        ("user", "a"),
        ("assistant", "one"),
        ("user", "b"),
    ]
    assert request.values == {"temperature": 0.5}
    assert stage.tree().node(stage.tree().path()[-1]).values == {"temperature": 0.5}


def test_reasoning_is_kept_with_its_time_and_not_sent_back(stage):
    stage.begin()
    stage.scripts = [
        [Delta(reasoning="hm "), Delta(reasoning="yes"), Delta(text="42"), Delta(finish_reason="stop")],
        words("x"),
    ]
    stage.say("a")
    stage.wait_for_end(1)
    tree = stage.tree()
    thought, said = tree.node(tree.path()[-1]).parts
    assert isinstance(thought, Reasoning) and thought.text == "hm yes" and thought.seconds is not None
    assert said == Text("42")
    stage.say("b")
    stage.wait_for_end(2)
    assert [part for message in stage.requests[1].messages for part in message.parts] == [
        Text("a"),
        Text("42"),
        Text("b"),
    ]


def test_stopping_keeps_what_was_said_and_closes_the_stream(stage):
    stage.begin()
    never = Flag()
    stage.scripts = [[Delta(text="Hel"), Delta(text="lo"), never]]
    stage.say("hi")
    eventually_in_thread(lambda: "".join(event.text for event in stage.events if isinstance(event, Grew)) == "Hello")
    stage.run(stage.desk.stop("chat"))
    end = stage.wait_for_end()
    assert (end.finish, end.kept) == ("stopped", True)
    assert stage.closed_streams == 1
    answer = stage.tree().node(stage.tree().path()[-1])
    assert (answer.text, answer.finish) == ("Hello", "stopped")


def test_stopping_before_a_word_came_leaves_only_the_question(stage):
    stage.begin()
    stage.scripts = [[Flag()]]
    stage.say("hi")
    eventually_in_thread(lambda: stage.requests)
    stage.run(stage.desk.stop("chat"))
    assert stage.wait_for_end().kept is False
    assert [stage.tree().node(id).role for id in stage.tree().path()] == ["user"]


def test_a_stream_that_ends_without_a_finish_reason_is_interrupted(stage):
    stage.begin()
    stage.scripts = [words("half", finish=None)]
    stage.say("hi")
    assert stage.wait_for_end().finish == "interrupted"
    assert stage.tree().node(stage.tree().path()[-1]).incomplete


def test_an_error_in_mid_stream_keeps_the_text_and_never_stands_in_it(stage):
    stage.begin()
    failure = WireError("error.upstream_failed", status=502, request_id="r1", retryable=True)
    stage.scripts = [[Delta(text="half"), failure]]
    stage.say("hi")
    end = stage.wait_for_end()
    answer = stage.tree().node(stage.tree().path()[-1])
    assert (answer.text, answer.finish) == ("half", "error")
    assert answer.failure is not None and answer.failure.key == "error.upstream_failed"
    assert answer.failure.facts["request_id"] == "r1" and answer.request_id == "r1"
    assert end.failure == answer.failure and end.failure.retryable


def test_a_fault_of_ours_ends_the_turn_with_words(stage):
    stage.begin()
    stage.scripts = [[Delta(text="a"), ValueError("boom")], words("fine")]
    stage.say("hi")
    end = stage.wait_for_end()
    assert end.failure == Failure("error.internal", {"what": "ValueError: boom"})
    stage.say("again")
    assert stage.wait_for_end(2).finish == "stop"


def test_an_empty_answer_is_an_error_that_can_be_retried(stage):
    stage.begin()
    stage.scripts = [words()]
    stage.say("hi")
    end = stage.wait_for_end()
    assert end.failure is not None and end.failure.key == "error.empty_answer" and end.failure.retryable


def test_asking_again_after_a_failure_without_words_replaces_it(stage):
    stage.begin()
    stage.scripts = [[WireError("error.upstream_failed")], words("good")]
    stage.say("hi")
    stage.wait_for_end()
    failed = stage.tree().path()[-1]
    stage.run(stage.desk.regenerate("chat", failed))
    stage.wait_for_end(2)
    tree = stage.tree()
    assert failed not in tree
    assert tree.siblings(tree.path()[-1]) == [tree.path()[-1]]
    assert [message.role for message in stage.requests[1].messages] == ["user"]


def test_asking_again_makes_a_sibling_and_the_older_one_can_be_chosen(stage):
    stage.begin()
    stage.scripts = [words("one"), words("two")]
    stage.say("hi")
    stage.wait_for_end()
    first = stage.tree().path()[-1]
    stage.run(stage.desk.regenerate("chat", first))
    stage.wait_for_end(2)
    tree = stage.tree()
    assert [tree.node(id).text for id in tree.siblings(first)] == ["one", "two"]
    assert tree.node(tree.path()[-1]).text == "two"
    stage.run(stage.desk.choose("chat", first))
    assert stage.tree().path()[-1] == first


def test_editing_a_question_asks_it_on_a_branch_of_its_own(stage):
    stage.begin()
    stage.scripts = [words("one"), words("two")]
    stage.say("hi")
    stage.wait_for_end()
    question = stage.tree().path()[0]
    stage.run(stage.desk.edit("chat", question, (Text("hello"),)))
    stage.wait_for_end(2)
    tree = stage.tree()
    assert [tree.node(id).text for id in tree.path()] == ["hello", "two"]
    assert len(tree.siblings(tree.path()[0])) == 2


def test_editing_an_answer_asks_nothing(stage):
    stage.begin()
    stage.scripts = [words("one")]
    stage.say("hi")
    stage.wait_for_end()
    stage.run(stage.desk.edit("chat", stage.tree().path()[-1], (Text("better"),)))
    assert stage.tree().node(stage.tree().path()[-1]).text == "better"
    assert len(stage.requests) == 1


def test_continuing_sends_the_cut_answer_and_joins_what_comes(stage):
    stage.begin()
    stage.scripts = [words("one two", finish="length"), words(" three")]
    stage.say("count")
    stage.wait_for_end()
    cut = stage.tree().path()[-1]
    stage.run(stage.desk.resume("chat", cut))
    stage.wait_for_end(2)
    assert [(message.role, message.text) for message in stage.requests[1].messages] == [
        ("user", "count"),
        ("assistant", "one two"),
        ("user", "go on"),
    ]
    tree = stage.tree()
    whole = tree.node(tree.path()[-1])
    assert (whole.text, whole.finish) == ("one two three", "stop")
    assert tree.siblings(cut) == [cut, whole.id]


def test_what_is_said_meanwhile_waits_and_is_then_sent(stage):
    stage.begin()
    go = Flag()
    stage.scripts = [[Delta(text="one"), go, Delta(finish_reason="stop")], words("two"), words("three")]
    stage.say("a")
    stage.say("b")
    stage.say("c")
    assert [event.texts for event in stage.events if isinstance(event, Queued)] == [("b",), ("b", "c")]
    go.set()
    stage.wait_for_end(3)
    assert [stage.tree().node(id).text for id in stage.tree().path()] == ["a", "one", "b", "two", "c", "three"]


def test_what_waits_can_be_taken_back_and_a_stop_does_not_send_it(stage):
    stage.begin()
    stage.scripts = [[Delta(text="one"), Flag()]]
    stage.say("a")
    stage.say("b")
    stage.run(stage.desk.stop("chat"))
    stage.wait_for_end()
    assert stage.run(stage.desk.open("chat")).queued == ("b",)
    assert stage.run(stage.desk.unqueue("chat")) == ((Text("b"),),)
    assert len(stage.requests) == 1


def test_a_retry_is_told_with_its_cause(stage):
    stage.begin()
    stage.scripts = [[Waiting(1, 2, 3.0, "error.rate_limited", {"seconds": 3}), Delta(text="ok", finish_reason="stop")]]
    stage.say("hi")
    stage.wait_for_end()
    (retry,) = [event for event in stage.events if isinstance(event, Retrying)]
    assert (retry.attempt, retry.limit, retry.delay_s, retry.failure.key) == (1, 2, 3.0, "error.rate_limited")


def test_a_gateway_that_begins_anew_is_told_and_the_new_text_stands(stage):
    stage.begin()
    stage.scripts = [
        [
            Delta(text="ha", id="a"),
            Delta(text="lf", id="a"),
            Delta(text="whole", id="b"),
            Delta(id="b", finish_reason="stop"),
        ]
    ]
    stage.say("hi")
    stage.wait_for_end()
    assert any(isinstance(event, Restarted) for event in stage.events)
    assert stage.tree().node(stage.tree().path()[-1]).text == "whole"


def test_a_growing_answer_is_kept_beside_the_chat_and_settled_at_its_end(stage):
    stage.begin()
    go = Flag()
    stage.scripts = [[Delta(text="x" * 5000), go, Delta(text="end", finish_reason="stop")]]
    stage.say("hi")
    journal = eventually_in_thread(lambda: stage.shelf.journals.get("chat"))
    eventually_in_thread(lambda: journal.partials)
    assert (journal.partials[0].text, journal.partials[0].finish) == ("x" * 5000, "interrupted")
    assert journal.settled == 0
    go.set()
    stage.wait_for_end()
    eventually_in_thread(lambda: journal.settled == 1)


def test_one_turn_at_a_time_changes_the_past(stage):
    stage.begin()
    stage.scripts = [[Delta(text="one"), Flag()]]
    stage.say("a")
    with pytest.raises(UsageError, match="busy"):
        stage.run(stage.desk.delete("chat", (stage.tree().path()[0],)))


def test_two_messages_sent_at_once_make_one_turn_and_one_that_waits(stage):
    stage.begin()
    stage.scripts = [words("one"), words("two")]
    first = stage.engine.submit(stage.desk.send("chat", (Text("a"),)))
    second = stage.engine.submit(stage.desk.send("chat", (Text("b"),)))
    first.result(10), second.result(10)
    stage.wait_for_end(2)
    assert [stage.tree().node(id).text for id in stage.tree().path()] == ["a", "one", "b", "two"]


def test_a_full_disk_is_told_nothing_is_lost_and_all_is_written_later(stage):
    stage.begin()
    stage.shelf.full = True
    stage.scripts = [words("one"), words("two")]
    stage.say("a")
    stage.wait_for_end()
    assert [event.key for event in stage.events if isinstance(event, NotSaved)] == ["error.store_full"] * 2
    assert [stage.tree().node(id).text for id in stage.tree().path()] == ["a", "one"]
    assert stage.run(stage.desk.save_again("chat")) is False
    stage.shelf.full = False
    assert stage.run(stage.desk.save_again("chat")) is True
    assert any(isinstance(event, SavedAgain) for event in stage.events)
    kept = [change.node.text for change in stage.shelf.journals["chat"].changes if isinstance(change, NodeAdded)]
    assert kept == ["a", "one"]


def test_a_temporary_chat_is_never_written(stage):
    stage.begin(temporary=True)
    stage.scripts = [words("one")]
    stage.say("a")
    stage.wait_for_end()
    assert stage.shelf.journals == {}
    assert [stage.tree().node(id).text for id in stage.tree().path()] == ["a", "one"]


def test_a_new_chats_settings_go_into_its_file_with_the_first_message(stage):
    stage.begin()
    stage.run(stage.desk.set_head("chat", title="named", values={"temperature": 1.0}))
    assert stage.shelf.journals == {}
    stage.scripts = [words("one")]
    stage.say("a")
    stage.wait_for_end()
    assert stage.shelf.journals["chat"].head.title == "named"


def test_a_read_only_chat_refuses_with_its_reason(stage):
    stage.begin()
    stage.scripts = [words("one")]
    stage.say("a")
    stage.wait_for_end()
    stage.run(stage.desk.close("chat"))
    stage.shelf.read_only = StoreError("error.store_open_elsewhere")
    assert stage.run(stage.desk.open("chat")).read_only is stage.shelf.read_only
    with pytest.raises(StoreError, match="open_elsewhere"):
        stage.say("b")


def test_a_turn_goes_on_when_its_chat_is_left_and_is_seen_again_as_it_stands(stage):
    stage.begin()
    go = Flag()
    stage.scripts = [[Delta(text="one"), go, Delta(text=" two", finish_reason="stop")]]
    stage.say("a")
    eventually_in_thread(lambda: any(isinstance(event, Grew) for event in stage.events))
    stage.run(stage.desk.close("chat"))
    running = stage.run(stage.desk.open("chat")).running
    assert running is not None and running.text == "one"
    go.set()
    assert stage.wait_for_end().finish == "stop"
    assert stage.tree().node(stage.tree().path()[-1]).text == "one two"


def test_closing_the_desk_stops_turns_and_keeps_what_came(stage):
    stage.begin()
    stage.scripts = [[Delta(text="half"), Flag()]]
    stage.say("a")
    eventually_in_thread(lambda: any(isinstance(event, Grew) for event in stage.events))
    stage.run(stage.desk.close_all())
    journal = stage.shelf.journals["chat"]
    assert journal.closed
    kept = [change.node for change in journal.changes if isinstance(change, NodeAdded)]
    assert (kept[-1].text, kept[-1].finish) == ("half", "stopped")


def test_images_of_an_answer_become_blobs(stage):
    stage.begin()
    stage.scripts = [
        [Delta(images=("data:image/png;base64,QUJD", "https://example.com/a.png")), Delta(finish_reason="stop")]
    ]
    stage.say("draw")
    assert stage.wait_for_end().finish == "stop"
    drawn, linked = stage.tree().node(stage.tree().path()[-1]).parts
    assert isinstance(drawn, Image) and isinstance(linked, Image)
    assert (stage.blobs.load(drawn.blob), drawn.media_type, drawn.size) == (b"ABC", "image/png", 3)
    assert linked.url == "https://example.com/a.png"


def test_a_chat_without_a_model_asks_for_one_and_keeps_the_draft_unsent(stage):
    stage.run(stage.desk.new(Head("chat")))
    with pytest.raises(UsageError, match="no_model"):
        stage.say("a")
    assert stage.tree().path() == []


def test_every_turn_has_one_start_and_one_end(stage):
    stage.begin()
    stage.scripts = [words("one"), [WireError("error.no_network")], words("x", finish=None)]
    for count, text in enumerate("abc", 1):
        stage.say(text)
        stage.wait_for_end(count)
    starts = [event.node.id for event in stage.events if isinstance(event, TurnStarted)]
    ends = [event.node for event in stage.events if isinstance(event, TurnEnded)]
    assert starts == ends and len(set(starts)) == 3


def test_a_line_that_was_cut_leaves_an_interrupted_answer_that_says_why(stage):
    stage.begin()
    stage.scripts = [[Delta(text="half"), WireError("error.stream_cut")], [WireError("error.stream_cut")]]
    stage.say("hi")
    end = stage.wait_for_end()
    assert (end.finish, end.failure.key) == ("interrupted", "error.stream_cut")
    stage.say("again")
    assert stage.wait_for_end(2).finish == "error"


def test_a_chat_is_handed_over_whole_and_only_read_from_then_on(stage):
    stage.begin()
    stage.scripts = [words("one")]
    stage.say("a")
    stage.wait_for_end()
    reason = StoreError("error.store_taken_over", pid=1, terminal="?")
    view = stage.run(stage.desk.hand_over("chat", reason))
    assert view.read_only is reason and len(view.conversation) == 2
    assert stage.shelf.journals["chat"].closed
    with pytest.raises(StoreError, match="taken_over"):
        stage.say("b")


def test_a_chat_is_not_handed_over_while_it_is_needed(stage):
    stage.begin()
    go = Flag()
    stage.scripts = [[go, Delta(text="one", finish_reason="stop")], words("two")]
    stage.say("a")
    reason = StoreError("error.store_taken_over", pid=1, terminal="?")
    with pytest.raises(UsageError, match="busy"):
        stage.run(stage.desk.hand_over("chat", reason))
    stage.say("b")
    go.set()
    stage.wait_for_end(2)
    stage.shelf.full = True
    stage.run(stage.desk.set_head("chat", title="named"))
    with pytest.raises(UsageError, match="busy"):
        stage.run(stage.desk.hand_over("chat", reason))
    stage.shelf.full = False
    assert stage.run(stage.desk.save_again("chat"))
    assert stage.run(stage.desk.hand_over("chat", reason)).read_only is reason


def test_what_was_asked_for_while_a_chat_is_handed_over_is_refused_not_written(stage):
    stage.begin()
    stage.scripts = [words("one")]
    stage.say("a")
    stage.wait_for_end()
    reason = StoreError("error.store_taken_over", pid=1, terminal="?")

    async def both():
        return await asyncio.gather(
            stage.desk.hand_over("chat", reason),
            stage.desk.send("chat", (Text("b"),)),
            stage.desk.set_head("chat", title="named"),
            return_exceptions=True,
        )

    before = len(stage.shelf.journals["chat"].changes)
    _, *refused = stage.run(both())
    assert refused == [reason, reason]
    assert len(stage.shelf.journals["chat"].changes) == before
