"""Which tools the model may call: none yet, said in a way that explains what will stand here."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t


class ToolsPanel(VerticalScroll, can_focus=True):
    """The third side panel."""

    DEFAULT_CSS = """
    ToolsPanel { padding: 0 1; }
    ToolsPanel .title { text-style: bold; margin-bottom: 1; }
    ToolsPanel .muted { color: $text-muted; }
    """

    def compose(self) -> ComposeResult:
        """A heading and one sentence."""
        yield Static(t("tools.none"), classes="title", markup=False)
        yield Prose(t("tools.none_help"), classes="muted")
