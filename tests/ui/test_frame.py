"""What is written is little, and yet the terminal shows what it would if everything were."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from tests.terminal.emulator import Emulator
from tests.terminal.grid import Cell, Grid
from tests.ui.transcript.stage import Chat, entry
from tests.waiting import eventually
from tui_chat.ui import frame
from tui_chat.ui.edges import Edges
from tui_chat.ui.frame import ChangedParts, Drawn, draw_anew, forget_terminal, install_thrifty_frames
from tui_chat.ui.transcript.view import Transcript

WIDTH, HEIGHT = 60, 16
STYLES = [Style.parse(words) for words in ("", "bold red on blue", "red on blue", "on blue", "underline", "on #203040")]


class Over(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("something over it")


class Page(App[None]):
    """A transcript with something beside it and below it, as in the chat screen."""

    CSS = "Transcript { height: 1fr; } #side { width: 12; border-right: solid red; } Over { align: center middle; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("one\n\ntwo", id="side")
            yield Transcript()
        yield Static("below", id="below")


@pytest.fixture(autouse=True)
def thrifty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from textual import screen

    monkeypatch.setattr(screen, "Compositor", screen.Compositor)
    install_thrifty_frames()
    forget_terminal()
    yield
    forget_terminal()


def seen_by_terminal(app: App[None], monkeypatch: pytest.MonkeyPatch) -> tuple[Emulator, list[str]]:
    """A terminal that gets what the app would write, and what that is."""
    terminal, written = Emulator(WIDTH, HEIGHT), []
    display = app._display

    def note(screen: object, update: object) -> None:
        if isinstance(update, ChangedParts):
            written.append(update.render_segments(app.console))
            terminal.feed(written[-1].encode())
        display(screen, update)  # type: ignore[arg-type]

    monkeypatch.setattr(app, "_display", note)
    return terminal, written


def shown(app: App[None]) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def test_the_terminal_shows_the_picture_whatever_happens(drawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Page()
    terminal, written = seen_by_terminal(app, monkeypatch)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        page, chat = app.query_one(Transcript), Chat(20)

        async def agrees(what: str) -> None:
            await pilot.pause()
            await eventually(lambda: terminal.screen.lines() == shown(app), what=what)

        page.show(chat.outlines, chat.load)
        await agrees("the chat")
        dice = random.Random(5)
        for step in range(30):
            page.move_by(dice.choice((-30, -7, -2, -1, 1, 2, 5, 40)))
            await agrees(f"scroll {step}")
        page.move(None)
        page.begin(entry("new", ""))
        for step in range(30):
            page.grow("new", text=f"word {step} *多字* and\n\n" if step % 3 else "- a list item of some length " * 3)
            page._draw_frame()
            await agrees(f"growth {step}")
        assert any("M\x1b[r" in text for text in written), "rows were moved"
        app.query_one("#side").update("other\nwords")  # type: ignore[attr-defined]
        await agrees("the side")
        app.push_screen(Over())
        await agrees("a screen over it")
        await app.pop_screen()
        await agrees("the page again")
        app.query_one("#side").display = False
        await agrees("no side")
        for row in range(1, HEIGHT + 1):
            terminal.feed(f"\x1b[{row};1Hwritten by another program".encode())
        draw_anew(app)
        await agrees("all drawn anew")


def rows_of(texts: list[str]) -> list[Drawn]:
    return [Drawn(y, [0, 20], {0: Strip([Segment(text.ljust(20))], 20)}) for y, text in enumerate(texts)]


def test_rows_that_moved_are_not_written_again() -> None:
    console = App[None]().console
    lines = [f"line number {number}" for number in range(30)]
    terminal = Emulator(20, 10)
    terminal.feed(ChangedParts(rows_of(lines[:10]), whole=True).render_segments(console).encode())
    for first in (3, 4, 1, 0):
        text = ChangedParts(rows_of(lines[first : first + 10])).render_segments(console)
        terminal.feed(text.encode())
        assert terminal.screen.lines() == lines[first : first + 10]
        assert text.count("line number") <= 3
    assert ChangedParts(rows_of(lines[:10])).render_segments(console) == ""


def test_of_a_row_only_what_differs_is_written() -> None:
    console = App[None]().console
    ChangedParts(rows_of(["a spinner |"]), whole=True).render_segments(console)
    assert ChangedParts(rows_of(["a spinner /"])).render_segments(console) == "\x1b[1;1Ha spinner /".ljust(26)[:26]


@pytest.mark.parametrize("seed", range(8))
def test_any_parts_of_any_styles_show_as_if_written_whole(seed: int) -> None:
    dice, console = random.Random(seed), App[None]().console
    forget_terminal()
    terminal = Emulator(30, 8)
    rows: list[Drawn] = []
    for step in range(25):
        cuts = [0, *sorted(dice.sample(range(1, 30), dice.choice((0, 1, 2)))), 30]
        rows = []
        for y in range(8):
            parts = {x: strip_of(dice, end - x) for x, end in pairwise(cuts)}
            rows.append(Drawn(y, cuts, parts))
        terminal.feed(ChangedParts(rows, whole=not step).render_segments(console).encode())
        whole = Emulator(30, 8)
        for y, _, parts in rows:
            for x, strip in parts.items():
                place = f"\x1b[{y + 1};{x + 1}H"
                whole.feed((place + "".join(Strip([segment]).render(console) for segment in strip)).encode())
        assert looks(terminal.screen) == looks(whole.screen)


def looks(grid: Grid) -> list[Cell]:
    """What can be seen of every cell: of a blank, not its colour."""
    cells = [grid.cell(column, row) for row in range(grid.rows) for column in range(grid.columns)]
    return [
        Cell(text, style._replace(fg="default", bold=False) if text == " " and not style.underline else style)
        for text, style in cells
    ]


def strip_of(dice: random.Random, cells: int) -> Strip:
    """A strip of that width, of few words and styles, so that ends are often alike."""
    segments, left = [], cells
    while left:
        word = dice.choice(("a", "bc", "多", " ", "    ", "       "))
        if 1 + ("多" in word) > left:
            word = " "
        word = word[:left]
        segments.append(Segment(word, dice.choice(STYLES)))
        left -= 2 if word == "多" else len(word)
    return Strip(segments, cells)


def test_the_compositor_is_put_in_once() -> None:
    from textual import screen

    install_thrifty_frames()
    assert screen.Compositor is frame.ThriftyCompositor  # type: ignore[attr-defined]


class Folded(App[None]):
    """Words of two cells each over a widget that ends in the middle of one of them."""

    CSS = "Screen { layers: page over; } #page { layer: page; width: 5; } #over { layer: over; width: 24; }"

    def compose(self) -> ComposeResult:
        yield Static("below", id="page")
        yield Static("还没有对话", id="over")


async def test_what_lies_below_cuts_no_wide_character(drawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Folded()
    terminal, _ = seen_by_terminal(app, monkeypatch)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await pilot.pause()
        await eventually(lambda: terminal.screen.lines()[0].rstrip() == "还没有对话")
        app.query_one("#over").display = False
        await eventually(lambda: terminal.screen.lines()[0].rstrip() == "below")


def test_edges_that_are_covered_are_none() -> None:
    front, behind, beside = Region(0, 0, 24, 2), Region(5, 0, 10, 3), Region(20, 0, 30, 1)
    screen = Region(0, 0, WIDTH, HEIGHT)
    edges = Edges([(each, screen) for each in (front, behind, beside, screen)], screen.size)
    assert [edges.row(y) for y in range(4)] == [[0, 24, 50, 60], [0, 24, 60], [0, 5, 15, 60], [0, 60]]
