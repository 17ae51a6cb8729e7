"""The chat screen: what is where on it, and who is asked when something happens.

What can be done here stands in `tui_chat/ui/chat/`, one part for each question; `parts.py` puts them together.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from tui_chat.chat.events import Event, Grew
from tui_chat.ui import keys
from tui_chat.ui.chat.parts import Parts
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import WIDE
from tui_chat.ui.keys import BY_ID
from tui_chat.ui.talk import Talk
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.watch import Watch
from tui_chat.ui.widgets.banner import Banner
from tui_chat.ui.widgets.chat_list import ChatList
from tui_chat.ui.widgets.composer import Composer
from tui_chat.ui.widgets.empty_state import EmptyState
from tui_chat.ui.widgets.foot_line import FootLine
from tui_chat.ui.widgets.head_line import HeadLine
from tui_chat.wiring import House
from tui_chat.words import language, t

if TYPE_CHECKING:
    from tui_chat.ui.app import TuiOptions

BUILD_ANEW_EVERY_S = 5.0


class ChatScreen(Screen[None]):
    """The screen a person looks at."""

    CSS_PATH = "chat.tcss"
    BINDINGS = keys.bindings("chat")
    AUTO_FOCUS = "Prompt"  # else the first field there is, and a slow start would send early letters into the filter
    HORIZONTAL_BREAKPOINTS = [(0, "-minute"), (20, "-tiny"), (60, "-small"), (80, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (5, "-low"), (15, "-tall"), (30, "-high")]

    def __init__(self, house: House, watch: Watch, options: TuiOptions, chat: str = "") -> None:
        """`chat` names a chat of the desk to show; without it, what `options` ask for."""
        super().__init__()
        self.room = Room(self, house, watch)
        self.parts = Parts(self.room, options)
        self.chat_begun = asyncio.Event()
        """Set when the first chat is open, with its draft, or could not be opened."""
        self.language = language()
        """The one its words are in."""
        self._options = options
        self._first_chat = chat
        self._may_build_anew = True
        self._was_wide: bool | None = None

    def take_over(self, other: ChatScreen) -> None:
        """Go on where another chat screen was."""
        self.parts.undoing.take_over(other.parts.undoing)
        self.parts.chats.take_over(other.parts.chats)
        self.parts.connecting.take_over(other.parts.connecting)

    @property
    def talk(self) -> Talk | None:
        """The chat on screen; None until the first one is open."""
        return self.room.talk

    @property
    def chat(self) -> str:
        """Its id, "" while there is none."""
        return self.room.chat

    @property
    def transcript(self) -> Transcript:
        """The conversation."""
        return self.room.transcript

    @property
    def composer(self) -> Composer:
        """The place to write."""
        return self.room.composer

    def compose(self) -> ComposeResult:
        """Head line; list, conversation, composer; foot line."""
        yield Static(t("ui.too_small"), id="too_small", markup=False)
        yield HeadLine()
        with Horizontal(id="body"):
            if self.app.size.width >= WIDE and self.room.house.settings.show_chats:
                yield ChatList()
            with Vertical(id="centre"):
                yield Banner()
                prompts = [t(f"ui.empty.prompt_{number}") for number in (1, 2, 3)]
                hint = t("ui.empty.hint", commands=keys.shown("app.commands"), attach=keys.shown("chat.attach"))
                yield EmptyState(t("ui.empty.greeting"), prompts, hint)
                yield Transcript()
                with Vertical(id="writing"):
                    yield Composer()
        yield FootLine()

    # beginning and ending

    def on_mount(self) -> None:
        """Listen to the engine, open the chat, go to the composer."""
        self.transcript.display = False
        self.room.watch.connect(asyncio.get_running_loop(), self.deliver, self._delivery_failed)
        self.bindings_updated_signal.subscribe(self, lambda _: self.parts.surroundings.show_hints())
        self.room.focus_writing()
        self.room.follow()
        self.room.start(self._begin)

    async def _begin(self) -> None:
        """One step after the other; none depends on the one before having gone well."""
        room, parts = self.room, self.parts
        try:
            await room.attempt(self._begin_chat, self._options)
        finally:
            self.chat_begun.set()
        await room.attempt(parts.sending.load_history)
        await room.attempt(parts.connecting.go_on if self._first_chat else parts.connecting.find_someone)
        parts.connecting.found.set()
        room.start(parts.servers.begin)
        room.start(parts.money.connected)
        if parts.sides.is_wide and room.house.settings.show_panels:
            await parts.panels.unfold(None)

    async def _begin_chat(self, options: TuiOptions) -> None:
        room, opening = self.room, self.parts.opening
        if self._first_chat:
            await room.attempt(opening.open, self._first_chat)
        elif options.last:
            await room.attempt(opening.continue_last)
        given: dict[str, Any] = {
            name: value for name in ("model", "system", "tools") if (value := getattr(options, name))
        }
        given["values"] = dict(options.values)
        if room.talk is None:  # none was asked for, or it can't be opened
            await opening.begin(room.house.new_head(**given))
        elif options.preset and not self._first_chat and room.talk.read_only is None:
            await room.engine(room.house.desk.set_head, room.chat, **given)  # what it brings to a chat that goes on

    def on_screen_resume(self) -> None:
        """What was over it is gone; the language may be another one by now."""
        if self.language != language():
            self.post_message(Room.LanguageChosen())

    def on_unmount(self) -> None:
        """No more events, please."""
        self.room.watch.disconnect(self.deliver)
        for part in self.room.parts:
            part.gone()

    # following what happens

    def deliver(self, events: list[Event]) -> None:
        """Take in what the engine tells: of the chat on screen all, of the others what concerns the person."""
        showing = self.room.showing
        for event in events:
            if showing is not None and event.chat == self.chat:
                showing.tell(event)
            for part in self.room.parts:
                part.happened(event)
        if not all(isinstance(event, Grew) for event in events):  # of words that arrive only the transcript changes
            self.room.follow()

    def _delivery_failed(self, error: Exception) -> None:
        """A mistake of ours in following what happens: say so, and build the view anew from what is true."""
        self.room.mistake(error)
        if self._may_build_anew and self.talk is not None:
            self._may_build_anew = False  # not over and over, should that fail too
            self.set_timer(BUILD_ANEW_EVERY_S, self._allow_building)
            self.room.start(self.parts.opening.show_anew)  # to its end: while it looks, no events are delivered

    def _allow_building(self) -> None:
        self._may_build_anew = True

    @on(Message)
    def _ask_parts(self, message: Message) -> None:
        """Each message of a widget goes to the parts that answer it."""
        if self.parts.answer(message):
            message.stop()

    def on_resize(self, event: events.Resize) -> None:
        """A screen that becomes narrow folds its sides away, one that becomes wide shows the list again."""
        self.call_after_refresh(self.parts.approving.make_room)
        wide = event.size.width >= WIDE
        if wide != self._was_wide:
            self._was_wide = wide
            if wide:
                self.room.start(self.parts.chats.show_again)
            else:
                self.parts.sides.fold()

    # acting by name

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for a chat that another window has do nothing, and are not shown, where none has it."""
        if action == "perform" and parameters[0] in self.parts.sharing.does:
            return self.talk is not None and self.talk.is_elsewhere
        return True

    async def action_perform(self, id: str) -> None:
        """Do what the row of the key table with this id does, wherever the focus is."""
        key = BY_ID[id]
        if key.where == "chat":
            self.room.do(self.parts.does[id])
        elif key.where == "composer":
            await self.composer.prompt.run_action(key.action)
        elif key.where == "transcript":
            await self.transcript.run_action(key.action)
        elif key.where == "chats":
            await (await self.parts.chats.place()).run_action(key.action)
        else:
            await self.app.run_action(key.action)

    @on(Transcript.Asked)
    def _asked(self, event: Transcript.Asked) -> None:
        event.stop()
        self.parts.act_on(event.action, event.key)

    @on(Composer.CommandChosen)
    def _command_chosen(self, event: Composer.CommandChosen) -> None:
        event.stop()
        self.room.start(self.action_perform, event.id)
