"""How the model answers: one field a parameter, made from the table; unset is shown as unset and never sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Button, Static, TextArea

from tui_chat.ui import keys
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.parameter_field import ParameterField, allowed
from tui_chat.ui.widgets.prose import Prose
from tui_chat.wire.params import PARAMS, Value
from tui_chat.words import t

T = TypeVar("T")


class ParametersPanel(Vertical):
    """Every parameter, the system prompt, and below them what the one with the keyboard is for."""

    DEFAULT_CSS = """
    ParametersPanel > VerticalScroll { padding: 0 0 0 1; scrollbar-gutter: stable; scrollbar-size-vertical: 1; }
    ParametersPanel > VerticalScroll { scrollbar-color: $foreground 25%; scrollbar-background: $foreground 8%; }
    ParametersPanel .group { height: 1; margin-top: 1; color: $text-primary; }
    ParametersPanel .group.first { margin-top: 0; }
    ParametersPanel TextArea { height: auto; min-height: 4; max-height: 10; border: none; padding: 0 1; }
    ParametersPanel TextArea { background: $foreground 8%; }
    ParametersPanel TextArea:focus { background: $primary 20%; background-tint: transparent; }
    ParametersPanel TextArea:ansi, ParametersPanel TextArea:ansi:focus { background: ansi_default; }
    ParametersPanel FlatButton { margin: 1 0; }
    ParametersPanel .help { color: $text-muted; height: auto; max-height: 45%; padding: 1 1 0 1; }
    ParametersPanel .help:ansi { text-style: dim; }
    """
    BINDINGS = keys.bindings("parameters")

    @dataclass
    class Changed(Message):
        """These parameters are set now, by name; the others are not."""

        values: dict[str, Value]

    @dataclass
    class SystemChanged(Message):
        """The system prompt reads so now; "" for none."""

        text: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._values: dict[str, Value] = {}
        self._system = ""
        self._subject = ""
        self._shown_values = _Shown[dict[str, Value]]({})
        self._shown_system = _Shown[str]("")

    def compose(self) -> ComposeResult:
        """The groups of the table in its order, then the system prompt."""
        with VerticalScroll(can_focus=False):
            group = ""
            for param in PARAMS:
                if param.group != group:
                    first = " first" if not group else ""
                    group = param.group
                    yield Static(Content(t(f"param.group.{group}")), classes=f"group{first}")
                yield ParameterField(param)
            yield Static(Content(t("parameters.system")), classes="group")
            yield TextArea(
                id="system-prompt", placeholder=t("parameters.system_placeholder"), highlight_cursor_line=False
            )
            yield FlatButton(t("parameters.reset_all"), id="reset-all")
        yield Prose(self._hint(), classes="help")

    def on_mount(self) -> None:
        """Show what was given before."""
        self._show_values()
        self._show_system()

    def show(self, values: Mapping[str, Value], system: str, subject: str = "") -> None:
        """Show what is in force for `subject`, a chat. While the person is here, only what is news changes anything."""
        anew = subject != self._subject
        theirs = self.has_focus_within and not anew
        self._subject = subject
        if self._shown_values.is_news(dict(values)) or not theirs:
            self._values = dict(values)
            if self.is_mounted:
                self._show_values(anew=anew)
        if self._shown_system.is_news(system) or not theirs:
            self._system = system
            if self.is_mounted:
                self._show_system()

    def focus_first(self) -> None:
        """Bring the keyboard to the first parameter."""
        self.query(ParameterField).first().enter()

    def action_reset(self) -> None:
        """Unset the parameter that has the keyboard."""
        for field in self.query(ParameterField):
            if field.has_focus_within:
                field.reset()

    # --- what the person does ---

    @on(Button.Pressed, "#reset-all")
    def _reset_all(self, event: Button.Pressed) -> None:
        event.stop()
        for field in self.query(ParameterField):
            field.reset()

    @on(ParameterField.Changed)
    def _changed(self, event: ParameterField.Changed) -> None:
        event.stop()
        values = dict(self._values)
        if event.value is None:
            values.pop(event.name, None)
        else:
            values[event.name] = event.value
        # 1 and 1.0 and True are equal and yet not the same to a gateway.
        if {name: repr(value) for name, value in values.items()} != {n: repr(v) for n, v in self._values.items()}:
            self._values = values
            self._shown_values.told.append(values)
            self.post_message(self.Changed(dict(values)))

    @on(TextArea.Changed)
    def _system_typed(self, event: TextArea.Changed) -> None:
        event.stop()
        text = event.text_area.text
        if text != self._system:
            self._system = text
            self._shown_system.told.append(text)
            self.post_message(self.SystemChanged(text))

    @on(ParameterField.Entered)
    def _explain(self, event: ParameterField.Entered) -> None:
        event.stop()
        pieces = (Content.styled(allowed(event.param), "bold"), Content(t(f"param.{event.param.name}.help")))
        self.query_one(".help", Prose).update(Content("\n").join(pieces))

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say how the fields work while no parameter is explained."""
        if isinstance(event.widget, TextArea | Button):
            self.query_one(".help", Prose).update(self._hint())

    # --- within ---

    def _hint(self) -> str:
        return t("parameters.hint", key=keys.shown("parameters.reset"))

    def _show_values(self, *, anew: bool = False) -> None:
        for field in self.query(ParameterField):
            field.show(self._values.get(field.param.name), anew=anew)

    def _show_system(self) -> None:
        area = self.query_one(TextArea)
        if area.text != self._system:
            with self.prevent(TextArea.Changed):
                area.text = self._system


class _Shown(Generic[T]):
    """What came from outside last, and what was told since: of what comes back of it a person at work needs nothing."""

    def __init__(self, first: T) -> None:
        self.told: list[T] = []
        self._outside = first

    def is_news(self, value: T) -> bool:
        """Whether this is neither what was shown last nor an echo of what was told."""
        if value == self._outside:
            return False
        self._outside = value
        if value in self.told:
            del self.told[: self.told.index(value) + 1]
            return False
        self.told.clear()
        return True
