"""What of a picture is drawn anew, and what of that is written to the terminal? No more than what changed.

Textual draws every widget that a changed row touches, whole, with all that lies behind it, and writes every row that
was drawn. Here rows are drawn from front to back until nothing is missing, and of those only what the terminal does
not show already is written. Where rows moved up or down, as they do at each frame of an answer, the terminal is told
to move them: a frame then writes the new rows and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from rich.segment import Segment
from textual._compositor import Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region

from tui_chat.ui.edges import Edges
from tui_chat.ui.letting_go import let_go_of_the_gone
from tui_chat.ui.sgr import written

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from textual.app import App
    from textual.strip import Strip

LEAST_MOVED = 3
"""Rows that must be found again elsewhere before a move is thought of."""
_MOVE_BYTES = 32


class Drawn(NamedTuple):
    """What was drawn of one row."""

    y: int
    cuts: list[int]
    """Where a widget begins or ends in it, the edges of the screen included."""
    parts: Mapping[int, Strip]
    """By the cut it begins at, up to the next; only those that may have changed."""


class Part(NamedTuple):
    """What stands between two cuts of a row."""

    text: str
    """As it is written alone; what parts are compared by."""
    strip: Strip


class Shown(NamedTuple):
    """What the terminal shows in one row, as far as that is known."""

    cuts: list[int]
    parts: dict[int, Part]
    """By the cut each begins at."""

    @property
    def is_whole(self) -> bool:
        """Whether every part of the row is known."""
        return len(self.parts) == len(self.cuts) - 1


class Terminal:
    """What a terminal shows, by row. All screens of an app write to the one terminal."""

    def __init__(self) -> None:
        self.rows: dict[int, Shown] = {}

    def row(self, y: int, cuts: list[int]) -> Shown:
        """A row as widgets cut it now: what is known of parts that were parts before."""
        shown = self.rows.get(y)
        if shown is None:
            shown = self.rows[y] = Shown(cuts, {})
        elif shown.cuts is not cuts and shown.cuts != cuts:
            kept = set(pairwise(shown.cuts))
            parts = {x: shown.parts[x] for x, end in pairwise(cuts) if (x, end) in kept and x in shown.parts}
            shown = self.rows[y] = Shown(cuts, parts)
        return shown


_terminals: WeakKeyDictionary[Console, Terminal] = WeakKeyDictionary()


def terminal_of(console: Console) -> Terminal:
    """The terminal that a console writes to."""
    terminal = _terminals.get(console)
    if terminal is None:
        terminal = _terminals[console] = Terminal()
    return terminal


def forget_terminal() -> None:
    """What is on the terminal is not known any more: something else was written to it."""
    _terminals.clear()


def draw_anew(app: App[Any]) -> None:
    """Write the whole picture: what is on the terminal is another program's, its colours and scroll region too."""
    if app._driver is not None:
        app._driver.write("\x1b[0m\x1b[r\x1b[2J")
    forget_terminal()
    app.refresh()


class ChangedParts(CompositorUpdate):
    """Writes what of these rows the terminal does not show already."""

    def __init__(self, rows: Sequence[Drawn], *, whole: bool = False) -> None:
        self.rows = rows
        self.whole = whole
        """Write everything: what the terminal shows is not to be relied on (it was resized, another screen came)."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The rows as lines, for a picture of the screen."""
        for number, row in enumerate(self.rows):
            if number:
                yield Segment.line()
            for x in sorted(row.parts):
                yield from row.parts[x]

    def render_segments(self, console: Console) -> str:
        """The bytes to write, as text."""
        terminal = terminal_of(console)
        if self.whole:
            terminal.rows.clear()
        wanted = {
            y: Shown(cuts, {x: Part(strip.render(console), strip) for x, strip in parts.items()})
            for y, cuts, parts in self.rows
        }
        out: list[str] = []
        _move_rows(terminal, wanted, out)
        for y, row in wanted.items():
            _write_row(y, terminal.row(y, row.cuts), row, console, out)
        return "".join(out)


def _write_row(y: int, before: Shown, row: Shown, console: Console, out: list[str]) -> None:
    """Write the parts that differ, neighbours together, and of the last of them only what differs."""
    end = -1
    waiting: list[Segment] = []
    for x, past in pairwise(row.cuts):
        part, old = row.parts.get(x), before.parts.get(x)
        if part is None or (old is not None and old.text == part.text):
            continue
        if x != end:
            if waiting:
                out.append(written(waiting, console))
            out.append(f"\x1b[{y + 1};{x + 1}H")
            waiting = []
        changed = list(part.strip) if old is None else _without_same_end(part.strip, old.strip)
        # After a part that ends early the next one needs its own place.
        end = past if changed and changed[-1] is part.strip._segments[-1] else -1
        before.parts[x] = part
        if end == past and not waiting and row.parts.get(past) is None:
            out.append(part.text)
        else:
            waiting += changed
    if waiting:
        out.append(written(waiting, console))


def _without_same_end(strip: Strip, before: Strip) -> list[Segment]:
    """The segments of a strip up to where both are alike to the end."""
    new, old = list(strip), list(before)
    if strip.cell_length != before.cell_length:
        return new
    while new and old and new[-1].style == old[-1].style:
        text, other = new[-1].text, old[-1].text
        if text != other and (text.strip(" ") or other.strip(" ")):
            break
        new.pop()
        old.pop()
        if len(text) > len(other):
            new.append(Segment(text[len(other) :], strip._segments[len(new)].style))
        elif len(other) > len(text):
            old.append(Segment(other[len(text) :], before._segments[len(old)].style))
    return new


def _move_rows(terminal: Terminal, wanted: dict[int, Shown], out: list[str]) -> None:
    """Where most of what is wanted stands some rows further up or down, tell the terminal to move it.

    What does not move with it, beside it, is then wanted too.
    """
    band = _band(wanted)
    if band is None:
        return
    x, rows = band
    before = {y: terminal.row(y, wanted[y].cuts) for y in rows}
    by = _moved_by(
        {y: before[y].parts[x].text for y in rows if x in before[y].parts}, {y: wanted[y].parts[x].text for y in rows}
    )
    if not by:
        return
    target: dict[int, Shown] = {}
    moved: dict[int, Shown] = {}
    spent = plain = 0
    for y in rows:
        cuts, parts = wanted[y]
        target[y] = Shown(cuts, {**before[y].parts, **parts})
        if not target[y].is_whole:
            return
        origin = before.get(y + by)
        moved[y] = Shown(cuts, dict(origin.parts) if origin is not None and origin.cuts == cuts else {})
        for at, part in target[y].parts.items():
            spent += len(part.text) * (_text(moved[y], at) != part.text)
            plain += len(part.text) * (_text(before[y], at) != part.text)
    if spent + _MOVE_BYTES >= plain:
        return
    # Deleted and inserted lines rather than "scroll up": every terminal since the VT102 knows them.
    order = f"{by}M" if by > 0 else f"{-by}L"
    out.append(f"\x1b[{rows.start + 1};{rows.stop}r\x1b[{rows.start + 1};1H\x1b[{order}\x1b[r")
    terminal.rows.update(moved)
    wanted.update(target)


def _text(row: Shown, x: int) -> str | None:
    part = row.parts.get(x)
    return part.text if part is not None else None


def _band(wanted: Mapping[int, Shown]) -> tuple[int, range] | None:
    """The first run of rows in which a part of the same columns, the widest of the first row, is wanted."""
    best: tuple[int, range] | None = None
    start = x = end = -1
    last = -2
    for y in sorted(wanted):
        row = wanted[y]
        if y != last + 1 or x not in row.parts or _end(row.cuts, x) != end:
            x = max(row.parts, key=lambda at: _end(row.cuts, at) - at)
            start, end = y, _end(row.cuts, x)
        last = y
        if best is None or y + 1 - start > len(best[1]):
            best = (x, range(start, y + 1))
    return best if best is not None and len(best[1]) > LEAST_MOVED else None


def _end(cuts: Sequence[int], x: int) -> int:
    return cuts[cuts.index(x) + 1]


def _moved_by(before: Mapping[int, str], after: Mapping[int, str]) -> int:
    """How many rows further down most of `after` stood before; 0 where nothing clearly moved."""
    count = Counter(before.values())
    place = {text: y for y, text in before.items() if count[text] == 1}
    votes = Counter(place[text] - y for y, text in after.items() if text in place)
    by, found = votes.most_common(1)[0] if votes else (0, 0)
    return by if found >= LEAST_MOVED else 0


class ThriftyCompositor(Compositor):
    """A compositor that draws and writes only what changed."""

    _laid_out: object = None
    """Of what layout the edges are known."""
    _known_edges: Edges

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """The whole screen, everything to be written."""
        if simplify:  # for a picture of the screen
            return super().render_full_update(simplify)
        self._dirty_regions.clear()
        width, height = self.size
        drawn = self._draw((y, 0, width) for y in range(height))
        return ChangedParts(drawn, whole=True)  # type: ignore[return-value]  # callers only ask it for its segments

    def render_partial_update(self) -> ChangedParts | None:  # type: ignore[override]
        """What asked to be drawn."""
        regions = self._dirty_regions.copy()
        self._dirty_regions.clear()
        if not regions:
            return None
        return ChangedParts(self._draw(self._regions_to_spans(regions)))

    def _draw(self, spans: Iterable[tuple[int, int, int]]) -> list[Drawn]:
        """Draw these spans (row, first column, column after the last), each widget only where it can be seen."""
        edges, height = self._edges(), self.size.height
        terminal = terminal_of(self.root.app.console) if self.root is not None else Terminal()
        parts: dict[int, dict[int, Strip]] = {}
        missing: dict[int, set[int]] = {}
        inner: list[int] = []
        for y, first, past in spans:
            if 0 <= y < height:
                cuts = edges.row(y)
                known = terminal.row(y, cuts).parts  # what is not known of the row is drawn along with it
                touched = {x for x, end in pairwise(cuts) if (x < past and end > first) or x not in known}
                missing.setdefault(y, set()).update(touched)
        highest, lowest = min(missing, default=0), max(missing, default=0)
        for widget, (region, clip) in self.visible_widgets.items():
            if not missing:
                break
            if region.y > lowest or region.bottom <= highest or widget._parent is None:
                continue  # or it was taken away, and the layout without it is still to come
            seen = region.intersection(clip)
            left, right = seen.column_span
            rows = [y for y in missing if seen.y <= y < seen.bottom and any(left <= x < right for x in missing[y])]
            if not rows:
                continue
            top, cut = min(rows), None
            band = Region(seen.x - region.x, top - region.y, seen.width, max(rows) + 1 - top)
            strips = widget.render_lines(band)
            for y in rows:
                if y - top >= len(strips):
                    continue
                strip = strips[y - top]
                if edges.row(y) != cut:
                    cut = edges.row(y)
                    inner = [left, *(x for x in cut if left < x <= right)]
                if len(inner) == 1:  # another lies over its end
                    continue
                if strip.cell_length == inner[1] - left:
                    divided: Sequence[Strip] = (strip,)
                else:
                    divided = strip.divide([x - left for x in inner[1:]])
                for x, part in zip(inner, divided, strict=False):
                    if x in missing[y]:
                        missing[y].discard(x)
                        parts.setdefault(y, {})[x] = part
                if not missing[y]:
                    del missing[y]
        return [Drawn(y, edges.row(y), parts[y]) for y in sorted(parts)]

    def _edges(self) -> Edges:
        """Of the layout as it is now."""
        widgets = self.visible_widgets
        if self._laid_out is not widgets:
            self._laid_out, self._known_edges = widgets, Edges(widgets.values(), self.size)
        return self._known_edges


def install_thrifty_frames() -> None:
    """Let every screen made from now on draw and write so; once a process, a second call does nothing."""
    from textual import screen

    maker: Any = screen  # each screen makes its compositor by this name
    maker.Compositor = ThriftyCompositor
    let_go_of_the_gone()
