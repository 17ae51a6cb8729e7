"""A dialog around a text that is judged as it is typed: begins at its end, and judges after each pause."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from textual import on
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, TextArea

from tui_chat.ui.screens.dialogs import Confirm
from tui_chat.words import t

CHECK_AFTER_S = 0.12
"""A pause in typing after which the text is checked."""

Answer = TypeVar("Answer")


class TypedIn(Generic[Answer]):
    """What is typed into a screen: nothing of it is thrown away unasked."""

    def __init__(self, screen: ModalScreen[Answer | None]) -> None:
        """As it stands now is how it begins."""
        self._screen = screen
        self._at_first = self._now

    def leave(self, first: Callable[[], object] = lambda: None) -> None:
        """Close the screen without an answer, `first` done; where something was typed, only after a question."""

        def answered(sure: bool | None) -> None:
            if sure:
                first()
                self._screen.dismiss(None)

        if self._now == self._at_first:
            answered(True)
            return
        yes, no = t("parameters.editor.leave_yes"), t("parameters.editor.stay")
        self._screen.app.push_screen(Confirm(t("parameters.editor.leave"), yes=yes, no=no), answered)

    @property
    def _now(self) -> list[str]:
        fields = [*self._screen.query(Input), *self._screen.query(TextArea)]
        return [field.value if isinstance(field, Input) else field.text for field in fields]


class TextDialog(ModalScreen[Answer | None], Generic[Answer]):
    """Holds one `TextArea`."""

    _timer: Timer | None = None
    typed_in: TypedIn[Answer]

    @abstractmethod
    def judge(self) -> str:
        """Say whether the text can be used; returns what is wrong with it, "" for nothing."""

    def on_mount(self) -> None:
        """Begin at the end of what stands there."""
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)
        self.typed_in = TypedIn(self)
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
