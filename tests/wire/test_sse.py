"""The event decoder: lines, fields, ends and bounds."""

import pytest

from tui_chat.errors import WireError
from tui_chat.wire.sse import SseDecoder, SseEvent


def events(*chunks: bytes, limit_bytes: int = 1 << 20) -> list[SseEvent]:
    decoder = SseDecoder(limit_bytes)
    return [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.finish()


def data(*chunks: bytes) -> list[str]:
    return [event.data for event in events(*chunks)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"data\n\n", [""]),
        (b"data: a\n", ["a"]),
        (b"data: a", ["a"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b": PING\n\ndata: a\n: PING\n\n", ["a"]),
        (b"id: 1\nretry: 3\ndata: a\n\n", ["a"]),
        (b"\n\n\n", []),
        (b"", []),
        (b"data: a\xe2\x80\xa8b\xc2\x85c\x0bd\x1ce\x0cf\n\n", ["a\u2028b\x85c\x0bd\x1ce\x0cf"]),
        (b"data: \xff\xfe\n\n", ["\ufffd\ufffd"]),
        (b"data: a\n\ndat", ["a"]),
    ],
)
def test_bytes_become_events_whole_and_byte_by_byte(body, expected):
    assert data(body) == expected
    assert data(*(body[n : n + 1] for n in range(len(body)))) == expected
    assert all(data(body[:n], body[n:]) == expected for n in range(len(body)))


def test_an_event_keeps_its_name():
    assert events(b"event: error\ndata: x\n\ndata: y\n\n") == [SseEvent("x", "error"), SseEvent("y")]


def test_lines_that_are_no_field_are_kept_aside():
    decoder = SseDecoder()
    decoder.feed(b'data: a\n\n{\n  "error": "x"\n')
    decoder.feed(b"}")
    decoder.finish()
    assert decoder.stray == '{\n  "error": "x"\n}'


def test_a_line_cut_within_its_field_name_is_no_stray_line():
    decoder = SseDecoder()
    decoder.feed(b"data: a\n\neven")
    assert decoder.finish() == []
    assert decoder.stray == ""


@pytest.mark.parametrize(
    "chunks",
    [
        [b"data: " + b"x" * 1100],
        [b"x" * 400] * 3,
        [b"data: xxxx\n"] * 300,
        [b"stray\n"] * 300,
        [b"data:\n"] * 300,
        [b": " + b"x" * 400] * 3,
    ],
    ids=["one-line", "line-in-pieces", "data-lines", "stray-lines", "empty-lines", "comment"],
)
def test_what_grows_past_the_limit_stops_the_stream(chunks):
    with pytest.raises(WireError) as caught:
        events(*chunks, limit_bytes=1000)
    assert caught.value.key == "error.event_too_large"


def test_events_before_the_one_that_is_too_large_are_not_lost():
    decoder = SseDecoder(1000)
    assert [event.data for event in decoder.feed(b"data: a\n\ndata: " + b"x" * 2000)] == ["a"]
    with pytest.raises(WireError):
        decoder.feed(b"x")


def test_many_events_within_the_limit_pass():
    assert len(events(*[b"data: " + b"x" * 500 + b"\n\n"] * 100, limit_bytes=1000)) == 100


def test_a_long_chunk_cut_anywhere_gives_the_same_events():
    lines = [f'data: {{"n": {number}, "text": "{"é中" * 9}"}}\n\n'.encode() for number in range(120)]
    odd = [b": ping\n\n", b"event: x\ndata: a\ndata: b\n\n", b"data: c\r\n\r\n", b"stray\n"]
    body = b"".join([*lines[:50], *odd, *lines[50:]])
    whole = SseDecoder()
    events = whole.feed(body) + whole.finish()
    for at in range(0, len(body), 97):
        decoder = SseDecoder()
        assert decoder.feed(body[:at]) + decoder.feed(body[at:]) + decoder.finish() == events
        assert decoder.stray == whole.stray
    by_byte = SseDecoder()
    assert [event for at in range(len(body)) for event in by_byte.feed(body[at : at + 1])] == events
