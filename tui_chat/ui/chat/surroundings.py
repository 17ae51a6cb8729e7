"""How does the chat stand? Head line, banner, hints, what an empty chat shows, the status of an answer."""

from __future__ import annotations

from textual.timer import Timer

from tui_chat import words
from tui_chat.ui import keys, speech
from tui_chat.ui.chat.money import Money
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sharing import Sharing
from tui_chat.ui.draft import Draft
from tui_chat.ui.talk import Talk
from tui_chat.ui.widgets.banner import Banner, Line
from tui_chat.ui.widgets.empty_state import EmptyState
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.head_line import Heading, HeadLine
from tui_chat.words import t

TICK_S = 1.0
SAVE_AGAIN_S = 10.0


class Surroundings(Part):
    """What is told of the chat as a whole."""

    def __init__(self, room: Room, money: Money, sharing: Sharing) -> None:
        self.room = room
        self._money = money
        self._sharing = sharing
        self.answers = {EmptyState.Picked: self._prompt_picked, EmptyState.Left: lambda _: room.focus_writing()}
        self._tick: Timer | None = None
        self._saving: Timer | None = None

    def follow(self) -> None:
        """Show how the chat stands."""
        self._show_heading()
        if (talk := self.room.talk) is not None:
            self._show_middle(talk)
            self._show_banner(talk)
            self.show_hints()
            self._keep_ticking(talk)
            self._keep_trying(talk)

    def _show_heading(self) -> None:
        head_line = self.room.find(HeadLine)
        if head_line is None:
            return
        talk, connection = self.room.talk, self.room.house.connection
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
            balance=self._money.balance_shown,
            marks=tuple(marks),
            language=words.language(),
            help=f"{keys.shown('app.help')} {t('key.app.help')}",
        )
        head_line.show(heading)

    def _show_middle(self, talk: Talk) -> None:
        """The conversation, or what stands there while there is none; and the composer below."""
        transcript, composer, empty_state = self.room.transcript, self.room.composer, self.room.find(EmptyState)
        if transcript.display is talk.is_empty and empty_state is not None:
            if talk.is_empty and transcript.has_focus:
                self.room.focus_writing()
            empty_state.display = talk.is_empty
            if talk.is_empty:
                transcript.display = False
            else:
                transcript.reveal()
        composer.show_queue(talk.queued)
        placeholder = "ui.composer.read_only" if talk.read_only is not None else "ui.composer.placeholder"
        text = t(placeholder, newline=keys.shown("composer.newline"))
        composer.show_placeholder(text, read_only=talk.read_only is not None)

    def _prompt_picked(self, event: EmptyState.Picked) -> None:
        self.room.composer.show(Draft(event.prompt))
        self.room.focus_writing()

    def _show_banner(self, talk: Talk) -> None:
        """What must not be overlooked."""
        lines: list[Line] = []
        if talk.not_saved is not None:
            text = f"{t('ui.not_saved')} {speech.says(talk.not_saved.key, talk.not_saved.facts)}"
            lines.append(Line("error", text))
        if talk.read_only is not None:
            lines.append(Line("warning", self._sharing.told(talk.read_only)))
        lines.extend(Line("info", speech.explain(note)) for note in talk.notes)
        if (banner := self.room.find(Banner)) is not None:
            banner.show(lines)

    # the keys that can be pressed

    def show_hints(self) -> None:
        """The keys that work where the focus is."""
        talk, foot = self.room.talk, self.room.find(FootLine)
        if foot is None:
            return
        hints: list[Hint] = []
        seen: set[str] = set()
        if talk is not None and talk.read_only is not None:
            seen = {"composer.send", "composer.newline", "chat.attach"}  # there is nothing to be written
        for key in self.room.keys_at_hand:
            if not key.footer or key.id in seen:
                continue
            seen.add(key.id)
            label = self._stop_label(talk) if key.id == "composer.stop" else key.label
            if label:
                hints.append(Hint(keys.shown(key.id), label, f"screen.perform('{key.id}')"))
        foot.show_hints(hints)

    def _stop_label(self, talk: Talk | None) -> str:
        """What Esc does in the composer now."""
        if self.room.composer.editing is not None:
            return t("ui.hint.cancel_edit")
        if talk is not None and talk.is_busy:
            return t("ui.hint.stop")
        return "" if talk is None or talk.is_empty else t("ui.hint.leave")

    # while an answer arrives

    def _keep_ticking(self, talk: Talk) -> None:
        """Say each second how it stands."""
        running = talk.running is not None
        if running and self._tick is None:
            self._tick = self.room.every(TICK_S, self._say_status)
        elif not running and self._tick is not None:
            self._tick.stop()
            self._tick = None
        self._say_status()

    def _say_status(self) -> None:
        talk = self.room.talk
        if talk is not None and talk.running is not None:
            self.room.transcript.status(talk.running.id, talk.status())

    # what could not be saved

    def _keep_trying(self, talk: Talk) -> None:
        """It is tried again every now and then."""
        if talk.not_saved is not None and self._saving is None:
            self._saving = self.room.later(SAVE_AGAIN_S, self._try_to_save)

    def _try_to_save(self) -> None:
        self._saving = None
        talk = self.room.talk
        if talk is not None and talk.not_saved is not None:
            self.room.start(self.room.engine, self.room.house.desk.save_again, talk.id)
            self._keep_trying(talk)
