"""The search in all chats, typed into as a person does."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from tests.store.material import TIME, keep, said
from tests.ui.bare_stage import SIZES, Stage, answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.chat.node import Head
from tui_chat.chat.tree import NodeAdded
from tui_chat.errors import StoreError
from tui_chat.store.catalogue import Summary
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.ui.screens.search import Place, SearchScreen
from tui_chat.ui.widgets.lines import Lines
from tui_chat.words import t

APPLES, PEARS, LONG = "c0ffee0001", "c0ffee0002", "c0ffee0003"


@pytest.fixture
def library() -> Library:
    library = Library(places())
    keep_chat(library, APPLES, "Apples", "red apples", "and \x1b[31mgreen\x1b[0m ones, 绿色的苹果")
    keep_chat(library, PEARS, "Pears", "a pear is no apple", "so it is")
    keep_chat(library, LONG, "", *(f"orange number {number}" for number in range(8)))
    return library


def keep_chat(library: Library, chat: str, title: str, *texts: str) -> None:
    time = TIME + timedelta(days=int(chat[-1]))
    nodes = (replace(said(number, None, text), time=time) for number, text in enumerate(texts))
    keep(library, Head(chat, time, title=title), tuple(NodeAdded(node) for node in nodes))


def rows(app: Stage) -> list[str]:
    lines = app.screen.query_one(Lines)
    found = [lines.get_option_at_index(at) for at in range(lines.option_count)]
    return [" ".join(str(option.prompt).split()) for option in found]


def cursor(app: Stage) -> str:
    lines = app.screen.query_one(Lines)
    return "" if lines.highlighted is None else rows(app)[lines.highlighted]


def count(app: Stage) -> str:
    return str(app.screen.query_one(".count").render())


async def test_while_nothing_is_typed_all_chats_are_there_the_newest_first(library):
    async with staged(SearchScreen(library.summaries)) as (app, pilot):
        await eventually(lambda: len(rows(app)) == 3)
        assert [row.split()[0] for row in rows(app)] == ["orange", "Pears", "Apples"]
        await pilot.press("down", "enter")
        assert await answered(app) == Place(PEARS)


async def test_titles_come_first_then_messages_under_their_chat(library):
    async with staged(SearchScreen(library.summaries)) as (app, pilot):
        await pilot.press(*"APPLE")
        await eventually(lambda: count(app) == t("search.count", count=3))
        found = [row.rsplit(" 20", 1)[0].removesuffix(" Mar").rstrip("0123456789 ") for row in rows(app)]
        assert found == ["Titles", "Apples", "Pears", "You a pear is no apple", "Apples", "You red apples"]
        assert cursor(app).startswith("Apples")
        await pilot.press("down", "enter")  # over the heading
        assert await answered(app) == Place(PEARS, said(0, None).id, "APPLE")


async def test_one_chinese_character_is_enough_and_nothing_drives_the_terminal(library, chinese):
    async with staged(SearchScreen(library.summaries)) as (app, pilot):
        await pilot.press("绿")
        await eventually(lambda: count(app) == "1 条")
        assert "␛[31mgreen␛[0m ones, 绿色的苹果" in screen_text(app)
        await pilot.press("enter")
        assert await answered(app) == Place(APPLES, said(1, None).id, "绿")


async def test_of_a_chat_full_of_it_only_the_newest_messages_are_shown(library):
    async with staged(SearchScreen(library.summaries)) as (app, pilot):
        await pilot.press(*"orange n")
        await eventually(lambda: count(app) == t("search.count", count=6))  # and the title
        assert "orange number 7" in screen_text(app) and "orange number 2" not in screen_text(app)


async def test_what_nobody_said_is_said_to_be_nowhere(library):
    async with staged(SearchScreen(library.summaries)) as (app, pilot):
        await pilot.press(*"plum")
        await eventually(lambda: shows(app, t("search.none")))
        assert rows(app) == [] and count(app) == ""
        await pilot.press("enter", "backspace", "backspace", "backspace", "backspace")
        await eventually(lambda: len(rows(app)) == 3 and not shows(app, t("search.none")))
        await pilot.press("escape")
        assert await answered(app) is None


async def test_without_chats_it_says_so():
    async with staged(SearchScreen(lambda: [])) as (app, pilot):
        await eventually(lambda: shows(app, t("search.none_yet")))
        await pilot.press(*"x", "enter")
        await eventually(lambda: shows(app, t("search.none")))


async def test_what_is_typed_before_the_chats_are_listed_is_looked_for_when_they_are(library):
    listed = threading.Event()

    def load() -> list[Summary]:
        listed.wait(10)
        return library.summaries()

    async with staged(SearchScreen(load)) as (app, pilot):
        assert not shows(app, t("search.none_yet"))
        await pilot.press(*"pear")
        await eventually(lambda: count(app) == t("search.searching"))
        await pilot.press("backspace")
        assert not shows(app, t("search.none")) and rows(app) == []
        listed.set()
        await eventually(lambda: count(app) == t("search.count", count=2))


async def test_a_folder_that_cannot_be_read_is_explained():
    def load() -> list[Summary]:
        raise StoreError("error.store_read_only", path="/there")

    async with staged(SearchScreen(load)) as (app, _):
        await eventually(lambda: "/there" in screen_text(app))


async def test_the_next_key_ends_a_search_and_enter_waits_for_what_it_asked_for(library, monkeypatch):
    began, go, ended = threading.Event(), threading.Event(), threading.Event()
    real = SearchScreen.__init__.__globals__["messages"]

    def slow(query, chats, *more):  # the first search can't come past its first file
        if query.folded == "a":
            began.set()
            go.wait(10)
            ended.set()
        return real(query, chats, *more)

    monkeypatch.setattr("tui_chat.ui.screens.search.messages", slow)
    screen = SearchScreen(library.summaries, library.summaries())
    async with staged(screen) as (app, pilot):
        await eventually(lambda: len(rows(app)) == 3)
        await pilot.press("a")
        await eventually(began.is_set)
        await eventually(lambda: count(app) == t("search.searching"))
        await pilot.press("enter")  # nothing of it is there yet
        assert len(rows(app)) == 3 and app.screen is screen
        await pilot.press("p")
        await eventually(lambda: count(app) == t("search.count", count=3))
        go.set()
        await eventually(ended.is_set)
        await pilot.pause()
        assert count(app) == t("search.count", count=3)  # what the old one found is not told
        screen._begin()
        await pilot.press("enter")
        assert await answered(app) == Place(APPLES)


async def test_what_was_typed_last_stands_there_again_to_be_typed_over(library):
    async with staged(SearchScreen(library.summaries, text="pear")) as (app, pilot):
        await eventually(lambda: count(app) == t("search.count", count=2))
        await pilot.press("r", "e", "d")
        await eventually(lambda: count(app) == "1 hit")
        assert app.screen.query_one(Input).value == "red"


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_a_match_is_in_view_at_every_size(library, language, size):
    keep_chat(library, "c0ffee0004", "A " + "very " * 30 + "long title", "很长的话" * 60 + " NEEDLE " + "更多的话" * 60)
    async with staged(SearchScreen(library.summaries), size) as (app, pilot):
        await eventually(lambda: len(rows(app)) == 4)
        for key in "needle":
            await pilot.press(key)
        await eventually(lambda: count(app) == t("search.one"))
        assert "NEEDLE" in screen_text(app)
        width = app.screen.query_one(Lines).size.width
        lines = screen_text(app).splitlines()
        assert all(len(line) <= size[0] for line in lines) and width <= size[0]
        assert shows(app, t("search.title")) and ("12:30" in screen_text(app))
        await pilot.resize_terminal(80, 24)
        await eventually(lambda: "NEEDLE" in screen_text(app) and "12:30" in screen_text(app))
