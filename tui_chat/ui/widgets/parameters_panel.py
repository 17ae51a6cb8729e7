"""How the model answers: one row a parameter, made from the table; unset is shown as unset and never sent.

Common groups stand open, seldom used ones folded; typing into the field at the top finds a parameter by its name in
either language. Objects such as `audio` have a row for each of their fields; here their values are put together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TextArea

from tui_chat.ui import keys, speech
from tui_chat.ui.parameter_rows import ROWS, Objects, matches, named
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.long_input import LongInput
from tui_chat.ui.widgets.parameter_field import ParameterField, allowed
from tui_chat.ui.widgets.parameter_group import GroupHead, ParameterGroup
from tui_chat.ui.widgets.prose import Prose
from tui_chat.wire.conflicts import Conflict, conflicts
from tui_chat.wire.messages import Message as ChatMessage
from tui_chat.wire.params import Value
from tui_chat.wire.tokens import Token
from tui_chat.words import t

T = TypeVar("T")
FindTokens = Callable[[str], Awaitable[list[Token]]]

OPEN_GROUPS = ("sampling", "length", "thinking", "output", "exchange")
"""Groups that stand open: what most people set."""


class ParametersPanel(Vertical):
    """Every parameter, the system prompt, and below them what the one with the keyboard is for."""

    DEFAULT_CSS = """
    ParametersPanel #finding { height: auto; padding: 0 2 1 1; }
    ParametersPanel #find-parameter { width: 1fr; padding: 0 1; }
    ParametersPanel > VerticalScroll { padding: 0 0 0 1; scrollbar-gutter: stable; scrollbar-size-vertical: 1; }
    ParametersPanel > VerticalScroll { scrollbar-color: $foreground 25%; scrollbar-background: $foreground 8%; }
    ParametersPanel #system-part { height: auto; margin-top: 1; }
    ParametersPanel .group { height: 1; color: $text-primary; }
    ParametersPanel TextArea { height: auto; min-height: 4; max-height: 10; border: none; padding: 0 1; }
    ParametersPanel TextArea { background: $foreground 8%; }
    ParametersPanel TextArea:focus { background: $primary 20%; background-tint: transparent; }
    ParametersPanel TextArea:ansi, ParametersPanel TextArea:ansi:focus { background: ansi_default; }
    ParametersPanel .buttons { height: auto; }
    ParametersPanel FlatButton { margin: 1 1 1 0; }
    ParametersPanel .nothing { color: $text-muted; display: none; }
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

    @dataclass
    class PresetsAsked(Message):
        """The person wants to see the presets."""

    @dataclass
    class ForgetAsked(Message):
        """What the model said of this parameter is to be forgotten."""

        name: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._refusals: Mapping[str, list[str]] = {}
        self.tokens: FindTokens | None = None
        """Finds the tokens of a word, where the model's tokenizer is at hand."""
        self._values: dict[str, Value] = {}
        self._objects = Objects()
        self._system = ""
        self._subject = ""
        self._model = ""
        self._messages: Callable[[], Iterable[ChatMessage]] = tuple
        self._tools: tuple[str, ...] = ()
        self._shown_values = _Shown[dict[str, Value]]({})
        self._shown_system = _Shown[str]("")

    def compose(self) -> ComposeResult:
        """The search field, the groups of the table in its order, then the system prompt."""
        with Vertical(id="finding"):  # a margin would narrow what stands beside it, too
            yield LineInput(placeholder=t("parameters.find"), id="find-parameter")
        with VerticalScroll(can_focus=False):
            was_open = True
            for at, (group, rows) in enumerate(groupby(ROWS, key=lambda row: row.group)):
                folds = group not in OPEN_GROUPS
                classes = "-first" if at == 0 else "-after-open" if was_open else ""
                yield ParameterGroup(group, list(rows), folds=folds, classes=classes)
                was_open = not folds
            yield Prose(t("parameters.nothing_found"), classes="nothing")
            with Vertical(id="system-part"):
                yield Static(Content(t("parameters.system")), classes="group")
                yield LongInput(
                    id="system-prompt", placeholder=t("parameters.system_placeholder"), highlight_cursor_line=False
                )
                with Horizontal(classes="buttons"):
                    yield FlatButton(t("presets.button"), id="presets")
                    yield FlatButton(t("parameters.reset_all"), id="reset-all")
        yield Prose(self._hint(), classes="help")

    def on_mount(self) -> None:
        """Show what was given before."""
        self._show_values()
        self._show_system()

    def show(
        self,
        values: Mapping[str, Value],
        system: str,
        subject: str = "",
        *,
        model: str = "",
        messages: Callable[[], Iterable[ChatMessage]] = tuple,
        tools: tuple[str, ...] = (),
    ) -> None:
        """Show what is in force for `subject`, a chat. While the person is here, only what is news changes anything.

        Args:
            values: the parameters that are set.
            system: the system prompt.
            subject: the chat.
            model: the model that will answer; some refuse some parameters.
            messages: what will be sent, for advice that depends on it.
            tools: names of the tools that are on.
        """
        anew = subject != self._subject
        theirs = self.has_focus_within and not anew
        self._subject, self._model, self._messages, self._tools = subject, model, messages, tools
        if self._shown_values.is_news(dict(values)) or not theirs:
            self._values = dict(values)
            self._objects.split(self._values, anew=anew)
            if self.is_mounted:
                self._show_values(anew=anew)
        elif self.is_mounted:
            self._remark()
        if self._shown_system.is_news(system) or not theirs:
            self._system = system
            if self.is_mounted:
                self._show_system()

    def show_refusals(self, refusals: Mapping[str, list[str]]) -> None:
        """Say beside these parameters what the model said of them before."""
        if refusals != self._refusals:
            self._refusals = refusals
            if self.is_mounted:
                self._remark()

    def focus_first(self) -> None:
        """Bring the keyboard to the field that finds a parameter."""
        self.query_one("#find-parameter").focus()

    def action_reset(self) -> None:
        """Unset the parameter that has the keyboard."""
        for field in self.query(ParameterField):
            if field.has_focus_within:
                field.reset()

    def action_forget(self) -> None:
        """Ask to forget what the model said of the parameter that has the keyboard."""
        for field in self.query(ParameterField):
            if field.has_focus_within:
                self.post_message(self.ForgetAsked(field.param.name.partition(".")[0]))

    # --- finding ---

    @on(Input.Changed, "#find-parameter")
    async def _find(self, event: Input.Changed) -> None:
        event.stop()
        wanted = event.value.casefold().split()
        found = 0
        for group in self.query(ParameterGroup):
            matching = {row.name for row in group.params if matches(row, wanted)} if wanted else None
            found += len(matching or ())
            await group.narrow(matching)
        system = not wanted or all(word in named("parameters.system") for word in wanted)
        self.query_one("#system-part").display = system
        self.query_one(".nothing").display = bool(wanted) and not found and not system

    @on(Input.Submitted, "#find-parameter")
    def _go_to_found(self, event: Input.Submitted) -> None:
        event.stop()
        self._enter_list()

    def on_key(self, event: Key) -> None:
        """From the search field Down leads to the parameters, and Escape empties it before it leads away."""
        finding = self.query_one("#find-parameter", Input)
        if not finding.has_focus:
            return
        if event.key == "down":
            event.stop()
            self._enter_list()
        elif event.key == "escape" and finding.value:
            event.stop()
            finding.value = ""

    def _enter_list(self) -> None:
        finding = self.query_one("#find-parameter", Input)
        fields = [field for field in self.query(ParameterField) if _is_seen(field)]
        if finding.value.strip() and fields:
            fields[0].enter()
        else:
            self.screen.focus_next("ParametersPanel *")

    @on(GroupHead.Toggled)
    async def _toggle(self, event: GroupHead.Toggled) -> None:
        event.stop()
        group = event.head.parent
        assert isinstance(group, ParameterGroup)
        await group.unfold(not group.is_open)

    # --- what the person does ---

    @on(Button.Pressed, "#presets")
    def _ask_presets(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.PresetsAsked())

    @on(Button.Pressed, "#reset-all")
    def _reset_all(self, event: Button.Pressed) -> None:
        event.stop()
        for field in self.query(ParameterField):
            field.reset()
        self._objects.split({}, anew=True)
        self._take({})
        self._show_values(anew=True)

    @on(ParameterField.Changed)
    def _changed(self, event: ParameterField.Changed) -> None:
        event.stop()
        values = dict(self._values)
        name, value = event.name, event.value
        if "." in name:
            name, _, field = name.partition(".")
            value = self._objects.changed(name, field, value)
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
        self._take(values)

    @on(ParameterField.EditAsked)
    def _edit(self, event: ParameterField.EditAsked) -> None:
        event.stop()
        from tui_chat.ui.screens.value_editor import ValueEditor  # only when something long is written
        from tui_chat.wire.objects import Many

        field = event.field
        if isinstance(field.param.kind, Many):
            editor = ValueEditor(field.param, field.param.kind, field.text, tokens=self.tokens)
            self.app.push_screen(editor, field.take_text)

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
        """Say how the fields work while no parameter is explained; look anew at what was said meanwhile."""
        if isinstance(event.widget, TextArea | Button | GroupHead) or event.widget.id == "find-parameter":
            self.query_one(".help", Prose).update(self._hint())
        if event.widget.id == "find-parameter":
            self._remark()

    # --- within ---

    def _take(self, values: dict[str, Value]) -> None:
        """These are set now; tell of it where that is news."""
        # 1 and 1.0 and True are equal and yet not the same to a gateway.
        if {name: repr(value) for name, value in values.items()} != {n: repr(v) for n, v in self._values.items()}:
            self._values = values
            self._shown_values.told.append(values)
            self.post_message(self.Changed(dict(values)))
        for group in self.query(ParameterGroup):
            group.count(self._objects.rows(self._values))
        self._remark()

    def _hint(self) -> str:
        shown = {"key": keys.shown("parameters.reset"), "presets": keys.shown("chat.presets")}
        return t("parameters.hint", **shown)

    def _show_values(self, *, anew: bool = False) -> None:
        rows = self._objects.rows(self._values)
        for group in self.query(ParameterGroup):
            group.show(rows, anew=anew)
        self._remark()

    def _remark(self) -> None:
        """Say at each row what will not go together with the rest, and what an object lacks."""
        said: dict[str, list[str]] = {}
        for conflict in conflicts(self._values, self._model, self._messages, tools=self._tools):
            said.setdefault(conflict.name, []).append(_sentence(conflict))
        for name, error in self._objects.lacking.items():
            facts = {**error.facts, "name": t(f"param.{name}.label")}
            if "field" in facts:
                facts["field"] = t(f"param.{name}.{facts['field']}.label")
            said.setdefault(name, []).append(speech.says(error.key, facts))
        unset = [name for name in self._refusals if name not in said and name not in self._values]
        quiet = {self._objects.row_for(name) for name in unset}
        for name, sentences in self._refusals.items():
            said.setdefault(name, []).extend(sentences)
        remarks = {self._objects.row_for(name): "\n".join(sentences) for name, sentences in said.items()}
        for group in self.query(ParameterGroup):
            group.remark(remarks, quiet)

    def _show_system(self) -> None:
        area = self.query_one("#system-prompt", TextArea)
        if area.text != self._system:
            with self.prevent(TextArea.Changed):
                area.text = self._system


def _sentence(conflict: Conflict) -> str:
    facts = dict(conflict.facts)
    if "other" in facts:
        facts["other"] = t(f"param.{facts['other']}.label")
    return t(conflict.key, **facts)


def _is_seen(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


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
