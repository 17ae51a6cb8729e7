"""A dialog around a text that is judged as it is typed: begins at its end, and judges after each pause."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from textual import on
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import TextArea

from tui_chat.ui.screens.typed_in import TypedIn

CHECK_AFTER_S = 0.12
"""A pause in typing after which the text is checked."""

Answer = TypeVar("Answer")


class TextDialog(ModalScreen[Answer | None], Generic[Answer]):
    """Holds one `TextArea`."""

    _timer: Timer | None = None
    _unused = False
    """Whether the text it begins with was typed by the person, and could not be used."""
    typed_in: TypedIn[Answer]

    @abstractmethod
    def judge(self) -> str:
        """Say whether the text can be used; returns what is wrong with it, "" for nothing."""

    def on_mount(self) -> None:
        """Begin at the end of what stands there."""
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)
        self.typed_in = TypedIn(self, unused=self._unused)
        self.judge()

    def action_cancel(self) -> None:
        """Leave all as it was."""
        self.typed_in.leave()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(CHECK_AFTER_S, self.judge)
