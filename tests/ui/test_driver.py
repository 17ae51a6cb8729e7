"""Runs of characters that no hand types are one paste; what hands type stays keys."""

from __future__ import annotations

import sys

import pytest
from textual import events

if sys.platform == "win32":
    pytest.skip("this driver is for Linux and macOS", allow_module_level=True)

from tui_chat.ui.driver import RUN_OF_KEYS, Keys


def test_a_long_run_in_one_read_is_one_paste():
    text = "第一行, and more than a hand can type\tat once\nline 2"
    (paste,) = Keys().take(text.replace("\n", "\r").encode())
    assert isinstance(paste, events.Paste)
    assert paste.text == text


def test_a_short_run_stays_keys():
    messages = Keys().take(b"x" * (RUN_OF_KEYS - 1))
    assert [message.key for message in messages if isinstance(message, events.Key)] == ["x"] * (RUN_OF_KEYS - 1)


def test_keys_that_do_something_stay_keys_and_in_their_place():
    run = b"y" * RUN_OF_KEYS
    messages = Keys().take(run + b"\x10" + run + b"\x1b[A" + b"z")
    kinds = [message.text[0] if isinstance(message, events.Paste) else message.key for message in messages]
    assert kinds == ["y", "ctrl+p", "y", "up", "z"]


def test_an_enter_at_the_end_of_a_run_stays_a_key():
    run = "x" * RUN_OF_KEYS
    paste, enter = Keys().take(f"{run}\r{run}\r".encode())
    assert paste.text == f"{run}\n{run}" and enter.key == "enter"
