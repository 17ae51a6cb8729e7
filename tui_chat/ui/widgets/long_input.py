"""How are many lines typed outside the composer? In Textual's editor, mended where it would end the program."""

from __future__ import annotations

from textual.events import Key
from textual.widgets import TextArea

from tui_chat.ui.widgets.in_order import InOrder


class LongInput(InOrder, TextArea):
    """A `TextArea` that can undo what made it scroll, and takes keys in their order.

    Undoing an edit that had brought the scrollbar takes the bar away while the cursor still stands where the text no
    longer reaches, and Textual 8 looks that place up. It does so again when the cursor is back.
    """

    def _recompute_cursor_offset(self) -> None:
        if self.cursor_location[0] < self.document.line_count:
            super()._recompute_cursor_offset()  # type: ignore[no-untyped-call]  # Textual leaves it bare

    def on_key(self, event: Key) -> None:
        """^J is a new line, as in the composer: a paste is made of it where a terminal doesn't say that it is one."""
        if event.key == "ctrl+j" and not self.read_only:
            event.stop()
            event.prevent_default()
            self.replace("\n", *self.selection, maintain_selection_offset=False)
