"""How does a prompt engineer write a message? Role, name, call and text in one dialog that says what it still lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, TextArea

from tui_chat.chat.rewriting import Written
from tui_chat.errors import UsageError
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.typed_in import TypedIn
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.long_input import LongInput
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.setting_row import SettingRow
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.wire.messages import Role
from tui_chat.words import t

ROLES: tuple[Role, ...] = ("system", "developer", "user", "assistant", "tool", "function")
_NAME = re.compile(r"[^\s<|\\/>]{1,64}")


class MessageEditor(ModalScreen[Written | None]):
    """Writes a message; None where the person went back."""

    CSS_PATH = ["dialogs.tcss", "message_editor.tcss"]
    BINDINGS = keys.bindings("dialog")

    def __init__(self, title: str, written: Written, calls: Sequence[str] = (), *, may_be_empty: bool = False) -> None:
        """Begin with `written`.

        Args:
            title: what is done.
            written: the message as it stands.
            calls: ids of the calls that a tool message can answer here.
            may_be_empty: whether it has more than its words, pictures for instance.
        """
        super().__init__()
        self._title, self._written, self._calls = title, written, tuple(calls)
        self._may_be_empty = may_be_empty

    def compose(self) -> ComposeResult:
        """Role, name, call; the text; the verdict; the buttons."""
        written = self._written
        call = written.call_id or (self._calls[0] if self._calls else "")
        ids = ", ".join(self._calls)
        hint = t("message.call_ids", ids=ids) if ids else t("message.call_none")
        with Vertical(classes="dialog wide"):
            yield Prose(self._title, classes="question")
            yield Prose(t("message.about"), classes="about")
            yield SettingRow("role", t("message.role"), Stepper([(role, role) for role in ROLES], written.role))
            yield SettingRow("name", t("message.name"), LineInput(written.name, t("message.optional")))
            yield SettingRow("call", t("message.call"), LineInput(call, visible(hint, newline=False)))
            yield LongInput(written.text, highlight_cursor_line=False)
            yield Prose(classes="verdict")
            with Horizontal(classes="buttons"):
                yield FlatButton(t("message.back"), id="back")
                yield FlatButton(t("message.keep"), id="keep", main=True)

    def on_mount(self) -> None:
        """Begin where most is to be done: at the text of a message that is there, at the role of a new one."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        if self._written.text:
            area.focus()
        else:
            self.query_one(Stepper).focus()
        self._typed_in = TypedIn(self)
        self._judge()

    def on_resize(self) -> None:
        """On a low screen the text comes first."""
        is_tight = self.size.height < 26
        self.set_class(is_tight, "-tight")
        rows = self.size.height - 8 if is_tight else int(self.size.height * 0.9) - 18
        self.query_one(TextArea).styles.height = max(3, min(14, rows))

    @on(Stepper.Changed)
    @on(Input.Changed)
    @on(TextArea.Changed)
    def _changed(self, event: Stepper.Changed | Input.Changed | TextArea.Changed) -> None:
        event.stop()
        self._judge()

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "back":
            self.action_cancel()
        elif (written := self._judge()) is not None:
            self.dismiss(written)

    def action_cancel(self) -> None:
        """Leave it as it was."""
        self._typed_in.leave()

    # --- within ---

    def _read(self) -> Written:
        """What stands there; raises UsageError where it is no message yet."""
        role = next(each for each in ROLES if each == self.query_one(Stepper).value)
        name = self.query_one("#setting-name").query_one(Input).value.strip() if role != "tool" else ""
        call = self.query_one("#setting-call").query_one(Input).value.strip() if role == "tool" else ""
        text = self.query_one(TextArea).text
        if name and not _NAME.fullmatch(name):
            raise UsageError("error.message_name")
        if role == "function" and not name:
            raise UsageError("error.message_function")
        if role == "tool" and not call:
            raise UsageError("error.message_call")
        if not text.strip() and not (self._may_be_empty and role in ("user", "assistant")):
            raise UsageError("error.message_empty")
        return Written(role, text, name, call)

    def _judge(self) -> Written | None:
        """Say whether it can be kept, and what is to be known of it."""
        role = self.query_one(Stepper).value
        self.query_one("#setting-name").display = role != "tool"
        self.query_one("#setting-call").display = role == "tool"
        verdict = self.query_one(".verdict", Prose)
        try:
            written = self._read()
        except UsageError as error:
            verdict.set_class(True, "-wrong")
            verdict.update(speech.says(error.key, error.facts))
            return None
        verdict.set_class(False, "-wrong")
        said = t("message.fits")
        if role == "function":
            said = t("message.outdated")
        elif role == "tool" and written.call_id not in self._calls:
            said = t("message.unsent")
        verdict.set_class(said != t("message.fits"), "-doubtful")
        verdict.update(said)
        return written
