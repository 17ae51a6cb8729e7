from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.material import TIME
from tui_chat.store.naming import chat_of, partial_file, session_name, slug, torn_file, with_slug


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", "hello-world"),
        ("你好，世界", "你好-世界"),
        ("", ""),
        ("../../etc/passwd", "etc-passwd"),
        ("a_b CON nul", "a-b-con-nul"),
        ("x" * 500, "x" * 32),
        ("字" * 500, "字" * 26),
        ("one two three four five six seven eight nine", "one-two-three-four-five-six"),
    ],
)
def test_slugs(text: str, words: str) -> None:
    assert slug(text) == words


@given(st.text())
def test_any_text_makes_a_name_every_system_takes(text: str) -> None:
    name = session_name("c0ffee0001", TIME, text)
    assert not set(name) & set('/\\:*?"<>|\0\n\r\t ')
    assert len((name + ".partial").encode()) < 255
    assert chat_of(name) == "c0ffee0001"


def test_a_name_gets_its_words_once() -> None:
    path = Path("d") / session_name("c0ffee0001", TIME, "")
    named = with_slug(path, "hello")
    assert named.name == "2025-03-01-hello-c0ffee0001.toml"
    assert with_slug(named, "other") == named
    assert with_slug(path, "") == path
    assert with_slug(Path("by hand.toml"), "x") == Path("by hand.toml")


def test_the_chat_of_a_name() -> None:
    assert chat_of("c0ffee0001.toml") == "c0ffee0001"
    assert chat_of("my notes.toml") == "my notes"
    assert chat_of("2025-01-01-x-c0ffee0001 (copy).toml") == "2025-01-01-x-c0ffee0001 (copy)"
    assert partial_file(Path("a.toml")).name == "a.toml.partial"
    assert torn_file(Path("a.toml")).name == "a.toml.torn"
