"""What does the document know of one entry? Its outline, and once it was seen its pieces and their heights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from tui_chat.ui.transcript.entry import Call, Chip, Entry, More, Picture, Prose, Section, Thought
from tui_chat.ui.transcript.heights import Heights
from tui_chat.ui.transcript.piece import Piece

if TYPE_CHECKING:
    from tui_chat.ui.transcript.block import Media

Estimate = Callable[[Piece], int]
"""About how many rows a piece takes on the page."""


_NO_PIECES = Heights()


class Slot:
    """One entry's place in the document.

    Attributes:
        index: its place, from 0.
        size: characters or bytes of content; the height of an entry that was never opened rests on it.
        entry: what it shows; None until it was loaded.
        height: rows in all, an estimate as far as pieces were not seen.
        fitted: the page width that the heights of the pieces were made for, 0 while it is not opened.
        stale: load the entry again before it is shown: something about its place in the conversation changed.
        pieces: from top to bottom; empty until it is opened.
        tops: the heights of the pieces as shown.
        by_hand: what the reader folded (True) or unfolded (False), by section.
    """

    __slots__ = ("by_hand", "entry", "fitted", "height", "index", "key", "pieces", "size", "stale", "tops")

    def __init__(self, key: str, size: int, index: int) -> None:
        self.key = key
        self.size = size
        self.index = index
        self.entry: Entry | None = None
        self.height = 0
        self.fitted = 0
        self.stale = False
        self.pieces: list[Piece] = []
        self.tops = _NO_PIECES
        self.by_hand: dict[int, bool] = {}

    def fill(self, entry: Entry) -> None:
        """Show `entry`. Heights are left to `fit`."""
        self.entry, self.size, self.stale, self.fitted = entry, entry.size, False, 0
        self.pieces = opening(entry)
        for number in range(len(entry.sections)):
            folded = self.folded(number, entry.sections)
            self.pieces += section_pieces(entry.sections, number, folded=folded)
        self.measure()

    def folded(self, number: int, sections: Sequence[Section]) -> bool:
        """Whether section `number` is folded: by hand; else tool calls are, and reasoning once more was said."""
        if number in self.by_hand:
            return self.by_hand[number]
        if isinstance(sections[number], Call | More):
            return True
        return any(isinstance(later, Prose) and later.source.strip() for later in sections[number + 1 :])

    def fold(self, number: int, folded: bool) -> None:
        """Fold or unfold section `number`."""
        for index, piece in enumerate(self.pieces):
            if piece.section != number:
                continue
            if piece.folds:
                piece.folded = folded
                piece.drop_rows()
            elif piece.kind in ("thought", "card"):
                piece.hidden = folded
                self.tops.set(index, piece.shown_height)
        self.height = self.tops.total
        if any(piece.kind == "more" for piece in self.pieces):
            self.measure()

    def fit(self, width: int, estimate: Estimate) -> None:
        """Make all heights for a page of that width: exact ones stay, the others are estimated."""
        for piece in self.pieces:
            if piece.exact != width:
                piece.height = estimate(piece)
        self.measure()
        self.fitted = width

    def measure(self) -> None:
        """Add up the pieces again after some were put in, taken out, folded or unfolded."""
        self._fold_with_calls()
        self.tops = Heights(piece.shown_height for piece in self.pieces)
        self.height = self.tops.total

    def _fold_with_calls(self) -> None:
        """Hide the rest of a call's card together with the card."""
        rows = {piece.section: piece.folded for piece in self.pieces if piece.folds}
        rests = {piece.section for piece in self.pieces if piece.kind == "more"}
        for piece in self.pieces if rests else ():
            if piece.section in rests:
                piece.hidden = rows.get(piece.section - 1, False) or (piece.kind == "card" and rows[piece.section])

    def correct(self, index: int) -> None:
        """Take over the height of the piece at `index`."""
        self.tops.set(index, self.pieces[index].shown_height)
        self.height = self.tops.total

    def unlay(self) -> None:
        """Lay all pieces out again when they are next seen; until then their heights are estimates."""
        for piece in self.pieces:
            piece.drop_rows()
            piece.exact = 0


def opening(entry: Entry) -> list[Piece]:
    """The pieces every entry starts with."""
    return [Piece("lead", entry, -1), Piece("head", entry, -1)]


def section_pieces(sections: Sequence[Section], number: int, *, folded: bool) -> Iterator[Piece]:
    """The pieces of one section, the blank row above it included; none where it says nothing."""
    # As in `typeset`: not before there is something to cut.
    from tui_chat.ui.transcript.split import split

    section = sections[number]
    if not said(section):
        return
    before = next((earlier for earlier in reversed(sections[:number]) if said(earlier)), None)
    following = sections[number + 1] if number + 1 < len(sections) else None
    if wants_gap(before, section):
        yield Piece("gap", None, number)
    match section:
        case Prose():
            blocks = split(section.source)
            for block in blocks:
                yield Piece("prose", block, number)
            yield from pictures_within(blocks[0].shared.media if blocks else (), number)
        case Thought():
            yield fold_row(section, number, folded=folded)
            for block in split(section.source):
                yield Piece("thought", block, number, hidden=folded)
        case Call():
            row = Piece("call", section, number)
            row.folded = folded
            yield row
            yield from _card(section.source, number, folded=folded)
            if isinstance(following, Call):  # below which no gap stands by itself
                yield Piece("card", None, number, hidden=folded)
        case More():
            row = Piece("more", section, number)
            row.folded = folded
            yield row
            yield from _card(section.source, number, folded=folded)
            if isinstance(following, Call):
                yield Piece("gap", None, number)
        case Picture():
            yield Piece("picture", section, number)
        case Chip():
            yield Piece("chip", section, number)
        case _:
            yield Piece("notice", section, number)


def _card(source: str, number: int, *, folded: bool) -> Iterator[Piece]:
    """What unfolds below the row of a call."""
    from tui_chat.ui.transcript.split import split

    for block in split(source):
        block.lead = block.lead and block.kind == "markdown"  # a label stands close to what it names
        yield Piece("card", block, number, hidden=folded)


def pictures_within(found: Sequence[Media], number: int) -> Iterator[Piece]:
    """Pieces of the pictures that came within the text of a section; what they stood for says so there."""
    from tui_chat.ui.transcript.media import size_in_words

    for media in found:
        yield Piece("gap", None, number)
        yield Piece("picture", Picture(f"{media.kind}  {size_in_words(media.size_bytes)}", media.content), number)


def fold_row(thought: Thought, number: int, *, folded: bool) -> Piece:
    """The row that says "Reasoning 3.1 s" and folds what is below it."""
    piece = Piece("fold", thought, number)
    piece.folded = folded
    return piece


def said(section: Section) -> bool:
    """Whether there is anything to show."""
    return not isinstance(section, Prose | Thought) or section.source != ""


def wants_gap(before: Section | None, section: Section) -> bool:
    """Whether a blank row stands between neighbours: not between rows of a kind, nor below the head."""
    alike = any(isinstance(before, kind) and isinstance(section, kind) for kind in (Chip, Call | More))
    return before is not None and not alike
