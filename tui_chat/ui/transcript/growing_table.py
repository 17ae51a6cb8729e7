"""How is a table drawn that is still being written? Whole rows are read once, and drawn once while they fit.

markdown-it decides line by line whether a table goes on, so a line that goes on after the head alone goes on after
all the others, too.
"""

from __future__ import annotations

from tui_chat.ui.transcript.block import Block
from tui_chat.ui.transcript.parse import block_tokens
from tui_chat.ui.transcript.rows import Rows, Styles
from tui_chat.ui.transcript.table import (
    Grid,
    Row,
    Wrapped,
    add_body,
    add_head,
    breadth_of,
    column_widths,
    grid_of,
    is_tall,
    natural_widths,
    needed,
    wrapped_cells,
)


class GrowingTable:
    """Lays out the open chunk of a table frame after frame.

    Attributes:
        read_rows: how many rows were read so far; a measure of work.
    """

    def __init__(self) -> None:
        self.read_rows = 0
        self._of: tuple[object, ...] = ()
        self._head = ""  # the headings and the rule below them, as they were written
        self._done = ""  # all lines that are whole
        self._grid = Grid()
        self._natural: tuple[int, ...] = ()
        self._widths: list[int] = []
        self._cells: list[Wrapped] = []  # of the grid, as wide as the columns
        self._ruled = False
        self._drawn = 0  # how many of them stand in the rows below
        self._rows = Rows()

    def lay_out(self, block: Block, width: int, styles: Styles) -> Rows | None:
        """Rows of `block`; None where it is not one table, or none that has room for columns."""
        shared = block.shared
        of = (shared, len(shared.references), block.table_head, block.lead, width, styles, block.pan is not None)
        end = block.source.rfind("\n") + 1
        if of != self._of or not block.source.startswith(self._done):
            self._of, self._done, self._widths = of, "", []
            begin = block.source.find("\n", block.source.find("\n") + 1) + 1
            self._head = block.source[:begin]
            if not begin or (grid := self._read(block, "")) is None:
                self._of = ()
                return None
            self._grid, self._natural, self._done = grid, needed(grid.rows, len(grid.aligns)), self._head
        if end > len(self._done):
            more = self._read(block, block.source[len(self._done) : end])
            if more is None:
                return None
            rows = more.rows[1:]
            self._grid.rows += rows
            self._natural = _widest(self._natural, needed(rows, len(self._natural)))
            self._done = block.source[:end]
        last = self._read(block, block.source[end:] + "\n") if end < len(block.source) else None
        if end < len(block.source) and last is None:
            return None
        return self._draw(block, width, styles, last.rows[1:] if last else [])

    def _read(self, block: Block, lines: str) -> Grid | None:
        """The cells of the head and of these lines; None where they are not one table."""
        text = self._head + lines
        tokens = block_tokens(text)
        if not tokens or tokens[0].type != "table_open" or tokens[0].map != [0, text.count("\n")]:
            return None
        self.read_rows += lines.count("\n")
        return grid_of(tokens, block.shared, block.shared.references)

    def _draw(self, block: Block, width: int, styles: Styles, last: list[Row]) -> Rows | None:
        grid, whole = self._grid, block.pan is not None
        natural = natural_widths(block.table_head) if block.table_head else ()
        if len(natural) != len(grid.aligns):
            natural = _widest(self._natural, needed(last, len(self._natural)))
        widths = column_widths(natural, width, cut=bool(block.table_head), whole=whole)
        if widths is None:
            return None
        anew = widths != self._widths
        if anew:
            self._widths, self._cells = widths, []
        self._cells += [wrapped_cells(row, widths) for row in grid.rows[len(self._cells) :]]
        open_row = [wrapped_cells(row, widths) for row in last]
        ruled = any(map(is_tall, [*self._cells[1:], *open_row]))
        if anew or ruled != self._ruled:
            self._ruled, self._rows, self._drawn = ruled, Rows(), 1
            if block.lead:
                self._rows.add([], 0)
            if not block.table_head:
                add_head(self._rows, grid, self._cells[0], widths, styles)
        add_body(self._rows, self._cells[self._drawn :], widths, grid.aligns, styles, ruled, first=self._drawn == 1)
        self._drawn = len(self._cells)
        rows = Rows()
        rows.extend(self._rows)
        add_body(rows, open_row, widths, grid.aligns, styles, ruled, first=self._drawn == 1)
        if whole:
            rows.breadth = breadth_of(widths)
        return rows if len(rows) > block.lead else Rows()


def _widest(natural: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(max, natural, other))
