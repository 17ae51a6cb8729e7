"""The heat view, driven as a person does."""

from __future__ import annotations

import math

import pytest

from tests.ui.bare_stage import SIZES, Stage, answered, screen_text, shows, staged
from tui_chat.ui import heat_steps
from tui_chat.ui.heat_steps import steps_of, text_up_to
from tui_chat.ui.screens.heat import HeatScreen
from tui_chat.ui.widgets.heat_text import HeatText
from tui_chat.wire.logprobs import NEVER, Likely, Logprobs, Token
from tui_chat.words import t


def likely(text: str | bytes, share: float = 1.0, *, bare: bool = False) -> Likely:
    data = text if isinstance(text, bytes) else text.encode()
    return Likely(data.decode("utf-8", "replace"), math.log(share) if share else NEVER, None if bare else data)


def token(text: str | bytes, share: float = 1.0, *others: tuple[str | bytes, float]) -> Token:
    top = sorted((likely(text, share), *(likely(*other) for other in others)), key=lambda each: -each.logprob)
    return Token(likely(text, share), tuple(top) if others else ())


HELLO = Logprobs(
    (
        token("Hello", 0.73, ("Hi", 0.26), ("你好", 0.0)),
        token(" there", 0.02, ("!", 0.97)),
        token(" ", 0.95),
        token(b"\xf0\x9f", 0.4, (b"\xe4\xbd", 0.5)),
        token(b"\x98\x80", 0.5, ("x", 0.1)),
        token("\nBye", 0.07, (" Bye", 0.9)),
        Token(likely("!", 0.0, bare=True)),
    )
)
TEXT = "Hello there 😀\nBye!"


def at(app: Stage) -> str:
    text = app.screen.query_one(HeatText)
    return text._steps[text.at].text


def test_bytes_that_make_one_character_are_one_step() -> None:
    steps = steps_of(HELLO.content)
    assert [step.text for step in steps] == ["Hello", " there", " ", "😀", "\nBye", "!"]
    assert steps[3].probability == pytest.approx(0.2) and len(steps[3].tokens) == 2
    assert [step.level for step in steps] == ["likely", "rare", "sure", "unlikely", "unlikely", "rare"]
    broken = steps_of((token(b"\xe4"), Token(likely("a", bare=True)), token(b"\xe4\xbd")))
    assert [step.text for step in broken] == ["\ufffd", "a", "\ufffd"]


def test_another_token_begins_a_text_only_where_it_is_whole_characters() -> None:
    steps = steps_of(HELLO.content)
    others = heat_steps.others_of(steps[3])
    assert [text_up_to(steps, 3, row) for row in others] == [None, None, None, None]
    hello = heat_steps.others_of(steps[0])
    assert [(text_up_to(steps, 0, row), row.is_taken) for row in hello] == [
        ("Hello", True),
        ("Hi", False),
        ("你好", False),
    ]
    assert text_up_to(steps, 1, heat_steps.others_of(steps[1])[0]) == "Hello!"
    assert [row.is_taken for row in heat_steps.others_of(steps[5])] == [True]


async def test_the_cursor_walks_steps_rows_and_weak_places() -> None:
    async with staged(HeatScreen(HELLO, TEXT), (100, 30)) as (app, pilot):
        assert at(app) == "Hello" and shows(app, "73.0 %") and shows(app, t("heat.never"))
        await pilot.press("right")
        assert at(app) == " there" and shows(app, "2.0 %") and shows(app, "20 74 68 65 72 65")
        await pilot.press("u")
        assert at(app) == "😀" and shows(app, "f0 9f") and shows(app, "20.0 %")
        await pilot.press("down")
        assert at(app) in ("\nBye", "!")
        await pilot.press("end")
        assert at(app) == "!" and shows(app, t("heat.no_bytes"))
        await pilot.press("U", "home", "left")
        assert at(app) == "Hello"
        await pilot.click(HeatText, offset=(6, 0))
        assert at(app) == " there"


async def test_enter_answers_with_the_text_to_go_on_from() -> None:
    async with staged(HeatScreen(HELLO, f"Well. {TEXT}"), (100, 30)) as (app, pilot):
        assert shows(app, "Well. Hello")
        await pilot.press("enter")
        assert await answered(app) == "Well. Hi"


async def test_tab_marks_another_and_half_a_character_begins_nothing() -> None:
    async with staged(HeatScreen(HELLO, TEXT), (100, 30)) as (app, pilot):
        await pilot.press("right", "right", "right", "enter")
        assert isinstance(app.screen, HeatScreen)
        assert t("heat.no_character") in [note.message for note in app._notifications]
        await pilot.press("home", "tab", "enter")
        assert await answered(app) == "你好"


async def test_what_may_not_go_on_says_so_and_escape_closes() -> None:
    async with staged(HeatScreen(HELLO, TEXT, may_continue=False), (100, 30)) as (app, pilot):
        await pilot.press("enter")
        assert t("heat.not_now") in [note.message for note in app._notifications]
        await pilot.press("escape")
        assert await answered(app) is None


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_it_fits(language: str, size: tuple[int, int]) -> None:
    long = Logprobs(tuple(token(word, 0.8, ("x", 0.1), ("y", 0.05)) for word in ["word ", "字", "\n"] * 200))
    async with staged(HeatScreen(long, "word 字\n" * 200), size) as (app, pilot):
        await pilot.press("end", "pageup", "down")
        text = app.screen.query_one(HeatText)
        assert (
            text.size.height >= 3
            and 0 <= text._row_of(text._starts[text.at + 1]) - text.scroll_offset.y < text.size.height
        )
        for name in ("sure", "open", "rare"):
            assert shows(app, t(f"heat.level.{name}"))
        assert shows(app, t("heat.taken")) or size[1] < 20
        assert max(map(len, screen_text(app).split("\n"))) <= size[0]
