"""The page's scroll bar looks as Textual's own and is taken hold of in the same cells."""

from __future__ import annotations

import random

import pytest
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.scrollbar import ScrollBarRender

from tests.ui.transcript.stage import Chat, Stage
from tui_chat.ui.transcript.bar import PageBar, _strips, thumb
from tui_chat.ui.transcript.view import Transcript

RED, BLUE = Color.parse("red"), Color.parse("blue")


def look(cell: Segment) -> tuple[object, ...]:
    """What is seen of a cell, and what a press on it does; of a blank, not its colour."""
    style = cell.style or Style()
    colour = style.color if cell.text.strip() or style.reverse else None
    return cell.text, colour, style.bgcolor if not style.reverse else None, bool(style.reverse), style.meta


@pytest.mark.parametrize("seed", range(4))
def test_it_looks_as_textuals_own(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(200):
        size, window = dice.randrange(1, 50), dice.randrange(1, 50)
        total = window + dice.randrange(1, 2_000)
        position = dice.choice((0.0, total - window, dice.random() * (total - window)))
        own = ScrollBarRender.render_bar(size, total, window, position, 1, True, BLUE, RED)
        ours = [cell for strip in _strips(size, *thumb(size, total, window, position), _style(), 1) for cell in strip]
        assert [look(cell) for cell in ours] == [look(cell) for cell in own.segments if cell.text != "\n"]


def _style() -> Style:
    return Style(color=RED, bgcolor=BLUE)


async def test_it_is_the_bar_of_the_page() -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        page, chat = app.query_one(Transcript), Chat(20)
        page.show(chat.outlines, chat.load)
        await pilot.pause()
        assert page.show_vertical_scrollbar and type(page.vertical_scrollbar) is PageBar
        drawn = app.screen._compositor.render_strips()
        assert any("scroll_up" in str(segment.style.meta) for strip in drawn for segment in strip if segment.style)
