"""The parameter table: what may be typed, what is sent, what is absent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat import words
from tui_chat.errors import UsageError
from tui_chat.wire import params


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("temperature", "0.7", 0.7),
        ("temperature", " 2 ", 2.0),
        ("temperature", "0", 0.0),
        ("top_p", "1e-1", 0.1),
        ("max_completion_tokens", "1_000", 1000),
        ("max_tokens", "１２", 12),
        ("reasoning_effort", " High ", "high"),
        ("stream", "off", False),
        ("stream", "开", True),
    ],
)
def test_what_is_typed_becomes_a_value(name, typed, value):
    parsed = params.parse(name, typed)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "typed", "key"),
    [
        ("temperature", "2.1", "param_number"),
        ("temperature", "-0.1", "param_number"),
        ("temperature", "nan", "param_number"),
        ("temperature", "inf", "param_number"),
        ("temperature", "warm", "param_number"),
        ("max_tokens", "0", "param_integer_from"),
        ("max_tokens", "1.5", "param_integer_from"),
        ("max_tokens", "9" * 30, "param_integer_from"),
        ("max_tokens", "9" * 5000, "param_integer_from"),
        ("reasoning_effort", "huge", "param_choice"),
        ("stream", "maybe", "param_flag"),
        ("warmth", "1", "param_unknown"),
    ],
)
def test_what_is_out_of_range_says_what_is_allowed(name, typed, key):
    with pytest.raises(UsageError) as caught:
        params.parse(name, typed)
    assert caught.value.key == f"error.{key}"
    for language in words.LANGUAGES:
        assert words.sentences(language)[f"error.{key}.says"].format_map(caught.value.facts)


def test_assignments():
    assert params.parse_assignment("temperature=0.5") == ("temperature", 0.5)
    assert params.parse_assignment(" stream = no ") == ("stream", False)
    with pytest.raises(UsageError) as caught:
        params.parse_assignment("temperature")
    assert caught.value.key == "error.param_assignment"


def test_values_from_a_file_are_checked():
    assert params.checked({"temperature": 1, "stream": False, "max_tokens": 5}) == {
        "temperature": 1.0,
        "stream": False,
        "max_tokens": 5,
    }
    with pytest.raises(UsageError):
        params.checked({"temperature": True})
    with pytest.raises(UsageError):
        params.checked({"max_tokens": 1.5})


@given(st.floats(0, 2))
def test_a_number_survives_being_shown(value):
    assert params.parse("temperature", params.show(value)) == value


def test_numbers_are_shown_as_people_write_them():
    assert [params.show(value) for value in (0.7, 1.0, 5, True, False, "high")] == [
        "0.7",
        "1",
        "5",
        "on",
        "off",
        "high",
    ]


def test_unset_is_absent_and_stream_is_no_field():
    assert params.encode({}) == {}
    assert params.encode({"stream": False, "temperature": 0.0}) == {"temperature": 0.0}


def test_every_parameter_and_group_has_its_words():
    for language in words.LANGUAGES:
        known = words.sentences(language)
        for param in params.PARAMS:
            assert known[f"param.{param.name}.label"]
            assert known[f"param.{param.name}.help"]
            assert known[f"param.group.{param.group}"]
