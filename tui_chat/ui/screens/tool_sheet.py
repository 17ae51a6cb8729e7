"""What does the model get to read of a tool? Its description and schema, exactly as they are sent, nothing hidden."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Key
from textual.widgets import Button

from tui_chat.tools.tool import Tool
from tui_chat.ui import keys, speech
from tui_chat.ui.approval_text import code_lines, json_lines, source_in_words
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import LOW_ROWS, Dialog
from tui_chat.ui.tool_rows import LONG_CHARACTERS, hides_something
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.sheet import Sheet, SheetLine, line
from tui_chat.wire.json_text import pretty
from tui_chat.words import t


class ToolSheet(Dialog[bool | None]):
    """Shows one tool whole; its answer is whether it is to be on, None where that stays as it is."""

    DEFAULT_CSS = """
    ToolSheet { align: center middle; background: $background 60%; }
    ToolSheet .buttons { margin-top: 1; }
    """
    BINDINGS = keys.bindings("dialog")

    def __init__(self, tool: Tool, on: bool) -> None:
        super().__init__()
        self._tool, self._on = tool, on

    def compose(self) -> ComposeResult:
        """Name, all that is sent, the switch."""
        with Vertical(classes="dialog wide"):
            name = visible(self._tool.name, newline=False)
            yield Prose(t("toolbox.sheet.title", tool=name), classes="question")
            yield Sheet(sheet_lines(self._tool), can_focus=True, at_blanks=True)
            with Horizontal(classes="buttons"):
                yield FlatButton(t("toolbox.sheet.close"), id="close")
                label = t("toolbox.sheet.switch_off" if self._on else "toolbox.sheet.switch_on")
                yield FlatButton(label, id="switch", main=True)

    def on_mount(self) -> None:
        """Let the arrow keys scroll it."""
        self.query_one(Sheet).focus()

    def on_resize(self) -> None:
        """All that is sent has the room that the rest leaves; on a low screen margins give way to it."""
        room = self.size.height - 4 if self.size.height < LOW_ROWS else int(self.size.height * 0.9) - 8
        self.query_one(Sheet).styles.max_height = max(3, room)

    def on_key(self, event: Key) -> None:
        """Enter closes while the text has the keyboard; it switches nothing."""
        if event.key == "enter" and self.query_one(Sheet).has_focus:
            event.stop()
            self.dismiss(None)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(not self._on if event.button.id == "switch" else None)

    def action_cancel(self) -> None:
        """Leave it as it is."""
        self.dismiss(None)


def sheet_lines(tool: Tool) -> Iterator[SheetLine]:
    """What is to be known of a tool, what should make one wary, and exactly what is sent."""
    source = source_in_words(tool.source)
    facts = [
        t("toolbox.sheet.from", source=source) if tool.source else source,
        t(f"toolbox.danger_long.{tool.danger}").rstrip(".。"),
        t("toolbox.tokens", tokens=speech.count(tool.weight_tokens)),
        t("toolbox.sheet.timeout", seconds=f"{tool.timeout_s:g}"),
    ]
    yield line(" · ".join(facts), "label", prose=True)
    schema = pretty(tool.definition.body())
    if hides_something(tool.description) or hides_something(schema):
        yield line(t("toolbox.sheet.hidden"), "error", prose=True)
    if len(tool.description) > LONG_CHARACTERS:
        yield line(t("toolbox.sheet.long", characters=speech.count(len(tool.description))), "warning", prose=True)
    yield line()
    yield line(t("toolbox.sheet.description"), "label")
    yield from code_lines(tool.description)
    yield line()
    yield line(t("toolbox.sheet.schema"), "label")
    yield from json_lines(tool.definition.body())
