"""A stage for one widget or one screen: shows it alone, notes every message it sends, reads what it shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from tests.waiting import eventually

Told = TypeVar("Told", bound=Message)
SIZES = [("en", (60, 15)), ("zh", (60, 15)), ("zh", (120, 40)), ("en", (200, 60))]
"""Languages and sizes of the window in which a layout is looked at; indirect for the fixture `language`."""
NOTHING = object()
"""`result` while a screen has not answered."""


class Stage(App[None]):
    """Holds one widget or pushes one screen; `result` is what the screen answers."""

    def __init__(self, shown: Widget | Screen[Any]) -> None:
        super().__init__()
        self.shown = shown
        self.result: Any = NOTHING
        self.seen: dict[int, Message] = {}

    def compose(self) -> ComposeResult:
        if not isinstance(self.shown, Screen):
            yield self.shown

    def on_mount(self) -> None:
        if isinstance(self.shown, Screen):
            self.push_screen(self.shown, self._answered)

    def _answered(self, result: Any) -> None:
        self.result = result

    def told(self, kind: type[Told]) -> list[Told]:
        """Every message of this kind so far, once each, in order."""
        return [message for message in self.seen.values() if isinstance(message, kind)]


@asynccontextmanager
async def staged(
    shown: Widget | Screen[Any], size: tuple[int, int] = (100, 32)
) -> AsyncIterator[tuple[Stage, Pilot[None]]]:
    """The stage with this on it, ready to be pressed and clicked."""
    app = Stage(shown)

    def note(message: Message) -> None:
        app.seen[id(message)] = message  # kept alive, so that no two have the same id

    async with app.run_test(size=size, message_hook=note) as pilot:
        await eventually(lambda: shown.is_mounted and shown.is_attached)
        await pilot.pause()
        yield app, pilot
        app.screen._compositor.render_strips()


async def answered(app: Stage) -> Any:
    """What the screen answers, once it does."""
    await eventually(lambda: app.result is not NOTHING, what="the screen to answer")
    return app.result


def screen_text(app: App[Any]) -> str:
    """Everything that can be seen now, row by row."""
    width, _height = app.size
    return "\n".join(
        "".join(segment.text for segment in strip)[:width].rstrip() for strip in app.screen._compositor.render_strips()
    )


def shows(app: App[Any], *texts: str) -> bool:
    """Whether each of these can be seen, however it is broken into rows, spaced and framed."""
    seen = "".join(screen_text(app).replace("│", " ").split())
    return all("".join(text.split()) in seen for text in texts)
