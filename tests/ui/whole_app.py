"""The whole app on a real house, talking to the fake gateway, driven by the pilot."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tests.gateway.server import FakeGateway
from tests.waiting import eventually
from tui_chat.chat.node import Node
from tui_chat.ui import keys
from tui_chat.ui.app import TuiOptions, YibuApp
from tui_chat.ui.screens.chat import ChatScreen
from tui_chat.ui.watch import Watch
from tui_chat.ui.widgets.approval_card import ApprovalCard
from tui_chat.ui.widgets.chat_list import ChatList
from tui_chat.ui.widgets.prompt import Prompt
from tui_chat.ui.widgets.side_panel import SidePanel
from tui_chat.wiring import House

MODEL = "gpt-4o-mini"


@dataclass
class Scene:
    """What a test holds."""

    app: YibuApp
    pilot: Pilot[None]
    gateway: FakeGateway
    copied: list[str]

    @property
    def chat(self) -> ChatScreen:
        assert self.app.chat_screen is not None
        return self.app.chat_screen

    @property
    def house(self) -> House:
        return self.chat.room.house

    @property
    def chat_list(self) -> ChatList | None:
        return self.chat.parts.sides.chats

    @property
    def panel(self) -> SidePanel | None:
        return self.chat.parts.sides.panel

    @property
    def card(self) -> ApprovalCard | None:
        return self.chat.parts.approving.card

    @property
    def path(self) -> list[Node]:
        """The settled messages on screen."""
        talk = self.chat.talk
        assert talk is not None
        return [talk.conversation.node(id) for id in talk.conversation.path()]

    @property
    def texts(self) -> list[str]:
        return [node.text for node in self.path]

    @property
    def draft(self) -> str:
        return self.chat.composer.prompt.text

    @property
    def toasts(self) -> list[str]:
        return [notification.message for notification in self.app._notifications]

    @property
    def idle(self) -> bool:
        talk = self.chat.talk
        return talk is not None and talk.running is None

    async def press(self, *keys: str) -> None:
        """Press keys. Letters in a row go out together: the pilot waits 60 ms after each."""
        for is_letters, group in groupby(keys, lambda key: len(key) == 1):
            if is_letters:
                for letter in group:
                    self.app.post_message(events.Key(_character_to_key(letter), letter))
                await self.pilot.pause()
            else:
                await self.pilot.press(*group)

    async def write(self, text: str) -> None:
        """Put text into the composer as if typed."""
        self.chat.composer.prompt.focus()
        self.chat.composer.prompt.insert(text)
        await self.pilot.pause()

    async def say(self, text: str) -> None:
        """Send a message; wait until it is answered."""
        before = len(self.path)
        await self.write(text)
        await self.press("enter")
        await eventually(lambda: len(self.path) >= before + 2 and self.idle, what=f"an answer to {text!r}")

    async def settled(self, condition: Callable[[], Any], what: str = "") -> None:
        await eventually(condition, what=what)
        await self.pilot.pause()

    def shown(self) -> str:
        """Everything on screen, as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


@asynccontextmanager
async def on_stage(
    gateway: FakeGateway,
    *,
    size: tuple[int, int] = (120, 40),
    options: TuiOptions | None = None,
    key: str = "sk-test",
    settings: str = "",
) -> AsyncGenerator[Scene, None]:
    """The app, ready for the first key. The pilot types faster than a person: no Enter counts as part of a paste."""
    home = Path(os.environ["YIBU_CHAT_HOME"])
    if settings:
        home.mkdir(parents=True, exist_ok=True)
        (home / "settings.toml").write_text(settings, "utf-8")
    env = {**os.environ, "YIBU_BASE_URL": gateway.base_url}
    if key:
        env["YIBU_API_KEY"] = key
    watch = Watch()
    house = House(watch.put, env=env)
    app = YibuApp(house, watch, options if options is not None else TuiOptions(model=MODEL))
    copied: list[str] = []
    real_copy = app.copy_to_clipboard

    def copy(text: str) -> None:
        copied.append(text)
        real_copy(text)

    app.copy_to_clipboard = copy  # type: ignore[method-assign]
    patch = pytest.MonkeyPatch()
    patch.setattr(Prompt, "paste_window_s", 0.0)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            scene = Scene(app, pilot, gateway, copied)
            await eventually(lambda: not key or (app.chat_screen is not None and app.chat_screen.talk is not None))
            await pilot.pause()
            yield scene
            app.screen._compositor.render_strips()
            if app.chat_screen is not None and app.is_running:
                await app.chat_screen.parts.drafting.keep()
    finally:
        patch.undo()
        app.ended.set()
        app.close()
        keys.rebind({})
