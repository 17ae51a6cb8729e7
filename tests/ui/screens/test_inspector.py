"""The request inspector, driven as a person does."""

from __future__ import annotations

import json

import pytest

from tests.ui.bare_stage import SIZES, Stage, answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.chat.node import Node, now
from tui_chat.ui.exchange_lines import Answer
from tui_chat.ui.screens.inspector import SECTIONS, InspectorScreen
from tui_chat.ui.screens.pick import Pick
from tui_chat.ui.widgets.sheet import Sheet
from tui_chat.wire.exchange import Exchange
from tui_chat.wire.messages import Text
from tui_chat.words import t

BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "你好" * 60}], "seed": 7}, ensure_ascii=False)
STREAM = b'data: {"choices":[]}\n\n' * 40


def exchange(attempt: int = 1, status: int = 200, ended_s: float | None = 1.0) -> Exchange:
    made = Exchange(attempt, "m", attempt, method="POST", url="http://h/v1/chat/completions", body=(BODY.encode(),))
    made.headers = (("authorization", "Bearer sk-abc…wxyz"),)
    made.answered(status, {"x-request-id": "r1"})
    made.take(STREAM)
    made.ended_s = ended_s
    return made


def answer(text: str = "one", *exchanges: Exchange, model: str = "m") -> Answer:
    return Answer(Node(text, None, "assistant", (Text(text),), now(), model), exchanges)


def copies(app: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    return copied


def section(app: Stage) -> str:
    assert isinstance(app.screen, InspectorScreen)
    return app.screen.section


async def test_each_section_is_a_key_or_a_click_away_and_is_copied_whole(monkeypatch: pytest.MonkeyPatch):
    async with staged(InspectorScreen(answer("one", exchange())), (100, 30)) as (app, pilot):
        copied = copies(app, monkeypatch)
        seen = []
        for name in SECTIONS:
            assert section(app) == name
            await pilot.press("y")
            seen.append(app.screen.query_one(Sheet).text)
            await pilot.press("right")
        assert section(app) == "body" and len(set(seen)) == len(SECTIONS)
        assert copied[0] == BODY and copied[3] == STREAM.decode() and copied[1] == seen[1]
        await pilot.press("left", "left", "end")
        sheet = app.screen.query_one(Sheet)
        await eventually(lambda: section(app) == "stream" and sheet.scroll_offset.y > 20)
        await pilot.press("right")
        assert (
            sheet.scroll_offset.y == 0 and section(app) == "compare" and shows(app, t("inspector.nothing_to_compare"))
        )
        await pilot.click(".sections", offset=(2, 0))
        await eventually(lambda: section(app) == "body")
        await pilot.press("c", "p")
        assert copied[-2].startswith("curl http://h/v1/chat/completions") and "import urllib.request" in copied[-1]
        assert all("$YIBU_API_KEY" in text or 'os.environ["YIBU_API_KEY"]' in text for text in copied[-2:])


async def test_asking_again_and_closing_are_its_results():
    async with staged(InspectorScreen(answer("one", exchange()))) as (app, pilot):
        await pilot.press("r")
        assert await answered(app) is True
    async with staged(InspectorScreen(answer("one", exchange()))) as (app, pilot):
        await pilot.press("escape")
        assert await answered(app) is False


async def test_earlier_attempts_can_be_looked_at():
    screen = InspectorScreen(answer("one", exchange(1, 502), exchange(2)))
    async with staged(screen) as (app, pilot):
        assert shows(app, "HTTP 200 · " + t("inspector.attempt", at=2, count=2))
        await pilot.press("[", "[")
        await eventually(lambda: shows(app, "HTTP 502 · " + t("inspector.attempt", at=1, count=2)))
        await pilot.press("]")
        await eventually(lambda: shows(app, "HTTP 200"))


async def test_an_answer_is_compared_with_the_one_that_is_picked():
    others = [answer("two"), answer("three words", model="other")]
    async with staged(InspectorScreen(answer("one"), others)) as (app, pilot):
        assert section(app) == "compare" and "two" in app.screen.query_one(Sheet).text  # all that is known of it
        await pilot.press("d")
        await eventually(lambda: isinstance(app.screen, Pick) and shows(app, "three words"))
        await pilot.press("down", "enter")
        await eventually(lambda: isinstance(app.screen, InspectorScreen) and shows(app, "− three words"))
        assert shows(app, '− model = "other"') and shows(app, "+ one")
        await pilot.press("right")
        assert section(app) == "body" and shows(app, t("inspector.not_of_this_run"))
        await pilot.press("c")
        await eventually(lambda: any(t("inspector.not_of_this_run") == note.message for note in app._notifications))


async def test_while_an_answer_arrives_its_times_move():
    arriving = exchange(ended_s=None)
    async with staged(InspectorScreen(answer("one", arriving))) as (app, pilot):
        await pilot.press("right", "right")
        await eventually(lambda: shows(app, t("inspector.so_far")))
        arriving.ended_s = 2.0
        await eventually(lambda: shows(app, t("inspector.total")))


@pytest.mark.parametrize(("language", "size"), [SIZES[1]], indirect=["language"])
async def test_everything_fits_at_every_size(language: str, size: tuple[int, int]):
    async with staged(InspectorScreen(answer("one", exchange()), [answer("two")]), size) as (app, pilot):
        for name in SECTIONS:
            lines = screen_text(app).splitlines()
            assert all(len(line) <= size[0] for line in lines) and shows(app, t(f"inspector.section.{name}"))
            assert t("key.inspector.curl") in lines[-2] + lines[-3] + lines[-4]
            await pilot.press("right")
