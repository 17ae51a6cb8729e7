"""What can be set without opening a file? The settings most people want, checked as they are typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static, TextArea

from tui_chat.errors import UsageError
from tui_chat.store.choices import SETTINGS, Whole
from tui_chat.store.settings import Settings
from tui_chat.ui import keys, speech
from tui_chat.ui.screens.typed_in import TypedIn
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.long_input import LongInput
from tui_chat.ui.widgets.setting_row import SettingRow
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.wire.gateway import clean_key, is_unencrypted, normalise_base_url, warn_key
from tui_chat.words import t

API_KEY = "api_key"
"""Name of a changed key in the result; it is no setting and goes to where keys are kept."""
Editor = TypeVar("Editor", Stepper, LineInput, TextArea)
_FLAGS = ("show_chats", "show_panels", "enter_sends", "show_price")
_NUMBERS = ("image_limit_px", "attachment_limit_mb")


class SettingsScreen(ModalScreen[dict[str, object] | None]):
    """Changes settings; the result holds only those that are different now, by name, and `API_KEY` for a new key."""

    CSS_PATH = "settings.tcss"
    BINDINGS = [*keys.bindings("dialog"), Binding("ctrl+s", "save", show=False, priority=True)]

    def __init__(
        self, settings: Settings, *, masked_key: str = "", key_source: str = "", themes: Sequence[str] = ()
    ) -> None:
        """Start from what is in force.

        Args:
            settings: the settings now.
            masked_key: the key as it may be shown; "" where there is none, or it isn't known here.
            key_source: where the key was found.
            themes: names of the themes to choose from; all that the program has where empty.
        """
        super().__init__()
        self._settings = settings
        self._masked_key, self._key_source = masked_key, key_source
        self._themes = tuple(themes)
        self._theme_before = ""

    def compose(self) -> ComposeResult:
        """Groups of rows, then save and cancel."""
        self._theme_before = self.app.theme
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("settings.title"))
            frame.border_subtitle = Content(t("settings.hint"))
            with VerticalScroll(can_focus=False, classes="rows"):
                yield from self._looks()
                yield from self._connection()
                yield from self._chats()
            with Horizontal(classes="buttons"):
                yield FlatButton(t("settings.cancel"), id="cancel")
                yield FlatButton(t("settings.save"), id="save", main=True)

    def _looks(self) -> Iterator[SettingRow | Static]:
        settings = self._settings
        yield _heading("looks")
        named = [(name, t(f"settings.languages.{name}")) for name in ("auto", "zh", "en")]
        yield _row("language", Stepper(named, settings.language))
        themes = self._themes or tuple(sorted(self.app.available_themes))
        shown = settings.theme if settings.theme in themes else self._theme_before
        yield _row("theme", Stepper([(name, name) for name in themes], shown))
        for name in _FLAGS:
            named = [(word, t(f"parameters.{word}")) for word in ("on", "off")]
            yield _row(name, Stepper(named, "on" if getattr(settings, name) else "off"))

    def _connection(self) -> Iterator[SettingRow | Static]:
        settings = self._settings
        yield _heading("connection")
        foreign = settings.base_url_source not in ("default", "file")
        note = t("settings.address_from", source=settings.base_url_source) if foreign else ""
        yield _row("base_url", LineInput(settings.base_url), note)
        shown = self._masked_key or t("settings.key_unknown")
        note = t("settings.key_from", source=self._key_source) if self._key_source else ""
        key = Horizontal(
            Static(Content(shown), id="key-shown"),
            FlatButton(t("settings.change_key"), id="change-key"),
            LineInput(placeholder=t("welcome.key_placeholder"), id="new-key", password=True),
            id="key-editor",
        )
        yield _row(API_KEY, key, note)

    def _chats(self) -> Iterator[SettingRow | Static]:
        settings = self._settings
        yield _heading("chats")
        yield _row("model", LineInput(settings.model, t("settings.model_placeholder")))
        area = LongInput(settings.system, placeholder=t("parameters.system_placeholder"), highlight_cursor_line=False)
        yield _row("system", area)
        named = [(name, t(f"settings.system_roles.{name}")) for name in ("auto", "system", "developer")]
        yield _row("system_role", Stepper(named, settings.system_role))
        for name in _NUMBERS:
            yield _row(name, LineInput(str(getattr(settings, name))))

    def on_mount(self) -> None:
        """Begin at the top."""
        self._typed_in = TypedIn(self)
        self.query(Stepper).first().focus()

    # --- what the person does ---

    @on(Stepper.Changed)
    def _stepped(self, event: Stepper.Changed) -> None:
        """A theme is worn at once; the others count when they are saved."""
        event.stop()
        if self._editor("theme", Stepper) is event.stepper and event.value is not None:
            self.app.theme = event.value

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Check what is typed, as far as it goes."""
        event.stop()
        row = next(node for node in event.input.ancestors if isinstance(node, SettingRow))
        self._check((row.id or "").removeprefix("setting-"))

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    @on(Button.Pressed, "#change-key")
    def _change_key(self, event: Button.Pressed) -> None:
        event.stop()
        self.query_one("#key-editor").add_class("-open")
        self.query_one("#new-key").focus()

    @on(Button.Pressed, "#cancel")
    def _cancel_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._take_off()
        self.dismiss(None)

    @on(Button.Pressed, "#save")
    def _save_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_save()

    def action_cancel(self) -> None:
        """Leave everything as it was, the theme too; what was typed, only after a question."""
        self._typed_in.leave(first=self._take_off)

    def action_save(self) -> None:
        """Hand over what is different; where something is wrong, go there instead."""
        wrong = [name for name in ("base_url", API_KEY, *_NUMBERS) if not self._check(name)]
        if wrong:
            row = self.query_one(f"#setting-{wrong[0]}", SettingRow)
            row.query_one(Input).focus()
            row.scroll_visible(animate=False)
            return
        now = self._read()
        before = {name: getattr(self._settings, name) for name in now if name != API_KEY}
        self.dismiss({name: value for name, value in now.items() if before.get(name) != value})

    # --- within ---

    def _take_off(self) -> None:
        self.app.theme = self._theme_before

    def _read(self) -> dict[str, object]:
        """Every setting as it stands on the screen; all of them are right."""
        now: dict[str, object] = {
            "language": self._editor("language", Stepper).value,
            "base_url": self._settings.base_url,
            "model": self._editor("model", LineInput).value.strip(),
            "system": self._editor("system", TextArea).text,
            "system_role": self._editor("system_role", Stepper).value,
        }
        if (theme := self._editor("theme", Stepper).value) != self._theme_before:
            now["theme"] = theme
        if (typed := self._editor("base_url", LineInput).value) != self._settings.base_url:
            now["base_url"] = normalise_base_url(typed)
        now |= {name: self._editor(name, Stepper).value == "on" for name in _FLAGS}
        now |= {name: int(self._editor(name, LineInput).value) for name in _NUMBERS}
        if typed := self._editor(API_KEY, LineInput).value.strip():
            now[API_KEY] = clean_key(typed)
        return now

    def _check(self, name: str) -> bool:
        """Whether what is typed can be used; says at its row why not, or how it is understood."""
        row = self.query_one(f"#setting-{name}", SettingRow)
        typed = row.query_one(Input).value.strip()
        row.complain("")
        try:
            if name == "base_url":
                address = normalise_base_url(typed)
                if is_unencrypted(address):
                    row.say(t("welcome.unencrypted", address=address))
                elif address != typed:
                    row.say(f"→ {address}")
            elif name == API_KEY and typed:
                doubt = warn_key(clean_key(typed))
                row.say(speech.both(doubt, {}) if doubt else "")
        except UsageError as error:
            row.complain(speech.explain(error))
            return False
        kind = SETTINGS.get(name)
        if isinstance(kind, Whole):
            fits = typed.isascii() and typed.isdigit() and len(typed) < 10 and kind.low <= int(typed) <= kind.high
            row.complain("" if fits else t("settings.whole", low=kind.low, high=kind.high))
            return fits
        return True

    def _editor(self, name: str, kind: type[Editor]) -> Editor:
        return self.query_one(f"#setting-{name}").query_one(kind)


def _row(name: str, editor: Stepper | LineInput | TextArea | Horizontal, note: str = "") -> SettingRow:
    return SettingRow(name, t(f"settings.name.{name}"), editor, note)


def _heading(name: str) -> Static:
    return Static(Content(t(f"settings.group.{name}")), classes="group")
