"""What lies where? The conversation as one tall page, of which only what is looked at is ever made.

Entries are loaded, cut into pieces and laid out when they touch the viewport; until then their heights are
estimates. Whenever an estimate is corrected, the row the reader's eye rests on (the anchor) stays where it is on
the screen. Nothing here knows a widget: a test can scroll a document.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from tui_chat.ui.transcript.entry import Entry, Outline, Thought
from tui_chat.ui.transcript.heights import Heights
from tui_chat.ui.transcript.page import Page
from tui_chat.ui.transcript.piece import Piece
from tui_chat.ui.transcript.slot import Slot
from tui_chat.ui.transcript.typeset import Typesetter

if TYPE_CHECKING:
    from tui_chat.ui.transcript.block import Fence
    from tui_chat.ui.transcript.live import Growth, Voice
    from tui_chat.ui.transcript.rows import Rows

KEPT_ROWS = 3_000
"""Rows that are kept, at most, of pieces that were seen; a screen shows a few dozen. More would cost more time when
garbage is collected (a quarter of a second for 30 000) than they save."""

_FLOWING = 0.8
"""Of a character, what flows into rows as wide as the page."""
_STANDING = 0.01
"""Rows to a character that are there on any page: code, headings, blank rows, ends of paragraphs."""

Load = Callable[[str], Entry]


class Spot(NamedTuple):
    """A row of the page."""

    slot: Slot
    at: int
    """Index of the piece."""
    row: int
    """Row within the piece."""

    @property
    def piece(self) -> Piece:
        """The piece it is in."""
        return self.slot.pieces[self.at]


class Anchor(NamedTuple):
    """A row that can be found again after heights, width or pieces changed."""

    slot: Slot
    piece: Piece
    at: int
    row: int
    of: int
    """Rows the piece had: where that changes, the same share of the piece is meant."""


class Document:
    """The entries of one conversation, from top to bottom, and one blank row at the end."""

    def __init__(self, typesetter: Typesetter) -> None:
        self.typesetter = typesetter
        self.slots: list[Slot] = []
        self.heights = Heights()
        self.growths: dict[str, Growth] = {}
        self.running: set[str] = set()
        """Keys of entries in which a tool runs: part of them moves."""
        self._slot: dict[str, Slot] = {}
        self._load: Load | None = None
        self._kept: OrderedDict[Piece, int] = OrderedDict()
        self._kept_rows = 0

    # the conversation

    def show(self, outlines: Iterable[Outline], load: Load) -> None:
        """Hold another conversation; nothing is loaded yet."""
        self.growths.clear()
        self.running.clear()
        self._forget_rows()
        self._slot.clear()
        self.slots = []
        self.update_path(outlines, load)

    def update_path(self, outlines: Iterable[Outline], load: Load) -> int:
        """Hold these entries; those held before under the same key keep what is known of them.

        Returns:
            How many entries at the start are the same as before.
        """
        before, self._load = self.slots, load
        self.slots = []
        for index, outline in enumerate(outlines):
            slot = self._slot.get(outline.key)
            if slot is None:
                slot = Slot(outline.key, outline.size, index)
                self._guess(slot)
            else:
                slot.index = index
                slot.stale = slot.key not in self.growths
            self.slots.append(slot)
        self._slot = {slot.key: slot for slot in self.slots}
        self.growths = {key: growth for key, growth in self.growths.items() if key in self._slot}
        self.running &= self._slot.keys()
        self.heights = Heights(slot.height for slot in self.slots)
        return next((i for i, pair in enumerate(zip(before, self.slots, strict=False)) if pair[0] is not pair[1]),
                    min(len(before), len(self.slots)))  # fmt: skip

    def put(self, entry: Entry) -> Slot:
        """Hold `entry` in place of the one with its key, else at the end."""
        slot = self._slot.get(entry.key)
        if slot is None:
            slot = Slot(entry.key, entry.size, len(self.slots))
            self.slots.append(slot)
            self._slot[entry.key] = slot
            self.heights.append(0)
        self.growths.pop(entry.key, None)
        slot.fill(entry)
        self._note_running(entry)
        self._fit(slot)
        return slot

    def _note_running(self, entry: Entry) -> None:
        (self.running.add if entry.runs else self.running.discard)(entry.key)

    def slot(self, key: str | None) -> Slot | None:
        """The slot of the entry with that key."""
        return self._slot.get(key) if key is not None else None

    def entry(self, slot: Slot) -> Entry:
        """The entry as far as it is known, loaded if need be but not cut into pieces."""
        growth = self.growths.get(slot.key)
        if growth is not None:
            return growth.entry
        if slot.entry is not None and not slot.stale:
            return slot.entry
        assert self._load is not None, "an entry without content came from outlines, and they with a loader"
        return self._load(slot.key)

    # growing

    def begin(self, entry: Entry) -> Slot:
        """Hold `entry`, whose last sections are still being written."""
        from tui_chat.ui.transcript.live import Growth

        slot = self.put(Entry(entry.key, entry.role, entry.speaker, (), entry.meta, entry.version))
        self.growths[entry.key] = Growth(slot, entry, self.typesetter.estimate)
        self._fit(slot)
        return slot

    def grow(self, growth: Growth, voice: Voice, text: str) -> tuple[int, Piece | None]:
        """Write on; the index of the first changed piece and the open piece that stood there before."""
        self._open(growth.slot)
        changed = growth.grow(voice, text)
        self.heights.set(growth.slot.index, growth.slot.height)
        return changed

    def settle(self, entry: Entry) -> Slot:
        """Give a growing entry its final form."""
        growth = self.growths.pop(entry.key, None)
        if growth is None:
            return self.put(entry)
        slot = growth.slot
        if growth.settle(entry):
            self._refold(slot, entry)
        self._note_running(entry)
        self._fit(slot)
        return slot

    def _refold(self, slot: Slot, entry: Entry) -> None:
        for number, section in enumerate(entry.sections):
            if isinstance(section, Thought):
                slot.fold(number, slot.folded(number, entry.sections))

    def fold(self, slot: Slot, section: int, folded: bool, *, by_hand: bool) -> None:
        """Fold or unfold the reasoning in that section."""
        if by_hand:
            slot.by_hand[section] = folded
        slot.fold(section, folded)
        self.heights.set(slot.index, slot.height)

    # where what is

    @property
    def total(self) -> int:
        """Rows of the whole page."""
        return self.heights.total + 1 if self.slots else 0

    def locate(self, y: int) -> Spot | None:
        """What stands in row `y`; opens the entry, so heights from there on may change."""
        if not 0 <= y < self.heights.total:
            return None
        index, top = self.heights.find(y)
        slot = self.slots[index]
        inner = y - top
        before = slot.height
        self._open(slot)
        if slot.height != before:
            inner = min(inner * slot.height // max(1, before), slot.height - 1)
        at, piece_top = slot.tops.find(inner)
        return Spot(slot, at, inner - piece_top)

    def top(self, slot: Slot, at: int = 0) -> int:
        """The first row of a piece."""
        return self.heights.top(slot.index) + (slot.tops.top(at) if at else 0)

    def anchor(self, y: int) -> Anchor | None:
        """The row at `y`, so that it can be found again."""
        spot = self.locate(min(max(y, 0), self.heights.total - 1))
        return Anchor(spot.slot, spot.piece, spot.at, spot.row, spot.piece.height) if spot else None

    def anchor_of(self, slot: Slot, at: int = 0, row: int = 0) -> Anchor:
        """The anchor of one row of an entry."""
        self._open(slot)
        piece = slot.pieces[at]
        return Anchor(slot, piece, at, row, piece.height)

    def y_of(self, anchor: Anchor) -> int:
        """Where the anchored row is now; the nearest thing above it where it is gone."""
        slot, piece, at, row, of = anchor
        if slot.index >= len(self.slots) or self.slots[slot.index] is not slot:
            return min(self.heights.top(min(slot.index, len(self.slots))), max(0, self.heights.total - 1))
        self._open(slot)
        pieces = slot.pieces
        if at >= len(pieces) or pieces[at] is not piece:
            at = next((i for i, other in enumerate(pieces) if other is piece), min(at, len(pieces) - 1))
        elif piece.height != of:
            row = row * piece.height // max(1, of)
        while pieces[at].hidden and at > 0:
            at, row = at - 1, 0
        return self.top(slot, at) + min(row, pieces[at].height - 1)

    def hold(self, anchor: Anchor | None, screen_row: int, height: int) -> int:
        """Make every row of a viewport exact in which the anchored row stands at `screen_row`.

        Args:
            anchor: the row that keeps its place; None for a viewport at the end of the page.
            screen_row: its row in the viewport; may lie outside.
            height: rows of the viewport.

        Returns:
            The row of the page at the top of the viewport.
        """
        while True:
            y = self.total - height if anchor is None else self.y_of(anchor) - screen_row
            y = max(0, min(y, self.total - height))
            if not self._make_exact(y, y + height):
                return y

    def spots(self, start: Spot) -> Iterator[Spot]:
        """Rows from `start` on to the end of the page, entries opened on the way."""
        at, row = start.at, start.row
        for slot in self.slots[start.slot.index :]:
            self._open(slot)
            while at < len(slot.pieces):
                piece = slot.pieces[at]
                if not piece.hidden:
                    for number in range(row, len(self.rows(slot, at))):
                        yield Spot(slot, at, number)
                at, row = at + 1, 0
            at = row = 0

    # making it

    def rows(self, slot: Slot, at: int) -> Rows:
        """The rows of a piece, laid out if nobody has for this page and these looks."""
        piece, width = slot.pieces[at], self.typesetter.page.width
        kept = self._kept
        if piece in kept:
            kept.move_to_end(piece)
        if piece.rows is None or piece.exact != width:
            piece.drop_rows()
            piece.rows = self.typesetter.lay(piece)
            self._keep(piece, len(piece.rows))
            piece.exact = width
            height = len(piece.rows)
            if height != piece.height or slot.tops[at] != piece.shown_height:
                piece.height = height
                slot.correct(at)
                self.heights.set(slot.index, slot.height)
        return piece.rows

    def _forget_rows(self) -> None:
        self._kept.clear()
        self._kept_rows = 0

    def _keep(self, piece: Piece, rows: int) -> None:
        kept = self._kept
        self._kept_rows += rows - kept.get(piece, 0)
        kept[piece] = rows
        kept.move_to_end(piece)
        while self._kept_rows > KEPT_ROWS and len(kept) > 1:
            oldest, count = kept.popitem(last=False)
            self._kept_rows -= count
            oldest.drop_rows()

    def repage(self, page: Page) -> None:
        """Take another width. Of entries that are open, the rows that flow are scaled; all is made exact when seen."""
        before, self.typesetter.page = self.typesetter.page, page
        flowing = _FLOWING / page.measure - _FLOWING / before.measure
        for slot in self.slots:
            if not slot.pieces:
                self._guess(slot)
            elif slot.fitted == page.width:
                slot.height = slot.tops.total
            else:
                slot.height = max(2, slot.height + round(slot.size * flowing))
        self.heights = Heights(slot.height for slot in self.slots)

    def relook(self) -> None:
        """Draw everything anew: the colours or the language changed. Heights stay."""
        for piece in self._kept:
            piece.drop_rows()
        self._forget_rows()

    def recolour(self, fences: set[Fence]) -> None:
        """Lay code out anew where it is looked at next; its height stays."""
        for piece in self._kept:
            if getattr(piece.content, "fence", None) in fences:
                piece.drop_rows()

    def redraw(self, slot: Slot, at: int) -> None:
        """Lay one piece out again: what it shows has come (a picture was drawn)."""
        slot.pieces[at].drop_rows()
        if slot.fitted == self.typesetter.page.width:
            self.rows(slot, at)

    def relay(self, slot: Slot, pieces: Iterable[int]) -> None:
        """Lay pieces of an entry out anew: they take other heights now."""
        for at in pieces:
            slot.pieces[at].drop_rows()
            slot.pieces[at].exact = 0
        slot.fitted = 0
        self._fit(slot)

    def exact(self, slot: Slot, rows: int) -> None:
        """Make the first rows of an entry exact."""
        while self._make_exact(top := self.top(slot), top + rows):
            pass

    def _make_exact(self, first: int, past: int) -> bool:
        changed = False
        index, top = self.heights.find(max(0, first))
        while index < len(self.slots) and top < past:
            slot = self.slots[index]
            before = slot.height
            self._open(slot)
            width = self.typesetter.page.width
            # An entry that was just opened may have pieces above `first` now; they wait for the next round.
            at, piece_top = slot.tops.find(max(0, first - top))
            while at < len(slot.pieces) and top + piece_top < past:
                piece = slot.pieces[at]
                if not piece.hidden and piece.exact != width:
                    self.rows(slot, at)
                piece_top += piece.shown_height
                at += 1
            changed |= slot.height != before
            top += slot.height
            index += 1
        return changed

    def _open(self, slot: Slot) -> None:
        """Load and cut what was not yet; its height may change."""
        if slot.stale or slot.entry is None:
            assert self._load is not None
            entry = self._load(slot.key)
            if slot.entry is None or entry != slot.entry:
                slot.fill(entry)
                self._note_running(entry)
            slot.stale = False
        if slot.fitted != self.typesetter.page.width:
            self._fit(slot)

    def _fit(self, slot: Slot) -> None:
        if slot.fitted != self.typesetter.page.width:
            slot.fit(self.typesetter.page.width, self.typesetter.estimate)
        slot.height = slot.tops.total
        self.heights.set(slot.index, slot.height)

    def _guess(self, slot: Slot) -> None:
        slot.height = 3 + round(slot.size * (_FLOWING / self.typesetter.page.measure + _STANDING))
