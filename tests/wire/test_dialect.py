"""What upstreams send, in all its oddities, as deltas."""

import json

import pytest

from tests.gateway.cases import CASES
from tui_chat.errors import WireError
from tui_chat.wire import dialect
from tui_chat.wire.delta import AudioDelta, Delta, ToolCallDelta
from tui_chat.wire.dialect import decode, finish_reason
from tui_chat.wire.messages import Citation


def chunk(delta, **choice):
    return {"id": "c1", "choices": [{"index": 0, "delta": delta, **choice}]}


def one(payload) -> Delta:
    [delta] = decode(payload)
    return delta


def test_a_plain_chunk():
    payload = chunk({"role": "assistant", "content": "Hi"}) | {
        "model": "m",
        "service_tier": "default",
        "system_fingerprint": "fp",
    }
    assert one(payload) == Delta(
        text="Hi", role="assistant", id="c1", model="m", service_tier="default", system_fingerprint="fp"
    )


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"choices": None},
        {"choices": 7},
        {"choices": [None, 3, "x"]},
        {"new": [1]},
        {"choices": [], "error": None},
        {"usage": None},
        {"usage": {}},
        {"usage": []},
    ],
)
def test_what_says_nothing_gives_nothing(payload):
    assert decode(payload) == []


ODD = [
    None,
    "",
    "x",
    0,
    1,
    -1,
    1.5,
    float("nan"),
    True,
    [],
    [None],
    [[]],
    {},
    {"a": 1},
    ["x"],
    [{"type": "text"}],
    "\ud800",
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_field_of_an_unexpected_type_raises(odd):
    fields = [
        "content",
        "role",
        "reasoning_content",
        "reasoning",
        "reasoning_details",
        "refusal",
        "tool_calls",
        "function_call",
        "images",
        "audio",
        "annotations",
    ]
    for name in fields:
        decode(chunk({name: odd, "other": 1}))
        decode({"choices": [{"message": {name: odd}}]})
    for name in ("index", "delta", "message", "finish_reason", "usage", "logprobs", "text"):
        decode({"choices": [{name: odd}]})
    for name in ("id", "model", "usage", "citations", "search_results", "service_tier", "x_groq", "object"):
        decode({name: odd, "choices": [{"delta": {"content": "x"}}]})
    for inner in ("index", "id", "type", "function", "custom"):
        decode(chunk({"tool_calls": [{inner: odd}]}))
    for inner in ("name", "arguments"):
        decode(chunk({"tool_calls": [{"function": {inner: odd}}]}))
    decode(chunk({"content": [odd, {"type": "thinking", "thinking": odd}, {"type": "image_url", "image_url": odd}]}))
    decode(chunk({"annotations": [{"url_citation": odd}, {"url": odd, "title": odd, "start_index": odd}]}))
    decode(chunk({"audio": {"id": odd, "data": odd, "transcript": odd, "expires_at": odd}}))


@pytest.mark.parametrize(
    ("content", "text", "reasoning"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab", ""),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}, {"type": "text", "text": "a"}], "a", "t"),
        ([{"type": "thinking", "thinking": "t"}], "", "t"),
        (["a", {"type": "output_text", "text": "b"}], "ab", ""),
        ({"type": "text", "text": "a"}, "a", ""),
    ],
)
def test_content_as_parts(content, text, reasoning):
    delta = one(chunk({"content": content}))
    assert (delta.text, delta.reasoning) == (text, reasoning)


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_content": "t"},
        {"reasoning": "t"},
        {"reasoning": "t", "reasoning_content": "t", "reasoning_details": [{"text": "t"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "t"}, {"type": "reasoning.encrypted", "data": "x"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "t"}]},
    ],
)
def test_reasoning_is_counted_once(fields):
    assert one(chunk({"content": "", **fields})).reasoning == "t"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            {"index": 1, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{"}},
            ToolCallDelta(1, "a", "f", "{"),
        ),
        (
            {"index": 0, "id": None, "type": None, "function": {"name": None, "arguments": "x"}},
            ToolCallDelta(0, "", "", "x"),
        ),
        ({"function": {"name": "f", "arguments": {"a": "甲"}}}, ToolCallDelta(None, "", "f", '{"a": "甲"}')),
        ({"index": True, "function": {"name": "f", "arguments": None}}, ToolCallDelta(None, "", "f", "")),
        ({"id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}, ToolCallDelta(None, "a", "f", "x")),
        ({}, ToolCallDelta(None)),
    ],
)
def test_tool_call_pieces(call, expected):
    assert one(chunk({"tool_calls": [call]})).tool_calls == (expected,)


def test_the_legacy_function_call_is_one_tool_call():
    delta = one(chunk({"function_call": {"name": "f", "arguments": "{}"}}, finish_reason="function_call"))
    assert delta.tool_calls == (ToolCallDelta(0, "", "f", "{}"),)
    assert delta.finish_reason == "tool_calls"


def test_pictures_wherever_they_are():
    images = [
        {"type": "image_url", "image_url": {"url": "a"}},
        {"image_url": "b"},
        {"url": "c"},
        {"b64_json": "QQ=="},
        "d",
    ]
    parts = [{"type": "image_url", "image_url": {"url": "p"}}]
    delta = one(chunk({"content": parts, "images": images}))
    assert delta.images == ("p", "a", "b", "c", "data:image/png;base64,QQ==", "d")


def test_sound_and_sources():
    delta = one(chunk({"audio": {"id": "a", "data": "QQ==", "transcript": "t", "expires_at": 5}}))
    assert delta.audio == AudioDelta("a", "QQ==", "t", 5)
    note = {"type": "url_citation", "url_citation": {"url": "u", "title": "T", "start_index": 1, "end_index": 2}}
    assert one(chunk({"annotations": [note]})).citations == (Citation("u", "T", 1, 2),)
    payload = chunk({"content": "x"}) | {"citations": ["u", "v"], "search_results": [{"url": "v", "title": "V"}]}
    assert one(payload).citations == (Citation("u"), Citation("v", "V"))


@pytest.mark.parametrize(
    "payload",
    [
        {"usage": {"prompt_tokens": 3}},
        {"choices": [], "usage": {"prompt_tokens": 3}},
        {"choices": [{"index": 0, "delta": {}, "usage": {"prompt_tokens": 3}}]},
        {"choices": [], "x_groq": {"usage": {"prompt_tokens": 3}}},
        {"choices": None, "usage": {"input_tokens": 3.0}},
    ],
)
def test_usage_is_found_anywhere(payload):
    usage = one(payload).usage
    assert usage is not None
    assert usage.known() == {"prompt_tokens": 3}


def test_a_whole_completion_is_one_whole_delta_a_choice():
    choices = [
        {"index": n, "message": {"role": "assistant", "content": f"{n}"}, "finish_reason": "stop"} for n in (0, 1)
    ]
    first, second = decode({"id": "a", "object": "chat.completion", "choices": choices, "usage": {"total_tokens": 5}})
    assert (first.text, first.whole, first.finish_reason, first.id) == ("0", True, "stop", "a")
    assert (second.choice, second.text, second.usage) == (1, "1", None)


def test_a_piece_and_the_full_message_beside_it_are_told_apart():
    piece, whole = decode(
        {"choices": [{"delta": {"content": "lo"}, "message": {"content": "Hello"}, "finish_reason": "stop"}]}
    )
    assert (piece.text, piece.whole, piece.finish_reason) == ("lo", False, "stop")
    assert (whole.text, whole.whole) == ("Hello", True)


@pytest.mark.parametrize(
    "payload",
    [
        {"error": {"message": "x", "code": 7}},
        {"error": "x"},
        {"error": [{"message": "x"}]},
        {"choices": [], "error": {"message": "x"}},
        {"choices": [{"delta": {"content": ""}, "error": {"message": "x"}}]},
        {"success": False, "message": "x"},
        {"object": "error", "message": "x", "code": 40303, "id": "y"},
        {"detail": "x"},
        {"detail": [{"msg": "x"}]},
        {"msg": "x", "code": 500},
        {"error_msg": "x"},
        {"err": "x"},
        {"header": {"message": "x"}},
        {"choices": None, "base_resp": {"status_code": 1004, "status_msg": "x"}},
    ],
)
def test_every_shape_of_error_raises_with_its_words(payload):
    with pytest.raises(WireError) as caught:
        decode(payload)
    assert caught.value.message == "x"


@pytest.mark.parametrize("payload", [{"base_resp": {"status_code": 0, "status_msg": ""}, "choices": []}, {"error": {}}])
def test_what_only_looks_like_an_error_does_not_raise(payload):
    assert decode(payload) == []


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        (None, None),
        (3, None),
        ("", None),
        ("null", None),
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("tool_use", "tool_calls"),
        ("function_call", "tool_calls"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("insufficient_system_resource", "interrupted"),
        ("pause_turn", "pause"),
        ("something_new", "stop"),
    ],
)
def test_finish_reasons_in_our_words(raw, meant):
    assert finish_reason(raw) == meant


def test_the_fast_path_says_what_the_whole_reading_says(monkeypatch):
    seen = taken = 0
    for case in CASES:
        for line in case.body.split(b"\n"):
            try:
                payload = json.loads(line.removeprefix(b"data:"))
            except ValueError:
                continue
            if not isinstance(payload, dict) or (usual := dialect._usual(payload)) is None:
                seen += 1
                continue
            taken += 1
            with monkeypatch.context() as patch:
                patch.setattr(dialect, "_usual", lambda payload: None)
                assert dialect.decode(payload) == [usual]
    assert taken > 100 and seen > 100
