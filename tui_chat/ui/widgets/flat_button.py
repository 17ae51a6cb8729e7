"""How do buttons look? One row high; the one with the keyboard has the colours of a cursor, as the rows of a list."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Button


class FlatButton(Button):
    """A `Button` without a box."""

    DEFAULT_CSS = """
    FlatButton, FlatButton:hover, FlatButton.-textual-compact {
        height: 1; width: auto; min-width: 4; padding: 0 1; background: $foreground 12%; color: $foreground;
        background-tint: transparent; text-style: none;
    }
    FlatButton.-main { background: $primary 30%; text-style: bold; }
    FlatButton:hover { text-style: underline; }
    FlatButton:focus, FlatButton.-textual-compact:focus, FlatButton.-main:focus {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
    }
    FlatButton:ansi { background: ansi_default; text-style: underline; }
    FlatButton:ansi:focus, FlatButton.-main:ansi:focus { background: $block-cursor-background; text-style: bold; }
    """

    def __init__(self, label: str, *, id: str | None = None, main: bool = False, disabled: bool = False) -> None:
        """`main`: what is usually wanted here."""
        super().__init__(Content(label), id=id, classes="-main" if main else None, disabled=disabled, compact=True)

    def watch_label(self) -> None:
        """Another label may need another width."""
        self.refresh(layout=True)
