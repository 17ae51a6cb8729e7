"""How is a parameter written that needs more than a line? In an editor that says as you type whether it can be sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, TextArea

from tui_chat.attach.named_text import named_text
from tui_chat.errors import ChatError, UsageError
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.ready_formats import READY
from tui_chat.ui.screens.pick import Pick
from tui_chat.ui.screens.text_dialog import TextDialog
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.long_input import LongInput
from tui_chat.ui.widgets.prose import Prose
from tui_chat.wire.json_text import pretty
from tui_chat.wire.kinds import Bias, Words
from tui_chat.wire.objects import JsonObject, Many, Prediction, ResponseFormat
from tui_chat.wire.params import Param
from tui_chat.wire.tokens import Token
from tui_chat.words import t


class ValueEditor(TextDialog[str]):
    """Edits one parameter as text. Its answer is what stands there, or None where the person left it as it was.

    To leave takes nothing along; what was typed until then is only thrown away after a question.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("value")]

    def __init__(
        self,
        param: Param,
        kind: Many,
        text: str,
        *,
        tokens: Callable[[str], Awaitable[list[Token]]] | None = None,
        unused: bool = False,
    ) -> None:
        """Edit `text`, a value of `param` in its kind's form of lines, or what was left of one.

        `tokens` finds the tokens of a word, where the model's tokenizer is at hand. `unused` says that the text was
        typed before, and is kept nowhere else.
        """
        super().__init__()
        self._unused = unused
        self._tokens = tokens
        self._param, self._kind, self._text = param, kind, text

    def compose(self) -> ComposeResult:
        """What it is, the text, the verdict, the buttons."""
        with Vertical(classes="dialog wide"):
            yield Prose(t(f"param.{self._param.name}.label"), classes="question")
            yield Prose(speech.in_a_row(t(f"param.{self._param.name}.help"), self._how()), classes="about")
            yield LongInput(self._text, id="value", highlight_cursor_line=False, soft_wrap=self._is_prose())
            if isinstance(self._kind, Bias) and self._tokens is not None:
                yield LineInput(placeholder=t("parameters.editor.word"), id="word")
            yield Prose(classes="verdict")
            with Horizontal(classes="buttons"):
                if isinstance(self._kind, Prediction):
                    label = f"{t('parameters.editor.file')} {keys.shown('value.file')}"
                    yield FlatButton(label, id="file")
                if isinstance(self._kind, ResponseFormat):
                    yield FlatButton(t("parameters.editor.ready"), id="ready")
                yield FlatButton(t("parameters.editor.clear"), id="clear")
                yield FlatButton(f"{t('parameters.editor.done')} {keys.shown('value.done')}", id="done", main=True)

    def on_resize(self) -> None:
        """On a low screen the text comes first."""
        is_tight = self.size.height < 26
        self.set_class(is_tight, "-tight")
        rows = 14 if isinstance(self._kind, ResponseFormat | JsonObject | Prediction) else 6
        room = self.size.height * (1 if is_tight else 0.9) - (8 if is_tight else 15)
        self.query_one(TextArea).styles.height = max(2, min(rows, int(room)))

    @on(Button.Pressed, "#done")
    def _done(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_done()

    @on(Button.Pressed, "#clear")
    def _clear(self, event: Button.Pressed) -> None:
        event.stop()
        self._put("")

    @on(Input.Changed, "#word")
    def _word_typed(self, event: Input.Changed) -> None:
        event.stop()

    @on(Input.Submitted, "#word")
    def _word_given(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.run_worker(self._add_word(event.value), exit_on_error=False)

    async def _add_word(self, typed: str) -> None:
        """Add a line for each token of a word, as it stands at a beginning and behind a blank."""
        assert self._tokens is not None
        word, equals, bias = typed.rpartition("=")
        word, bias = (word.strip(), bias.strip()) if equals else (typed.strip(), "-100")
        try:
            found = {token.id: token for form in (word, f" {word}") for token in await self._tokens(form)}
        except ChatError as error:
            self.notify(visible(speech.explain(error)), severity="error", markup=False, timeout=8)
            return
        area = self.query_one(TextArea)
        known = area.text.rstrip("\n")
        lines = [f"{id} = {bias}" for id in found]
        area.replace("\n".join(filter(None, (known, *lines))), (0, 0), area.document.end)
        self.query_one("#word", Input).value = ""
        pieces = ", ".join(f"{token.id} “{token.piece}”" for token in found.values())
        self.notify(visible(t("parameters.editor.tokens_added", tokens=pieces), newline=False), markup=False)

    @on(Button.Pressed, "#file")
    def _file_wanted(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_file()

    def action_file(self) -> None:
        """Take the text of a file, for what is to be changed in it."""
        if not isinstance(self._kind, Prediction):
            return
        from tui_chat.ui.screens.files import FilePicker

        self.app.push_screen(FilePicker(Path.cwd(), "text"), self._take_file)

    def _take_file(self, picked: list[Path] | None) -> None:
        if not picked:
            return
        try:
            self._put(named_text(str(picked[0]), "error.prediction_file"))
        except UsageError as failed:
            self.notify(visible(speech.explain(failed)), severity="error", markup=False, timeout=8)

    @on(Button.Pressed, "#ready")
    def _choose_ready(self, event: Button.Pressed) -> None:
        event.stop()
        names = list(READY)

        def take(at: int | None) -> None:
            if at is not None:
                self._put(pretty(READY[names[at]]))

        rows = [(t(f"parameters.ready.{name}"), "") for name in names]
        self.app.push_screen(Pick(t("parameters.editor.ready_title"), rows), take)

    def action_done(self) -> None:
        """Go back with what stands there; who asked says where it can't be used, and keeps it."""
        self.dismiss(self.query_one(TextArea).text)

    # --- within ---

    def _put(self, text: str) -> None:
        area = self.query_one(TextArea)
        area.replace(text, (0, 0), area.document.end)  # one edit, so that it can be undone
        area.focus()

    def judge(self) -> str:
        """Say below the text whether it can be sent."""
        verdict = self.query_one(".verdict", Prose)
        text = self.query_one(TextArea).text
        complaint = said_of(self._param, self._kind, text)
        verdict.set_class(bool(complaint), "-wrong")
        verdict.set_class(not text.strip(), "-unset")
        fits = t("parameters.editor.fits") if text.strip() else t("parameters.editor.unset")
        verdict.update(Content(complaint or fits))
        return complaint

    def _how(self) -> str:
        if isinstance(self._kind, ResponseFormat | JsonObject):
            return t("parameters.editor.json")
        if isinstance(self._kind, Prediction):
            return t("parameters.editor.text")
        if isinstance(self._kind, Bias):
            how = "words" if self._tokens is not None else "ids"
            return speech.in_a_row(t("parameters.editor.pair_a_line"), t(f"parameters.editor.{how}"))
        return t(f"parameters.editor.{'one' if isinstance(self._kind, Words) else 'pair'}_a_line")

    def _is_prose(self) -> bool:
        return isinstance(self._kind, Prediction)


def said_of(param: Param, kind: Many, text: str) -> str:
    """What is wrong with the text of a value; "" where it can be sent, or says nothing."""
    try:
        if text.strip():
            kind.from_lines(param.name, text)
    except UsageError as error:
        return speech.says(error.key, {**error.facts, "name": t(f"param.{param.name}.label")})
    return ""
