"""Every recorded stream makes the reply it should, however it is cut."""

import random
from itertools import pairwise

import pytest

from tests.gateway.cases import SMALL_STREAMS, STREAMS, case
from tests.gateway.cases_text import HELLO, SAID, START, WHOLE
from tests.long_form import long_form
from tests.wire.reading import check, read, state
from tui_chat.wire.reader import AnswerReader


@pytest.mark.parametrize("case", STREAMS, ids=str)
def test_every_stream_makes_the_reply_it_should(case):
    check(case.expects, *read([case.body]))


@pytest.mark.parametrize("case", SMALL_STREAMS, ids=str)
def test_a_stream_cut_at_any_byte_makes_the_same_reply(case):
    body = case.body
    whole, error = read([body])
    for size in (1, 19):
        for first in range(1, size + 1):  # so that every byte is the first of a piece once
            cuts = [0, *range(first, len(body), size), len(body)]
            cut, cut_error = read(body[start:end] for start, end in pairwise(cuts))
            assert (state(cut), cut_error) == (state(whole), error), (size, first)


def test_a_body_that_ends_at_any_byte_keeps_a_beginning_and_is_never_whole(record_property):
    body = START + SAID
    record_property("cut_bodies", len(body))
    for end in range(len(body)):
        reply, error = read([body[:end]])
        assert HELLO.startswith(reply.text)
        assert not reply.complete
        assert error in ("", "error.empty_answer")


def test_every_character_of_the_plane_survives_every_cut():
    text = "".join(chr(code) for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF)
    for size in (1, 4093):
        blocks = [text[n : n + 997] for n in range(0, len(text), 997)]
        events = [f'data: {{"choices":[{{"index":0,"delta":{{"content":{quoted(block)}}}}}]}}\n\n' for block in blocks]
        body = "".join(events).encode()
        reply, _error = read(body[n : n + size] for n in range(0, len(body), size))
        assert reply.text == text


def quoted(text: str) -> str:
    """JSON that escapes only what it must, so that the characters themselves travel."""
    escaped = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escaped.get(c, c if c >= " " else f"\\u{ord(c):04x}") for c in text) + '"'


@pytest.mark.parametrize("seed", range(long_form("MUTATIONS", 20)))
def test_mutated_streams_never_crash(seed, record_property):
    record_property("mutated_streams", 100)
    chance = random.Random(seed)
    bodies = [c.body for c in SMALL_STREAMS if len(c.body) < 20_000]
    for _ in range(100):
        body = bytearray(chance.choice(bodies))
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(body) + 1)
            end = min(len(body), at + chance.randint(0, 30))
            match chance.randrange(6):
                case 0:
                    del body[at:end]
                case 1:
                    body[at:at] = chance.randbytes(chance.randint(1, 8))
                case 2:
                    body[at:at] = body[at:end]
                case 3:
                    body[at:end] = chance.choice(
                        [
                            b"null",
                            b"[]",
                            b"{}",
                            b"-1",
                            b"1e999",
                            b'"\\ud800"',
                            b"true",
                            b"\r",
                            b"\n\n",
                            b"data:",
                            b"NaN",
                        ]
                    )
                case 4 if body:
                    body[at % len(body)] ^= 1 << chance.randrange(8)
                case _:
                    other = chance.choice(bodies)
                    body[at:at] = other[: chance.randrange(len(other) + 1)]
        reply, _error = read(body[n : n + 57] for n in range(0, len(body), 57))
        reply.close()
        reply.parts()
        state(reply)
        assert all(isinstance(choice.text.encode(), bytes) for choice in reply.choices.values())


@pytest.mark.parametrize(
    "payload",
    ['{"choices":[{"index":0,"delta":{"content":{}}}]}', "[" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000, "1" * 5000],
)
def test_json_that_is_too_deep_or_odd_is_passed_over(payload):
    body = WHOLE.replace(b"data: [DONE]", b"data: " + payload.encode() + b"\n\ndata: [DONE]")
    reply, error = read([body])
    assert (reply.text, reply.complete, error) == (HELLO, True, "")


def test_the_request_id_is_on_the_first_delta():
    reply, _error = read([WHOLE], headers={"x-oneapi-request-id": "abc"})
    assert reply.request_id == "abc"


def test_an_error_keeps_the_id_of_its_request():
    reader = AnswerReader(200, {"x-oneapi-request-id": "abc"}, secret="hunter2hunter2")
    reader.take(b'data: {"error":{"message":"prompt is too long for hunter2hunter2"}}\n\n')
    assert reader.failure is not None
    assert reader.failure.request_id == "abc"
    assert reader.failure.message == "prompt is too long for [key]"


def test_text_that_is_no_event_says_why_there_is_no_answer():
    assert read([b"data: upstream exploded\n\n"])[1] == "error.server_error"
    assert read([b'event: error\ndata: {"message":"Too Many Requests"}\n\n'])[1] == "error.upstream_busy"
    assert read([b"data: {broken\n\n"])[1] == "error.empty_answer"
    assert read([case("done-alone").body])[1] == "error.empty_answer"


def test_events_without_blank_lines_between_them_are_read():
    body = WHOLE.replace(b"\n\n", b"\n")
    reply, error = read([body])
    assert (reply.text, reply.complete, error) == (HELLO, True, "")
