"""A picture that is ready is drawn by one call: nothing else is woken for it, and nothing is drawn that stayed."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import TextArea

from tests.ui.transcript.stage import Stage, entry
from tests.waiting import eventually
from tui_chat.chat.events import Event, Grew
from tui_chat.ui.at_once import at_once
from tui_chat.ui.transcript.entry import Outline
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.watch import Watch
from tui_chat.ui.widgets import prompt as prompt_module
from tui_chat.ui.widgets.prompt import Prompt


class Counted:
    """How often a screen was drawn, and what messages were posted to anyone."""

    def __init__(self, screen: Screen[object], monkeypatch: pytest.MonkeyPatch) -> None:
        self.drawn = 0
        self.posted: list[Message] = []
        post = MessagePump.post_message

        def noted(pump: MessagePump, message: Message) -> bool:
            taken = post(pump, message)
            self.posted += [message] * taken
            return taken

        def draw(*_: object, **__: object) -> None:
            self.drawn += 1
            screen._compositor._dirty_regions.clear()

        monkeypatch.setattr(MessagePump, "post_message", noted)
        monkeypatch.setattr(screen._compositor, "render_update", draw)


class Writing(App[None]):
    """Only a prompt."""

    def compose(self) -> ComposeResult:
        yield Prompt()


async def test_words_that_arrive_are_drawn_by_one_call_and_without_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        page = app.query_one(Transcript)
        page.show([Outline("0", 5)], lambda key: entry(key, "hello"))
        page.begin(entry("1"))
        await pilot.pause()
        page._inbox._due = 0.0  # the last picture has stood long enough
        counted = Counted(app.screen, monkeypatch)
        page.grow("1", text="words")
        assert (counted.drawn, counted.posted) == (1, [])
        page.grow("1", text=" and more words")  # too soon for another picture
        assert counted.drawn == 1
        await eventually(lambda: not page._inbox)
        assert "words and more words" in "\n".join(page.render_line(y).text for y in range(20))


async def test_where_nothing_changed_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        page = app.query_one(Transcript)
        page.show([Outline("0", 5)], lambda key: entry(key, "hello"))
        await pilot.pause()
        bar, place = page.vertical_scrollbar, (page.virtual_size.height, page.size.height, page.scroll_y)
        bar.stand(*place)
        await pilot.pause()
        counted = Counted(app.screen, monkeypatch)
        with at_once(page, bar):
            bar.stand(*place)
        assert (counted.drawn, counted.posted) == (0, [])


async def test_a_widget_that_wants_another_size_takes_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Writing()
    async with app.run_test(size=(60, 20)) as pilot:
        prompt = app.query_one(Prompt)
        await pilot.pause()
        monkeypatch.setattr(prompt_module, "PICTURE_S", -1.0)
        counted = Counted(app.screen, monkeypatch)
        prompt.insert("one line")
        assert counted.drawn == 1
        prompt.insert("\nand another")
        assert counted.drawn == 1
        await eventually(lambda: prompt.size.height == 2)
        assert not any(isinstance(message, TextArea.SelectionChanged) for message in counted.posted)


async def test_the_prompt_wears_the_colours_of_the_stylesheet_whatever_changes_them() -> None:
    app = Writing()
    async with app.run_test(size=(60, 20)) as pilot:
        prompt = app.query_one(Prompt)
        worn = set()
        for theme in ("textual-dark", "textual-light", "nord"):
            for has_focus in (True, False):
                app.theme = theme
                app.screen.set_focus(prompt if has_focus else None)
                await pilot.pause()
                prompt.render_lines(prompt.size.region)
                own = prompt._theme
                seen = (own.base_style, own.cursor_style, own.selection_style)
                own.apply_css(prompt)
                assert seen == (own.base_style, own.cursor_style, own.selection_style)
                worn.add(seen)
        assert len(worn) >= 3


async def test_a_prompt_that_is_gone_or_still_to_come_can_be_drawn_all_the_same() -> None:
    app = Writing()
    async with app.run_test(size=(60, 20)) as pilot:
        prompt = app.query_one(Prompt)
        prompt.insert("a draft")
        await pilot.pause()
        region, screen = prompt.size.region, app.screen
        place = prompt.region
        app.batch_update().__enter__()  # no layout without it meanwhile
        await prompt.remove()
        assert prompt in screen._compositor.visible_widgets
        screen._compositor._dirty_regions = {place}
        screen._compositor.render_partial_update()
        for other in (prompt, Prompt()):
            assert {strip.text.strip() for strip in other.render_lines(region)} == {""}


async def test_what_comes_together_wakes_the_screen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, told = Watch(), list[list[Event]]()
    loop = asyncio.get_running_loop()
    woken = []
    wake = loop.call_soon_threadsafe

    def noted(*call: object, **named: object) -> asyncio.Handle:
        woken.append(call)
        return wake(*call, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "call_soon_threadsafe", noted)
    watch.connect(loop, told.append)
    await asyncio.sleep(0)

    def tell() -> None:
        for number in range(50):
            watch.put(Grew("chat", "node", f"{number} ", ""))

    tell()
    await eventually(lambda: bool(told))
    assert len(woken) == 1
    assert told == [[Grew("chat", "node", "".join(f"{number} " for number in range(50)), "")]]
