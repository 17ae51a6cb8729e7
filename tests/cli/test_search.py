"""What `yibu-chat search` prints, and to whom."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from tests.cli.conftest import Run
from tests.store.material import HEAD, TIME, keep, said
from tui_chat.chat.node import Head
from tui_chat.chat.tree import NodeAdded
from tui_chat.store.places import places
from tui_chat.store.sessions import Library


@pytest.fixture
def chats() -> None:
    library = Library(places())
    keep(library, HEAD, (NodeAdded(said(1, None, "Why is the sky blue?\nAnd \x1b[31m天空?")),))
    keep(library, Head("c0ffee0002", TIME), (NodeAdded(said(2, None, "Sky high")), NodeAdded(said(3, None, "low"))))


def test_chats_are_printed_with_what_was_found_in_them(run: Run, chats: None):
    ran = run("search", "SKY")
    first, second = ran.out.split("c0ffee0002")
    assert ran.code == 0 and ran.err == ""
    assert first.startswith("c0ffee0001  2025-03-01 ") and "  Words\n    Why is the sky blue? And" in first
    assert second.endswith("  Sky high\n    Sky high\n")


def test_several_words_are_one_text(run: Run, chats: None):
    assert run("search", "sky", "blue").code == 0
    assert run("search", "blue", "sky").code == 1


def test_json_says_where_each_match_stands(run: Run, chats: None):
    ran = run("search", "天", "--json")
    (hit,) = ran.json
    assert ran.code == 0 and hit["excerpt"][hit["start"] : hit["end"]] == "天"
    assert (hit["chat"], hit["message"], hit["role"], hit["title"]) == (HEAD.id, said(1, None).id, "assistant", "Words")
    assert hit["time"] == TIME.isoformat()
    (title,) = run("search", "words", "--json").json
    assert title["message"] is None and title["role"] is None and title["excerpt"] == "Words"


def test_it_stops_at_the_limit(run: Run, chats: None):
    assert len(run("search", "sky", "--json").json) == 3
    assert len(run("search", "sky", "--json", "--limit", "2").json) == 2
    ran = run("search", "sky", "--limit", "0")
    assert ran.code == 2 and "0" in ran.err


def test_nothing_found_is_1_as_with_grep(run: Run, chats: None, monkeypatch):
    ran = run("search", "cloud")
    assert (ran.code, ran.out) == (1, "") and "cloud" in ran.err
    ran = run("search", "cloud", "--json")
    assert (ran.code, ran.json, ran.err) == (1, [], "")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "没有" in run("search", "云").err


def test_a_terminal_is_not_driven_by_what_was_said_and_a_pipe_gets_it_whole(run: Run, chats: None, monkeypatch):
    assert "\x1b[31m天空" in run("search", "天空").out
    monkeypatch.setattr("tui_chat.cli.search.sys.stdout", Terminal())
    run("search", "天空")
    shown = sys.modules["tui_chat.cli.search"].sys.stdout.getvalue()
    assert "␛[31m天空" in shown and "\x1b" not in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_reader_that_has_seen_enough_is_no_error(chats: None):
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "tui_chat", "search", "sky"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (0, b"")
