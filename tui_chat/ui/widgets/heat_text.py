"""Where was the model sure and where not? Its answer, each step in the style of its level, with a cursor on one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.heat_steps import Step
from tui_chat.ui.transcript.looks import style_of
from tui_chat.ui.transcript.wrap import breaks, width_of

STYLES = {
    "given": "$text-muted",
    "sure": "",
    "likely": "italic $text-success",
    "open": "underline $text-warning",
    "unlikely": "bold underline $text-error",
    "rare": "bold reverse $text-error",
    "here": "bold $background on $accent",
}
"""How each level looks; told apart without colours too."""
_LINE_END = "↵"


class HeatText(ScrollView):
    """An answer by its steps."""

    can_focus = True
    DEFAULT_CSS = """
    HeatText { height: 1fr; overflow-x: hidden; background: transparent; scrollbar-size-vertical: 1; }
    HeatText { scrollbar-color: $foreground 25%; scrollbar-background: $foreground 8%; }
    """
    BINDINGS = keys.bindings("heat")

    @dataclass
    class Moved(Message):
        """The cursor stands on another step."""

        at: int

    def __init__(self, steps: Sequence[Step], given: str = "") -> None:
        """`given` is text from before the first step, of which nothing is known."""
        super().__init__()
        self._steps = steps
        self.at = 0
        """The step the cursor is on."""
        pieces = [given, *(step.text for step in steps)]
        shown = [_shown(piece) for piece in pieces]
        self._text = "".join(shown)
        self._starts = list(accumulate(map(len, shown), initial=0))
        self._rows: list[tuple[int, int]] = []
        self._width = 0
        self._styles: dict[str, Style] = {}

    # --- layout ---

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._forget_styles())

    def _forget_styles(self) -> None:
        self._styles.clear()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap anew."""
        width = self.size.width - self.styles.scrollbar_size_vertical
        if width > 0 and width != self._width:
            self._width = width
            self._rows = list(_rows(self._text, width))
            self.virtual_size = Size(width, len(self._rows))
        self._reveal()

    def render_line(self, y: int) -> Strip:
        """One row of what is in view."""
        width, base = self.scrollable_content_region.width, self.rich_style
        number = y + self.scroll_offset.y
        if not 0 <= number < len(self._rows):
            return Strip.blank(width, base)
        start, end = self._rows[number]
        segments = []
        piece = max(0, bisect_right(self._starts, start) - 1)
        while piece < len(self._starts) - 1 and self._starts[piece] < end:
            text = self._text[max(start, self._starts[piece]) : min(end, self._starts[piece + 1])]
            if text:
                segments.append(Segment(text.rstrip("\n"), base + self._style(self._level(piece))))
            piece += 1
        return Strip(segments).adjust_cell_length(width, base)

    def _level(self, piece: int) -> str:
        if piece == 0:
            return "given"
        return "here" if piece - 1 == self.at else self._steps[piece - 1].level

    def _style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            ground = self.background_colors[1]
            found = self._styles[name] = style_of(STYLES[name], self.app.theme_variables, ground)
        return found

    # --- the cursor ---

    def go(self, at: int) -> None:
        """Put the cursor on a step."""
        at = max(0, min(at, len(self._steps) - 1))
        if at != self.at:
            self.at = at
            self.refresh()
            self._reveal()
            self.post_message(self.Moved(at))

    def action_step(self, steps: int) -> None:
        """Go on by so many steps."""
        self.go(self.at + steps)

    def action_edge(self, end: bool) -> None:
        """Go to the first step, or the last."""
        self.go(len(self._steps) if end else 0)

    def action_row(self, rows: int) -> None:
        """Go to the step that stands so many rows further down, about as far right."""
        if not self._rows:
            return
        here = self._starts[self.at + 1]
        row = self._row_of(here)
        column = width_of(self._text[self._rows[row][0] : here])
        target = max(0, min(row + rows, len(self._rows) - 1))
        if target != row:
            self.go(self._step_at(target, column))

    def action_page(self, pages: int) -> None:
        """Go on by what is in view, less one row."""
        self.action_row(pages * max(1, self.size.height - 1))

    def action_weak(self, direction: int) -> None:
        """Go to the next step that was less likely than not."""
        order = range(self.at + 1, len(self._steps)) if direction > 0 else range(self.at - 1, -1, -1)
        self.go(next((at for at in order if self._steps[at].probability < 0.5), self.at))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the step under the pointer."""
        event.stop()
        row = event.y + self.scroll_offset.y
        if 0 <= row < len(self._rows):
            self.go(self._step_at(row, event.x))

    def _step_at(self, row: int, column: int) -> int:
        start, end = self._rows[row]
        at, used = start, 0
        while at < end - 1 and used + width_of(self._text[at]) <= column:
            used += width_of(self._text[at])
            at += 1
        return max(0, bisect_right(self._starts, at) - 2)

    def _row_of(self, at: int) -> int:
        return max(0, bisect_right(self._rows, at, key=lambda row: row[0]) - 1)

    def _reveal(self) -> None:
        if self._rows and self._steps:
            row, height = self._row_of(self._starts[self.at + 1]), self.size.height
            top = self.scroll_offset.y
            if not top <= row < top + height:
                self.scroll_to(y=max(0, row - height // 2), animate=False, immediate=True)


def _shown(text: str) -> str:
    """A piece as it is drawn: printable, its line ends to be seen."""
    return visible(text.replace("\r\n", "\n")).replace("\t", "    ").replace("\n", f"{_LINE_END}\n")


def _rows(text: str, width: int) -> list[tuple[int, int]]:
    rows, start = [], 0
    for line in text.split("\n"):
        cuts = [0, *breaks(line, width), len(line)]
        rows += [(start + first, start + last) for first, last in pairwise(cuts)]
        start += len(line) + 1
    return rows
