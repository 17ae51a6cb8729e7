"""Which sets of parameters were put away? A list to apply, rename, replace and delete from; and how one is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static

from tui_chat.errors import ChatError, UsageError
from tui_chat.store.places import Places
from tui_chat.store.presets import Preset, Presets, checked_name, delete, load, rename, save
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import AskText, Confirm
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.lines import Lines, clipped
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.setting_row import SettingRow
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.words import t

NAME_CELLS = 24


class PresetsScreen(ModalScreen[Preset | None]):
    """Shows the presets; the result is the one to apply. What is set in the chat can be saved here."""

    CSS_PATH = "presets.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("presets")]

    def __init__(self, places: Places, current: Preset) -> None:
        """`current` is what is in force in the chat, every field of it, without a name."""
        super().__init__()
        self._places, self._current = places, current
        self._presets = Presets({})
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """The list; what is wrong, where something is; the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("presets.title"))
            yield Static(classes="silence")
            yield Lines()
            yield FootLine()

    def on_mount(self) -> None:
        """Read the file."""
        self.query_one(Lines).focus()
        self._read()

    def on_resize(self) -> None:
        """Rows fit the width there is."""
        self.call_after_refresh(lambda: self._fill(self._cursor))

    # --- what the person does ---

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_apply()

    def action_apply(self) -> None:
        """Put the one under the cursor into force."""
        if self._chosen is not None:
            self.dismiss(self._chosen)

    def action_save(self) -> None:
        """Save what is set in the chat under a new name."""
        self.run_worker(self._save(), exit_on_error=False)

    def action_replace(self) -> None:
        """Put what is set in the chat in the place of the one under the cursor."""
        if self._chosen is not None:
            self.run_worker(self._replace(self._chosen), exit_on_error=False)

    def action_rename(self) -> None:
        """Give the one under the cursor another name."""
        if self._cursor is not None:
            self.run_worker(self._rename(self._cursor), exit_on_error=False)

    def action_delete(self) -> None:
        """Delete the one under the cursor, after a question."""
        if self._cursor is not None:
            self.run_worker(self._delete(self._cursor), exit_on_error=False)

    def action_cancel(self) -> None:
        """Leave all as it is."""
        self.dismiss(None)

    # --- within ---

    async def _save(self) -> None:
        preset = await self.app.push_screen_wait(SavePreset(self._current))
        if preset is None:
            return
        if preset.name in self._names and not await self._sure("presets.replace", preset.name, "presets.replace_means"):
            return
        self._do(lambda: save(self._places, preset), "presets.saved", preset.name)

    async def _replace(self, old: Preset) -> None:
        if not await self._sure("presets.replace", old.name, "presets.replace_means"):
            return
        now = self._current
        kept = Preset(
            old.name,
            now.values,
            now.model if old.model else "",
            now.system if old.system is not None else None,
            now.tools if old.tools is not None else None,
        )
        self._do(lambda: save(self._places, kept), "presets.saved", old.name)

    async def _rename(self, old: str) -> None:
        typed = await self.app.push_screen_wait(AskText(t("presets.new_name"), old))
        if typed is not None and typed.strip() != old:
            self._do(lambda: rename(self._places, old, typed), "presets.renamed", typed.strip())

    async def _delete(self, name: str) -> None:
        if await self._sure("presets.delete", name):
            self._do(lambda: delete(self._places, name), "presets.deleted", name)

    async def _sure(self, question: str, name: str, means: str = "") -> bool:
        return await self.app.push_screen_wait(Confirm(t(question, name=name), t(means) if means else ""))

    def _do(self, work: Callable[[], object], done: str, name: str) -> None:
        try:
            work()
        except ChatError as error:
            self.notify(visible(speech.explain(error)), severity="error", markup=False, timeout=8)
            self._read(self._cursor)
        else:
            self.notify(visible(t(done, name=name)), markup=False)
            self._read(name)

    def _read(self, cursor: str | None = None) -> None:
        try:
            self._presets, self._trouble = load(self._places), ""
        except ChatError as error:
            self._presets, self._trouble = Presets({}), speech.explain(error)
        self._fill(cursor)
        silence = self.query_one(".silence", Static)
        said = self._trouble or ("" if self._names else t("presets.none"))
        silence.update(Content(visible(said)))
        silence.display = bool(said)
        self._show_hints()

    @property
    def _names(self) -> list[str]:
        """Every name of the file, of those that can't be used last."""
        return [*self._presets.by_name, *(str(problem.facts["preset"]) for problem in self._presets.problems)]

    @property
    def _cursor(self) -> str | None:
        return self.query_one(Lines).under_cursor(self._names)

    @property
    def _chosen(self) -> Preset | None:
        return self._presets.by_name.get(self._cursor or "")

    def _fill(self, cursor: str | None) -> None:
        lines = self.query_one(Lines)
        room = max(20, lines.size.width - 2)
        broken = {str(each.facts["preset"]): speech.says(each.key, each.facts) for each in self._presets.problems}
        rows: list[tuple[str | None, Content]] = []
        for at, name in enumerate(self._names):
            said = t("presets.broken", says=broken[name]) if name in broken else about(self._presets.by_name[name])
            cells = min(NAME_CELLS, room // 2)
            label, rest = visible(name, newline=False), visible(said, newline=False)
            style = "$text-error" if name in broken else "dim"
            shown = clipped(rest, max(1, room - cells - 2)).rstrip()
            rows.append((str(at), Content.assemble(" ", clipped(label, cells), "  ", (shown, style))))
        lines.fill(rows, str(self._names.index(cursor)) if cursor in self._names else None)

    def _show_hints(self) -> None:
        shown = [key for key in keys.KEYS if key.where == "presets" and (self._names or key.name == "save")]
        hints = [Hint("⏎", t("presets.apply"), "screen.apply")] if self._presets.by_name else []
        hints += [Hint(keys.shown(key.id), key.label, f"screen.{key.action}") for key in shown]
        hints.append(Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel"))
        self.query_one(FootLine).show_hints(hints)


class SavePreset(ModalScreen[Preset | None]):
    """Asks for a name, and what besides the parameters belongs to the preset; None where the person went back."""

    CSS_PATH = ["dialogs.tcss", "presets.tcss"]
    BINDINGS = keys.bindings("dialog")

    def __init__(self, current: Preset) -> None:
        super().__init__()
        self._current = current

    def compose(self) -> ComposeResult:
        """The name, three switches, two buttons."""
        with Vertical(classes="dialog"):
            yield Prose(t("presets.save_title"), classes="question")
            yield Prose(t("presets.save_about", count=len(self._current.values)), classes="details")
            yield SettingRow("name", t("presets.save_name"), LineInput())
            yield from self._switches()
            with Horizontal(classes="buttons"):
                yield FlatButton(t("settings.cancel"), id="back")
                yield FlatButton(t("presets.save_do"), id="save", main=True)

    def _switches(self) -> Iterator[SettingRow]:
        now = self._current
        named = [(word, t(f"parameters.{word}")) for word in ("on", "off")]
        notes = {"model": now.model, "system": now.system or "", "tools": ", ".join(now.tools or ())}
        for name, note in notes.items():
            brief = clipped(" ".join(note.split()), 36).rstrip()
            yield SettingRow(name, t(f"presets.save_{name}"), Stepper(named, "on" if note else "off"), brief)

    def on_mount(self) -> None:
        """Begin with the name."""
        self.query_one(LineInput).focus()

    def on_resize(self) -> None:
        """On a low screen the fields come first."""
        self.set_class(self.size.height < 20, "-tight")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._finish()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "save":
            self._finish()
        else:
            self.dismiss(None)

    def action_cancel(self) -> None:
        """Save nothing."""
        self.dismiss(None)

    def _finish(self) -> None:
        try:
            name = checked_name(self.query_one(LineInput).value)
        except UsageError as error:
            self.query_one("#setting-name", SettingRow).complain(speech.says(error.key, error.facts))
            self.query_one(LineInput).focus()
            return
        now = self._current
        self.dismiss(
            replace(
                now,
                name=name,
                model=now.model if self._is_on("model") else "",
                system=now.system if self._is_on("system") else None,
                tools=now.tools if self._is_on("tools") else None,
            )
        )

    def _is_on(self, name: str) -> bool:
        return self.query_one(f"#setting-{name}").query_one(Stepper).value == "on"


def about(preset: Preset) -> str:
    """What is in a preset, in one line: "gpt-4.1 · 3 set · system prompt · 2 tools"."""
    pieces = [preset.model] if preset.model else []
    pieces.append(t("presets.of_parameters", count=len(preset.values)))
    if preset.system is not None:
        pieces.append(t("presets.with_system" if preset.system else "presets.without_system"))
    if preset.tools is not None:
        pieces.append(t("presets.with_tools", count=len(preset.tools)))
    return " · ".join(pieces)
