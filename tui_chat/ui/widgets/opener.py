"""How does a value look that needs more than a line? In brief, as something to be opened."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from tui_chat.ui.gate import visible
from tui_chat.wire.params import Value, show


class Opener(Widget, can_focus=True):
    """Shows a value in brief. Enter, space and clicks ask for it to be opened; Delete unsets."""

    DEFAULT_CSS = """
    Opener { height: 1; width: 1fr; padding: 0 0 0 2; background: $foreground 8%; pointer: pointer; }
    Opener { text-wrap: nowrap; text-overflow: ellipsis; }
    Opener:focus { background: $primary 20%; }
    Opener:ansi, Opener:ansi:focus { background: ansi_default; }
    Opener:ansi:focus { text-style: reverse; }
    """
    BINDINGS = [
        Binding("enter,space", "open", show=False),
        Binding("delete,backspace", "unset", show=False),
    ]

    @dataclass
    class Opened(Message):
        """The person wants to see or change all of it."""

    @dataclass
    class Unset(Message):
        """The person wants it unset."""

    def __init__(self, unset: str) -> None:
        """`unset` stands there where there is no value."""
        super().__init__()
        self._unset = unset
        self._brief = ""

    def show(self, text: str) -> None:
        """Show a value in brief; "" for none."""
        self._brief = text
        self.refresh()

    def render(self) -> Content:
        """The value in brief, on one line."""
        if not self._brief:
            return Content.styled(self._unset, "$foreground-muted")
        return Content(visible(self._brief, newline=False))

    def action_open(self) -> None:
        """Ask for it to be opened."""
        self.post_message(self.Opened())

    def action_unset(self) -> None:
        """Ask for it to be unset."""
        self.post_message(self.Unset())

    def on_click(self, event: Click) -> None:
        """Open it."""
        event.stop()
        self.action_open()


def brief(value: Value) -> str:
    """A value in a few cells: a schema by its name, an object by its keys, a text by its beginning."""
    if isinstance(value, dict):
        described = value.get("json_schema")
        if value.get("type") == "json_schema" and isinstance(described, dict):
            return str(described.get("name", ""))
        if value.get("type") == "content":
            return str(value.get("content"))[:40]
        if set(value) == {"type"}:
            return str(value["type"])
        return ", ".join(str(key) for key in value)[:60] or "{}"
    if isinstance(value, list):
        return ", ".join(str(word) for word in value)[:60]
    return show(value)[:60]
