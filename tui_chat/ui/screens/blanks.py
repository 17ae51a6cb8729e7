"""With what shall a template be filled? A line for each of its blanks."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Input

from tui_chat.tools.mcp_results import Prompt
from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import Dialog
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.setting_row import SettingRow
from tui_chat.words import t


class Blanks(Dialog[dict[str, str] | None]):
    """Asks for the arguments of a template; None where the person went back. What is left empty is left out."""

    DEFAULT_CSS = """
    Blanks { align: center middle; background: $background 60%; }
    Blanks .fields { height: auto; max-height: 60vh; }
    Blanks .about { color: $text-muted; margin-bottom: 1; }
    Blanks .buttons { margin-top: 1; }
    """
    BINDINGS = keys.bindings("dialog")

    def __init__(self, prompt: Prompt) -> None:
        super().__init__()
        self._prompt = prompt

    def compose(self) -> ComposeResult:
        """What it is, its blanks, the buttons."""
        with Vertical(classes="dialog wide"):
            title = t("servers.template_title", name=self._prompt.name, server=self._prompt.server)
            yield Prose(visible(title, newline=False), classes="question")
            if self._prompt.description:
                yield Prose(visible(self._prompt.description), classes="about")
            with VerticalScroll(classes="fields", can_focus=False):
                for at, blank in enumerate(self._prompt.arguments):
                    label = visible(blank.name, newline=False) + (" *" if blank.required else "")
                    yield SettingRow(str(at), label, LineInput(), blank.description)
            with Horizontal(classes="buttons"):
                yield FlatButton(t("settings.cancel"), id="back")
                yield FlatButton(t("servers.template_use"), id="use", main=True)

    def on_mount(self) -> None:
        """Begin with the first blank."""
        self.query(LineInput).first().focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next blank; from the last one, it is done."""
        event.stop()
        fields = list(self.query(LineInput))
        after = fields[fields.index(event.input) + 1 :] if isinstance(event.input, LineInput) else []
        if after:
            after[0].focus()
        else:
            self._finish()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "use":
            self._finish()
        else:
            self.dismiss(None)

    def action_cancel(self) -> None:
        """Leave it."""
        self.dismiss(None)

    def _finish(self) -> None:
        values = [field.value for field in self.query(LineInput)]
        for blank, row, value in zip(self._prompt.arguments, self.query(SettingRow), values, strict=True):
            if blank.required and not value:
                row.complain(t("servers.template_required"))
                row.query_one(LineInput).focus()
                return
        filled = zip(self._prompt.arguments, values, strict=True)
        self.dismiss({blank.name: value for blank, value in filled if value})
