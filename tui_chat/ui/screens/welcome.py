"""What does a person without a key see? What this is, where to put a key, whether it works, and a way without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from msgspec import Struct
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantBlur
from textual.screen import Screen
from textual.widgets import Button, Input

from tui_chat import local, words
from tui_chat.discreet import Discreet
from tui_chat.errors import ChatError, UsageError
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.wire.gateway import Model, clean_key, is_unencrypted, normalise_base_url, warn_key
from tui_chat.words import t

Test = Callable[[str, str], Awaitable[list[Model]]]
"""Asks the gateway at this base URL for its models with this key; raises WireError that says what is wrong."""


class WelcomeResult(Discreet, Struct, frozen=True):
    """How the person wants to begin."""

    SHOWN = ("kind", "base_url", "language")

    kind: Literal["key", "local"]
    base_url: str = ""
    """Normalised; "" for the local model."""
    key: str = ""
    """Cleaned; "" for the local model."""
    language: str = ""
    """What the person chose here, "" where nothing was."""


class _Result(Prose):
    """How a test ended: all of it is to be seen, and how much that is is known once it is laid out."""

    def on_resize(self) -> None:
        """More or fewer rows than before."""
        self.come_into_view()

    def come_into_view(self) -> None:
        """Scroll to it."""
        page = self.screen.query_one("#welcome")  # `scroll_visible` forgets the padding between here and there
        if self.text:
            page.scroll_to_region(self.region.translate(page.scroll_offset - page.content_region.offset), animate=False)


class WelcomeScreen(Screen[WelcomeResult | None]):
    """The first screen. The result is None where the person only wants to look around."""

    CSS_PATH = "welcome.tcss"
    BINDINGS = keys.bindings("dialog")
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (44, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-middle"), (30, "-high")]

    def __init__(self, base_url: str, test: Test, local_available: bool, local_note: str = "") -> None:
        """Begin with this address.

        Args:
            base_url: what stands in the address field at first.
            test: asks an address for its models; awaited on the screen's loop.
            local_available: whether the embedded model can run here.
            local_note: why it can't, or what there is to know.
        """
        super().__init__()
        self._base_url, self._test = base_url, test
        self._local_available, self._local_note = local_available, local_note
        self._spoken_before = words.language()
        self._language = ""
        self._key = ""
        """What stands in the key field while the screen is made anew in another language."""
        self._result: tuple[str, str] = ("", "")
        """How the test ended: a class, a sentence."""

    @property
    def language(self) -> str:
        """The language that was chosen here, "" where none was; also of a screen that ended without a result."""
        return self._language

    def compose(self) -> ComposeResult:
        """Name, language, address, key, what can be done with them, and the way without a key."""
        small = local.DEFAULT
        with VerticalScroll(can_focus=False, id="welcome"), Vertical(classes="page"):
            with Horizontal(classes="row title"):
                yield Prose(Content.styled(t("welcome.name"), "bold $primary"))
                named = [(language, t(f"welcome.language.{language}")) for language in words.LANGUAGES]
                yield Stepper(named, words.language(), id="language", spread=True)
            yield Prose(t("welcome.about"), classes="about")
            with Horizontal(classes="row"):
                yield Prose(t("welcome.address"), classes="label")
                yield LineInput(self._base_url, id="address")
            yield Prose(classes="note", id="address-note")
            with Horizontal(classes="row"):
                yield Prose(t("welcome.key"), classes="label")
                yield LineInput(self._key, t("welcome.key_placeholder"), id="key", password=True)
            yield Prose(t("welcome.key_help"), classes="note", id="key-note")
            with Horizontal(classes="buttons"):
                yield FlatButton(t("welcome.test"), id="test")
                yield FlatButton(t("welcome.start"), id="start", main=True)
            yield _Result(classes="result", id="result")
            yield Prose(t("welcome.no_key"), classes="or")
            facts = {"parameters": small.parameters, "megabytes": small.wheel_mb}
            yield Prose(t("welcome.local_about", **facts), classes="about")
            with Horizontal(classes="buttons"):
                yield FlatButton(t("welcome.local"), id="local", disabled=not self._local_available)
                yield FlatButton(t("welcome.later"), id="later")
            if self._local_note:
                yield Prose(visible(self._local_note), classes="note warning", id="local-note")

    def on_mount(self) -> None:
        """The key is what is missing."""
        self.query_one("#key").focus()

    # --- what the person does ---

    @on(Stepper.Changed, "#language")
    async def _language_chosen(self, event: Stepper.Changed) -> None:
        """Speak it at once; what is typed stays."""
        event.stop()
        self._language = event.value or ""
        self._base_url, self._key = self._field("address").value, self._field("key").value
        words.speak(self._language)
        self.workers.cancel_group(self, "test")
        await self.recompose()
        self.query_one("#language").focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """A complaint about a text that is not there any more is of no use, nor is its test."""
        event.stop()
        self.workers.cancel_group(self, "test")
        if event.input.id == "key":
            self._note("key", t("welcome.key_help"))
        else:
            self._note("address", "")
        self._conclude("", "")

    @on(Input.Submitted, "#address")
    def _address_accepted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._read_address() is not None:
            self.query_one("#key").focus()

    @on(Input.Submitted, "#key")
    @on(Button.Pressed, "#test")
    def _test_asked(self, event: Input.Submitted | Button.Pressed) -> None:
        event.stop()
        base_url, key = self._read_address(), self._read_key()
        if base_url and key:
            self._try(base_url, key)

    @on(Button.Pressed, "#start")
    def _start_asked(self, event: Button.Pressed) -> None:
        event.stop()
        base_url, key = self._read_address(), self._read_key()
        if base_url and key:
            self._end(WelcomeResult("key", base_url, key, self._language))

    @on(Button.Pressed, "#local")
    def _local_asked(self, event: Button.Pressed) -> None:
        event.stop()
        self._end(WelcomeResult("local", language=self._language))

    @on(Button.Pressed, "#later")
    def _later_asked(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_cancel()

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Say how an address was understood once it is written."""
        if event.widget.id == "address" and event.widget.is_attached:
            self._read_address()

    def action_cancel(self) -> None:
        """Look around without a model."""
        self._end(None)

    # --- within ---

    def _end(self, result: WelcomeResult | None) -> None:
        """Whoever gets the result changes the language for good; what is under this screen speaks the one before."""
        words.speak(self._spoken_before)
        self.dismiss(result)

    def _field(self, name: str) -> LineInput:
        return self.query_one(f"#{name}", LineInput)

    def _note(self, name: str, text: str, severity: str = "") -> None:
        note = self.query_one(f"#{name}-note", Prose)
        note.set_class(severity == "error", "error")
        note.set_class(severity == "warning", "warning")
        note.update(visible(text))

    def _read_address(self) -> str | None:
        """The address as we understand it, shown where that isn't what was typed; None where it is none."""
        typed = self._field("address").value
        try:
            base_url = normalise_base_url(typed)
        except UsageError as error:
            self._note("address", speech.explain(error), "error")
            return None
        if is_unencrypted(base_url):
            self._note("address", t("welcome.unencrypted", address=base_url), "warning")
        else:
            self._note("address", "" if base_url == typed.strip() else f"→ {base_url}")
        return base_url

    def _read_key(self) -> str | None:
        """The key in what was typed; None, and why, where there is none."""
        try:
            key = clean_key(self._field("key").value)
        except UsageError as error:
            self._note("key", speech.explain(error), "error")
            self._field("key").focus()
            return None
        doubt = warn_key(key)
        if doubt:
            self._note("key", speech.both(doubt, {}), "warning")
        else:
            self._note("key", t("welcome.key_help"))
        return key

    def _conclude(self, severity: str, text: str) -> None:
        result = self.query_one("#result", _Result)
        for name in ("error", "success", "busy"):
            result.set_class(severity == name, name)
        result.update(visible(text))
        result.come_into_view()

    @work(exclusive=True, group="test")
    async def _try(self, base_url: str, key: str) -> None:
        self._conclude("busy", t("welcome.testing"))
        try:
            models = await self._test(base_url, key)
        except ChatError as error:
            self._conclude("error", f"✕ {speech.says(error.key, error.facts)}\n{speech.advice(error.key, error.facts)}")
            return
        self._conclude("success", "✓ " + t("welcome.works", count=len(models)))
        self.query_one("#start").focus()
