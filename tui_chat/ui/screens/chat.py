"""The chat screen: the conversation, what is about to be said, and what belongs to both.

Its parts stand in files of their own, each built on the one before: `chat_room` ← `chat_messages` ← `chat_sending` ←
`chat_attaching` ← `chat_chats` ← `chat_panels` ← `chat_finding` ← `chat_money` ← `chat_media` ←
`chat_usage` ← `chat_exchanges` ← `chat_answers` ← `chat_tools` ← `chat_servers` ← `chat_approving` ← `chat_presets` ←
`chat_healing` ← `chat_rewriting` ← `chat_door`. Here they are put together: what is where on the screen, and how it
follows what happens.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static

from tui_chat import words
from tui_chat.chat.events import CallAsks, Changed, Event, Grew, RoundEnded, TurnEnded, TurnStarted
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.ui import keys, speech
from tui_chat.ui.draft import Draft
from tui_chat.ui.keys import BY_ID
from tui_chat.ui.screens.chat_door import Door
from tui_chat.ui.talk import Talk
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.watch import Watch
from tui_chat.ui.widgets.banner import Banner, Line
from tui_chat.ui.widgets.chat_list import ChatList
from tui_chat.ui.widgets.composer import Composer
from tui_chat.ui.widgets.empty_state import EmptyState
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.head_line import Heading, HeadLine
from tui_chat.wire.redaction import in_one_line
from tui_chat.wiring import House
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.app import TuiOptions

TICK_S = 1.0
SAVE_AGAIN_S = 10.0
BUILD_ANEW_EVERY_S = 5.0


class ChatScreen(Door):
    """The screen a person looks at."""

    CSS_PATH = "chat.tcss"
    BINDINGS = keys.bindings("chat")
    AUTO_FOCUS = "Prompt"  # else the first field there is, and a slow start would send early letters into the filter
    HORIZONTAL_BREAKPOINTS = [(0, "-minute"), (20, "-tiny"), (60, "-small"), (80, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (5, "-low"), (15, "-tall"), (30, "-high")]

    def __init__(self, house: House, watch: Watch, options: TuiOptions, chat: str = "") -> None:
        """`chat` names a chat of the desk to show; without it, what `options` ask for."""
        super().__init__(house, watch)
        self.options = options
        self._first_chat = chat
        self.someone_found = asyncio.Event()
        self.chat_begun = asyncio.Event()
        """Set when the first chat is open, with its draft, or could not be opened."""
        self._opening = asyncio.Lock()
        self._answering = set()
        self._summaries = []
        self._trashed = []
        self._undos = []
        self._history = []
        self._models = []
        self._set = {}
        self._in_turn, self._heirs = asyncio.Lock(), {}
        self._tick: Timer | None = None
        self._saving: Timer | None = None

    def compose(self) -> ComposeResult:
        """Head line; list, conversation, composer; foot line."""
        yield Static(t("ui.too_small"), id="too_small", markup=False)
        yield HeadLine()
        with Horizontal(id="body"):
            if self.app.size.width >= 100 and self.house.settings.show_chats:
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

    def on_mount(self) -> None:
        """Listen to the engine, open the chat, go to the composer."""
        self.transcript.display = False
        self.event_watch.connect(asyncio.get_running_loop(), self.deliver, self._delivery_failed)
        self.bindings_updated_signal.subscribe(self, lambda _: self.show_hints())
        self.focus_writing()
        self.show_heading()
        self.start(self._begin_first)

    async def _begin_first(self) -> None:
        try:
            await self._begin_chat()
        finally:
            self.chat_begun.set()
        await self.load_history()
        if self._first_chat:
            await self.go_on()
        else:
            await self.find_someone()
        self.someone_found.set()
        self.start(self.begin_servers)
        self.start(self.recall_prices)
        if self.is_wide and self.house.settings.show_panels:
            await self.unfold_panels(None)

    async def _begin_chat(self) -> None:
        options = self.options
        if self._first_chat:
            await self.open_chat(self._first_chat)
        elif options.last:
            await self.continue_last()
        if self.talk is None:
            await self.begin_from_options(options.model, options.system, options.values, options.tools)
        elif options.preset and not self._first_chat and self.talk.read_only is None:
            await self.take_head(options)

    async def take_head(self, options: TuiOptions) -> None:
        """What a preset brings to a chat that goes on."""
        fields: dict[str, object] = {"values": dict(options.values)}
        fields |= {name: value for name in ("model", "system", "tools") if (value := getattr(options, name))}
        await self.engine(self.house.desk.set_head, self.chat, **fields)

    def on_unmount(self) -> None:
        """No more events, please."""
        self.event_watch.disconnect(self.deliver)

    # following what happens

    def deliver(self, events: list[Event]) -> None:
        """Take in what the engine tells: of the chat on screen all, of the others whether an answer arrives."""
        list_changed = False
        for event in events:
            if isinstance(event, TurnStarted):
                self._answering.add(event.chat)
                list_changed = True
            elif isinstance(event, TurnEnded | RoundEnded):
                if not event.goes_on:
                    self._answering.discard(event.chat)
            elif isinstance(event, CallAsks) and event.chat != self.chat:
                self.tell_elsewhere(event)
            if isinstance(event, TurnEnded) or (
                isinstance(event, Changed) and isinstance(event.change, NodeAdded | HeadChanged)
            ):
                self.latest("chats", self.refresh_chats)
            if self.showing is not None and event.chat == self.chat:
                self.showing.tell(event)
                self.tell_choices(event)
        if list_changed:
            self.show_chats()
        if not all(isinstance(event, Grew) for event in events):  # of words that arrive only the transcript changes
            self.follow()

    def _delivery_failed(self, error: Exception) -> None:
        """A mistake of ours in following what happens: say so, and build the view anew from what is true."""
        self.tell(speech.says("error.internal", {"what": in_one_line(error)}), "error")
        if self._may_build_anew and self.talk is not None:
            self._may_build_anew = False  # not over and over, should that fail too
            self.set_timer(BUILD_ANEW_EVERY_S, self._allow_building)
            self.latest("anew", self._show, self.house.desk.open, self.chat)

    _may_build_anew = True

    def _allow_building(self) -> None:
        self._may_build_anew = True

    def chat_opened(self) -> None:
        """Another chat is on screen."""
        self.composer.end_edit()
        self.composer.show(Draft())
        super().chat_opened()
        self.follow()

    def follow(self) -> None:
        """Bring everything around the transcript up to date."""
        talk = self.talk
        if talk is None:
            return
        empty = talk.is_empty
        if self.transcript.display is empty:
            if empty and self.transcript.has_focus:
                self.focus_writing()
            self.query_one(EmptyState).display = empty
            if empty:
                self.transcript.display = False
            else:
                self.transcript.reveal()
        self.composer.show_queue(talk.queued)
        placeholder = "ui.composer.read_only" if talk.read_only is not None else "ui.composer.placeholder"
        text = t(placeholder, newline=keys.shown("composer.newline"))
        self.composer.show_placeholder(text, read_only=talk.read_only is not None)
        self.show_heading()
        self.show_banner()
        self.show_numbers()
        self.show_panels()
        self.show_hints()
        super().follow()
        self._keep_ticking()
        self._keep_trying(talk)

    def _keep_trying(self, talk: Talk) -> None:
        """What could not be saved is tried again every now and then."""
        if talk.not_saved is not None and self._saving is None:
            self._saving = self.set_timer(SAVE_AGAIN_S, self._try_to_save)

    def _try_to_save(self) -> None:
        self._saving = None
        if self.talk is not None and self.talk.not_saved is not None:
            self.start(self.engine, self.house.desk.save_again, self.chat)
            self._keep_trying(self.talk)

    def _keep_ticking(self) -> None:
        """While an answer arrives, say each second how it stands."""
        running = self.talk is not None and self.talk.running is not None
        if running and self._tick is None:
            self._tick = self.set_interval(TICK_S, self._say_status)
        elif not running and self._tick is not None:
            self._tick.stop()
            self._tick = None
        self._say_status()

    def _say_status(self) -> None:
        if self.talk is not None and self.talk.running is not None:
            self.transcript.status(self.talk.running.id, self.talk.status())

    # what stands around the conversation

    def show_heading(self) -> None:
        """The head line."""
        talk, connection = self.talk, self.house.connection
        marks = []
        if talk is not None and talk.head.temporary:
            marks.append(t("ui.mark.temporary"))
        if talk is not None and talk.read_only is not None:
            marks.append(t("ui.mark.read_only"))
        model = talk.head.model if talk is not None else ""
        is_local = connection is not None and bool(connection.local_model) and model == connection.local_model
        heading = Heading(
            title=talk.title if talk is not None else "",
            model=model or t("ui.no_model"),
            note=t("ui.local_note") if is_local else "",
            short_note=t("ui.local_short") if is_local else "",
            balance=self.balance_shown,
            marks=tuple(marks),
            language=words.language(),
            help=f"{keys.shown('app.help')} {t('key.app.help')}",
        )
        self.query_one(HeadLine).show(heading)

    def show_banner(self) -> None:
        """What must not be overlooked."""
        lines: list[Line] = []
        talk = self.talk
        if talk is not None:
            if talk.not_saved is not None:
                text = f"{t('ui.not_saved')} {speech.says(talk.not_saved.key, talk.not_saved.facts)}"
                lines.append(Line("error", text))
            if talk.read_only is not None:
                lines.append(Line("warning", speech.explain(talk.read_only)))
            lines.extend(Line("info", speech.explain(note)) for note in talk.notes)
        self.query_one(Banner).show(lines)

    def show_hints(self) -> None:
        """The keys that work where the focus is."""
        hints: list[Hint] = []
        seen: set[str] = set()
        if self.talk is not None and self.talk.read_only is not None:
            seen = {"composer.send", "composer.newline", "chat.attach"}  # there is nothing to be written
        for active in self.active_bindings.values():
            key = BY_ID.get(active.binding.id or "")
            if key is None or not key.footer or key.id in seen or not active.enabled:
                continue
            seen.add(key.id)
            label = self._stop_label() if key.id == "composer.stop" else key.label
            if label:
                hints.append(Hint(keys.shown(key.id), label, f"screen.perform('{key.id}')"))
        self.query_one(FootLine).show_hints(hints)

    def _stop_label(self) -> str:
        """What Esc does in the composer now."""
        if self.composer.editing is not None:
            return t("ui.hint.cancel_edit")
        if self.talk is not None and self.talk.is_busy:
            return t("ui.hint.stop")
        return "" if self.talk is None or self.talk.is_empty else t("ui.hint.leave")

    # acting by name

    async def action_perform(self, id: str) -> None:
        """Do what the row of the key table with this id does, wherever the focus is."""
        key = BY_ID[id]
        if key.where == "composer":
            await self.composer.prompt.run_action(key.action)
        elif key.where == "transcript":
            await self.transcript.run_action(key.action)
        elif key.where == "chats":
            await (await self.place_chats()).run_action(key.action)
        elif key.where == "chat":
            await self.run_action(key.action)
        else:
            await self.app.run_action(key.action)

    @on(Composer.CommandChosen)
    def _command_chosen(self, event: Composer.CommandChosen) -> None:
        event.stop()
        self.start(self.action_perform, event.id)

    # the empty chat

    @on(EmptyState.Picked)
    def _prompt_picked(self, event: EmptyState.Picked) -> None:
        event.stop()
        self.composer.show(Draft(event.prompt))
        self.focus_writing()

    @on(EmptyState.Left)
    def _empty_left(self, event: EmptyState.Left) -> None:
        event.stop()
        self.focus_writing()

    @on(Transcript.LinkPicked)
    def _link_picked(self, event: Transcript.LinkPicked) -> None:
        event.stop()
        self.start(self.open_link, event.href)

    def on_resize(self, event: events.Resize) -> None:
        """A screen that becomes narrow folds its sides away, one that becomes wide shows the list again."""
        self.call_after_refresh(self.make_room)
        wide = event.size.width >= 100
        if wide == self._was_wide:
            return
        self._was_wide = wide
        if not wide:
            self.fold_overlays()
        elif self.talk is not None and self.house.settings.show_chats:
            self.start(self._show_list_again)

    _was_wide: bool | None = None

    async def _show_list_again(self) -> None:
        (await self.place_chats()).display = True
