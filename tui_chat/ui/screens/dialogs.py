"""Small questions and answers that float over a screen: yes or no, one line of text, a page of facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t

LOW_ROWS = 24
"""On a lower screen margins give way to what is said."""
LOW = [(0, "-tight"), (LOW_ROWS, "-roomy")]
"""The vertical breakpoints of a screen for which that is so."""
Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """What all that floats over a screen has in common: one look, a closer one on a low screen."""

    CSS_PATH = "dialogs.tcss"
    VERTICAL_BREAKPOINTS = LOW


def leave_unused() -> Confirm:
    """The question before what was typed is thrown away."""
    return Confirm(t("dialog.leave"), yes=t("dialog.leave_yes"), no=t("dialog.stay"))


class Confirm(Dialog[bool]):
    """Asks a yes-or-no question; Esc and closing mean no. The focus starts on no."""

    BINDINGS = [
        *keys.bindings("dialog"),
        Binding("left,right", "app.focus_next", show=False),
        Binding("y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
    ]

    def __init__(self, question: str, details: str = "", *, yes: str = "", no: str = "") -> None:
        super().__init__()
        self._question, self._details = question, details
        self._yes, self._no = yes or t("dialog.yes"), no or t("dialog.no")

    def compose(self) -> ComposeResult:
        """The question, what it means, two buttons."""
        with Vertical(classes="dialog"):
            with VerticalScroll(classes="text", can_focus=False):
                yield Prose(visible(self._question), classes="question")
                if self._details:
                    yield Prose(visible(self._details), classes="details")
            with Horizontal(classes="buttons"):
                yield FlatButton(self._no, id="no")
                yield FlatButton(self._yes, id="yes", main=True)

    def on_mount(self) -> None:
        """Focus the harmless answer."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer by letter."""
        self.dismiss(yes)

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(False)


class AskText(Dialog[str | None]):
    """Asks for one line of text; None where it was cancelled."""

    BINDINGS = keys.bindings("dialog")

    def __init__(self, title: str, initial: str = "", *, placeholder: str = "", password: bool = False) -> None:
        super().__init__()
        self._title, self._initial = title, initial
        self._placeholder, self._password = placeholder, password

    def compose(self) -> ComposeResult:
        """The title and the line."""
        with Vertical(classes="dialog"):
            yield Prose(visible(self._title), classes="question")
            yield LineInput(self._initial, self._placeholder, password=self._password)
            yield Prose(t("dialog.text_hint"), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with what stands there."""
        event.stop()
        self.dismiss(event.value)

    def action_cancel(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)


class Details(Dialog[None]):
    """Shows facts as label and value, and a longer text under them."""

    BINDINGS = [*keys.bindings("dialog"), Binding("enter,i,q", "cancel", show=False)]

    def __init__(self, title: str, rows: Sequence[tuple[str, str]], text: str = "") -> None:
        super().__init__()
        self._title, self._rows, self._text = title, rows, text

    def compose(self) -> ComposeResult:
        """Title, rows, text."""
        with VerticalScroll(classes="dialog wide"):
            yield Prose(visible(self._title), classes="question")
            for label, value in self._rows:
                with Horizontal(classes="row"):
                    yield Prose(visible(label), classes="label")
                    yield Prose(visible(value), classes="value")
            if self._text:
                yield Prose(visible(f"\n{self._text}"), classes="details")
            yield Prose(t("dialog.close_hint"), classes="hint")

    def on_mount(self) -> None:
        """Let the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)
