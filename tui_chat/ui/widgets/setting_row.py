"""How is one setting changed? Its name, an editor, and below them what there is to know or what is wrong."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.prose import Prose


class SettingRow(Vertical):
    """A label at the left, an editor at the right, a line for notes and complaints under the editor."""

    DEFAULT_CSS = """
    SettingRow, SettingRow .line { height: auto; }
    SettingRow .label { width: 24; padding: 0 1 0 0; }
    SettingRow .note { margin-left: 24; padding: 0 1; color: $text-muted; display: none; }
    SettingRow.-noted .note { display: block; }
    SettingRow.-wrong .note { color: $text-error; }
    SettingRow:ansi .note { text-style: dim; }
    SettingRow.-wrong:ansi .note { text-style: none; }
    """

    def __init__(self, name: str, label: str, editor: Widget, note: str = "") -> None:
        """`note` stands there while nothing is wrong."""
        super().__init__(id=f"setting-{name}", classes="-noted" if note else None)
        self._label, self._editor, self._note = label, editor, note

    def compose(self) -> ComposeResult:
        """Label and editor, then the note."""
        with Horizontal(classes="line"):
            yield Prose(self._label, classes="label")
            yield self._editor
        yield Prose(visible(self._note), classes="note")

    def complain(self, complaint: str) -> None:
        """Say what is wrong; "" where nothing is any more."""
        self.set_class(bool(complaint), "-wrong")
        self.say(complaint or self._note)

    def say(self, text: str) -> None:
        """Say something of what stands in the editor."""
        self.set_class(bool(text), "-noted")
        self.query_one(".note", Prose).update(visible(text))
