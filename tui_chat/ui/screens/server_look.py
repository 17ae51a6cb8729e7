"""All there is to read of an MCP server or of one of its tools, on a page that asks for nothing."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import LOW
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.sheet import Sheet, SheetLine


class ServerLook(ModalScreen[None]):
    """Shows lines of text."""

    CSS_PATH = "servers.tcss"
    VERTICAL_BREAKPOINTS = LOW
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("server_look")]

    def __init__(self, title: str, lines: Iterable[SheetLine]) -> None:
        super().__init__()
        self._title, self._lines = title, tuple(lines)

    def compose(self) -> ComposeResult:
        """The page and the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(visible(self._title, newline=False))
            yield Sheet(self._lines, can_focus=True, at_blanks=True)
            yield FootLine()

    def on_mount(self) -> None:
        """Let the arrow keys scroll it."""
        self.query_one(Sheet).focus()
        names = ("server_look.copy", "dialog.cancel")
        rows = [keys.BY_ID[name] for name in names]
        self.query_one(FootLine).show_hints([Hint(keys.shown(k.id), k.label, f"screen.{k.action}") for k in rows])

    def action_copy(self) -> None:
        """Copy all of it."""
        self.app.copy_to_clipboard(self.query_one(Sheet).text)

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)
