"""How does a row of the page become a row of the screen? Margin, the speaker's bar, content, what is marked on it.

Finished rows are kept per piece. Marks (selection, search) and what moves (spinner, actions) are drawn over them
and never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from time import monotonic
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.selection import Selection
from textual.strip import Strip

from tui_chat.ui.transcript import pan
from tui_chat.ui.transcript.document import Document, Spot
from tui_chat.ui.transcript.entry import Call, Entry
from tui_chat.ui.transcript.find import Finder
from tui_chat.ui.transcript.rows import Row
from tui_chat.ui.transcript.select import selected_part
from tui_chat.ui.transcript.slot import Slot

if TYPE_CHECKING:
    from tui_chat.ui.transcript.furniture import Line

BAR, BAR_CURSOR = "▍", "▊"
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

Span = tuple[int, int, Style]
"""First character, character after the last, what is added to their style."""


class Painter:
    """Draws rows of a document.

    Attributes:
        base: foreground and background of the widget.
        chosen: what is added to the style of selected text.
        cursor: key of the entry under the cursor; None where no key would reach it.
        actions: (key, label, action) of what can be done there.
        turn: how often the spinner has turned.
    """

    def __init__(self, document: Document, finder: Finder) -> None:
        self.document = document
        self.finder = finder
        self.base = Style.null()
        self.chosen = Style.null()
        self.cursor: str | None = None
        self.actions: Sequence[tuple[str, str, str]] = ()
        self.turn = 0
        self._filters: tuple[LineFilter, ...] = ()
        self._ground: Color | None = None
        self._tones: dict[tuple[Style | None, bool], Style] = {}
        """The styles that reach the screen, by those of the layout and whether they stand on a band."""

    def stand_on(self, base: Style, filters: tuple[LineFilter, ...], ground: Color) -> bool:
        """Take the widget's colours and what changes all colours on the way to the screen; whether they are new."""
        if (base, filters, ground) == (self.base, self._filters, self._ground):
            return False
        self.base, self._filters, self._ground = base, filters, ground
        self._tones.clear()
        return True

    def filtered(self, style: Style | None) -> Style:
        """A style as it reaches the screen."""
        style = style or Style.null()
        if self._ground is not None:
            for line_filter in self._filters:
                style = line_filter.apply([Segment(" ", style)], self._ground)[0].style or Style.null()
        return style

    def _tone(self, style: Style | None, *, band: bool = False) -> Style:
        tone = self._tones.get((style, band))
        if tone is None:
            ground = self.base + self.document.typesetter.looks["band"] if band else self.base
            tone = self._tones[style, band] = self.filtered(ground + style if style else ground)
        return tone

    def forget_tones(self) -> None:
        """The colours of the theme are other ones."""
        self._tones.clear()

    def paint(self, y: int, selection: Selection | None) -> Strip:
        """Row `y` of the page, as wide as the page without its scroll bar."""
        spot = self.document.locate(y)
        if spot is None or spot.piece.kind == "lead":
            return self._between(y, spot)
        slot, piece = spot.slot, spot.piece
        rows = self.document.rows(slot, spot.at)
        if spot.row >= len(rows):
            return self._row([], 0)
        on_cursor = slot.key == self.cursor
        spans = self._spans(spot, selection)
        key = (spot.row, on_cursor)
        moves = isinstance(piece.content, Call) and piece.content.state == "running"
        if not spans and not moves and (kept := piece.painted.get(key)) is not None:
            return kept
        segments: Iterable[Segment] = rows.strips[spot.row]
        cells = rows.strips[spot.row].cell_length
        if (line := self.line(spot)) is not None:
            segments, cells = line.segments, line.cells
        if spans:
            segments = mark(segments, spans)
        if rows.breadth and line is None:
            typesetter = self.document.typesetter
            hidden, sign = pan.hidden_cells(spot, rows), typesetter.looks["more"]
            segments, cells = pan.seen_part(segments, hidden, typesetter.page.measure, sign)
        band = on_cursor and piece.kind == "head"
        strip = self._row(segments, cells, self._bar(slot, on_cursor), band=band)
        if not spans and not moves:
            piece.painted[key] = strip
        return strip

    def line(self, spot: Spot) -> Line | None:
        """What stands in a row that is not simply laid out: head line, actions, the label of a fence."""
        from tui_chat.ui.transcript import furniture
        from tui_chat.ui.transcript.block import Block

        piece, typesetter = spot.piece, self.document.typesetter
        cells, looks = typesetter.page.measure, typesetter.looks
        content = piece.content
        if piece.kind == "head" and isinstance(content, Entry):
            return furniture.head_line(content, cells, looks, full=spot.slot.key == self.cursor)
        if piece.kind == "lead" and spot.slot.key == self.cursor and self.actions:
            return furniture.action_line(self.actions, cells, looks)
        if isinstance(content, Call) and content.state == "running":
            from tui_chat.ui.transcript.card import call_line

            sign = SPINNER[self.turn % len(SPINNER)]
            return call_line(content, cells, looks, folded=piece.folded, sign=sign, now_s=monotonic())
        if isinstance(content, Block) and content.kind == "code" and content.first and spot.row == content.lead:
            return furniture.copy_line(self.document.rows(spot.slot, spot.at).strips[spot.row], looks)
        return None

    def _between(self, y: int, spot: Spot | None) -> Strip:
        """The blank row above an entry, or below the last: the growing end above it, the actions below it."""
        slots = self.document.slots
        above: Slot | None = slots[-1] if slots and spot is None and y == self.document.heights.total else None
        if spot is not None:
            line = self.line(spot)
            if line is not None:
                return self._row(line.segments, line.cells, self._bar(spot.slot, True), band=True)
            if spot.slot.index:
                above = slots[spot.slot.index - 1]
        growth = self.document.growths.get(above.key) if above is not None else None
        if above is None or growth is None:
            return self._row([], 0)
        from tui_chat.ui.transcript.furniture import tail_line

        typesetter = self.document.typesetter
        spinner = SPINNER[self.turn % len(SPINNER)]
        line = tail_line(spinner, growth.status, typesetter.page.measure, typesetter.looks)
        return self._row(line.segments, line.cells, self._bar(above, above.key == self.cursor))

    def _bar(self, slot: Slot, on_cursor: bool) -> Segment:
        role = slot.entry.role if slot.entry else "system"
        style = self.document.typesetter.looks[f"{'name' if on_cursor else 'bar'}.{role}"]
        return Segment(f"{BAR_CURSOR if on_cursor else BAR} ", self._tone(style))

    def _row(self, segments: Iterable[Segment], cells: int, bar: Segment | None = None, *, band: bool = False) -> Strip:
        """A row of the screen; a band sets it off as far as content may reach."""
        page, tone = self.document.typesetter.page, self._tone
        base = tone(None)
        out = [Segment(" " * page.left, base)] if page.left else []
        out.append(bar if bar is not None else Segment("  ", base))
        out += [Segment(text, tone(style, band=band)) for text, style, _ in segments]
        if band and (inner := page.measure - cells) > 0:
            out.append(Segment(" " * inner, tone(None, band=True)))
            cells += inner
        rest = page.painted - page.text - cells
        if rest > 0:
            out.append(Segment(" " * rest, base))
        strip = Row(out, page.text + cells + max(0, rest))
        return strip if rest >= 0 else strip.crop(0, page.painted)

    def _spans(self, spot: Spot, selection: Selection | None) -> list[Span]:
        spans: list[Span] = []
        looks = self.document.typesetter.looks
        for start, end, here in self.finder.matches(spot):
            spans.append((start, end, looks["match.here" if here else "match"]))
        if selection is not None and (part := selected_part(selection, self.document, spot)) is not None:
            spans.append((*part, self.chosen))
        return spans


def mark(segments: Iterable[Segment], spans: Sequence[Span]) -> list[Segment]:
    """`segments` with styles added to spans of characters; where spans overlap, the later one wins."""
    cuts = sorted({edge for start, end, _ in spans for edge in (start, end)})
    out: list[Segment] = []
    at = 0
    for text, style, _ in segments:
        edges = [at, *(edge for edge in cuts if at < edge < at + len(text)), at + len(text)]
        for start, end in pairwise(edges):
            added = style or Style.null()
            for first, past, extra in spans:
                if first <= start < past:
                    added += extra
            out.append(Segment(text[start - at : end - at], added))
        at += len(text)
    return out
