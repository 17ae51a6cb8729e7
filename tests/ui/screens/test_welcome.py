"""The first screen: address, key, test, language, and the ways on."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.widgets import Input

from tests.ui.bare_stage import NOTHING, SIZES, Stage, answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat import words
from tui_chat.errors import WireError
from tui_chat.ui.screens.welcome import WelcomeResult, WelcomeScreen
from tui_chat.wire.gateway import Model
from tui_chat.words import t

BASE_URL = "https://yibuapi.com/v1"
KEY = "sk-abcdefghijklmnopqrstuvwxyz"


class Gateway:
    """Notes what it is asked for, and answers or fails as told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.error: WireError | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, base_url: str, key: str) -> list[Model]:
        self.asked.append((base_url, key))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return [Model("a"), Model("b")]


def welcome(gateway: Gateway, base_url: str = BASE_URL, local: bool = True, note: str = "") -> WelcomeScreen:
    return WelcomeScreen(base_url, gateway, local, note)


def put(app: Stage, name: str, text: str) -> None:
    app.screen.query_one(f"#{name}", Input).value = text


async def test_a_pasted_key_is_tested_by_enter_and_started_by_the_next(language):
    gateway = Gateway()
    async with staged(welcome(gateway)) as (app, pilot):
        app.screen.query_one("#key", Input).post_message(events.Paste(f"\n  Bearer “{KEY}”\n"))
        await eventually(lambda: KEY in app.screen.query_one("#key", Input).value)
        await pilot.press("enter")
        await eventually(lambda: shows(app, t("welcome.works", count=2)))
        assert gateway.asked == [(BASE_URL, KEY)]
        assert app.focused is not None and app.focused.id == "start"
        await pilot.press("enter")
        assert await answered(app) == WelcomeResult("key", BASE_URL, KEY)


async def test_one_can_start_without_a_test():
    gateway = Gateway()
    async with staged(welcome(gateway)) as (app, pilot):
        put(app, "key", KEY)
        await pilot.click("#start")
        assert await answered(app) == WelcomeResult("key", BASE_URL, KEY)
        assert gateway.asked == []


@pytest.mark.parametrize(
    ("language", "typed", "error", "facts"),
    [
        ("en", "", "key_empty", {}),
        ("zh", "sk-abc…wxyz", "key_masked", {}),
        ("en", "sk-ключ", "key_character", {"position": 4, "code": "U+043A"}),
        ("zh", "sk-one1 sk-two2", "key_several", {"count": 2}),
    ],
    indirect=["language"],
)
async def test_a_key_that_can_not_be_one_is_said_at_its_field_and_nothing_is_sent(language, typed, error, facts):
    gateway = Gateway()
    async with staged(welcome(gateway)) as (app, pilot):
        put(app, "key", typed)
        await pilot.click("#start")
        await eventually(lambda: shows(app, t(f"error.{error}.says", **facts)))
        assert shows(app, t(f"error.{error}.advice", **facts))
        await pilot.click("#test")
        assert app.result is NOTHING and gateway.asked == []
        await pilot.press("x")
        await eventually(lambda: not shows(app, t(f"error.{error}.says", **facts)))


async def test_a_doubtful_key_is_remarked_and_may_be_used_all_the_same():
    gateway = Gateway()
    async with staged(welcome(gateway)) as (app, pilot):
        put(app, "key", "sk-proj-abc")
        await pilot.click("#test")
        await eventually(lambda: shows(app, t("error.key_foreign.says")) and shows(app, t("welcome.works", count=2)))


async def test_an_address_is_normalised_and_shown_when_its_field_is_left():
    gateway = Gateway()
    async with staged(welcome(gateway)) as (app, pilot):
        app.screen.query_one("#address").focus()
        put(app, "address", "  yibuapi.com/v1/chat/completions ")
        await pilot.press("tab")
        await eventually(lambda: shows(app, f"→ {BASE_URL}"))
        put(app, "key", KEY)
        await pilot.click("#start")
        assert (await answered(app)).base_url == BASE_URL


async def test_an_address_that_is_none_is_said_at_its_field(chinese):
    gateway = Gateway()
    async with staged(welcome(gateway)) as (app, pilot):
        app.screen.query_one("#address").focus()
        put(app, "address", "ftp://example.org")
        await pilot.press("enter")
        await eventually(lambda: shows(app, t("error.address_scheme.says")))
        assert app.focused is not None and app.focused.id == "address"
        put(app, "key", KEY)
        await pilot.click("#start")
        assert app.result is NOTHING


async def test_an_unencrypted_address_is_warned_of():
    gateway = Gateway()
    async with staged(welcome(gateway, "http://192.168.1.5:3000/v1")) as (app, pilot):
        put(app, "key", KEY)
        await pilot.click("#test")
        await eventually(lambda: shows(app, t("welcome.unencrypted", address="http://192.168.1.5:3000/v1")))


@pytest.mark.parametrize(
    ("language", "key", "facts"),
    [
        ("en", "key_invalid", {}),
        ("zh", "no_network", {"host": "yibuapi.com"}),
        ("en", "tls_failed", {"host": "yibuapi.com", "reason": "self-signed certificate"}),
        ("zh", "proxy_failed", {"variable": "HTTPS_PROXY"}),
        ("en", "wrong_path", {"told": "404", "id": "1"}),
        ("zh", "html_answer", {"told": "Sign in", "id": "1"}),
    ],
    indirect=["language"],
)
async def test_a_test_that_fails_says_what_is_wrong_and_what_to_do(language, key, facts):
    gateway = Gateway()
    gateway.error = WireError(f"error.{key}", **facts)
    async with staged(welcome(gateway)) as (app, pilot):
        put(app, "key", KEY)
        await pilot.click("#test")
        await eventually(lambda: shows(app, t(f"error.{key}.says", **facts)))
        assert shows(app, t(f"error.{key}.advice", **facts))
        assert app.result is NOTHING


async def test_on_a_small_screen_the_whole_result_of_a_test_comes_into_view():
    gateway = Gateway()
    gateway.error = WireError("error.no_network", host="yibuapi.com")
    async with staged(welcome(gateway), (60, 15)) as (app, pilot):
        put(app, "key", KEY)
        await pilot.press("enter")
        await eventually(lambda: shows(app, t("error.no_network.says", host="yibuapi.com")))
        await eventually(lambda: shows(app, t("error.no_network.advice", host="yibuapi.com")))


async def test_while_it_is_tested_it_says_so_and_other_text_ends_the_wait():
    gateway = Gateway()
    gateway.gate.clear()
    async with staged(welcome(gateway)) as (app, pilot):
        put(app, "key", KEY)
        await pilot.pause()
        await pilot.click("#test")
        await eventually(lambda: shows(app, t("welcome.testing")))
        put(app, "key", KEY + "x")
        await eventually(lambda: not shows(app, t("welcome.testing")))
        gateway.gate.set()
        await pilot.pause()
        assert not shows(app, t("welcome.works", count=2))


async def test_the_other_language_speaks_at_once_and_keeps_what_is_typed():
    gateway = Gateway()
    async with staged(welcome(gateway)) as (app, pilot):
        put(app, "key", KEY)
        put(app, "address", "example.org")
        app.screen.query_one("#language").focus()
        await pilot.press("right")
        await eventually(lambda: shows(app, "还没有密钥"))
        assert words.language() == "zh"
        assert app.screen.query_one("#key", Input).value == KEY
        await pilot.click("#start")
        assert await answered(app) == WelcomeResult("key", "https://example.org/v1", KEY, "zh")
        assert words.language() == "en"  # until whoever gets the result changes it for good


async def test_a_language_that_was_chosen_is_known_even_if_nothing_else_was():
    screen = welcome(Gateway())
    async with staged(screen) as (app, pilot):
        await pilot.click("#language", offset=(10, 0))
        await eventually(lambda: shows(app, "还没有密钥"))
        await pilot.press("escape")
        assert await answered(app) is None
    assert (screen.language, words.language()) == ("zh", "en")


async def test_the_local_model_can_be_tried_where_it_can_run(chinese):
    async with staged(welcome(Gateway())) as (app, pilot):
        await pilot.click("#local")
        assert await answered(app) == WelcomeResult("local")
    async with staged(welcome(Gateway(), local=False, note="missing: [b]x[/b]")) as (app, pilot):
        await eventually(lambda: shows(app, "missing: [b]x[/b]"))
        await pilot.click("#local")
        assert app.result is NOTHING


@pytest.mark.parametrize("leave", ["escape", "#later"])
async def test_one_may_just_look_around(leave):
    async with staged(welcome(Gateway())) as (app, pilot):
        await (pilot.press(leave) if leave == "escape" else pilot.click(leave))
        assert await answered(app) is None


async def test_the_key_is_never_drawn_nor_in_what_the_result_says_of_itself():
    gateway = Gateway()
    gateway.error = WireError("error.key_invalid", message=f"bad key {KEY}")
    async with staged(welcome(gateway)) as (app, pilot):
        put(app, "key", KEY)
        await pilot.click("#test")
        await eventually(lambda: shows(app, t("error.key_invalid.says")))
        assert KEY not in screen_text(app) and KEY not in app.export_screenshot()
        await pilot.click("#start")
        assert KEY not in repr(await answered(app))


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_everything_can_be_reached_by_tab_at_every_size(size, language):
    async with staged(welcome(Gateway()), size) as (app, pilot):
        reached = []
        for _ in range(7):
            focused = app.focused
            assert focused is not None
            await eventually(lambda seen=focused: seen.region in app.screen.region and seen.region.height == 1)
            reached.append(focused.id)
            await pilot.press("tab")
        assert sorted(reached) == sorted(["key", "test", "start", "local", "later", "language", "address"])
