"""Was something typed into a screen that is left without using it? Then it is asked first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from textual.screen import ModalScreen
from textual.widgets import Input, TextArea

from tui_chat.ui.screens.dialogs import leave_unused

Answer = TypeVar("Answer")


class TypedIn(Generic[Answer]):
    """What is typed into a screen: nothing of it is thrown away unasked."""

    def __init__(self, screen: ModalScreen[Answer | None], *, unused: bool = False) -> None:
        """As it stands now is how it begins; `unused` where that was typed already and could not be used."""
        self._screen = screen
        self._at_first = None if unused else self._now

    def leave(self, first: Callable[[], object] = lambda: None) -> None:
        """Close the screen without an answer, `first` done; where something was typed, only after a question."""

        def answered(sure: bool | None) -> None:
            if sure:
                first()
                self._screen.dismiss(None)

        if self._now == self._at_first:
            answered(True)
            return
        self._screen.app.push_screen(leave_unused(), answered)

    @property
    def _now(self) -> list[str]:
        fields = [*self._screen.query(Input), *self._screen.query(TextArea)]
        return [field.value if isinstance(field, Input) else field.text for field in fields]
