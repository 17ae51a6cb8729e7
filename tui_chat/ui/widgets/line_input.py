"""How is one line typed? A field one row high, told from what is around it by its shade."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

from tui_chat.ui.widgets.in_order import InOrder


class LineInput(InOrder, Input):
    """An `Input` without a box. Of a paste it takes all lines as one: what was copied may begin with a line break."""

    DEFAULT_CSS = """
    LineInput, LineInput.-textual-compact { padding: 0 1; background: $foreground 8%; text-wrap: nowrap; }
    LineInput:focus { background: $primary 20%; background-tint: transparent; }
    LineInput:ansi, LineInput:ansi:focus { background: ansi_default; text-style: underline; }
    """

    def __init__(
        self, value: str = "", placeholder: str = "", *, id: str | None = None, password: bool = False
    ) -> None:
        super().__init__(value, placeholder, password=password, id=id, compact=True)

    def on_paste(self, event: Paste) -> None:
        """Join the lines."""
        event.text = " ".join(event.text.split("\n")).replace("\r", "").strip()
