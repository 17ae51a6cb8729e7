"""A dialog around a text that is judged as it is typed: begins at its end, and judges after each pause."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from textual import on
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import TextArea

CHECK_AFTER_S = 0.12
"""A pause in typing after which the text is checked."""

Answer = TypeVar("Answer")


class TextDialog(ModalScreen[Answer], Generic[Answer]):
    """Holds one `TextArea`."""

    _timer: Timer | None = None

    @abstractmethod
    def judge(self) -> str:
        """Say whether the text can be used; returns what is wrong with it, "" for nothing."""

    def on_mount(self) -> None:
        """Begin at the end of what stands there."""
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)
        self.judge()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(CHECK_AFTER_S, self.judge)
