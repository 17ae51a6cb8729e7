"""Kinds of value: what is refused says what is allowed, what is taken comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.bad_input import BAD
from tests.wire.samples import FORMAT, SCHEMA
from tui_chat import words
from tui_chat.errors import UsageError
from tui_chat.wire import params
from tui_chat.wire.kinds import Pairs, Words
from tui_chat.wire.objects import JsonObject, Prediction, ResponseFormat

TEXTS = st.text(min_size=1, max_size=40) | st.sampled_from(
    ["a\rb", "a\u2028b", "\x85", " ", "a=b", "{", "[x", "a\r\nb\n"]
)


def in_an_editor(text: str) -> str:
    """What Textual's editor makes of a text: it takes more than line feeds for ends of lines."""
    return "\n".join(text.splitlines()) + ("\n" if text.endswith("\n") else "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("name", "typed", "key"), BAD, ids=lambda value: str(value)[:40])
def test_what_can_not_be_sent_is_refused_in_words(name: str, typed: str, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        params.parse(name, typed)
    assert caught.value.key == f"error.{key}"
    for language in words.LANGUAGES:
        for part in ("says", "advice"):
            sentence = words.sentences(language).get(f"error.{key}.{part}", "")
            assert sentence.format_map(caught.value.facts) or part == "advice"


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_words_come_back(found: list[str]) -> None:
    kind = Words(4)
    assert kind.parse("stop", params.show(found)) == found
    assert kind.from_lines("stop", in_an_editor(kind.lines(found))) == found


@given(st.dictionaries(TEXTS, st.text(max_size=40), min_size=1, max_size=16))
def test_pairs_come_back(found: dict[str, str]) -> None:
    kind = Pairs()
    assert kind.parse("metadata", params.show(found)) == found
    assert kind.from_lines("metadata", in_an_editor(kind.lines(found))) == found


@given(st.dictionaries(TEXTS, JSON, min_size=1, max_size=4))
def test_raw_json_comes_back(found: dict[str, object]) -> None:
    kind = JsonObject()
    assert kind.parse("extra_body", params.show(found)) == found
    assert kind.from_lines("extra_body", in_an_editor(kind.lines(found))) == found


@given(TEXTS)
def test_a_prediction_comes_back_whatever_it_looks_like(text: str) -> None:
    kind = Prediction()
    value = kind.check("prediction", text)
    assert kind.parse("prediction", params.show(value)) == value
    assert kind.from_lines("prediction", in_an_editor(kind.lines(value))) == value


@pytest.mark.parametrize("text", ['{"type":"content","content":"x"}', "{ int x; }", '{"a": 1}', "{"])
def test_a_prediction_that_looks_like_json_stays_a_text(text: str) -> None:
    kind = Prediction()
    value = {"type": "content", "content": text}
    assert kind.check("prediction", text) == value
    assert kind.from_lines("prediction", in_an_editor(kind.lines(value))) == value
    assert params.parse("prediction", params.show(value)) == value


def test_a_bare_schema_becomes_a_format_called_after_its_title() -> None:
    assert params.parse("response_format", '{"type":"object","title":"Two words!"}') == {
        "type": "json_schema",
        "json_schema": {"name": "Two_words", "schema": {"type": "object", "title": "Two words!"}},
    }


@pytest.mark.parametrize("given_", [SCHEMA, FORMAT, FORMAT["json_schema"]])
def test_a_schema_file_may_hold_any_of_three_forms(given_: dict[str, object]) -> None:
    import json

    format = ResponseFormat().from_file("--schema", json.dumps(given_), "my file")
    described = format["json_schema"]
    assert isinstance(described, dict) and described["schema"] == SCHEMA
    assert described["name"] == ("my_file" if given_ is SCHEMA else "person")


def test_one_word_alone_and_types_of_files_are_taken() -> None:
    assert params.checked({"stop": "END", "response_format": "json_object", "prediction": "a"}) == {
        "stop": ["END"],
        "response_format": {"type": "json_object"},
        "prediction": {"type": "content", "content": "a"},
    }
    assert params.parse("logit_bias", '{"5":1.0,"6":"-3"}') == {"5": 1, "6": -3}
    assert params.parse("stop", '"a,b"') == ["a,b"]


@pytest.mark.parametrize(
    "found",
    [
        {"extra_body": {"when": datetime(2026, 1, 1, tzinfo=UTC)}},
        {"metadata": {"a": 1}},
        {"stop": 3},
        {"logprobs": 1.5},
        {"audio": "alloy"},
        {"extra_body": {"a": float("inf")}},
        {"temperature": [1]},
        {"reasoning_effort": 3},
        {"nothing": 1},
    ],
)
def test_files_hold_wrong_types_too(found: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        params.checked(found)


def test_a_chat_edited_by_hand_sends_nothing_that_is_not_allowed() -> None:
    with pytest.raises(UsageError):
        params.encode({"temperature": 9.0})
    with pytest.raises(UsageError):
        params.encode({"extra_body": {"messages": []}})
    with pytest.raises(UsageError):
        params.headers({"extra_headers": {"Authorization": "x"}})
    assert params.encode({"from_a_later_version": 1}) == {}
