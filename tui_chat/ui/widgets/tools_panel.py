"""Which tools may the model call, where may they reach, and what runs without asking? One list, drawn line by line."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.message import Message
from textual.widgets import OptionList, Static

from tui_chat.tools.approval import Allowance
from tui_chat.ui import keys
from tui_chat.ui.tool_rows import Offer, about, choices, is_removable, rows, summary, turned
from tui_chat.ui.widgets.lines import Lines
from tui_chat.ui.widgets.prose import Prose
from tui_chat.wire.params import Value

PARALLEL: tuple[bool | None, ...] = (None, True, False)


class ToolList(Lines):
    """The list; its keys ask the panel."""

    BINDINGS = keys.bindings("tools")

    @dataclass
    class Asked(Message):
        """Something is wanted of the row under the cursor."""

        what: str
        id: str
        step: int = 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the row under the cursor can have done to it is offered."""
        if action == "remove" and isinstance(panel := self.parent, ToolsPanel):
            return is_removable(panel.offer, self.cursor_id or "")
        return True

    def _ask(self, what: str, step: int = 0) -> None:
        if self.cursor_id is not None:
            self.post_message(self.Asked(what, self.cursor_id, step))

    def action_switch(self) -> None:
        """Switch it on or off, or go to its next value."""
        self._ask("toggle")

    def action_open(self) -> None:
        """Show all of it."""
        self._ask("open")

    def action_remove(self) -> None:
        """Take it back."""
        self._ask("remove")

    def action_turn(self, step: int) -> None:
        """Go to its next value, or the one before."""
        self._ask("turn", step)


class ToolsPanel(Vertical):
    """The third side panel."""

    DEFAULT_CSS = """
    ToolsPanel { padding: 0 1; }
    ToolsPanel .summary { height: auto; color: $text-muted; margin-bottom: 1; }
    ToolsPanel .about { height: auto; max-height: 45%; padding-top: 1; }
    ToolsPanel:ansi .summary { text-style: dim; }
    """

    @dataclass
    class Switched(Message):
        """This tool is wanted on, or off."""

        name: str
        on: bool

    @dataclass
    class SheetAsked(Message):
        """The person wants to see all that is sent of this tool."""

        name: str

    @dataclass
    class ValueChanged(Message):
        """A parameter has this value now; None where it is unset."""

        name: str
        value: Value | None

    @dataclass
    class FolderAsked(Message):
        """The person wants to grant a folder."""

    @dataclass
    class FolderRemoved(Message):
        """Tools may no longer reach this folder."""

        folder: str

    @dataclass
    class ServersAsked(Message):
        """The person wants to see the MCP servers, and this one first."""

        name: str

    @dataclass
    class Revoked(Message):
        """This is no longer allowed."""

        allowance: Allowance

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.offer = Offer()
        self._width = 0

    def compose(self) -> ComposeResult:
        """What all of it weighs, the list, and what is to be known of the row under the cursor."""
        yield Static(summary(self.offer), classes="summary", markup=False)
        yield ToolList(marks=True)
        yield Prose(classes="about")

    @property
    def list(self) -> ToolList:
        """The list."""
        return self.query_one(ToolList)

    def show(self, offer: Offer) -> None:
        """Show this; the cursor stays on its row."""
        if offer != self.offer:
            found = offer.ready and not self.offer.ready
            self.offer = offer
            if self.is_mounted:
                self._fill(anew=found)

    def focus_list(self) -> None:
        """Bring the keyboard to the list."""
        self.list.focus()

    def on_mount(self) -> None:
        """Show what was given before."""
        self._fill()

    def on_resize(self, event: Resize) -> None:
        """Rows are as wide as the list."""
        if self._room != self._width:
            self._fill()

    @property
    def _room(self) -> int:
        return self.content_size.width - 1  # the scrollbar's place

    def _fill(self, *, anew: bool = False) -> None:
        self._width = self._room
        self.query_one(".summary", Static).update(summary(self.offer))
        if self._width > 0:
            cursor = None if anew else self.list.cursor_id
            scroll = self.list.scroll_offset.y
            self.list.fill(rows(self.offer, self._width), cursor)
            self.list.scroll_to(y=scroll, animate=False)
        self._explain()

    def _explain(self) -> None:
        self.query_one(".about", Prose).update(about(self.offer, self.list.cursor_id))
        self.refresh_bindings()

    # --- what the person does ---

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what is to be known of it."""
        event.stop()
        self._explain()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click opens."""
        event.stop()
        if event.option_id is not None:
            self._do("open", event.option_id)

    def on_lines_mark_clicked(self, event: Lines.MarkClicked) -> None:
        """A click on the switch."""
        event.stop()
        self._do("toggle", event.id)

    def on_tool_list_asked(self, event: ToolList.Asked) -> None:
        """A key was pressed on a row."""
        event.stop()
        self._do(event.what, event.id, event.step)

    def _do(self, what: str, id: str, step: int = 1) -> None:
        """Ask for it. A key that was quicker than the list may mean a row that went away: then nothing happens."""
        kind, _, rest = id.partition(":")
        offer = self.offer
        match kind, what:
            case "tool", "toggle":
                self.post_message(self.Switched(rest, rest not in offer.on))
            case "tool", "open":
                self.post_message(self.SheetAsked(rest))
            case "choice", "remove":
                self.post_message(self.ValueChanged("tool_choice", None))
            case "choice", _:
                value = turned(choices(offer), offer.choice, step or 1)
                self.post_message(self.ValueChanged("tool_choice", value if isinstance(value, str) else None))
            case "parallel", "remove":
                self.post_message(self.ValueChanged("parallel_tool_calls", None))
            case "parallel", _:
                turn = turned(PARALLEL, offer.parallel, step or 1)
                self.post_message(self.ValueChanged("parallel_tool_calls", turn if isinstance(turn, bool) else None))
            case "add", "open" | "toggle":
                self.post_message(self.FolderAsked())
            case "folder", "remove" if int(rest) < len(offer.folders):
                self.post_message(self.FolderRemoved(offer.folders[int(rest)]))
            case "server", "open" | "toggle":
                self.post_message(self.ServersAsked(rest))
            case "allowed", "remove" if int(rest) < len(offer.allowances):
                self.post_message(self.Revoked(offer.allowances[int(rest)]))
            case _:
                pass
