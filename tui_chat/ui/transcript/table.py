"""How is a table drawn? Aligned columns with light rules between, cells wrapped, as wide as it needs and no wider.

Where the page is too narrow for the columns each row becomes a few lines of "heading: value".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.segment import Segment

from tui_chat.ui.transcript.block import Shared
from tui_chat.ui.transcript.inline import Line, Run, runs_of, wrapped
from tui_chat.ui.transcript.parse import block_tokens
from tui_chat.ui.transcript.rows import Rows, Styles
from tui_chat.ui.transcript.wrap import width_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_MIN_CELLS = 4
_MAX_CELLS = 60
_MAX_RECORD_CELLS = 240
_BETWEEN = " │ "


@dataclass(slots=True)
class _Grid:
    """A table's cells as runs, its first row the headings."""

    aligns: list[str] = field(default_factory=list)
    rows: list[list[list[Run]]] = field(default_factory=list)

    def natural(self) -> list[int]:
        """Cells each column needs not to wrap."""
        return [max(_natural(row[column]) for row in self.rows) for column in range(len(self.aligns))]


def table_rows(
    tokens: Sequence[Token],
    width: int,
    styles: Styles,
    shared: Shared,
    references: dict[str, Any],
    *,
    first_chunk: str = "",
    whole: bool = False,
) -> Rows:
    """Rows of the table whose tokens these are.

    Args:
        tokens: from "table_open" on, the closing one may be left out.
        width: cells there are.
        styles: see `STYLE_KEYS`.
        shared: of the message.
        references: link definitions.
        first_chunk: of a further chunk of a long table: source of the first, which gives the columns' widths; the
            headings are not drawn again.
        whole: columns are as wide as they need, up to a limit, whatever `width` is.
    """
    grid = _grid(tokens, shared, references)
    count = len(grid.aligns)
    natural = _natural_of(first_chunk) if first_chunk else ()
    if len(natural) != count:
        natural = tuple(grid.natural())
    room = width - len(_BETWEEN) * (count - 1)
    if whole:
        room = max(room, sum(natural := tuple(min(cells, _MAX_CELLS) for cells in natural)))
    elif sum(min(cells, _MIN_CELLS) for cells in natural) > room:
        crowded = count * len(grid.rows) > _MAX_RECORD_CELLS
        return _lines(grid, width, styles) if crowded else _records(grid, width, styles)
    widths = _shrunk(natural, room)
    cells = [[wrapped(runs, max(2, w)) for runs, w in zip(row, widths, strict=True)] for row in grid.rows]
    ruled = any(len(cell) > 1 for row in cells[1:] for cell in row)
    rows = Rows()
    if not first_chunk and any(grid.rows[0]):
        _add_row(rows, cells[0], widths, grid.aligns, styles)
        _add_rule(rows, widths, styles)
    for number, row in enumerate(cells[1:]):
        if number and ruled:
            _add_rule(rows, widths, styles)
        _add_row(rows, row, widths, grid.aligns, styles)
    if whole:
        rows.breadth = sum(widths) + len(_BETWEEN) * (count - 1)
    return rows


def _grid(tokens: Sequence[Token], shared: Shared, references: dict[str, Any]) -> _Grid:
    grid = _Grid()
    for token in tokens:
        if token.type == "tr_open":
            grid.rows.append([])
        elif token.type == "th_open":
            grid.aligns.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
        elif token.type == "inline" and grid.rows:
            key = "table_head" if len(grid.rows) == 1 else "text"
            grid.rows[-1].append(runs_of(token.content, shared, references, key))
    return grid


@lru_cache(maxsize=32)
def _natural_of(source: str) -> tuple[int, ...]:
    """What the columns of the table in `source` need; asked for by every further chunk of a long table."""
    return tuple(_grid(block_tokens(source + "\n"), Shared(), {}).natural())


def _natural(runs: list[Run]) -> int:
    if not runs:
        return 1
    text = runs[0][0] if len(runs) == 1 else "".join(run[0] for run in runs)
    return max(1, max(map(width_of, text.split("\n"))) if "\n" in text else width_of(text))


def _shrunk(natural: Sequence[int], room: int) -> list[int]:
    """Widths of at most `room` cells together: the widest columns are cut down to one common width."""
    if sum(natural) <= room:
        return list(natural)
    left, open_columns, limit = room, len(natural), 0
    for cells in sorted(natural):
        limit = left // open_columns
        if cells > limit:
            break
        left -= cells
        open_columns -= 1
    spare = left - limit * open_columns  # less than one cell for each of the columns that were cut
    widths = []
    for cells in natural:
        extra = 1 if cells > limit and spare > 0 else 0
        spare -= extra
        widths.append(min(cells, limit + extra))
    return widths


def _add_rule(rows: Rows, widths: Sequence[int], styles: Styles) -> None:
    text = "─┼─".join("─" * cells for cells in widths)
    rows.add([Segment(text, styles["rule"])], len(text), bare=True)


def _add_row(rows: Rows, cells: list[list[Line]], widths: list[int], aligns: list[str], styles: Styles) -> None:
    bar = Segment(_BETWEEN, styles["rule"])
    for height in range(max(map(len, cells))):
        segments: list[Segment] = []
        links: list[tuple[int, int, str]] = []
        x = chars = end = 0
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            if column:
                segments.append(bar)
                x += len(_BETWEEN)
                chars += len(_BETWEEN)
            line = cell[height] if height < len(cell) else Line([], 0)
            spare = max(0, width - line.cells)
            left = spare if aligns[column] == "right" else spare // 2 if aligns[column] == "center" else 0
            if left:
                segments.append(Segment(" " * left))
            at = x + left
            for text, key, href in line.runs:
                segments.append(Segment(text, styles[key]))
                cells_wide = width_of(text)
                if href:
                    links.append((at, at + cells_wide, href))
                at += cells_wide
                chars += len(text)
            chars += left
            end = chars if line.runs else end
            if spare > left and column < len(cells) - 1:
                segments.append(Segment(" " * (spare - left)))
                chars += spare - left
            x += width if column < len(cells) - 1 else left + line.cells
        row = rows.add(segments, end=end)
        if links:
            rows.links[row] = links


def _records(grid: _Grid, width: int, styles: Styles) -> Rows:
    """The table as lines of "heading: value", a thin rule between its rows."""
    rows = Rows()
    head, *body = grid.rows
    nothing: list[list[Run]] = [[] for _ in head]
    for record in body or [nothing]:
        pairs = [pair for pair in zip(head, record, strict=False) if pair[0] or pair[1]]
        if pairs and len(rows):
            rows.add([Segment("─" * min(width, 8), styles["rule"])], min(width, 8), bare=True)
        for name, value in pairs:
            colon: Run = (": ", "table_head", "")
            for line in wrapped([*name, colon, *value] if name else value, max(2, width)):
                add_line(rows, line, styles)
    return rows


def _lines(grid: _Grid, width: int, styles: Styles) -> Rows:
    """A table too large and too wide for all else: each row as one text, wrapped."""
    rows = Rows()
    bar: Run = (_BETWEEN, "rule", "")
    for cells in grid.rows:
        runs = [run for cell in cells for run in (*cell, bar)]
        for line in wrapped(runs[:-1], max(2, width)):
            add_line(rows, line, styles)
    return rows


def add_line(rows: Rows, line: Line, styles: Styles, margin: Sequence[Segment] = (), skip: int = 0) -> None:
    """Add one wrapped line behind `margin`, of whose characters `skip` are not copied."""
    margin_cells = sum(len(segment.text) for segment in margin)
    row = rows.add(
        [*margin, *(Segment(text, styles[key]) for text, key, _ in line.runs)],
        margin_cells + line.cells,
        skip=skip,
        soft=line.soft,
    )
    if any(href for _, _, href in line.runs):
        rows.links[row] = links = []
        at = margin_cells
        for text, _, href in line.runs:
            before, at = at, at + width_of(text)
            if href:
                links.append((before, at, href))
    if line.gap:
        rows.gaps[row] = line.gap
