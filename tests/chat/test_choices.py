"""Several answers to one request, and how likely they were: through the desk."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from threading import Event as Flag

import pytest

from tests.chat.stage import Stage
from tests.waiting import eventually_in_thread
from tui_chat.chat.events import Beside, Grew
from tui_chat.chat.feed import Feed
from tui_chat.chat.node import Node
from tui_chat.chat.probabilities import load_logprobs
from tui_chat.errors import StoreError, WireError
from tui_chat.wire.delta import AudioDelta, Delta
from tui_chat.wire.logprobs import Likely, Logprobs, Token
from tui_chat.wire.messages import Audio, Citation, Image, Text, Usage


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.engine.close()


def likely(text: str) -> Logprobs:
    return Logprobs((Token(Likely(text, -0.5, text.encode()), (Likely(text, -0.5, text.encode()),)),))


def answers(stage: Stage) -> list[Node]:
    tree = stage.tree()
    return [tree.node(id) for id in tree.children(tree.path()[0])]


THREE = [
    Delta(0, "a1 ", id="c", logprobs=likely("a1 ")),
    Delta(2, "c1 ", id="c"),
    Delta(1, "b1 ", id="c", logprobs=likely("b1 ")),
    Delta(0, "a2", id="c", finish_reason="stop", usage=Usage(3, 9, 12)),
    Delta(1, "b2", id="c", finish_reason="length"),
    Delta(2, "c2", id="c", finish_reason="stop"),
]


def test_choices_of_one_request_become_siblings_the_first_of_them_active(stage: Stage) -> None:
    stage.begin(values={"n": 3})
    stage.scripts = [list(THREE), [Delta(text="next", finish_reason="stop")]]
    stage.say("hi")
    stage.wait_for_end()
    found = answers(stage)
    assert [node.text for node in found] == ["a1 a2", "b1 b2", "c1 c2"]
    assert [node.finish for node in found] == ["stop", "length", "stop"]
    assert stage.tree().leaf == found[0].id
    assert [node.usage is None for node in found] == [False, True, True]  # it counts all of them, and once
    assert {node.completion_id for node in found} == {"c"}
    beside = [event.other.id for event in stage.events if isinstance(event, Beside)]
    assert sorted(beside) == sorted(node.id for node in found[1:])
    stage.run(stage.desk.choose("chat", found[2].id))
    stage.say("go on")
    stage.wait_for_end(2)
    assert [message.text for message in stage.requests[1].messages] == ["hi", "c1 c2", "go on"]


def test_what_grows_beside_is_told_by_its_own_id(stage: Stage) -> None:
    stage.begin()
    stage.scripts = [list(THREE)]
    stage.say("hi")
    stage.wait_for_end()
    said: dict[str, str] = {}
    for event in stage.events:
        if isinstance(event, Grew):
            said[event.node] = said.get(event.node, "") + event.text
    assert said == {node.id: node.text for node in answers(stage)}


def test_all_of_them_are_kept_when_the_person_stops(stage: Stage) -> None:
    stage.begin()
    hold = Flag()
    stage.scripts = [[*THREE[:4], hold]]
    stage.say("hi")
    eventually_in_thread(lambda: sum(isinstance(event, Grew) for event in stage.events) >= 3)
    stage.run(stage.desk.stop("chat"))
    assert [(node.text, node.finish) for node in answers(stage)] == [
        ("a1 a2", "stop"),
        ("b1 ", "stopped"),
        ("c1 ", "stopped"),
    ]


def test_all_of_them_are_kept_when_the_line_breaks_and_in_the_sidecar_until_then(stage: Stage) -> None:
    stage.begin()
    hold = Flag()
    stage.scripts = [[Delta(0, "x" * 5000), Delta(1, "y" * 10), hold, WireError("error.stream_cut")]]
    stage.say("hi")
    journal = stage.shelf.journals["chat"]
    eventually_in_thread(lambda: len({node.id for node in journal.partials}) == 2, what="both in the sidecar")
    hold.set()
    stage.wait_for_end()
    assert [(node.text[:2], node.finish) for node in answers(stage)] == [("xx", "interrupted"), ("yy", "interrupted")]
    assert all(node.failure is not None for node in answers(stage))


def test_a_watcher_that_comes_later_sees_those_that_arrive(stage: Stage) -> None:
    stage.begin()
    hold = Flag()
    stage.scripts = [[Delta(0, "a"), Delta(1, role="assistant"), Delta(2, "c"), hold]]
    stage.say("hi")
    eventually_in_thread(lambda: sum(isinstance(event, Beside) for event in stage.events) == 2)
    view = stage.run(stage.desk.open("chat"))
    assert sorted(node.text for node in view.beside) == ["", "c"]
    hold.set()
    stage.wait_for_end()


def test_an_answer_that_goes_on_goes_on_alone(stage: Stage) -> None:
    stage.begin(values={"n": 2})
    stage.scripts = [[Delta(text="cut", finish_reason="length")], [Delta(text=" more", finish_reason="stop")]]
    stage.say("hi")
    stage.wait_for_end()
    stage.run(stage.desk.resume("chat", answers(stage)[0].id))
    stage.wait_for_end(2)
    assert [request.values.get("n") for request in stage.requests] == [2, None]


def test_probabilities_stand_in_a_blob_and_within_the_message_where_nothing_is_saved(stage: Stage) -> None:
    stage.begin()
    stage.scripts = [list(THREE), list(THREE)]
    stage.say("hi")
    stage.wait_for_end()
    first, second, third = answers(stage)
    assert load_logprobs(first.logprobs, stage.blobs) == likely("a1 ")
    assert load_logprobs(second.logprobs, stage.blobs) == likely("b1 ") and third.logprobs == ""
    stage.run(stage.desk.new(type(stage.tree().head)("quiet", model="m", temporary=True)))
    kept = dict(stage.blobs.kept)
    stage.run(stage.desk.send("quiet", (Text("hi"),)))
    stage.wait_for_end(2)
    tree = stage.run(stage.desk.open("quiet")).conversation
    assert load_logprobs(tree.node(tree.path()[1]).logprobs, stage.blobs) == likely("a1 ") and stage.blobs.kept == kept


@pytest.mark.parametrize("kept", ["data:", "data:AAAA", "data:%"])
def test_broken_probabilities_say_so(kept: str, stage: Stage) -> None:
    with pytest.raises(StoreError):
        load_logprobs(kept, stage.blobs)


def test_sources_of_what_goes_on_move_by_what_was_said_before(stage: Stage) -> None:
    stage.begin()
    cite = Citation("https://a.example", "", 0, 2)
    stage.scripts = [
        [Delta(text="abc", citations=(cite,), finish_reason="length")],
        [Delta(text="def", citations=(cite,), finish_reason="stop")],
    ]
    stage.say("hi")
    stage.wait_for_end()
    stage.run(stage.desk.resume("chat", answers(stage)[0].id))
    stage.wait_for_end(2)
    whole = answers(stage)[1]
    assert whole.text == "abcdef"
    assert [part.end for part in whole.parts if isinstance(part, Citation)] == [2, 5]


def test_a_slow_watcher_is_told_each_place_once() -> None:
    feed = Feed()
    for _ in range(50):
        for node in ("a", "b", "c"):
            feed.put(Grew("chat", node, node))
    assert [(event.node, len(event.text)) for event in feed.drain() if isinstance(event, Grew)] == [
        ("a", 50),
        ("b", 50),
        ("c", 50),
    ]


def test_the_sound_and_the_pictures_of_every_choice_are_kept_even_without_words(stage: Stage) -> None:
    stage.begin(values={"n": 3})
    png = "data:image/png;base64," + b64encode(b"\x89PNG picture").decode()
    sounds = [b"\1\0" * 2400, b"\2\0" * 4800]
    heard = [AudioDelta(f"audio-{at}", b64encode(sounds[at]).decode(), expires_at=1787469342) for at in range(2)]
    stage.scripts = [
        [
            Delta(1, id="c", audio=heard[1]),
            Delta(0, id="c", audio=heard[0]),
            Delta(2, id="c", images=(png,)),
            *(Delta(choice, id="c", finish_reason="stop") for choice in range(3)),
        ]
    ]
    stage.say("speak")
    stage.wait_for_end()
    found = answers(stage)
    assert len(found) == 3
    for node, samples in zip(found, sounds, strict=False):
        (sound,) = (part for part in node.parts if isinstance(part, Audio))
        content = stage.blobs.load(sound.blob)
        assert content[:4] == b"RIFF" and content[44:] == samples and sound.format == "wav"
        assert sound.expires_at == 1787469342 and sound.seconds == round(len(samples) / 48000, 1)
    (picture,) = found[2].parts
    assert isinstance(picture, Image) and stage.blobs.load(picture.blob) == b"\x89PNG picture"
