"""Where does the conversation say this? Counts on what was written, marks on what is shown.

All entries are searched, seen or not, in their source: ten thousand of them take no longer than a blink. Only where
the reader goes are they laid out; there, matches are found in the text of the rows, across soft line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from tui_chat.ui.transcript.document import Document, Spot
from tui_chat.ui.transcript.piece import Match, Piece
from tui_chat.ui.transcript.rows import Rows
from tui_chat.ui.transcript.slot import Slot


class Finder:
    """The search in one document.

    Attributes:
        needle: what is looked for, case folded; "" while nothing is.
    """

    def __init__(self, document: Document) -> None:
        self.needle = ""
        self._document = document
        self._texts: dict[str, str] = {}
        self._here: tuple[str, int] | None = None
        self._shown: tuple[Piece, int] | None = None

    def clear(self) -> None:
        """Look for nothing."""
        self.needle, self._here, self._shown = "", None, None
        self._texts.clear()

    def forget(self, key: str | None = None) -> None:
        """The entry with that key, or all, says something else now."""
        if key is None:
            self._texts.clear()
        else:
            self._texts.pop(key, None)

    def step(self, needle: str, step: int, top: int) -> tuple[int, int, Spot | None]:
        """Go to the next match (`step` 1), the previous (-1), or stay (0).

        Args:
            needle: what to look for; a new one is looked for from entry `top` on.
            step: which way.
            top: index of the entry that the reader sees.

        Returns:
            The number of the match, from 1, of how many, and the row where it begins.
        """
        needle = needle.casefold()
        new = needle != self.needle
        if new:
            self.needle, self._here = needle, None
        slots = self._document.slots
        counts = [self._text(slot).count(needle) if needle else 0 for slot in slots]
        before = [0, *accumulate(counts)]
        total = before[-1]
        self._shown = None
        if not total:
            return 0, 0, None
        slot = self._document.slot(self._here[0]) if self._here else None
        if self._here is None or slot is None:
            at = before[min(top, len(slots) - 1)] % total
            if step < 0 and not counts[min(top, len(slots) - 1)]:
                at = (at - 1) % total
        else:
            at = (before[slot.index] + min(self._here[1], max(0, counts[slot.index] - 1)) + step) % total
        index = next(i for i in range(len(slots)) if before[i + 1] > at)
        self._here = (slots[index].key, at - before[index])
        return at + 1, total, self._reveal(slots[index], at - before[index])

    def matches(self, spot: Spot) -> Iterator[tuple[int, int, bool]]:
        """Matches in one row of the page: first character, after the last, whether it is the one gone to."""
        if not self.needle:
            return
        here = self._shown[1] if self._shown and self._shown[0] is spot.piece else -1
        rows = self._document.rows(spot.slot, spot.at)
        for start, end, number in self._found(spot.piece, rows).get(spot.row, ()):
            yield start, end, number == here

    def _text(self, slot: Slot) -> str:
        from tui_chat.ui.transcript.excerpt import written

        text = self._texts.get(slot.key)
        if text is None or slot.key in self._document.growths:
            text = self._texts[slot.key] = "\n".join(written(self._document.entry(slot))).casefold()
        return text

    def _found(self, piece: Piece, rows: Rows) -> dict[int, list[Match]]:
        if piece.found is None or piece.found[0] != self.needle:
            piece.found = (self.needle, matches_in(rows, self.needle) if piece.section >= 0 else {})
        return piece.found[1]

    def _reveal(self, slot: Slot, number: int) -> Spot | None:
        """The row of the match with that number in its entry, or of the last there is; unfolds what hides it."""
        document = self._document
        document.anchor_of(slot)
        last: tuple[Spot, int] | None = None
        for at, piece in enumerate(slot.pieces):
            source = getattr(piece.content, "source", None)
            if piece.section < 0 or (source is not None and not self._may_hold(source)):
                continue
            found = self._found(piece, document.rows(slot, at))
            starts: dict[int, int] = {}
            for row, matches in found.items():
                for _, _, match in matches:
                    starts.setdefault(match, row)
            for match, row in sorted(starts.items()):
                last = (Spot(slot, at, row), match)
                if number == 0:
                    break
                number -= 1
            else:
                continue
            break
        if last is None:
            return Spot(slot, 0, 0)
        spot, match = last
        if spot.piece.hidden:
            for section in _folding(slot, spot.piece.section):
                document.fold(slot, section, False, by_hand=True)
        self._shown = (spot.piece, match)
        return spot

    def _may_hold(self, source: str) -> bool:
        folded = source.casefold()
        return self.needle in folded or self.needle in re.sub(r"[*_`~\\]", "", folded)


def _folding(slot: Slot, section: int) -> tuple[int, ...]:
    """The sections that can hide this one, outermost first: the rest of a tool call's card is folded with the call."""
    is_rest = any(piece.kind == "more" and piece.section == section for piece in slot.pieces)
    return (section - 1, section) if is_rest else (section,)


def matches_in(rows: Rows, needle: str) -> dict[int, list[Match]]:
    """Where `needle` (case folded, not empty) stands in the content of rows, by row; soft line ends don't hide it."""
    found: dict[int, list[Match]] = {}
    number = 0
    row = 0
    while row < len(rows):
        past = row + 1
        while past < len(rows) and rows.soft[past]:
            past += 1
        if row not in rows.bare:
            number = _in_line(rows, range(row, past), needle, number, found)
        row = past
    return found


def _in_line(rows: Rows, line: range, needle: str, number: int, found: dict[int, list[Match]]) -> int:
    """The same for one line of text that takes several rows; the number of the next match."""
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for row in line:
        for index, character in enumerate(rows.piece(row), rows.skip[row]):
            fold = character.casefold()
            folded.append(fold)
            places += [(row, index)] * len(fold)
        if row + 1 in line and (gap := rows.gaps.get(row)):
            folded.append(gap)
            places += [(-1, 0)] * len(gap)
    text = "".join(folded)
    start = text.find(needle)
    while start >= 0:
        for row, index in places[start : start + len(needle)]:
            if row < 0:
                continue
            spans = found.setdefault(row, [])
            if spans and spans[-1][2] == number:
                spans[-1] = (spans[-1][0], index + 1, number)
            else:
                spans.append((index, index + 1, number))
        number += 1
        start = text.find(needle, start + len(needle))
    return number
