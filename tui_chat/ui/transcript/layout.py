"""How is a block drawn? One `Block` in, its `Rows` out, for a width and a table of styles.

Layout is a pure function of its arguments: it fetches nothing, keeps nothing, and every character of the source
passes the gate. The parts are in `markdown` (the walk over the structure), `inline` (runs and wrapping), `table`,
`code` and `highlight`.
"""

from __future__ import annotations

from math import ceil

from tui_chat.ui.transcript.block import Block, Shared
from tui_chat.ui.transcript.code import GrowingCode, estimate_code_rows, lay_out_code
from tui_chat.ui.transcript.growing_table import GrowingTable
from tui_chat.ui.transcript.highlight import highlight
from tui_chat.ui.transcript.markdown import lay_out_markdown
from tui_chat.ui.transcript.rows import STYLE_KEYS, Rows, Styles

__all__ = ["PROSE_WIDTH", "STYLE_KEYS", "LiveLayout", "Rows", "Styles", "estimate_rows", "lay_out", "warm"]

PROSE_WIDTH = 100
_MIN_WIDTH = 4


def lay_out(block: Block, width: int, styles: Styles, *, prose_width: int = PROSE_WIDTH) -> Rows:
    """The rows of `block` at `width` cells; a blank row first where `block.lead`.

    Args:
        block: a closed block, or the open one of a `Splitter`.
        width: cells there are, at least 4; code and tables use all of it.
        styles: see `STYLE_KEYS`.
        prose_width: paragraphs, headings and rules are at most this wide.
    """
    width = max(_MIN_WIDTH, width)
    if block.kind == "code":
        return lay_out_code(block, width, styles)
    return lay_out_markdown(block, width, styles, max(_MIN_WIDTH, prose_width))


def estimate_rows(block: Block, width: int, *, prose_width: int = PROSE_WIDTH) -> int:
    """About how many rows `lay_out` will give, without parsing; at least 1."""
    width = max(_MIN_WIDTH, width)
    if block.kind == "code":
        return estimate_code_rows(block, width)
    room = min(width, prose_width)
    rows = int(block.lead)
    for line in block.source.split("\n"):
        # In UTF-8 an ASCII character has one byte and one cell, a Chinese one three bytes and two cells.
        cells = (len(line) + len(line.encode("utf-8", "replace"))) // 2
        rows += max(1, ceil(cells / room))
    return max(1, rows)


class LiveLayout:
    """Lays out the open block of one growing message, frame after frame.

    Keeps the finished rows of an open fence or table, so a frame reads new lines only; other blocks are bounded and
    laid out whole. Kept strips are the same objects from frame to frame. One per growing message.
    """

    def __init__(self) -> None:
        self._code = GrowingCode()
        self._table = GrowingTable()

    def lay_out(self, block: Block, width: int, styles: Styles, *, prose_width: int = PROSE_WIDTH) -> Rows:
        """As `lay_out`; call it with `Splitter.open` of the same splitter each time."""
        if block.kind == "code":
            return self._code.lay_out(block, max(_MIN_WIDTH, width), styles)
        rows = self._table.lay_out(block, max(_MIN_WIDTH, width), styles) if block.pan_key is not None else None
        return rows if rows is not None else lay_out(block, width, styles, prose_width=prose_width)


def warm() -> None:
    """Import and build what the first `lay_out` needs (about 100 ms); for an idle thread after the first paint."""
    styles = Styles({})
    for language in ("python", "bash", "json", "javascript"):
        highlight("x", language)
    shared = Shared()
    lay_out(Block("markdown", "# *warm*\n\n- `up`\n\n| a |\n|---|\n| b |", shared), 80, styles)
