"""What is there to read about something? A few views of lines that scroll, their names above them, keys below.

What the views are of is the caller's matter: each is a name and a function that makes its lines for a width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.section_names import section_names
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.sheet import Sheet, SheetLine
from tui_chat.words import t

View = tuple[str, Callable[[int], list[SheetLine]]]
"""What a view is called, and its lines for so many cells."""


class ReaderScreen(ModalScreen[None]):
    """Shows views of something."""

    CSS_PATH = "reader.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("reader")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall")]

    def __init__(self, title: str, views: Sequence[View], about: str = "") -> None:
        """`about` stands small at the lower edge."""
        super().__init__()
        self._title, self._views, self._about = title, tuple(views), about
        self.at = 0
        """Which view is shown."""

    def compose(self) -> ComposeResult:
        """The views' names where there are several, one view, the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(visible(self._title, newline=False))
            frame.border_subtitle = Content(visible(self._about, newline=False))
            if len(self._views) > 1:
                yield Static(classes="sections")
            yield Sheet(can_focus=True)
            yield FootLine()

    def on_mount(self) -> None:
        """Show the first view once it is known how wide it is."""
        self.query_one(Sheet).focus()
        several = len(self._views) > 1
        rows = [key for key in keys.KEYS if key.where == "reader" and key.footer and (several or key.name == "copy")]
        hints = [Hint(keys.shown(key.id), key.label, f"screen.{key.action}") for key in rows]
        hints.append(Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel"))
        self.query_one(FootLine).show_hints(hints)

    def on_resize(self) -> None:
        """Tables and bars have the width there is."""
        self.call_after_refresh(self._show)

    def show_views(self, views: Sequence[View]) -> None:
        """Show these views from now on, as many as there were."""
        self._views = tuple(views)
        if self.is_mounted:
            self._show()

    def action_section(self, step: int) -> None:
        """The next view, or the one before."""
        self.action_show((self.at + step) % len(self._views))

    def action_show(self, at: int) -> None:
        """This view."""
        self.at = at
        self._show()

    def action_copy(self) -> None:
        """What is shown."""
        self.app.copy_to_clipboard(self.query_one(Sheet).text)

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)

    def _show(self) -> None:
        if not self.is_attached:
            return
        if len(self._views) > 1:
            labels = {at: name for at, (name, _) in enumerate(self._views)}
            self.query_one(".sections", Static).update(section_names(labels, self.at))
        sheet = self.query_one(Sheet)
        width = max(10, sheet.size.width - 1)
        sheet.show(self._views[self.at][1](width))


def waiting_view(name: str) -> View:
    """A view that is still being worked out."""
    return name, lambda width: [SheetLine(((t("use.counting"), "label"),), prose=True)]
