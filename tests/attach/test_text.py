from __future__ import annotations

import pytest

from tests.attach.conftest import Shelf
from tui_chat.attach import attach_content
from tui_chat.attach.text import fence_language, is_utf8
from tui_chat.errors import AttachError
from tui_chat.wire.messages import TextFile


def text_of(content: bytes, name: str, shelf: Shelf) -> TextFile:
    part = attach_content(content, name, keep=shelf.keep).part
    assert isinstance(part, TextFile)
    return part


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("main.py", "python"),
        ("MAIN.PY", "python"),
        ("index.d.ts", "typescript"),
        ("Makefile", "makefile"),
        ("Dockerfile", "dockerfile"),
        ("CMakeLists.txt", "cmake"),
        (".bashrc", "bash"),
        ("data.json", "json"),
        ("settings.toml", "toml"),
        ("说明.md", "markdown"),
        ("notes.txt", ""),
        ("LICENSE", ""),
        (".gitignore", ""),
        ("archive.tar.gz", ""),
        ("", ""),
    ],
)
def test_the_fence_speaks_the_language_of_the_file(name: str, language: str):
    assert fence_language(name) == language


def test_text_is_kept_as_it_is(shelf: Shelf):
    content = "print('你好')\r\n\x1b[31mred\n".encode()
    assert text_of(content, "a.py", shelf) == TextFile(shelf.keep(content), "a.py", len(content), "python")


def test_the_mark_at_the_start_is_taken_off(shelf: Shelf):
    part = text_of(b"\xef\xbb\xbfname,age\n", "a.csv", shelf)
    assert (shelf[part.blob], part.size) == (b"name,age\n", 9)


def test_a_file_without_a_suffix_is_text_if_it_reads_as_text(shelf: Shelf):
    content = ("字" * 3000).encode()  # a letter is cut where the head ends
    assert text_of(content, "README", shelf).size == 9000
    assert text_of(b"#!/bin/sh\necho", "run.me", shelf).language == ""


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("这是一段没有转换过的中文文本。\n".encode("gb18030"), "GB18030"),
        ("hello\n".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff\0h\0i", "UTF-16"),
    ],
)
def test_another_encoding_is_named_where_it_is_known(content: bytes, encoding: str, shelf: Shelf):
    with pytest.raises(AttachError) as caught:
        attach_content(content, "a.txt", keep=shelf.keep)
    assert caught.value.key == "error.attach_encoding"
    assert caught.value.facts == {"name": "a.txt", "encoding": encoding}
    assert shelf == {}


def test_another_encoding_that_is_not_known_is_not_guessed(shelf: Shelf):
    with pytest.raises(AttachError) as caught:
        attach_content("Gruß aus Köln, ça va?\n".encode("latin-1"), "a.txt", keep=shelf.keep)
    assert caught.value.key == "error.attach_not_utf8"


def test_bytes_that_call_themselves_text_are_refused(shelf: Shelf):
    with pytest.raises(AttachError, match="attach_unknown"):
        attach_content(b"abc\0def", "a.py", keep=shelf.keep)


def test_a_bad_byte_far_behind_the_head_is_found(shelf: Shelf):
    with pytest.raises(AttachError, match="attach_not_utf8"):
        attach_content(b"a" * 100_000 + b"\xff", "a.txt", keep=shelf.keep)


def test_a_file_with_nothing_but_the_mark_is_empty(shelf: Shelf):
    with pytest.raises(AttachError, match="attach_empty"):
        attach_content(b"\xef\xbb\xbf", "a.txt", keep=shelf.keep)


def test_utf8_is_strict():
    assert is_utf8("é字🙂".encode())
    assert not is_utf8(b"\xc0\xaf")  # overlong
    assert not is_utf8(b"\xed\xa0\x80")  # half a surrogate pair
    assert not is_utf8("字".encode()[:2])
    assert is_utf8("字".encode()[:2], whole=False)
