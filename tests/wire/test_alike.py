"""An event that is like the one before but for its words is read by its words alone, and says the same."""

import json

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
