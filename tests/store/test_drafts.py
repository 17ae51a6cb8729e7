from __future__ import annotations

import os
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.material import NASTY, TIME, parts, words
from tui_chat.errors import StoreError
from tui_chat.store import drafts as drafts_module
from tui_chat.store.drafts import NEW_CHAT, Draft, Drafts, History
from tui_chat.store.places import Places
from tui_chat.store.toml_text import clean
from tui_chat.wire.messages import Image, Part


@pytest.fixture
def drafts(home: Places) -> Drafts:
    return Drafts(home)


@pytest.fixture
def history(home: Places) -> History:
    return History(home)


def test_a_draft_outlives_the_program(drafts: Drafts, home: Places) -> None:
    draft = Draft(NASTY, (Image("ab" * 32, name="a.png"),), TIME)
    drafts.save("one", draft)
    drafts.save("", Draft("for a new chat", (), TIME))
    assert (Drafts(home).load("one"), Drafts(home).load("").text) == (draft, "for a new chat")
    assert tomllib.loads(home.drafts_file.read_text("utf-8"))["draft"]
    drafts.save("one", Draft())
    assert not Drafts(home).load("one")
    assert Drafts(home).load("").text == "for a new chat"


def test_each_window_has_the_draft_of_a_new_chat_to_itself_and_leaves_it_to_the_next(home: Places) -> None:
    with Drafts(home) as first, Drafts(home) as second:
        first.save(NEW_CHAT, Draft("of the first", (), TIME))
        assert not second.load(NEW_CHAT)
        second.save(NEW_CHAT, Draft("of the second", (), TIME + timedelta(seconds=1)))
        first.save("one", Draft("of a chat that both may see"))
        assert second.load("one")
        assert first.load(NEW_CHAT).text == "of the first"
    with Drafts(home) as next_one, Drafts(home) as after:
        assert (next_one.load(NEW_CHAT).text, after.load(NEW_CHAT).text) == ("of the second", "of the first")
    assert not [path for path in home.locks.iterdir() if path.name.startswith("draft-")]


def test_where_nothing_can_be_locked_the_draft_of_a_new_chat_is_kept_all_the_same(home: Places) -> None:
    home.config.mkdir(parents=True)
    home.locks.write_text("no folder")
    with Drafts(home) as drafts:
        assert not drafts.load(NEW_CHAT)


@given(words, st.lists(parts, max_size=3).map(tuple))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_draft_comes_back(drafts: Drafts, text: str, attachments: tuple[Part, ...]) -> None:
    drafts.save("x", Draft(text, attachments, TIME))
    found = drafts.load("x")
    assert found.text == clean(text)
    assert [type(part) for part in found.attachments] == [type(part) for part in attachments]


def test_temporary_chats_leave_no_trace(drafts: Drafts, history: History, home: Places) -> None:
    drafts.save("one", Draft("secret"), temporary=True)
    history.add("secret", temporary=True)
    drafts.save("two", Draft())
    history.add(" \n")
    assert not home.config.exists() or not any(path.is_file() for path in home.config.rglob("*"))


def test_only_the_latest_drafts_are_kept(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_module, "_DRAFTS_LIMIT", 3)
    for number in range(5):
        drafts.save(str(number), Draft("x", (), TIME + timedelta(seconds=number)))
    assert [bool(drafts.load(str(number))) for number in range(5)] == [False, False, True, True, True]


def test_a_spoilt_drafts_file_is_passed_over(drafts: Drafts, home: Places) -> None:
    home.config.mkdir(parents=True)
    for content in (b"\0\0", b"draft = 3", b"[[draft]]\nchat = 3\n", b"[[draft]]\ntext = 'x'\n"):
        home.drafts_file.write_bytes(content)
        assert not drafts.load("x")
    drafts.save("x", Draft("new"))
    assert drafts.load("x").text == "new"


def test_history_is_kept_over_restarts_each_prompt_once(history: History, home: Places) -> None:
    for prompt in ("one", NASTY, "one", "two\nlines\u2028\r", "\ud800"):
        history.add(prompt)
    assert History(home).load() == [NASTY, "one", "two\nlines\u2028\r", "\ufffd"]
    if os.name != "nt":
        assert home.history_file.stat().st_mode & 0o777 == 0o600


def test_history_keeps_the_last_ones_and_its_file_short(
    history: History, home: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts_module, "HISTORY_LIMIT", 10)
    for number in range(55):
        history.add(f"prompt {number}")
    assert history.load() == [f"prompt {number}" for number in range(45, 55)]
    assert len(home.history_file.read_bytes().splitlines()) <= 20


def test_a_torn_line_costs_only_itself(history: History, home: Places) -> None:
    history.add("one")
    with home.history_file.open("ab") as file:
        file.write(b'"tor')
    history.add("two")
    home.history_file.write_bytes(home.history_file.read_bytes() + b"[1]\n\xff\n")
    assert history.load() == ["one", "two"]


def test_windows_that_send_at_once_lose_nothing(home: Places) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: History(home).add(f"prompt {number}"), range(60)))
        list(threads.map(lambda number: Drafts(home).save(str(number), Draft("x")), range(20)))
    assert sorted(History(home).load()) == sorted(f"prompt {number}" for number in range(60))
    assert all(Drafts(home).load(str(number)) for number in range(20))


def test_what_cannot_be_kept_is_said(drafts: Drafts, history: History, home: Places) -> None:
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_bytes(b"in the way")
    for attempt in (lambda: drafts.save("x", Draft("y")), lambda: history.add("y")):
        with pytest.raises(StoreError):
            attempt()
