"""What does a person see first? A place to write, at once. The rooms behind it are brought in meanwhile.

Importing and building everything takes longer than Textual's own start. So the first picture has a head line, an
empty middle and the prompt, drawn by what that needs alone; then a thread brings in the rest, and the chat screen
takes the first one's place. Keys and pastes that come before are shown in the first prompt and remembered; the chat
screen gets every one of them, in order, once its chat is open: Enter sends, Ctrl+N begins a chat, as ever.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from tui_chat.ui import keys
from tui_chat.ui.widgets.prompt import Prompt
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.app import YibuApp
    from tui_chat.ui.watch import Watch
    from tui_chat.wiring import House

WIDE = 100
"""From this width on the list of chats stands at the left."""


class FirstPrompt(Prompt):
    """Tells when it can be seen."""

    class Seen(Message):
        """It was drawn."""

    def on_show(self) -> None:
        """It has its place, and is drawn next."""
        self.call_after_refresh(self.post_message, self.Seen())


class FirstScreen(Screen[None]):
    """The frame of the chat screen, without what needs a chat. Its looks stand in `screens/frame.tcss`."""

    def __init__(self, size: Size, *, show_chats: bool) -> None:
        is_high, is_roomy = size.height >= 30, size.height >= 15 and size.width >= 60
        super().__init__(classes=f"{'-high ' * is_high}{'-roomy' * is_roomy}")
        self._has_list = show_chats and size.width >= WIDE

    def compose(self) -> ComposeResult:
        """As the chat screen does, and the prompt at the same place."""
        yield Static(Content.styled("yibu-chat", "bold $primary"), classes="line")
        with Horizontal(id="body"):
            if self._has_list:
                yield Static(id="list")
            with Vertical(id="writing"), Vertical(classes="composer"):
                prompt = FirstPrompt()
                prompt.placeholder = Content(t("ui.composer.placeholder", newline=keys.shown("composer.newline")))
                yield prompt
        yield Static(classes="line")


class Opening:
    """From the first picture to the chat screen."""

    def __init__(self, app: YibuApp) -> None:
        self._app = app
        app.ahead.hold()
        self._heard: list[events.Event] = []
        """All that was typed, for a draft, should the program be ended before the chat has it."""
        self.is_over = False
        """Whether the chat screen has all that was typed."""

    def hear(self, event: events.Event) -> None:
        """Show a key or a paste that waits for the chat."""
        if not self.is_over:
            self._heard.append(copy(event))
            if isinstance(self._app.screen, FirstScreen) and self._app.focused is not None:
                self._app.focused._forward_event(event)  # only to be seen

    @property
    def words(self) -> str:
        """What was typed before there is a chat that has it, as text; "" once there is one."""
        pieces = [each.text if isinstance(each, events.Paste) else _letter(each) for each in list(self._heard)]
        return "" if self.is_over else "".join(pieces)

    async def finish(self, show: Callable[[], Awaitable[None]]) -> None:
        """Have the chat screen shown by `show`, which returns once its chat is open, then give it what was typed."""
        first = self._app.screen_stack[0]
        await show()
        await self._app.ahead.let_go()
        self.is_over = True
        await first.remove_children()


def _letter(event: events.Event) -> str:
    return (event.character or "") if isinstance(event, events.Key) and event.is_printable else ""


async def bring_in() -> tuple[House, Watch]:
    """Import what the chat screen needs and build the house, both on a thread; raises SettingsError."""
    built: Future[tuple[House, Watch]] = Future()

    def build() -> None:
        try:
            import tui_chat.ui.screens.chat  # noqa: F401  # takes longest of all
            from tui_chat.ui.watch import Watch
            from tui_chat.wiring import House

            watch = Watch()
            built.set_result((House(watch.put), watch))
        except InvalidStateError:  # the program is being left; nobody waits for it any more
            return
        except Exception as error:  # noqa: BLE001  # raised where it is awaited
            with suppress(InvalidStateError):
                built.set_exception(error)

    # Not one of asyncio's threads: should a dead disk hold it up, the program can still be left.
    threading.Thread(target=build, name="yibu-opening", daemon=True).start()
    return await asyncio.wrap_future(built)
