"""What went over the line for this answer? Its request and its stream, exactly; and how it differs from another one.

Opened for one answer. What is shown is read from what this run remembers (`wire/exchange.py`); of an answer of an
earlier run only the comparison and the question again are left.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_chat.ui import exchange_lines, keys
from tui_chat.ui.exchange_lines import Answer
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.pick import Pick
from tui_chat.ui.section_names import section_names
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.sheet import Sheet, SheetLine, line
from tui_chat.wire.exchange import Exchange
from tui_chat.wire.rendition import as_curl, as_python
from tui_chat.words import t

SECTIONS = ("body", "headers", "timing", "stream", "compare")
REFRESH_S = 0.5
"""How often the times of an answer that arrives are shown anew."""


class InspectorScreen(ModalScreen[bool]):
    """Shows one answer's exchange; its result is whether to ask again."""

    CSS_PATH = "inspector.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("inspector")]

    def __init__(self, answer: Answer, others: Sequence[Answer] = ()) -> None:
        """`others` are what it can be compared with: other versions of it first, then other answers of the chat."""
        super().__init__()
        self._answer = answer
        self._others = tuple(others)
        self._other = self._others[0] if self._others else None
        self._at = len(answer.exchanges) - 1
        self.section = SECTIONS[0] if answer.exchanges else SECTIONS[-1]
        """What is shown: a name of `SECTIONS`."""

    @property
    def exchange(self) -> Exchange | None:
        """The attempt that is shown."""
        return self._answer.exchanges[self._at] if self._answer.exchanges else None

    def compose(self) -> ComposeResult:
        """The sections' names, one section, the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("inspector.title"))
            yield Static(classes="sections")
            yield Sheet(can_focus=True)
            yield FootLine()

    def on_mount(self) -> None:
        """Show the first section; follow an answer that is still arriving."""
        self.query_one(Sheet).focus()
        self.query_one(FootLine).show_hints(self._hints())
        self._show()
        self.set_interval(REFRESH_S, self._follow)

    def on_resize(self) -> None:
        """Bars have the width there is."""
        if self.section == "timing":
            self.call_after_refresh(self._show)

    # --- what the person does ---

    def action_section(self, step: int) -> None:
        """The next section, or the one before."""
        self.action_show(SECTIONS[(SECTIONS.index(self.section) + step) % len(SECTIONS)])

    def action_show(self, section: str) -> None:
        """This section."""
        if section in SECTIONS:
            self.section = section
            self._show()

    def action_earlier(self) -> None:
        """An earlier attempt to send the same question."""
        self._go(self._at - 1)

    def action_later(self) -> None:
        """A later one."""
        self._go(self._at + 1)

    def action_copy(self) -> None:
        """What is shown, exactly and whole."""
        exchange = self.exchange
        if self.section == "body" and exchange is not None:
            self._copy(exchange.sent.decode("utf-8", "replace"))
        elif self.section == "stream" and exchange is not None:
            self._copy(exchange.received.decode("utf-8", "replace"))
        else:
            self._copy(self.query_one(Sheet).text)

    def action_copy_curl(self) -> None:
        """A command that sends the same."""
        if self._may_repeat(self.exchange):
            self._copy(as_curl(self._shown))

    def action_copy_python(self) -> None:
        """A program that sends the same."""
        if self._may_repeat(self.exchange):
            self._copy(as_python(self._shown))

    def action_again(self) -> None:
        """Ask again: a new version of the answer beside this one."""
        self.dismiss(True)

    def action_compare(self) -> None:
        """Choose what to compare it with."""
        if not self._others:
            self.action_show("compare")
            return

        def take(at: int | None) -> None:
            if at is not None:
                self._other = self._others[at]
                self.action_show("compare")

        rows = [(other.label, " ".join(other.node.text.split())[:40]) for other in self._others]
        chosen = self._others.index(self._other) if self._other in self._others else 0
        self.app.push_screen(Pick(t("inspector.which"), rows, chosen), take)

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(False)

    # --- what is shown ---

    @property
    def _shown(self) -> Exchange:
        assert self.exchange is not None
        return self.exchange

    def _go(self, at: int) -> None:
        if 0 <= at < len(self._answer.exchanges):
            self._at = at
            self._show()

    def _show(self) -> None:
        self._show_names()
        self.query_one(Sheet).show(self._lines())

    def _lines(self) -> list[SheetLine]:
        if self.section == "compare":
            if self._other is None:
                return [line(t("inspector.nothing_to_compare"), prose=True)]
            return exchange_lines.compared_lines(self._answer, self._other)
        if self.exchange is None:
            return [line(t("inspector.not_of_this_run"), prose=True)]
        match self.section:
            case "body":
                return exchange_lines.body_lines(self._shown)
            case "headers":
                return exchange_lines.header_lines(self._shown)
            case "stream":
                return exchange_lines.stream_lines(self._shown)
            case _:
                width = self.query_one(Sheet).scrollable_content_region.width
                return exchange_lines.timing_lines(self._answer, self._shown, width)

    def _show_names(self) -> None:
        labels = {name: t(f"inspector.section.{name}") for name in SECTIONS}
        self.query_one(".sections", Static).update(section_names(labels, self.section))
        exchange, count = self.exchange, len(self._answer.exchanges)
        pieces = [self._answer.node.model]
        if exchange is not None and exchange.status:
            pieces.append(f"HTTP {exchange.status}")
        if count > 1:
            pieces.append(t("inspector.attempt", at=self._at + 1, count=count))
        self.query_one(".frame").border_subtitle = Content(visible(" · ".join(pieces), newline=False))

    def _follow(self) -> None:
        """While the answer arrives its times move; what is being read does not."""
        if self.exchange is not None and self.section == "timing" and self._is_arriving:
            self._show()
        self._is_arriving = self.exchange is not None and self.exchange.ended_s is None

    _is_arriving = True

    def _hints(self) -> list[Hint]:
        rows = [key for key in keys.KEYS if key.where == "inspector" and key.footer]
        if len(self._answer.exchanges) < 2:
            rows = [key for key in rows if key.name != "older"]
        hints = [Hint(keys.shown(key.id), key.label, f"screen.{key.action}") for key in rows]
        return [*hints, Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel")]

    def _may_repeat(self, exchange: Exchange | None) -> bool:
        if exchange is None or not exchange.url:
            self.notify(t("inspector.not_of_this_run"), severity="warning", markup=False)
            return False
        return True

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
