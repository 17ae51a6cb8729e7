"""The transcript: one widget that shows a conversation, takes what streams in, and tells what the reader asks for.

It holds nothing that can't be shown again from the entries, and it acts on nothing: keys and clicks become messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from time import monotonic
from typing import TYPE_CHECKING

from textual.timer import Timer

from tui_chat.ui.at_once import at_once
from tui_chat.ui.transcript.document import Spot
from tui_chat.ui.transcript.entry import Call, Entry, Outline
from tui_chat.ui.transcript.pace import GULP, Inbox
from tui_chat.ui.transcript.pan import bring
from tui_chat.ui.transcript.reader import Reader
from tui_chat.ui.transcript.slot import Slot

if TYPE_CHECKING:
    from tui_chat.ui.transcript.live import Growth, Voice
    from tui_chat.ui.transcript.piece import Piece

SPIN_S = 0.1
_NEARLY = 0.9
"""So much of its time after the last, a turn of the spinner is drawn along with whatever is drawn."""


class Transcript(Reader):
    """A conversation.

    Shows entries by `show`, `append`, `replace` and `update_path`; streams one by `begin`, `grow`, `status` and
    `settle`.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._inbox = Inbox()
        self._settling: dict[str, Entry] = {}  # their final forms wait for what was not drawn yet
        self._frame: Timer | None = None
        self._spinner: Timer | None = None
        self._drawn_s = self._turned_s = 0.0

    # what is shown

    def show(self, outlines: Sequence[Outline], load: Callable[[str], Entry], *, at_end: bool = True) -> None:
        """Show a conversation; `load` is called for an entry when it is seen."""
        self._inbox = Inbox()
        self._settling.clear()
        self.finder.clear()
        self._deselect()
        self.document.show(outlines, load)
        self.cursor_key = None
        slots = self.document.slots
        self.move(None if at_end or not slots else self.document.anchor_of(slots[0]))
        self._after_change()

    def append(self, entry: Entry) -> None:
        """Show one more entry at the end."""
        self.replace(entry)

    def replace(self, entry: Entry) -> None:
        """Show `entry` in place of the one with its key; what is under the eye stays."""
        anchor = self.top_anchor()
        self._forget_waiting(entry.key)
        self.finder.forget(entry.key)
        self._forget_cursor(entry)
        slot = self.document.put(entry)
        self.place(anchor)
        self._after_change(slot)
        self.refresh()

    def update_path(self, outlines: Sequence[Outline], load: Callable[[str], Entry]) -> None:
        """Show another path through the same conversation: a branch was switched, a message deleted.

        What both paths begin with stays where it is; where nothing of that is in view, the first entry that
        differs comes to the top.
        """
        document, follows = self.document, self._follows
        anchor = document.anchor(self.top)
        cursor = document.slot(self.cursor_key)
        length = len(document.slots)
        same = document.update_path(outlines, load)
        self._deselect()
        self.finder.forget()
        slots = document.slots
        if cursor is not None and document.slot(cursor.key) is None:
            self.cursor_key = slots[min(cursor.index, len(slots) - 1)].key if slots else None
        if anchor is not None and document.slot(anchor.slot.key) is None:
            anchor = document.anchor_of(slots[min(same, len(slots) - 1)]) if slots else None
        self.move(None if follows and same == length else anchor)
        self._after_change()

    # streaming

    def begin(self, entry: Entry) -> None:
        """Show an entry whose last reasoning and text are still being written."""
        anchor = self.top_anchor()
        self._forget_waiting(entry.key)
        self._forget_cursor(entry)
        slot = self.document.begin(entry)
        self.place(anchor)
        self._after_change(slot)
        self.refresh()

    def _forget_cursor(self, entry: Entry) -> None:
        """Who writes on at the end comes back to what is new there, not to where the cursor was left before."""
        if not self.has_focus and self.at_end and self.document.slot(entry.key) is None:
            self.cursor_key = None

    def grow(self, key: str, *, text: str = "", reasoning: str = "") -> None:
        """Write what was said, now or with the next frame."""
        if reasoning:
            self._inbox.add(key, "thought", reasoning)
        if text:
            self._inbox.add(key, "prose", text)
        if self._frame is None and self._inbox:
            self._draw_when_due()

    def status(self, key: str, text: str) -> None:
        """Say something muted at the growing end of an entry, for example "12 s"; "" says nothing.

        It is drawn when the spinner turns next.
        """
        growth = self.document.growths.get(key)
        if growth is not None:
            growth.status = text

    def settle(self, entry: Entry) -> None:
        """Give a growing entry its final form, without a jump: at once, or when the much that waits is drawn."""
        if self._inbox.waits(entry.key) > GULP:
            self._settling[entry.key] = entry
            return
        anchor = self.top_anchor()
        self._forget_waiting(entry.key)
        self.finder.forget(entry.key)
        slot = self.document.settle(entry)
        self.place(anchor)
        self._after_change(slot)
        self.refresh()

    def _forget_waiting(self, key: str) -> None:
        self._inbox.drop(key)
        self._settling.pop(key, None)

    def _draw_when_due(self) -> None:
        if (wait_s := self._inbox.due_in_s) > 0:
            self._frame = self.set_timer(wait_s, self._draw_frame)
        else:
            self._draw_frame()

    def _draw_frame(self) -> None:
        self._frame = None
        self._inbox.begin_frame()
        with at_once(self, self.vertical_scrollbar):
            self._write_bites()
            self._drawn_s = monotonic()
            if self._spinner is not None and self._drawn_s - self._turned_s >= SPIN_S * _NEARLY:
                self._turn_on()
        self._inbox.end_frame()
        if self._inbox:
            self._draw_when_due()

    def _write_bites(self) -> None:
        bites = self._inbox.bites(hurry=bool(self._settling))
        for (key, voice), said in groupby(bites, itemgetter(0, 1)):
            self._write(key, voice, (text for _, _, text in said))
        for entry in [entry for key, entry in self._settling.items() if self._inbox.waits(key) <= GULP]:
            if entry.key in self.document.growths:
                self.settle(entry)
            else:
                self._forget_waiting(entry.key)

    def _write(self, key: str, voice: Voice, said: Iterable[str]) -> None:
        document, top = self.document, self.top
        growth = document.growths.get(key)
        if growth is None:
            return
        anchor, past, answered = self.top_anchor(), document.total, growth.begun_to_answer
        # What stood first where the first change is was drawn; what the mouthfuls after it replace was not.
        at, old = min([document.grow(growth, voice, text) for text in said], key=itemgetter(0))
        folds = growth.begun_to_answer and not answered and self._fold_thought(growth)
        self.place(anchor)
        slot = growth.slot
        if folds:
            self.refresh()
        elif self.top == top:
            first = self._first_changed(slot, at, old)
            if first < top + self.size.height:
                self.refresh_lines(first, max(past, document.total) - first)
        self._mark_below(slot)

    def _fold_thought(self, growth: Growth) -> bool:
        """Fold the reasoning now that the answer begins, but not under the eyes of somebody who reads it."""
        slot, section = growth.slot, growth.thought_section
        if section is None or section in slot.by_hand:
            return False
        self.document.fold(slot, section, self._follows, by_hand=not self._follows)
        return self._follows

    def _first_changed(self, slot: Slot, at: int, old: Piece | None) -> int:
        """The first row of the page that looks different now that the pieces from `at` on took the place of `old`."""
        first = self.document.top(slot) + slot.tops.top(at)
        if old is None or old.rows is None or old.hidden:
            return first
        row = 0
        for piece in slot.pieces[at:]:
            if piece.rows is None:
                break
            for number, strip in enumerate(piece.rows.strips):
                if row == len(old.rows) or old.rows.strips[row] != strip:
                    return first + row
                for cursor in (False, True):
                    if (kept := old.painted.get((row, cursor))) is not None:
                        piece.painted[number, cursor] = kept
                row += 1
        return first + row

    def _after_change(self, slot: Slot | None = None) -> None:
        """Keep what hangs on the entries right: the cursor, the spinner, the badge for what `slot` adds below."""
        self.keep_cursor()
        self._spin()
        if slot is not None:
            self._mark_below(slot)

    def _mark_below(self, slot: Slot) -> None:
        """Show the badge if `slot` ends below the viewport and nobody follows."""
        end = self.document.top(slot) + slot.height
        if not self._follows and end > self.top + self.size.height:
            self.set_new_below(True)

    def _spin(self) -> None:
        """Turn the spinner while something grows or runs, and only then."""
        growing = bool(self.document.growths or self.document.running)
        if growing and self._spinner is None:
            self._spinner = self.set_interval(SPIN_S, self._turn)
        elif not growing and self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _turn(self) -> None:
        if monotonic() - self._drawn_s >= SPIN_S:  # else words arrive, and it turns with them
            with at_once(self):
                self._turn_on()

    def _turn_on(self) -> None:
        self._turned_s = monotonic()
        self.painter.turn += 1
        self._refresh_tails()

    def _refresh_tails(self) -> None:
        for growth in self.document.growths.values():
            slot = growth.slot
            y = self.document.top(slot) + slot.height
            if self.top <= y < self.top + self.size.height:
                self.refresh_lines(y)
        for key in self.document.running:
            running = self.document.slot(key)
            if running is None or running.stale:
                continue
            for at, piece in enumerate(running.pieces):
                if isinstance(piece.content, Call) and piece.content.state == "running":
                    y = self.document.top(running, at)
                    if self.top <= y < self.top + self.size.height:
                        self.refresh_lines(y)

    # looking things up

    def find(self, needle: str, step: int = 1, key: str = "") -> tuple[int, int]:
        """Mark all matches and go to the next (or the previous, -1); "" ends the search.

        Args:
            needle: what to look for.
            step: which way.
            key: an entry to go to first: the search begins anew there rather than at what the reader sees.

        Returns:
            Which match, from 1, of how many; (0, 0) where there is none.
        """
        if not needle:
            self.finder.clear()
            self.refresh()
            return 0, 0
        begin = self.document.slot(key)
        if begin is not None:
            self.finder.clear()
            self.show_entry(begin)
        elif (seen := self.document.anchor(self.top)) is not None:
            begin = seen.slot
        index, count, spot = self.finder.step(needle, step, begin.index if begin else 0)
        if spot is not None:
            for start, end, here in self.finder.matches(spot):
                if here:
                    bring(self.document, spot, start, end)
            self.show_spot(spot)
        self.refresh()
        return index, count

    def show_spot(self, spot: Spot) -> None:
        """Scroll to a row if it isn't in view, not to the very edge."""
        height = self.size.height
        screen_row = self.document.top(spot.slot, spot.at) + spot.row - self.top
        if not 1 <= screen_row < height - 1:
            screen_row = height // 3
        self.move(self.document.anchor_of(spot.slot, spot.at, spot.row), screen_row)

    def code_blocks(self, key: str) -> list[tuple[str, str]]:
        """(Language, exact code) of each code block of an entry."""
        from tui_chat.ui.transcript import excerpt

        slot = self.document.slot(key)
        if slot is None:
            return []
        return excerpt.code_blocks(self._settling.get(key) or self.document.entry(slot))

    def _deselect(self) -> None:
        if self.text_selection is not None:
            self.screen.clear_selection()


def warm() -> None:
    """Import and build what the first message and the first picture need; for an idle thread after first paint."""
    import PIL.Image

    from tui_chat.ui.transcript import excerpt, layout, live

    _ = PIL.Image, excerpt, live
    layout.warm()
