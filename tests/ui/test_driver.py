"""Runs of characters that no hand types are one paste; what is to be written is written at once where that can be."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual import events

if sys.platform == "win32":
    pytest.skip("this driver is for Linux and macOS", allow_module_level=True)

import tty

from tests.waiting import eventually_in_thread
from tui_chat.ui import driver
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


@contextmanager
def writing() -> Iterator[tuple[driver.PatientWriter, int]]:
    """A writer on a terminal of its own, and the end of that terminal which shows what was written."""
    shown, terminal = os.openpty()
    tty.setraw(terminal)
    before = driver.open_terminal
    driver.open_terminal = lambda: os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    writer = driver.PatientWriter(sys.stdout)
    writer.start()
    try:
        eventually_in_thread(lambda: writer._terminal >= 0)
        yield writer, shown
        writer.dropping = True
        writer.stop()
    finally:
        driver.open_terminal = before
        os.close(shown)
        os.close(terminal)


def test_what_the_terminal_takes_at_once_is_written_without_waking_anyone() -> None:
    with writing() as (writer, shown):
        put: list[bytes] = []
        writer._queue.put = put.append  # type: ignore[method-assign,assignment]
        writer.write("a picture")
        assert os.read(shown, 100) == b"a picture" and not put
        del writer._queue.put


def test_what_the_terminal_does_not_take_at_once_comes_later_and_in_order() -> None:
    said = "".join(f"{number} " for number in range(60_000))
    with writing() as (writer, shown):
        for start in range(0, len(said), 20_000):
            writer.write(said[start : start + 20_000])
        assert writer._queue.unfinished_tasks
        seen = b""
        while len(seen) < len(said):
            seen += os.read(shown, 65_536)
        assert seen == said.encode()
        eventually_in_thread(lambda: not writer._queue.unfinished_tasks)
        writer.write("and at once again")
        assert os.read(shown, 100) == b"and at once again"


def test_a_signal_that_comes_in_the_middle_of_a_write_can_end_the_writer() -> None:
    with writing() as (writer, _):

        def stopped_while_writing() -> None:
            with writer._turns:
                writer.stop()

        writing_thread = threading.Thread(target=stopped_while_writing, daemon=True)
        writing_thread.start()
        writing_thread.join(5)
        assert not writing_thread.is_alive()
        assert writer._terminal == -1
        writer.write("nobody sees it, and nobody waits")
