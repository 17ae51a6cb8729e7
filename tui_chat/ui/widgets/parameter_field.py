"""How is one request parameter set? An editor by its kind, made from its row of the table; unset is a value too."""

from __future__ import annotations

import math
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click, DescendantFocus, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_chat.errors import UsageError
from tui_chat.ui import speech
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.opener import Opener, brief
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.wire.kinds import Choice, Flag, Integer, Number, Text, Words
from tui_chat.wire.objects import Fields, Many
from tui_chat.wire.params import EXACT, Param, Value, show
from tui_chat.words import t


class ParameterField(Vertical):
    """One parameter: its label, what it is set to, a way to unset it, and what is wrong with what was typed."""

    DEFAULT_CSS = """
    ParameterField, ParameterField .line { height: auto; }
    ParameterField .label { width: 1fr; height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    ParameterField.-set .label { color: $foreground; }
    ParameterField LineInput, ParameterField Stepper, ParameterField Opener { width: 11; }
    ParameterField LineInput, ParameterField LineInput.-textual-compact { padding: 0 0 0 2; }
    ParameterField .unset { width: 2; text-align: right; color: $text-muted; visibility: hidden; pointer: pointer; }
    ParameterField.-set .unset, ParameterField.-wrong .unset { visibility: visible; }
    ParameterField .unset:hover { color: $text-error; }
    ParameterField .said { height: auto; color: $text-warning; display: none; }
    ParameterField.-doubtful .said { display: block; }
    ParameterField.-noted .said { display: block; color: $text-muted; }
    ParameterField.-wrong .said { display: block; color: $text-error; }
    ParameterField:ansi .label { text-style: dim; }
    ParameterField.-set:ansi .label { text-style: none; }
    """

    @dataclass
    class Changed(Message):
        """The parameter has this value now; None where it is unset."""

        name: str
        value: Value | None

    @dataclass
    class Entered(Message):
        """The keyboard came here."""

        param: Param

    @dataclass
    class EditAsked(Message):
        """The person wants to write the value where there is more room."""

        field: ParameterField

    def __init__(self, param: Param) -> None:
        super().__init__(id=f"param-{param.name.replace('.', '-')}")
        self.param = param
        self._in_force: Value | None = None
        self._remark = ""
        self.text = ""
        """What stands in the editor of a value that needs more than a line, whether it can be used or not."""

    def compose(self) -> ComposeResult:
        """Label, editor and reset in one line; what is to be said of it comes under it when there is something."""
        with Horizontal(classes="line"):
            yield Static(Content(t(f"param.{self.param.name}.label")), classes="label")
            yield self._editor()
            yield Static(Content("✕"), classes="unset")

    def show(self, value: Value | None, *, anew: bool = False) -> None:
        """Show the value that is in force; text that can't be used stays, unless it is `anew`, about another chat."""
        if self.has_class("-wrong") and value == self._in_force and not anew:
            return
        self._in_force = value
        self._settle()
        if isinstance(self.param.kind, Many):
            self.text = "" if value is None else self.param.kind.lines(value)
        self._put("" if value is None else show(value))

    def remark(self, text: str, *, quiet: bool = False) -> None:
        """Say this of the value, below it; "" for nothing. What is wrong with it is said instead.

        `quiet`: it is no warning, only worth knowing.
        """
        self._remark = text
        self.set_class(bool(text) and not quiet, "-doubtful")
        self.set_class(bool(text) and quiet, "-noted")
        if not self.has_class("-wrong"):
            self._say(text)

    def enter(self) -> None:
        """Bring the keyboard here."""
        self._editor_widget().focus()

    def reset(self) -> None:
        """Unset it."""
        self.text = ""
        self._put("")
        self._take("")

    def take_text(self, text: str | None) -> None:
        """Use what was written where there is more room."""
        if text is not None and isinstance(self.param.kind, Many):
            self.text = text
            self._take(text if text.strip() else "")

    # --- what the person does ---

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._take(event.value.strip())

    @on(Stepper.Changed)
    def _stepped_to(self, event: Stepper.Changed) -> None:
        event.stop()
        self._take(event.value or "")

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next("ParametersPanel *")  # never what lies under or beside it

    @on(Opener.Opened)
    def _open_asked(self, event: Opener.Opened) -> None:
        event.stop()
        self.post_message(self.EditAsked(self))

    @on(Opener.Unset)
    def _unset_asked(self, event: Opener.Unset) -> None:
        event.stop()
        self.reset()

    @on(Click, ".unset")
    def _unset_clicked(self, event: Click) -> None:
        event.stop()
        self.reset()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Tell which parameter it is about now."""
        self.post_message(self.Entered(self.param))

    def on_key(self, event: Key) -> None:
        """Up and down step through numbers."""
        if event.key in {"up", "down"} and isinstance(self.param.kind, Number | Integer):
            event.stop()
            event.prevent_default()
            typed = self.query_one(Input).value.strip()
            field = self.query_one(Input)
            field.value = stepped(self.param, typed, 1 if event.key == "up" else -1)
            field.action_end()

    # --- within ---

    def _editor(self) -> Widget:
        kind = self.param.kind
        match kind:
            case Choice(options):
                named = [(option, option) for option in options]
                return Stepper(named, None, unset=self._unset_label(), start=self.param.default)
            case Flag():
                named = [(word, t(f"parameters.{word}")) for word in ("on", "off")]
                return Stepper(
                    named, None, unset=self._unset_label(), start="off" if self.param.default == "on" else ""
                )
            case Words(options=options) if options:
                sets = [options[: count + 1] for count in range(len(options))]
                named = [(",".join(words), " + ".join(words)) for words in sets]
                return Stepper(named, None, unset=self._unset_label(), start=named[-1][0])
            case Number() | Integer() | Text():
                return LineInput(placeholder=self._unset_label())
            case Fields():
                raise ValueError("each field of an object has a row of its own")
            case _:
                return Opener(self._unset_label())

    def _unset_label(self) -> str:
        default = self.param.default
        word = t(f"parameters.{default}") if isinstance(self.param.kind, Flag) and default else default
        return f"– {word}".rstrip()

    def _editor_widget(self) -> LineInput | Stepper | Opener:
        found = self.query_one(".line > LineInput, .line > Stepper, .line > Opener")
        return found  # type: ignore[return-value]  # one of the three

    def _put(self, text: str) -> None:
        editor = self._editor_widget()
        if isinstance(editor, Stepper):
            editor.show(text or None)
        elif isinstance(editor, Opener):
            editor.show(brief(self._in_force) if text and self._in_force is not None else text)
        elif editor.value != text:
            with self.prevent(Input.Changed):
                editor.value = text

    def _take(self, typed: str) -> None:
        """Use what was typed; where it can't be used, say why and leave it there."""
        try:
            value = self._read(typed) if typed else None
        except UsageError as error:
            complaint = speech.says(error.key, {**error.facts, "name": t(f"param.{self.param.name}.label")})
            self._say(complaint)
            self.add_class("-wrong")
            if isinstance(self.param.kind, Many):
                self._put(typed)
            if self._in_force is not None:  # what is not seen any more must not be sent
                self._in_force = None
                self.set_class(False, "-set")
                self.post_message(self.Changed(self.param.name, None))
            return
        self._in_force = value
        self._settle()
        if isinstance(self.param.kind, Many):
            self._put("" if value is None else show(value))
        self.post_message(self.Changed(self.param.name, value))

    def _read(self, typed: str) -> Value:
        kind = self.param.kind
        if isinstance(self._editor_widget(), Opener) and isinstance(kind, Many):
            return kind.from_lines(self.param.name, typed)
        return kind.parse(self.param.name, typed)

    def _say(self, text: str) -> None:
        for line in self.query(".said").results(Prose):
            line.update(text)
            return
        if text:
            self.mount(Prose(text, classes="said"))

    def _settle(self) -> None:
        """Nothing is wrong with it."""
        self.remove_class("-wrong")
        self.set_class(self._in_force is not None, "-set")
        self._say(self._remark)


def stepped(param: Param, typed: str, direction: int) -> str:
    """The next number up or down, within its range; from unset the default, else the nearest end."""
    kind = param.kind
    if isinstance(kind, Integer):
        try:
            whole = _next_multiple(int(typed), kind.step, direction) if typed else int(param.default or kind.step)
        except ValueError:
            whole = kind.low
        return str(max(kind.low, whole if kind.high is None else min(kind.high, whole)))
    if isinstance(kind, Number):
        try:
            real = float(typed) + direction * kind.step if typed else float(param.default or kind.low)
        except ValueError:
            real = kind.low
        return f"{kind.low if math.isnan(real) else max(kind.low, min(kind.high, round(real, 4))):g}"
    return typed


def _next_multiple(number: int, step: int, direction: int) -> int:
    """The next multiple of `step` above or below: from 1 to 256, not to 257."""
    return (number // step + 1) * step if direction > 0 else (-(-number // step) - 1) * step


def allowed(param: Param) -> str:
    """What the parameter takes: "0 – 2", "1 –", "low · medium · high"."""
    kind = param.kind
    match kind:
        case Choice(options):
            range_ = " · ".join(options)
        case Flag():
            range_ = f"{t('parameters.on')} · {t('parameters.off')}"
        case Integer(low, high) if high == EXACT and low == -EXACT:
            range_ = t("parameters.whole")
        case Integer(low, high):
            range_ = f"{low} – {'∞' if high is None else high}"
        case Number(low_end, high_end):
            range_ = f"{low_end:g} – {high_end:g}"
        case _:
            range_ = kind.takes
    if param.deprecated_for:
        return f"{range_}\n{t('parameters.deprecated', other=t(f'param.{param.deprecated_for}.label'))}"
    return range_
