"""Does the person say yes to this? A text that must be read to its end first, and a letter that says yes.

As on the approval card: no key counts before a pause of 400 ms without any, Enter and Space never say yes. No
notification may lie over what is to be read.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.style import Style

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.deciding import Deciding
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.sheet import Sheet, SheetLine
from tui_chat.words import t

LEAST_ROWS = 3


class Consent(Deciding, ModalScreen[bool]):
    """Asks once; its answer is whether the person said yes."""

    DEFAULT_CSS = """
    Consent { align: center middle; background: $background 60%; }
    Consent .frame { width: 100; max-width: 98%; height: auto; max-height: 98%; padding: 0 1; background: $panel; }
    Consent .frame { border: round $warning; border-title-style: bold; }
    Consent .frame:ansi { background: ansi_default; }
    Consent .facts { margin: 1 0; color: $text-warning; }
    Consent .choices { margin-top: 1; link-style: none; link-color: $text; link-background: $panel; }
    Consent .choices { link-style-hover: bold; link-color-hover: $text; link-background-hover: $primary-muted; }
    Consent .said { color: $text-warning; display: none; }
    Consent.-tight .facts, Consent.-tight .choices { margin: 0; }
    Consent Toast { display: none; }
    """
    BINDINGS = keys.bindings("consent")

    def __init__(self, title: str, facts: str, lines: Iterable[SheetLine], yes: str) -> None:
        """Prepare.

        Args:
            title: what is asked.
            facts: what a yes means.
            lines: what is said yes to, all of it.
            yes: what the letter does, in a few words.
        """
        super().__init__()
        self._title, self._facts, self._yes = title, facts, yes
        self._lines = tuple(lines)
        self.begin_quiet()

    def compose(self) -> ComposeResult:
        """What a yes means, what is said yes to, the letters."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(visible(self._title, newline=False))
            yield Prose(self._facts, classes="facts")
            yield Sheet(self._lines)
            yield Prose(classes="choices")
            yield Prose(classes="said")

    def on_mount(self) -> None:
        """Nothing is seen by accident: until it is known what the rest leaves, little of it shows."""
        self.begin_quiet()
        self.sheet.styles.max_height = LEAST_ROWS
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """Give it the rows that the rest leaves."""
        self.call_after_refresh(self._fit)

    # --- keys ---

    def action_yes(self) -> None:
        """Say yes, once all of it was seen."""
        if not self.is_quiet:
            return
        if not self.sheet.seen:
            self._say(t("approval.read_first", rows=self.sheet.rows_below))
        else:
            self.dismiss(True)

    def action_no(self) -> None:
        """Say no."""
        self.dismiss(False)

    def action_press(self) -> None:
        """Enter says nothing."""
        self._say(t("consent.by_letter", yes_key=keys.shown("consent.yes"), no_key=keys.shown("consent.no")))

    # --- what it says ---

    def on_sheet_moved(self, event: Sheet.Moved) -> None:
        """Yes is offered once the end was seen."""
        event.stop()
        if event.seen and self.query_one(".said", Prose).display:
            self._say("")
        self._say_choices()

    def _say(self, text: str) -> None:
        said = self.query_one(".said", Prose)
        said.update(text)
        said.display = bool(text)
        self._fit()

    def _say_choices(self) -> None:
        live = self.sheet.seen
        no = Content.assemble((keys.shown("consent.no"), "bold $text-accent"), f" {t('consent.no')}")
        yes = Content.assemble(
            (keys.shown("consent.yes"), "bold $text-accent" if live else "$text-disabled"),
            (f" {self._yes}", "" if live else "$text-disabled"),
        )
        pieces = [no.stylize(Style.from_meta({"@click": "screen.no"}))]
        pieces.append(yes.stylize(Style.from_meta({"@click": "screen.yes"})) if live else yes)
        if not live:
            pieces.append(Content.styled(t("approval.more", rows=self.sheet.rows_below), "bold $text-warning"))
        self.query_one(".choices", Prose).update(Content("   ").join(pieces))

    def _fit(self) -> None:
        if not self.is_mounted or not self.sheet.size.width:
            return
        tight = self.size.height < 24
        self.set_class(tight, "-tight")
        self._say_choices()
        width = self.sheet.size.width
        around = 2
        for prose in self.query(Prose):
            if prose.display:
                around += prose.get_content_height(Size(), Size(), width)
        around += 0 if tight else 3
        self.sheet.styles.max_height = max(LEAST_ROWS, int(self.size.height * 0.98) - around)
