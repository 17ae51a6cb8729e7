"""The terminal door: what the program is before it is a chat. Themes, keys, styles, clipboard, start and end.

Nothing is imported here that the first picture does not need: screens, the network and Markdown come after it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.screen import ModalScreen, Screen
from textual.worker import WorkerFailed

from tui_chat import words
from tui_chat.errors import ChatError
from tui_chat.store.glance import glance
from tui_chat.store.places import places
from tui_chat.ui import keys
from tui_chat.ui.ahead import Ahead
from tui_chat.ui.commands import Palette, commands_provider
from tui_chat.ui.dismissal import let_late_answers_go, was_given_up
from tui_chat.ui.frame import draw_anew, forget_terminal, install_thrifty_frames
from tui_chat.ui.gate import install_last_gate
from tui_chat.ui.leaving import Leaving
from tui_chat.ui.opening import FirstScreen, Opening, bring_in
from tui_chat.words import language, t

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual import events
    from textual.driver import Driver

    from tui_chat.store.glance import Glance
    from tui_chat.ui.chat.room import Room
    from tui_chat.ui.screens.chat import ChatScreen
    from tui_chat.ui.watch import Watch
    from tui_chat.wire.params import Values
    from tui_chat.wiring import House

DEFAULT_THEME = "textual-dark"
_NO_KEY = "f63"
"""A key that no keyboard has: for an action whose keys a person takes away."""
_LAST = 1_000_000
"""Puts the person's own styles behind all others of the same weight."""


class TuiOptions(Struct, frozen=True):
    """What the command line asked for."""

    last: bool = False
    """Go on with the last chat."""
    model: str = ""
    system: str = ""
    values: Values = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    """Tools that are switched on, by name."""
    preset: bool = False
    """Whether all this comes of a preset, so that it is meant for a chat that goes on, too."""
    local: bool = False
    """Talk to the embedded model."""
    local_model: str = ""
    """A GGUF file of the person's own, "" for the one that is offered."""


class YibuApp(App[None]):
    """The program."""

    TITLE = "yibu-chat"
    CSS_PATH = "screens/frame.tcss"
    BINDINGS = keys.bindings("app")
    COMMANDS = {commands_provider}
    COMMAND_PALETTE_BINDING = _NO_KEY
    PAUSE_GC_ON_SCROLL = True

    house: House
    event_watch: Watch

    def __init__(
        self,
        house: House | None = None,
        watch: Watch | None = None,
        options: TuiOptions | None = None,
        look: Glance | None = None,
    ) -> None:
        """Without a house, one is built once the first picture is there; until then it has this look."""
        super().__init__()
        self.is_built = house is not None and watch is not None
        if house is not None and watch is not None:
            self.house, self.event_watch = house, watch
        self.options = options or TuiOptions()
        self._look = look
        self.ahead = Ahead(self)
        self._opening = Opening(self)
        self.refused: ChatError | None = None
        """Why the house can't be built: a settings file that can't be used."""
        self.crash: BaseException | None = None
        """The mistake of ours that ended the program, if one did."""
        self.leaving = Leaving(self)
        self.ended = threading.Event()
        """Set when the screen has been left."""
        self.chat_screen: ChatScreen | None = None
        install_last_gate()
        install_thrifty_frames()
        let_late_answers_go()

    # start

    def get_default_screen(self) -> Screen[Any]:
        """The first picture."""
        return FirstScreen(self.size, show_chats=self._look is None or self._look.show_chats)

    def on_mount(self) -> None:
        """Draw the first picture; all else is brought in once it is seen."""
        self.leaving.use_loop(asyncio.get_running_loop())
        if self._look is not None and self._look.theme in self.available_themes:
            self.theme = self._look.theme

    def on_first_prompt_seen(self) -> None:
        """The first picture is there."""
        self.run_worker(self._open())

    async def _open(self) -> None:
        """Bring in the rest, show the chat, and let it have what was typed before."""
        try:
            if not self.is_built:
                self.house, self.event_watch = await bring_in()
                self.is_built = True
        except ChatError as error:
            self.refused = error
            self.exit()
            return
        await self._opening.finish(self._show_chat)
        from tui_chat.ui.warming import warm

        threading.Thread(target=warm, args=(os.environ,), name="yibu-warm", daemon=True).start()

    async def _show_chat(self) -> None:
        from tui_chat.ui.no_room import bear_no_room
        from tui_chat.ui.screens.chat import ChatScreen

        bear_no_room()
        self.on_room_looks_chosen()
        self._use_own_styles()
        self.chat_screen = ChatScreen(self.house, self.event_watch, self.options)
        await self.push_screen(self.chat_screen)
        await self.chat_screen.chat_begun.wait()

    async def on_event(self, event: events.Event) -> None:
        """Do what an event asks for; keys that come before what they are for is there wait for it."""
        if self.ahead.take(event):
            self._opening.hear(event)
        else:
            await self.heed(event)

    async def heed(self, event: events.Event) -> None:
        """Do what an event asks for now."""
        try:
            await self.ahead.screen_put_up(event)
            await super().on_event(event)
        except Exception as error:  # what a key asks for and can't be done must not end the chat
            if not self._opening.is_over:
                raise
            self._tell_mistake(error)

    async def on_room_language_chosen(self) -> None:
        """Build the chat screen anew, on the same chat: the language is another one."""
        before = self.chat_screen
        if before is None or before.language == language():
            return
        await before.parts.drafting.keep()
        if self.screen is not before:  # only what is on top can be replaced; it asks again when it is that
            return
        after = type(before)(self.house, self.event_watch, self.options, before.chat)
        after.take_over(before)
        self.chat_screen = after
        await self.switch_screen(after)

    def on_room_mistaken(self, event: Room.Mistaken) -> None:
        """Something that was begun in the chat went wrong by a mistake of ours."""
        self._tell_mistake(event.error)

    def on_room_looks_chosen(self) -> None:
        """Theme or keys are other ones."""
        self.use_theme(self.house.settings.theme)
        self.use_keymap(self.house.settings.keymap, enter_sends=self.house.settings.enter_sends)

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
        from tui_chat.ui.copying import osc52

        self._clipboard = text
        if (sequence := osc52(text, self.house.env)) and self._driver is not None:
            self._driver.write(sequence)
        self.run_worker(self._copy_with_tool(text, bool(sequence)), exit_on_error=False, group="copy")

    async def _copy_with_tool(self, text: str, by_terminal: bool) -> None:
        from tui_chat.attach.clipboard import write_text
        from tui_chat.ui.copying import what_was_done

        outcome = await asyncio.to_thread(write_text, text)
        self.notify(what_was_done(text, by_terminal=by_terminal, outcome=outcome), markup=False, timeout=3)

    # the terminal

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice, and where that is its driver for Linux and macOS, ours on top of it."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from tui_chat.ui.driver import TerminalDriver

        return TerminalDriver

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        take_over = driver.start_application_mode

        def take_over_anew() -> None:
            forget_terminal()
            take_over()

        driver.start_application_mode = take_over_anew  # type: ignore[method-assign]  # again after each suspension
        if hasattr(driver, "terminal_gone"):
            driver.terminal_gone = self.leaving.terminal_gone
        return driver

    # what is asked for

    def action_redraw(self) -> None:
        """Draw the whole screen anew: another program wrote over it."""
        draw_anew(self)

    def action_command_palette(self) -> None:
        """Every action of the chat by its name; over a dialog there is none of them."""
        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Palette(placeholder=t("ui.palette.placeholder")))

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
        if self.first_words:
            with suppress(Exception):
                self.leaving.keep_first_words()
        elif self.chat_screen is not None and not self.leaving.has_kept_first_words:
            with suppress(Exception):  # the way out must not be barred
                await asyncio.wait_for(self.chat_screen.parts.drafting.keep(), 3)
        self.exit(return_code=return_code)

    def leave_with(self, return_code: int) -> None:
        """Leave as by a quit, with this exit code. To be called on the screen's loop."""
        self.run_worker(self._leave(return_code), exit_on_error=False)

    def close(self) -> None:
        """Stop what runs, keep what came of it, let go of everything. Blocks, for a bounded time."""
        if not self.is_built:
            return
        self.event_watch.disconnect()
        if self.chat_screen is not None:
            self.chat_screen.parts.connecting.close_local_at_exit()
        self.house.close()

    # the end that nobody wants

    def _handle_exception(self, error: Exception) -> None:
        """A mistake of ours that nothing caught: keep what was typed, remember what it was.

        In a background task it is told and kept, and the chat goes on; before there is a chat, it ends the program.
        """
        if (self._exit and self.crash is None) or was_given_up(error):  # on the way out, all is going
            return
        if isinstance(error, WorkerFailed) and self._opening.is_over:
            self._tell_mistake(error.error)
            return
        if self.crash is None:
            self.crash = error.error if isinstance(error, WorkerFailed) else error
            self.leaving.keep_draft()
        super()._handle_exception(error)

    def _tell_mistake(self, mistake: BaseException) -> None:
        from tui_chat.store.crash import keep_crash
        from tui_chat.ui.speech import of_mistake

        self.notify(of_mistake(mistake), severity="error", markup=False, timeout=8)
        self.run_worker(asyncio.to_thread(keep_crash, self.house.places, mistake), exit_on_error=False)

    def panic(self, *renderables: RenderableType) -> None:
        """End because of a mistake; nothing is drawn of it, since values of variables may hold the key."""
        self.crash = self.crash or RuntimeError("panic")
        self._close_messages_no_wait()

    _fatal_error = panic

    @property
    def first_words(self) -> str:
        """What was typed and not given to a chat yet."""
        return self._opening.words

    @property
    def place_of_chat(self) -> Path:
        """The file of the chat on screen, or the folder where it would be."""
        chat = self.chat_screen.chat if self.chat_screen is not None else ""
        if chat:
            with suppress(ChatError):
                return self.house.library.path(chat)
        return self.house.places.sessions


def run_tui(options: TuiOptions) -> int:
    """Run the terminal interface; the exit code.

    Raises:
        SettingsError: a settings file can't be used.
    """
    where = places()
    look = glance(where)
    words.speak(look.language)
    app = YibuApp(options=options, look=look)
    app.leaving.heed_signals()
    chats = where.sessions
    try:
        app.run()
    except Exception as error:  # noqa: BLE001  # the terminal is free again: say it in words, without a traceback
        app.crash = app.crash or error
    finally:
        with suppress(Exception):  # there may be no house yet
            chats = app.place_of_chat
        app.ended.set()
        app.close()
        if app.leaving.has_kept_first_words:
            app.leaving.keep_draft()
    if app.crash is not None:
        from tui_chat.ui.last_words import crashed

        return crashed(where, app.crash, chats)
    if app.refused is not None:
        raise app.refused
    return app.return_code or 0
