"""How is a text shown that somebody must read to its end? Whole, folded and never cut, in one widget that scrolls.

Rows are made of the lines as they are looked at, so a megabyte of arguments costs no more than a screen of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual.errors import NoWidget
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_chat.ui.transcript.looks import style_of
from tui_chat.ui.transcript.wrap import breaks, fold, width_of

STYLES = {
    "": "",
    "label": "$text-muted",
    "strong": "bold",
    "warning": "bold $text-warning",
    "error": "bold $text-error",
    "added": "$text-success",
    "removed": "$text-error",
    "hunk": "$text-accent",
    "token.keyword": "$text-primary",
    "token.string": "$text-success",
    "token.comment": "italic $text-muted",
    "token.number": "$text-warning",
    "token.function": "$text-accent",
    "token.class": "$text-accent",
    "token.builtin": "$text-secondary",
    "token.operator": "$text-muted",
}
"""How what looks, by the name a piece carries."""
NEAR_CHARACTERS = 8
"""So many characters for each cell of a row are looked at to fill it: some take no cell."""


class SheetLine(Struct, frozen=True):
    """One line of text: its pieces, each with the name of its style. Printable already, without newlines."""

    pieces: tuple[tuple[str, str], ...]
    indent: int = 0
    """Cells left free before each of its rows."""
    prose: bool = False
    """Broken between words; else anywhere, so that every blank is where it was."""

    @property
    def text(self) -> str:
        """Its text without styles."""
        return "".join(text for text, _ in self.pieces)


def line(text: str = "", style: str = "", *, indent: int = 0, prose: bool = False) -> SheetLine:
    """A line of one style."""
    return SheetLine(((text, style),) if text else (), indent, prose)


Row = tuple[int, int, int]
"""Line, its first character here, the character after its last."""


class Sheet(ScrollView):
    """Lines of text; it knows whether the last was seen."""

    DEFAULT_CSS = """
    Sheet { height: auto; overflow-x: hidden; overflow-y: auto; background: transparent; }
    Sheet { scrollbar-size-vertical: 1; scrollbar-color: $foreground 25%; scrollbar-background: $foreground 8%; }
    """

    @dataclass
    class Moved(Message):
        """What is in view changed; `seen` tells whether the last row was seen by now."""

        seen: bool

    def __init__(
        self,
        lines: Iterable[SheetLine] = (),
        *,
        id: str | None = None,
        can_focus: bool = False,
        at_blanks: bool = False,
    ) -> None:
        """`at_blanks`: what isn't prose is broken behind a blank too, where one is near, and keeps all its blanks.

        Not for what somebody decides on: there only a row that is full goes on in the next.
        """
        super().__init__(id=id)
        self.can_focus = can_focus
        self._at_blanks = at_blanks
        self._lines: Sequence[SheetLine] = tuple(lines)
        self._rows: list[Row] = []
        self._width = 0
        self._styles: dict[str, Style] = {}
        self._starts: dict[int, list[int]] = {}
        self.seen = False
        """Whether the last row was in view since these lines are shown."""

    def show(self, lines: Iterable[SheetLine]) -> None:
        """Show these from their beginning."""
        self._lines = tuple(lines)
        self._width, self.seen = 0, False
        self._starts.clear()
        if self.is_mounted:
            self.scroll_to(y=0, animate=False, immediate=True)
            self._fit(self._room)
            self.refresh(layout=True)
            self.call_after_refresh(self._look)

    @property
    def text(self) -> str:
        """All that it shows, line by line."""
        return "\n".join(each.text for each in self._lines)

    @property
    def rows_below(self) -> int:
        """Rows that are further down than what is in view."""
        return max(0, len(self._rows) - self.scroll_offset.y - self.scrollable_content_region.height)

    # --- layout ---

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows it takes at this width."""
        self._fit(width - self.styles.scrollbar_size_vertical)
        return len(self._rows)

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._forget_styles())

    def on_resize(self, event: Resize) -> None:
        """Fold anew."""
        self._fit(self._room)
        self.call_after_refresh(self._look)

    def _forget_styles(self) -> None:
        self._styles.clear()
        self.refresh()

    @property
    def _room(self) -> int:
        """Cells of a row: the scrollbar's place stays free, so that nothing is folded anew when it comes."""
        return self.size.width - self.styles.scrollbar_size_vertical

    def _fit(self, width: int) -> None:
        """Fold the lines to this width, and know how much that makes."""
        if width <= 0 or width == self._width:
            return
        self._width = width
        self._rows = [
            (number, start, end)
            for number, each in enumerate(self._lines)
            for start, end in _spans(each, width, at_blanks=self._at_blanks)
        ]
        self.virtual_size = Size(width, len(self._rows))

    # --- scrolling ---

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell where it is now."""
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def step(self, rows: int) -> None:
        """Go down by so many rows, up where it is negative."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False, immediate=True)

    def page(self, pages: int) -> None:
        """Go on by what is in view, less one row."""
        self.step(pages * max(1, self.scrollable_content_region.height - 1))

    def edge(self, end: bool) -> None:
        """Go to the end, or the beginning."""
        self.scroll_to(y=len(self._rows) if end else 0, animate=False, immediate=True)

    def _look(self) -> None:
        if self._width and self.scrollable_content_region.height and not self.rows_below and self._is_whole():
            self.seen = True
        self.post_message(self.Moved(self.seen))

    def _is_whole(self) -> bool:
        """Whether nothing of it is cut off by what it stands in."""
        if not self.is_attached or not self.display:
            return False
        try:
            place = self.screen.find_widget(self)
        except NoWidget:
            return False
        return place.visible_region.contains_region(place.region)

    # --- painting ---

    def render_line(self, y: int) -> Strip:
        """One row of what is in view."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        base = self.rich_style
        if not 0 <= at < len(self._rows):
            return Strip.blank(width, base)
        number, start, end = self._rows[at]
        segments = [Segment(" " * self._lines[number].indent, base)]
        segments += [Segment(text, base + self._style(style)) for text, style in self._cut(number, start, end)]
        return Strip(segments).adjust_cell_length(width, base)

    def _cut(self, number: int, start: int, end: int) -> Iterable[tuple[str, str]]:
        """The pieces of a line between two characters of it."""
        pieces = self._lines[number].pieces
        starts = self._starts.get(number)
        if starts is None:
            starts = self._starts[number] = list(accumulate((len(text) for text, _ in pieces), initial=0))
        at = max(0, bisect_right(starts, start) - 1)
        while at < len(pieces) and starts[at] < end:
            text, style = pieces[at]
            yield text[max(0, start - starts[at]) : end - starts[at]], style
            at += 1

    def _style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            ground = self.background_colors[1]
            found = self._styles[name] = style_of(STYLES.get(name, ""), self.app.theme_variables, ground)
        return found


def _spans(each: SheetLine, width: int, *, at_blanks: bool) -> Iterable[tuple[int, int]]:
    """First and last character of the rows that a line takes."""
    text, inner = each.text, max(2, width - each.indent)
    if len(text) <= inner and width_of(text) <= inner:
        return [(0, len(text))]
    if each.prose:
        cuts = breaks(text, inner)
    elif at_blanks:
        cuts = _behind_blanks(text, inner)
    elif text.isascii():
        cuts = list(range(inner, len(text), inner))
    else:
        cuts = [cut for cut in fold(text, inner) if 0 < cut < len(text)]
    return list(zip([0, *cuts], [*cuts, len(text)], strict=True))


def _behind_blanks(text: str, width: int) -> list[int]:
    """Where rows end: behind the last blank that fits, or within a word where that would leave half of a row empty."""
    cuts: list[int] = []
    start = 0
    while True:
        near = text[start : start + NEAR_CHARACTERS * width]
        full = next((cut for cut in fold(near, width) if cut > 0), len(near))
        if start + full >= len(text):
            return cuts
        blank = near.rfind(" ", 0, full) + 1
        start += blank if 2 * blank > full else full
        cuts.append(start)
