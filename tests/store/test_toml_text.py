from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.material import json_values, words
from tui_chat.store.toml_text import clean, entry, parse, string, table, values_of

EDGES = [
    *["", "\n", "\r", "\r\n", "a\r\nb", '"', '""', '"""', '""""', 'a\n"', 'a\n""', 'a\n"""', 'a\n""""""', 'a\n"b""'],
    *["\\", "a\n\\", "\\\n\\", 'a\n\\"', "a\n[[node]]\nb", "[[node]]\n", "\n[session]", "a\n# end 3 00000000\n"],
    *["\x00\n", "\x7f\n\x80\x9f", "\u2028\n\u0085", "\ufeff\n", "\t\n\t", "'''\n", "🙂\n你好"],
]


def back(text: str) -> str:
    value = tomllib.loads(f"a = {string(text)}\n")["a"]
    assert isinstance(value, str)
    return value


@pytest.mark.parametrize("text", EDGES)
def test_edges_come_back_exactly(text: str) -> None:
    assert back(text) == text


@given(words | st.text())
def test_any_text_comes_back_exactly(text: str) -> None:
    assert back(text) == clean(text)


@given(
    st.lists(st.sampled_from(["[[node]]", "[[", "[session]", "# end 1 00000000", "[[change]]", "x", '"""']), max_size=6)
)
def test_no_line_of_text_looks_like_a_record(lines: list[str]) -> None:
    text = "\n".join(lines)
    written = string(text)
    assert back(text) == text
    assert not re.search(r"\n(\[\[|\[session\]|# end )", written)


def test_text_is_readable() -> None:
    assert string('one "two"\nthree\\') == '"""\none "two"\nthree\\\\"""'


def test_surrogates_are_joined_or_replaced() -> None:
    assert clean("\ud83d\ude42") == "🙂"
    assert clean("a\ud83db") == "a\ufffdb"
    assert back("a\n\udc00") == "a\n\ufffd"


# Of names that differ only in what no file can hold, one is kept.
@given(st.dictionaries(words.map(clean), json_values, max_size=4))
def test_tables_of_values_come_back_even_with_null(values: dict[str, object]) -> None:
    tables = tomllib.loads(table("a.b", values))
    assert values_of(tables.get("a", {}), "b") == washed(values)


def test_a_json_value_that_was_spoilt_is_left_out() -> None:
    assert values_of({"b": {"x": 1}, "b_json": {"y": "{", "z": "null"}}, "b") == {"x": 1, "z": None}
    assert values_of({"b": 3, "b_json": []}, "b") == {}


@pytest.mark.parametrize("value", [True, 3, 0.5, 1e300, "x"])
def test_entries(value: str | int | float) -> None:
    assert tomllib.loads(entry("a", value)) == {"a": value}


@pytest.mark.parametrize(
    "bomb", [b"a = " + b"[" * 100_000, b"a = " + b"9" * 5000, b"\xff", b"a = 1\na = 2", b"x" * 100, b"a = {b=" * 5000]
)
def test_what_is_not_toml_is_none(bomb: bytes) -> None:
    assert parse(bomb) is None


def test_what_is_too_large_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_chat.store import toml_text

    monkeypatch.setattr(toml_text, "LIMIT_BYTES", 4)
    assert parse(b"a = 1") is None


def washed(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): washed(item) for name, item in value.items()}
    return [washed(item) for item in value] if isinstance(value, list) else value
