"""An event that is like the one before but for its words is read by its words alone, and says the same."""

import json
import random

import pytest

from tests.wire.reading import read, state
from tui_chat.wire.alike import Alike

WORDS = [
    "a",
    " b",
    "",
    "\n",
    '"',
    "\\",
    "\\n",
    '","x":"',
    "\t\x00",
    "中文",
    "😀",
    "\ud83d",
    "\u2028",
    "}",
    '"}}]}',
    "x" * 500,
]


def event(content, **more):
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    return {"id": "chatcmpl-1", "created": 1, "model": "m", "choices": [choice], **more}


def learned(payload, text=None):
    alike = Alike()
    text = json.dumps(payload) if text is None else text
    return alike if alike.learn(text, payload["choices"][0]["delta"]["content"], payload) else None


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_the_words_of_a_like_event_are_told(plain, separators):
    def text(content):
        return json.dumps(event(content), ensure_ascii=plain, separators=separators)

    for first in WORDS:
        alike = learned(event(first), text(first))
        assert alike is not None
        assert [alike.content_of(text(word)) for word in WORDS] == WORDS


@pytest.mark.parametrize(
    "other",
    [
        json.dumps(event("x", created=2)),
        json.dumps(event("x", usage={"total_tokens": 1})),
        json.dumps(event("x"))[:-1],
        json.dumps(event("x")).replace('"x"', '"x", "role": "assistant"'),
        json.dumps(event("x")).replace('"x"', '"x\n"'),
        json.dumps(event("x")).replace('"x"', '["x"]'),
        json.dumps(event("x")) + " ",
        "[DONE]",
        "",
    ],
)
def test_what_is_not_alike_to_the_letter_is_read_whole(other):
    alike = learned(event("hello"))
    assert alike is not None
    assert alike.content_of(other) == ""


@pytest.mark.parametrize(
    "text",
    [
        '{"choices":[{"delta":{"content":"a","content":"b"}}]}',
        '{"choices":[{"delta":{"\\u0063ontent":"b"}}],"x":{"content":"b"}}',
        '{"x":"content","choices":[{"delta":{"content":"b"}}]}',
        '{"choices":[{"delta":{"content":["b"]}}]}',
        '{"choices":[{"delta":{"content":"b"}},{"delta":{}}]}',
    ],
)
def test_nothing_is_learned_where_it_is_not_plain_which_string_it_is(text):
    payload = json.loads(text)
    assert not Alike().learn(text, "b", payload)


def test_events_that_each_have_an_id_of_their_own_are_soon_let_be():
    alike = Alike()
    learning = [alike.learn(json.dumps(event("x", id=str(n))), "x", event("x", id=str(n))) for n in range(20)]
    assert learning.count(True) < 20
    assert not learning[-1]


def test_streams_make_the_same_reply_whole_and_event_by_event():
    for marks in (
        ["<think>", "so", "</think>", "said"],
        ["a", "<", "/think>", "b"],
        ["![x](data:image/png;base64,", "AA", ")"],
    ):
        events = [b"data: %b\n\n" % json.dumps(event(word)).encode() for word in [*WORDS, *marks, *marks] if word]
        whole, pieces = read([b"".join(events)]), read(events)
        assert (state(whole[0]), whole[1]) == (state(pieces[0]), pieces[1])


def some_event(chance):
    """The JSON of an event that is like others, or nearly."""
    delta = {"content": chance.choice([*WORDS, "content", '"content"', "<think>", "</think>", "[DONE]", None])}
    if chance.random() < 0.2:
        delta |= chance.choice(({"role": "assistant"}, {"reasoning_content": "so"}, {"content": ""}))
    choice = {"index": int(chance.random() < 0.1), "delta": delta, "finish_reason": None}
    if chance.random() < 0.1:
        choice["finish_reason"] = "stop"
    payload = {"id": chance.choice(("c1", "c1", "c2")), "created": 1, "model": "m", "choices": [choice]}
    if chance.random() < 0.1:
        payload["usage"] = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    text = json.dumps(payload, separators=chance.choice(((",", ":"), (", ", ": "))))
    if chance.random() < 0.2:
        odd = ("[DONE]", '{"error":{"message":"content"}}', text[:-1], text.replace("content", "\\u0063ontent", 1))
        text = chance.choice((*odd, text.replace("}", "} ", 1)))
    return text


def test_any_stream_says_the_same_whichever_way_its_events_are_read(monkeypatch):
    chance = random.Random(7)
    streams = []
    for _ in range(150):
        events = [text for _ in range(chance.randrange(1, 10)) for text in [some_event(chance)] * chance.choice((1, 3))]
        body = "".join(f"data: {text}\n\n" for text in events).encode()
        cut = chance.randrange(len(body))
        streams += [[body], [body[:cut], body[cut:]]]
    quickly = [read(stream) for stream in streams]
    monkeypatch.setattr(Alike, "learn", lambda *_: False)
    for stream, (reply, failure) in zip(streams, quickly, strict=True):
        whole = read(stream)
        assert (state(reply), failure) == (state(whole[0]), whole[1]), stream
