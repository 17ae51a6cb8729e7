"""How does the reader look along lines that are wider than the page? Of unfolded code or of a table, a part is seen.

Long lines of code are folded and wide tables wrapped until the reader moves one of them sideways: then its lines are
as long as they are, and the page is a window over them. Moved back beyond its beginning, it is folded again. What is
copied is everything in either form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from tui_chat.ui.transcript.wrap import width_of

if TYPE_CHECKING:
    from rich.style import Style

    from tui_chat.ui.transcript.block import Block
    from tui_chat.ui.transcript.document import Document, Spot
    from tui_chat.ui.transcript.rows import Rows
    from tui_chat.ui.transcript.slot import Slot

STEP_CELLS = 8
"""How far one key press goes."""
LESS, MORE = "‹", "›"


def hidden_cells(spot: Spot, rows: Rows) -> int:
    """Cells of a row that are hidden at its left."""
    if not rows.breadth:
        return 0
    block: Block = spot.piece.content  # type: ignore[assignment]  # only blocks are wider than the page
    if block.fence is not None and spot.row in rows.bare:
        return 0  # the language stays where it is
    return block.pan or 0


def hidden_characters(spot: Spot, rows: Rows) -> int:
    """Characters of a row that are hidden at its left."""
    cells = hidden_cells(spot, rows)
    return len(rows.strips[spot.row].crop(0, cells).text) if cells else 0


def seen_part(segments: Iterable[Segment], first: int, cells: int, sign: Style) -> tuple[list[Segment], int]:
    """What is seen of a row from cell `first` on, at most `cells` of it, and how many those are.

    A sign stands at each end where there is more.
    """
    strip = Strip(segments)
    past = min(strip.cell_length, first + cells)
    less, more = bool(first and strip.crop(0, first + 1).text.strip()), strip.cell_length > first + cells
    seen = list(strip.crop(first + less, past - more))
    ends = [segment for segment in strip if segment.text]
    if less and ends:
        seen.insert(0, Segment(LESS, (ends[0].style + sign) if ends[0].style else sign))
    if more and ends:
        seen.append(Segment(MORE, (ends[-1].style + sign) if ends[-1].style else sign))
    used = sum(width_of(segment.text) for segment in seen)
    if used < cells and ends and ends[-1].style and ends[-1].style.bgcolor is not None:
        seen.append(Segment(" " * (cells - used), ends[-1].style))  # code keeps its ground as far as the page goes
        used = cells
    return seen, used


def pan(document: Document, slot: Slot, at: int, cells: int) -> bool:
    """Move the code or table that a piece belongs to sideways by so many cells; whether anything came of it."""
    from tui_chat.ui.transcript.block import Block

    block = slot.pieces[at].content
    if not isinstance(block, Block) or (key := block.pan_key) is None:
        return False
    pieces = _pieces(slot, block, key)
    pans, now = block.shared.pans, block.pan
    if now is None:
        if cells < 0:
            return False
        seen = [other for other in pieces if slot.pieces[other].rows is not None]
        pans[key] = 0
        document.relay(slot, pieces)
        if max((document.rows(slot, other).breadth for other in seen), default=0) > document.typesetter.page.measure:
            return True
        del pans[key]
        document.relay(slot, pieces)
        return False
    if now + cells < 0:
        del pans[key]
        document.relay(slot, pieces)
        return True
    _move(document, slot, block, now + cells)
    return pans[key] != now


def bring(document: Document, spot: Spot, start: int, end: int) -> None:
    """Move the code or table of a row sideways, if it was before, so that its characters `start` to `end` are seen."""
    rows, measure = document.rows(spot.slot, spot.at), document.typesetter.page.measure
    block: Block = spot.piece.content  # type: ignore[assignment]  # only blocks are wider than the page
    if not rows.breadth or block.pan is None:
        return
    text = rows.strips[spot.row].text
    first, past = width_of(text[:start]), width_of(text[:end])
    if (first <= block.pan and block.pan) or past >= block.pan + measure:  # under a sign, too, it is not seen
        _move(document, spot.slot, block, first - measure // 3)


def _pieces(slot: Slot, block: Block, key: int | str) -> list[int]:
    """Indexes of the pieces of the fence or table that `block` is a chunk of."""
    from tui_chat.ui.transcript.block import Block

    return [
        at
        for at, piece in enumerate(slot.pieces)
        if isinstance(content := piece.content, Block) and content.shared is block.shared and content.pan_key == key
    ]


def _move(document: Document, slot: Slot, block: Block, cells: int) -> None:
    """Hide so many cells at the left of unfolded code or of a table, as far as it reaches."""
    key = block.pan_key
    assert key is not None, "what is unfolded has a name"
    pieces = [slot.pieces[at] for at in _pieces(slot, block, key)]
    breadth = max((piece.rows.breadth for piece in pieces if piece.rows is not None), default=0)
    block.shared.pans[key] = max(0, min(cells, breadth - document.typesetter.page.measure))
    for piece in pieces:
        piece.painted.clear()
