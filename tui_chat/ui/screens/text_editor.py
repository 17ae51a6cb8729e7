"""Where does a person write the arguments of a call, or its result? In an editor that says whether it can be used."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, TextArea

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.text_dialog import TextDialog
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.long_input import LongInput
from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t


class TextEditor(TextDialog[str]):
    """Edits a text; None where the person went back."""

    CSS_PATH = "dialogs.tcss"
    DEFAULT_CSS = """
    TextEditor { align: center middle; background: $background 60%; }
    TextEditor TextArea, TextEditor TextArea:focus { border: none; padding: 0 1; background: $foreground 6%; }
    TextEditor TextArea { background-tint: transparent; scrollbar-size-vertical: 1; }
    TextEditor TextArea:ansi { background: ansi_default; }
    TextEditor .about { color: $text-muted; margin-bottom: 1; }
    TextEditor .verdict { margin: 1 0; color: $text-success; }
    TextEditor .verdict.-wrong { color: $text-error; }
    """
    BINDINGS = keys.bindings("dialog")

    def __init__(
        self, title: str, about: str, text: str = "", judge: Callable[[str], str] | None = None, *, use: str = ""
    ) -> None:
        """`judge` gives what is wrong with a text, "" where it can be used; `use` is what the main button says."""
        super().__init__()
        self._use = use or t("approval.use")
        self._title, self._about, self._text = title, about, text
        self._judge_text = judge

    def compose(self) -> ComposeResult:
        """What it is, the text, the verdict, the buttons."""
        with Vertical(classes="dialog wide"):
            yield Prose(visible(self._title, newline=False), classes="question")
            yield Prose(self._about, classes="about")
            yield LongInput(self._text, highlight_cursor_line=False)
            yield Prose(classes="verdict")
            with Horizontal(classes="buttons"):
                yield FlatButton(t("approval.back"), id="back")
                yield FlatButton(self._use, id="use", main=True)

    def on_resize(self) -> None:
        """On a low screen the text comes first."""
        is_tight = self.size.height < 26
        self.set_class(is_tight, "-tight")
        room = self.size.height * 0.9 - (8 if is_tight else 15)
        self.query_one(TextArea).styles.height = max(2, min(16, int(room)))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "back":
            self.typed_in.leave()
        elif not self.judge():
            self.dismiss(self.query_one(TextArea).text)

    def judge(self) -> str:
        """Say beside the text what its judge says."""
        if self._judge_text is None:
            return ""
        complaint = self._judge_text(self.query_one(TextArea).text)
        verdict = self.query_one(".verdict", Prose)
        verdict.set_class(bool(complaint), "-wrong")
        verdict.update(visible(complaint or t("approval.edit_fits")))
        return complaint
