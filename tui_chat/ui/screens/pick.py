"""Which of a few? A short list that floats over the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import Dialog


class Pick(Dialog[int | None]):
    """Asks which row; None where it was cancelled."""

    DEFAULT_CSS = """
    Pick { align: center middle; background: $background 60%; }
    Pick OptionList { height: auto; max-height: 12; border: none; padding: 0; background: $panel; }
    Pick OptionList:focus { border: none; }
    """
    BINDINGS = keys.bindings("dialog")

    def __init__(self, title: str, rows: Sequence[tuple[str, str]], chosen: int = 0) -> None:
        """`rows` are (label, muted remark)."""
        super().__init__()
        self._title, self._rows, self._chosen = title, tuple(rows), chosen

    def compose(self) -> ComposeResult:
        """The title and the rows."""
        widest = min(40, max((cell_len(label) for label, _ in self._rows), default=0))
        with Vertical(classes="dialog"):
            yield Static(Content(visible(self._title)), classes="question")
            yield OptionList(*(Option(_row(label, remark, widest)) for label, remark in self._rows), markup=False)

    def on_mount(self) -> None:
        """Let the arrow keys choose."""
        rows = self.query_one(OptionList)
        rows.highlighted = self._chosen
        rows.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        event.stop()
        self.dismiss(event.option_index)

    def action_cancel(self) -> None:
        """None of them."""
        self.dismiss(None)


def _row(label: str, remark: str, widest: int) -> Content:
    label = visible(label, newline=False)
    gap = " " * (max(0, widest - cell_len(label)) + 3)
    return Content.assemble(label, (gap + visible(remark, newline=False), "dim")) if remark else Content(label)
