"""What is selected, and what is copied? Textual's selection knows offsets; these name rows of the document.

An offset's y is a number made of entry, piece and row, so a selection stays on its words while heights above it
change; its x counts the characters of the row's own text, wherever the page puts its first column.
"""

from __future__ import annotations

from textual.geometry import Offset
from textual.selection import Selection

from tui_chat.ui.transcript.document import Document, Spot

TEXT_X = 1 << 12
"""x of the first character of content; what is left of it (margin, gutter) counts down from here."""

_ROW_BITS, _PIECE_BITS = 20, 24


def row_number(spot: Spot) -> int:
    """The y that stands for a row of the document; grows from top to bottom."""
    return (spot.slot.index << (_PIECE_BITS + _ROW_BITS)) | (spot.at << _ROW_BITS) | spot.row


def first_spot(document: Document, number: int) -> Spot | None:
    """The row that `number` stands for, the last one before it where that is gone."""
    if not document.slots:
        return None
    index = min(number >> (_PIECE_BITS + _ROW_BITS), len(document.slots) - 1)
    at = (number >> _ROW_BITS) & ((1 << _PIECE_BITS) - 1)
    document.anchor_of(slot := document.slots[index])
    return Spot(slot, min(at, len(slot.pieces) - 1), number & ((1 << _ROW_BITS) - 1))


def selected_part(selection: Selection, document: Document, spot: Spot) -> tuple[int, int] | None:
    """The selected characters of a row's text: first, and after the last; None where there are none."""
    span = selection.get_span(row_number(spot))
    if span is None:
        return None
    rows = document.rows(spot.slot, spot.at)
    row = spot.row
    if row in rows.bare:
        return None
    start = max(span[0] - TEXT_X, rows.skip[row])
    end = rows.ends[row] if span[1] == -1 else min(span[1] - TEXT_X, rows.ends[row])
    return (start, end) if start < end else None


def copied(selection: Selection, document: Document) -> str:
    """The selected text as it was written: wrapped rows joined, decoration left out."""
    start = first_spot(document, selection.start.y if selection.start else 0)
    last = selection.end.y if selection.end else None
    out: list[str] = []
    before: Spot | None = None
    for spot in document.spots(start) if start else ():
        if last is not None and row_number(spot) > last:
            break
        rows, row = document.rows(spot.slot, spot.at), spot.row
        if row in rows.bare:
            continue
        part = selected_part(selection, document, spot)
        piece = rows.strips[row].text[part[0] : part[1]] if part else ""
        if rows.soft[row] and before == Spot(spot.slot, spot.at, row - 1) and out:
            out[-1] += rows.gaps.get(row - 1, "") + piece
        else:
            out.append(piece)
        before = spot
    return "\n".join(out).strip("\n")


def whole_piece(document: Document, spot: Spot) -> Selection:
    """The selection of all rows of the piece that `spot` is in."""
    last = len(document.rows(spot.slot, spot.at)) - 1
    first = row_number(Spot(spot.slot, spot.at, 0))
    return Selection(Offset(0, first), Offset(2 * TEXT_X, row_number(Spot(spot.slot, spot.at, last))))


def word_at(document: Document, spot: Spot, at: int) -> Selection | None:
    """The selection of the word that character `at` of the row is in; a single Chinese character is one."""
    rows = document.rows(spot.slot, spot.at)
    text = rows.strips[spot.row].text[: rows.ends[spot.row]]
    if spot.row in rows.bare or not rows.skip[spot.row] <= at < len(text) or not _wordy(text[at]):
        return None
    start = end = at
    while start > rows.skip[spot.row] and _wordy(text[start - 1]):
        start -= 1
    while end < len(text) and _wordy(text[end]):
        end += 1
    y = row_number(spot)
    return Selection(Offset(TEXT_X + start, y), Offset(TEXT_X + end, y))


def _wordy(character: str) -> bool:
    return character.isalnum() or character == "_"
