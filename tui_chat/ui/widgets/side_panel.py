"""What stands at the right: three panels under one row of tabs; one is seen at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher, Tab, Tabs

from tui_chat.ui import keys
from tui_chat.ui.widgets.model_panel import ModelPanel
from tui_chat.ui.widgets.parameters_panel import ParametersPanel
from tui_chat.ui.widgets.tools_panel import ToolsPanel
from tui_chat.words import t

PanelName = Literal["model", "parameters", "tools"]


class PlacedTab(Tab):
    """A tab that has the line put under it once it has its place: `Tabs` may look for that too early."""

    def on_resize(self) -> None:
        """It has its place."""
        if self.has_class("-active"):
            self.query_ancestor(PanelTabs)._highlight_active()


class PanelTabs(Tabs):
    """Tabs whose line stands under the active one, and does not wander there."""

    def _highlight_active(self, animate: bool = False) -> None:
        super()._highlight_active(animate=False)


class SidePanel(Vertical):
    """Model · Parameters · Tools."""

    DEFAULT_CSS = """
    SidePanel { width: 32; height: 1fr; background: $surface; }
    SidePanel ContentSwitcher { height: 1fr; padding-top: 1; }
    """
    BINDINGS = keys.bindings("panel")

    @dataclass
    class Left(Message):
        """The person is done here."""

    def compose(self) -> ComposeResult:
        """The tabs, then the panels in one place."""
        names: tuple[PanelName, ...] = ("model", "parameters", "tools")
        yield PanelTabs(*(PlacedTab(Content(t(f"panel.{name}")), id=f"tab-{name}") for name in names))
        with ContentSwitcher(initial="panel-model"):
            yield ModelPanel(id="panel-model")
            yield ParametersPanel(id="panel-parameters")
            yield ToolsPanel(id="panel-tools")

    @property
    def models(self) -> ModelPanel:
        """The panel of models."""
        return self.query_one(ModelPanel)

    @property
    def tools(self) -> ToolsPanel:
        """The panel of tools."""
        return self.query_one(ToolsPanel)

    @property
    def parameters(self) -> ParametersPanel:
        """The panel of parameters."""
        return self.query_one(ParametersPanel)

    def show_tab(self, name: PanelName) -> None:
        """Show one panel and bring the keyboard to it."""
        self.query_one(Tabs).active = f"tab-{name}"
        self.query_one(ContentSwitcher).current = f"panel-{name}"
        match name:
            case "model":
                self.models.focus_search()
            case "parameters":
                self.parameters.focus_first()
            case "tools":
                self.tools.focus_list()

    @on(Tabs.TabActivated)
    def _tab_chosen(self, event: Tabs.TabActivated) -> None:
        event.stop()
        if event.tab.id is not None:
            self.query_one(ContentSwitcher).current = event.tab.id.replace("tab-", "panel-")

    def action_leave(self) -> None:
        """Go back to the composer."""
        self.post_message(self.Left())
