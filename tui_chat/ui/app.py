"""The terminal door: what the program is before it is a chat. Themes, keys, styles, clipboard, start and end.

Nothing is imported here that the first picture does not need: screens, the network and Markdown come after it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

from tui_chat.ui import keys
from tui_chat.ui.commands import commands_provider
from tui_chat.ui.copying import osc52, what_was_done
from tui_chat.ui.gate import install_last_gate
from tui_chat.ui.watch import Watch
from tui_chat.wire.params import Values
from tui_chat.wiring import House
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.screens.chat import ChatScreen

EXIT_CRASHED = 70
LEAVE_WITHIN_S = 2.0
DEFAULT_THEME = "textual-dark"
_NO_KEY = "f63"
"""A key that no keyboard has: for an action whose keys a person takes away."""
_LAST = 1_000_000
"""Puts the person's own styles behind all others of the same weight."""


@dataclass(frozen=True, slots=True)
class TuiOptions:
    """What the command line asked for."""

    last: bool = False
    """Go on with the last chat."""
    model: str = ""
    system: str = ""
    values: Values = field(default_factory=dict)
    local: bool = False
    """Talk to the embedded model."""
    local_model: str = ""
    """A GGUF file of the person's own, "" for the one that is offered."""


class YibuApp(App[None]):
    """The program."""

    TITLE = "yibu-chat"
    BINDINGS = keys.bindings("app")
    COMMANDS = {commands_provider}
    COMMAND_PALETTE_BINDING = _NO_KEY
    PAUSE_GC_ON_SCROLL = True

    def __init__(self, house: House, watch: Watch, options: TuiOptions | None = None) -> None:
        super().__init__()
        self.house = house
        self.event_watch = watch
        self.options = options or TuiOptions()
        self.crashed = False
        self.ended = threading.Event()
        """Set when the screen has been left."""
        self.chat_screen: ChatScreen | None = None
        install_last_gate()

    # start

    async def on_mount(self) -> None:
        """Show the chat; the rest is brought in once it is seen."""
        from tui_chat.ui.screens.chat import ChatScreen

        settings = self.house.settings
        self.use_theme(settings.theme)
        self.use_keymap(settings.keymap, enter_sends=settings.enter_sends)
        self._use_own_styles()
        self._heed_signals()
        self.chat_screen = ChatScreen(self.house, self.event_watch, self.options)
        await self.push_screen(self.chat_screen)
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        """The first picture is there: what will be needed next is imported on an idle thread."""
        from tui_chat.ui.warming import warm

        threading.Thread(target=warm, name="yibu-warm", daemon=True).start()

    async def on_door_language_chosen(self) -> None:
        """Build the chat screen anew, on the same chat: the language is another one."""
        before = self.chat_screen
        if before is None:
            return
        from tui_chat.ui.screens.chat import ChatScreen

        await before.keep_draft()
        after = ChatScreen(self.house, self.event_watch, self.options, before.chat)
        after.take_over(before)
        self.chat_screen = after
        await self.switch_screen(after)

    def on_door_looks_chosen(self) -> None:
        """Theme or keys are other ones."""
        settings = self.house.settings
        self.use_theme(settings.theme)
        self.use_keymap(settings.keymap, enter_sends=settings.enter_sends)

    def use_theme(self, name: str) -> None:
        """Wear a theme; one that isn't there is said, and the usual one worn."""
        if name and name not in self.available_themes:
            self.notify(t("ui.theme.unknown", name=name), severity="warning", markup=False)
            name = ""
        self.theme = name or DEFAULT_THEME

    def use_keymap(self, keymap: Mapping[str, str], *, enter_sends: bool = True) -> None:
        """Take over the person's keys."""
        chosen = dict(keymap)
        if not enter_sends:
            chosen.setdefault("composer.send", "ctrl+j")
            chosen.setdefault("composer.newline", "enter,shift+enter")
        chosen = {id: typed.strip() or _NO_KEY for id, typed in chosen.items()}
        keys.rebind(chosen)
        self.set_keymap(chosen)

    def _use_own_styles(self) -> None:
        """The person's `user.tcss`, behind all other styles; where it can't be used, that is said."""
        path = self.house.places.user_styles
        try:
            css = path.read_text("utf-8")
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            self.notify(t("ui.styles.unreadable", reason=str(error)[:200]), severity="warning", markup=False)
            return
        trial = Stylesheet(variables=self.get_css_variables())
        try:
            trial.add_source(css, (str(path), ""))
            trial.parse()
        except Exception:  # noqa: BLE001  # the parser has a dozen ways to refuse
            self.notify(t("ui.styles.wrong", path=str(path)), severity="warning", markup=False)
            return
        self.stylesheet.add_source(css, (str(path), ""), tie_breaker=_LAST)

    # the clipboard

    def copy_to_clipboard(self, text: str) -> None:
        """Ask the terminal and, on a thread, a native tool; say what was really done."""
        self._clipboard = text
        sequence = osc52(text, self.house.env)
        if sequence and self._driver is not None:
            self._driver.write(sequence)
        self.run_worker(self._copy_with_tool(text, bool(sequence)), exit_on_error=False, group="copy")

    async def _copy_with_tool(self, text: str, by_terminal: bool) -> None:
        from tui_chat.attach.clipboard import write_text

        outcome = await asyncio.to_thread(write_text, text)
        said = what_was_done(text, by_terminal=by_terminal, outcome=outcome)
        self.notify(said, markup=False, timeout=3)

    # what is asked for

    def action_help(self) -> None:
        """All keys; once more, and they go."""
        from tui_chat.ui.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(HelpScreen(dict(self.house.settings.keymap)))

    def get_system_commands(self, screen: Screen[Any]) -> Any:
        """None: ours stand in `commands.py`, in the person's language."""
        return ()

    # the end

    async def action_quit(self) -> None:
        """Keep the draft and go. What still runs is stopped and kept once the terminal is free again."""
        await self._leave(0)

    async def _leave(self, return_code: int) -> None:
        if self.chat_screen is not None:
            with suppress(Exception):  # the way out must not be barred
                await asyncio.wait_for(self.chat_screen.keep_draft(), 3)
        self.exit(return_code=return_code)

    def _heed_signals(self) -> None:
        """A window that is closed or a `kill` ends the program like a quit does, and within seconds."""
        if sys.platform == "win32":
            return
        loop = asyncio.get_running_loop()

        def heed(number: int, _frame: object) -> None:
            # A handler of the loop would never run while the loop is blocked by a terminal that is not read.
            threading.Thread(target=self._end_by_force, args=(number,), daemon=True).start()
            loop.call_soon_threadsafe(self._signalled, number)

        for number in (signal.SIGTERM, signal.SIGHUP):
            with suppress(ValueError):  # not in the main thread: then it is not our process
                signal.signal(number, heed)

    def _signalled(self, number: int) -> None:
        self.run_worker(self._leave(128 + number), exit_on_error=False)

    def _end_by_force(self, number: int) -> None:
        """Where the terminal is gone, taking leave of it may never end: then go without."""
        if not self.ended.wait(LEAVE_WITHIN_S):
            self.close()
            os._exit(128 + number)

    def close(self) -> None:
        """Stop what runs, keep what came of it, let go of everything. Blocks, for a bounded time."""
        self.event_watch.disconnect()
        if self.chat_screen is not None:
            self.chat_screen.close_local_at_exit()
        self.house.close()

    # the end that nobody wants

    def _fatal_error(self) -> None:
        """A mistake of ours: say where, without the values of variables, which may hold the key."""
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.crashed = True
        self.bell()
        trace = Traceback(show_locals=False, width=None, max_frames=20)
        self._exit_renderables.append(Segments(self.console.render(trace, self.console.options)))
        self._close_messages_no_wait()


def run_tui(options: TuiOptions) -> int:
    """Run the terminal interface; the exit code.

    Raises:
        SettingsError: a settings file can't be used.
    """
    watch = Watch()
    house = House(watch.put)
    app = YibuApp(house, watch, options)
    try:
        app.run()
    finally:
        app.ended.set()
        app.close()
    if app.crashed:
        print(t("ui.crashed"), file=sys.stderr)
        return EXIT_CRASHED
    return app.return_code or 0
