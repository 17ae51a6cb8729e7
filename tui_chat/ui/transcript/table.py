"""How is a table drawn? Aligned columns with light rules between, cells wrapped, as wide as it needs and no wider.

Where the page is too narrow for the columns each row becomes a few lines of "heading: value".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
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


Row = list[list["Run"]]
"""One row of a table: the runs of each of its cells."""
Wrapped = list[list["Line"]]
"""The same, each cell in lines as wide as its column."""


class Grid(Struct):
    """A table's cells as runs, its first row the headings."""

    aligns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def table_rows(
    tokens: Sequence[Token],
    width: int,
    styles: Styles,
    shared: Shared,
    references: dict[str, Any],
    *,
    first_chunk: str = "",
    cut: bool = False,
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
        cut: this is a chunk of a long table, the first or another.
        whole: columns are as wide as they need, up to a limit, whatever `width` is.
    """
    grid = grid_of(tokens, shared, references)
    count = len(grid.aligns)
    natural = natural_widths(first_chunk) if first_chunk else ()
    if len(natural) != count:
        natural = needed(grid.rows, count)
    widths = column_widths(natural, width, cut=cut, whole=whole)
    if widths is None:
        crowded = count * len(grid.rows) > _MAX_RECORD_CELLS
        return _lines(grid, width, styles) if crowded else _records(grid, width, styles)
    head, *body = [wrapped_cells(row, widths) for row in grid.rows]
    rows = Rows()
    if not first_chunk:
        add_head(rows, grid, head, widths, styles)
    add_body(rows, body, widths, grid.aligns, styles, any(map(is_tall, body)))
    if whole:
        rows.breadth = breadth_of(widths)
    return rows


def grid_of(tokens: Sequence[Token], shared: Shared, references: dict[str, Any]) -> Grid:
    """The cells of the table whose tokens these are."""
    grid = Grid()
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
def natural_widths(source: str) -> tuple[int, ...]:
    """What the columns of the table in `source` need; asked for by every further chunk of a long table."""
    grid = grid_of(block_tokens(source + "\n"), Shared(), {})
    return needed(grid.rows, len(grid.aligns))


def needed(rows: Sequence[Row], count: int) -> tuple[int, ...]:
    """Cells that each of so many columns needs not to wrap."""
    return tuple(max((_natural(row[column]) for row in rows), default=1) for column in range(count))


def column_widths(natural: Sequence[int], width: int, *, cut: bool, whole: bool) -> list[int] | None:
    """The widths of columns that need so much; None where there is no room for columns at all.

    Those of a long table, which are the same in all of its chunks, get of what is left over what later rows may need.
    """
    room = width - len(_BETWEEN) * (len(natural) - 1)
    if whole:
        natural = [min(cells, _MAX_CELLS) for cells in natural]
        room = max(room, sum(natural))
    elif sum(min(cells, _MIN_CELLS) for cells in natural) > room:
        return None
    spare, extra = room - sum(natural), [2 + cells // 4 for cells in natural]
    if not cut or spare <= 0:
        return _shrunk(natural, room)
    return [cells + min(more, more * spare // sum(extra)) for cells, more in zip(natural, extra, strict=True)]


def breadth_of(widths: Sequence[int]) -> int:
    """Cells of a whole row."""
    return sum(widths) + len(_BETWEEN) * (len(widths) - 1)


def wrapped_cells(row: Row, widths: Sequence[int]) -> Wrapped:
    """The lines of each cell."""
    return [wrapped(runs, max(2, cells)) for runs, cells in zip(row, widths, strict=True)]


def is_tall(row: Wrapped) -> bool:
    """Whether a row takes several lines: rules stand between the rows then."""
    return any(len(cell) > 1 for cell in row)


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


def add_head(rows: Rows, grid: Grid, head: Wrapped, widths: list[int], styles: Styles) -> None:
    """Add the headings, if there are any, and the rule below them."""
    if any(grid.rows[0]):
        _add_row(rows, head, widths, grid.aligns, styles)
        _add_rule(rows, widths, styles)


def add_body(
    rows: Rows,
    body: Sequence[Wrapped],
    widths: list[int],
    aligns: list[str],
    styles: Styles,
    ruled: bool,
    *,
    first: bool = True,
) -> None:
    """Add rows of cells; above the first goes a rule as above the others where it is not the table's `first`."""
    for number, row in enumerate(body):
        if ruled and (number or not first):
            _add_rule(rows, widths, styles)
        _add_row(rows, row, widths, aligns, styles)


def _add_rule(rows: Rows, widths: Sequence[int], styles: Styles) -> None:
    text = "─┼─".join("─" * cells for cells in widths)
    rows.add([Segment(text, styles["rule"])], len(text), bare=True)


def _add_row(rows: Rows, cells: Wrapped, widths: list[int], aligns: list[str], styles: Styles) -> None:
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


def _records(grid: Grid, width: int, styles: Styles) -> Rows:
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


def _lines(grid: Grid, width: int, styles: Styles) -> Rows:
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
