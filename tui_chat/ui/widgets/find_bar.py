"""Where was that said? The bar in which a person types what to find in the open chat."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tui_chat.ui import keys
from tui_chat.ui.widgets.in_order import InOrder
from tui_chat.words import t


class _Needle(InOrder, Input):
    """What is looked for."""


class FindBar(Horizontal):
    """Type to find, Enter and the arrows go from match to match, Esc closes."""

    DEFAULT_CSS = """
    FindBar { height: 1; padding: 0 2; }
    FindBar Input { width: 1fr; border: none; height: 1; padding: 0; }
    FindBar #find_mark { width: 2; }
    FindBar #find_count { width: auto; padding: 0 0 0 2; color: $text-muted; }
    """
    BINDINGS = keys.bindings("find")

    @dataclass
    class Sought(Message):
        """Find `needle`; `step` 0 from here on, 1 the next match, -1 the one before."""

        needle: str
        step: int

    class Closed(Message):
        """No longer."""

    def compose(self) -> ComposeResult:
        """A mark, the field, and how many there are."""
        yield Static("⌕", id="find_mark", markup=False)
        yield _Needle(placeholder=t("ui.find.placeholder"), compact=True, select_on_focus=True)
        yield Static("", id="find_count", markup=False)

    def show_count(self, count: str) -> None:
        """Say which match of how many this is."""
        self.query_one("#find_count", Static).update(count)

    def show_needle(self, needle: str) -> None:
        """Say what is looked for; nothing is sought for that."""
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = needle

    def focus_field(self) -> None:
        """Bring the keyboard here."""
        self.query_one(Input).focus()

    @property
    def needle(self) -> str:
        """What is looked for."""
        return self.query_one(Input).value

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find while it is typed."""
        event.stop()
        self.post_message(self.Sought(event.value, 0))

    def action_step(self, step: int) -> None:
        """To another match."""
        self.post_message(self.Sought(self.needle, step))

    def action_close(self) -> None:
        """Stop finding."""
        self.post_message(self.Closed())
