"""What is being recorded? How long it is and how loud, until it is kept or thrown away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from tui_chat.attach.recording import Microphone, Recording, SoundDevice
from tui_chat.errors import AttachError
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import Dialog
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t

LOOK_EVERY_S = 0.1
LEVEL_CELLS = 30
_EIGHTHS = " ▏▎▍▌▋▊▉█"


class RecorderScreen(Dialog[bytes | None]):
    """Records from the moment it is shown. The result is a WAV file; None where the person threw it away."""

    DEFAULT_CSS = """
    RecorderScreen { align: center middle; background: $background 60%; }
    RecorderScreen .time { text-style: bold; height: 1; }
    RecorderScreen .level { height: 1; color: $success; margin-bottom: 1; }
    RecorderScreen .buttons { margin-top: 1; }
    """
    BINDINGS = [*keys.bindings("dialog")]

    def __init__(self, limit_bytes: int, microphone: Callable[[], Microphone] = SoundDevice) -> None:
        """`limit_bytes` is the most that the file may hold; `microphone` finds one, or raises AttachError."""
        super().__init__()
        self._limit_bytes, self._find = limit_bytes, microphone
        self._recording: Recording | None = None
        self._gone = False

    def compose(self) -> ComposeResult:
        """The time, the level, what the keys do."""
        with Vertical(classes="dialog"):
            yield Prose(t("record.title"), classes="question")
            yield Static(Content(t("record.opening")), classes="time")
            yield Static(classes="level")
            yield Prose(t("record.hint"), classes="details")
            with Horizontal(classes="buttons"):
                yield FlatButton(t("record.throw_away"), id="back")
                yield FlatButton(t("record.keep"), id="keep", main=True)

    def on_mount(self) -> None:
        """Find the microphone and begin."""
        self.query_one("#keep").focus()
        self.set_interval(LOOK_EVERY_S, self.look)
        self.run_worker(self._begin(), exit_on_error=False)

    async def _begin(self) -> None:
        def begin() -> None:
            recording = Recording(self._find(), self._limit_bytes)
            recording.start()
            self._recording = recording
            if self._gone:  # looked at here: nobody waits for this thread any more
                recording.throw_away()

        try:
            await asyncio.to_thread(begin)
        except AttachError as error:
            if not self._gone:
                self._give_up(error)

    def look(self) -> None:
        """Show how it stands; a recording that has reached its limit is kept."""
        recording = self._recording
        if recording is None or self._gone:
            return
        self.query_one(".time", Static).update(Content.assemble(("● ", "$error"), spoken_time(recording.seconds)))
        level = self.query_one(".level", Static)
        level.update(Content(level_bar(recording.level, min(LEVEL_CELLS, level.size.width or LEVEL_CELLS))))
        if recording.is_full:
            self.notify(t("record.full"), markup=False)
            self.action_keep()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Keep it, or throw it away."""
        event.stop()
        if event.button.id == "keep":
            self.action_keep()
        else:
            self.action_cancel()

    def action_keep(self) -> None:
        """Stop and keep what was said."""
        if self._recording is not None and not self._gone:
            self._gone = True
            self.run_worker(self._keep(self._recording), exit_on_error=False)

    async def _keep(self, recording: Recording) -> None:
        try:
            content = await asyncio.to_thread(recording.stop)
        except AttachError as error:
            self._give_up(error)
        else:
            self.dismiss(content)

    def action_cancel(self) -> None:
        """Throw it away."""
        if not self._gone:
            self._gone = True
            self.dismiss(None)

    async def on_unmount(self) -> None:
        """Nothing listens once this is closed, however it was."""
        self._gone = True
        if self._recording is not None:
            await asyncio.to_thread(self._recording.throw_away)

    def _give_up(self, error: AttachError) -> None:
        """Say what is wrong in the place of what is shown; nothing is left to do but to close it."""
        self._recording = None
        self._gone = False
        self.query_one(".time").display = self.query_one(".level").display = self.query_one("#keep").display = False
        self.query_one(".details", Prose).update(Content(visible(speech.explain(error))))
        back = self.query_one("#back", FlatButton)
        back.label = t("record.close")
        back.focus()


def spoken_time(seconds: float) -> str:
    """0:07, 12:03."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def level_bar(level: float, cells: int) -> str:
    """How loud it is, as a bar of this many cells."""
    eighths = round(level * cells * 8)
    bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    return bar + "·" * (cells - cell_len(bar))
