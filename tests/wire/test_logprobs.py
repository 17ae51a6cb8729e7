"""Log probabilities, from what comes to what is kept."""

from __future__ import annotations

import json
import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.wire.dialect import decode
from tui_chat.wire.logprobs import NEVER, Likely, Logprobs, Token, as_json, pack, read, unpack
from tui_chat.wire.reply import Reply

HELLO = {
    "token": "Hello",
    "logprob": -0.31725305,
    "bytes": [72, 101, 108, 108, 111],
    "top_logprobs": [
        {"token": "Hello", "logprob": -0.31725305, "bytes": [72, 101, 108, 108, 111]},
        {"token": "Hi", "logprob": -1.3190403, "bytes": [72, 105]},
    ],
}


def piece(text: str, *tokens: dict[str, object], **more: object) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": text}, "logprobs": {"content": list(tokens), "refusal": None}, **more}
    return {"id": "c", "choices": [choice]}


def folded(*payloads: dict[str, object]) -> Reply:
    reply = Reply()
    for payload in payloads:
        for delta in decode(payload):
            reply.fold(delta)
    return reply


def test_what_the_document_shows_is_read_and_given_back() -> None:
    found = read({"content": [HELLO], "refusal": None})
    assert found is not None and found.content[0].taken == Likely("Hello", -0.31725305, b"Hello")
    assert found.content[0].top[1].token == "Hi" and found.content[0].top[1].probability == pytest.approx(
        0.2674, abs=1e-3
    )
    assert as_json(found) == {"content": [HELLO], "refusal": None}


@pytest.mark.parametrize(
    "raw", [None, 3, [], {}, {"content": None}, {"content": [None, {"logprob": 1}, 7]}, {"content": {}}]
)
def test_what_says_nothing_is_nothing(raw: object) -> None:
    assert read(raw) is None


def test_odd_values_are_very_unlikely_or_without_bytes() -> None:
    raw = [
        {"token": "a", "logprob": None, "bytes": None},
        {"token": "b", "logprob": -9999.0, "bytes": [300]},
        {"token": "c", "logprob": -math.inf, "bytes": "x"},
        {"token": "\ud800", "logprob": 0.5},
    ]
    found = read({"content": raw})
    assert found is not None
    assert [token.taken.is_never for token in found.content] == [True, True, True, False]
    assert {token.taken.data for token in found.content} == {None}
    assert found.content[0].taken.probability == 0 and found.content[3].taken.probability == 1
    assert found.content[3].taken.token == "\ufffd"


def test_pieces_of_a_stream_make_one_list_and_a_full_message_at_its_end_counts_once() -> None:
    other = {**HELLO, "token": "!", "bytes": [33], "top_logprobs": []}
    streamed = folded(piece("Hello", HELLO), piece("!", other))
    assert [token.taken.token for token in streamed.choice().logprobs.content] == ["Hello", "!"]  # type: ignore[union-attr]
    whole = {"message": {"content": "Hello!"}, "logprobs": {"content": [HELLO, other]}, "finish_reason": "stop"}
    again = folded(piece("Hello", HELLO), piece("!", other), {"id": "c", "choices": [{"index": 0, **whole}]})
    assert again.choice().logprobs == streamed.choice().logprobs and again.text == "Hello!"
    assert folded({"id": "c", "choices": [{"index": 0, **whole}]}).choice().logprobs == streamed.choice().logprobs


def test_half_a_character_has_its_probability_before_it_has_a_text() -> None:
    half = {"token": "\ufffd", "logprob": -0.1, "bytes": [228, 189]}
    reply = folded(
        {"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [half]}}]}, piece("你", {**half, "bytes": [160]})
    )
    tokens = reply.choice().logprobs.content  # type: ignore[union-attr]
    assert b"".join(token.taken.data or b"" for token in tokens).decode() == "你"
    assert tokens[0].taken.text is None and reply.text == "你"


LIKELY = st.builds(
    Likely,
    st.text(max_size=8),
    st.floats(NEVER, 0).map(lambda value: float(f"{value:.9g}")),
    st.none() | st.binary(max_size=6),
)
TOKENS = st.lists(st.builds(Token, LIKELY, st.lists(LIKELY, max_size=3).map(tuple)), max_size=6).map(tuple)


@given(TOKENS, TOKENS)
def test_what_is_packed_is_unpacked(said: tuple[Token, ...], refused: tuple[Token, ...]) -> None:
    assert unpack(pack(Logprobs(said, refused))) == Logprobs(said, refused)


def test_packed_is_a_tenth_of_what_came() -> None:
    found = read({"content": [HELLO] * 500})
    assert found is not None and len(pack(found)) * 10 < len(json.dumps([HELLO] * 500))


@pytest.mark.parametrize("content", [b"", b"x", pack(Logprobs())[:-6], zlib.compress(b'[[["a"]],[]]')])
def test_other_bytes_are_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(content)
