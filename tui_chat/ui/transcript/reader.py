"""What do keys and clicks mean on the page? Moving the cursor, folding, selecting, asking.

Nothing is done here that outlives the screen: what the reader wants becomes a message.
"""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.reactive import reactive

from tui_chat.ui.keys import KEYS, bindings
from tui_chat.ui.transcript import select
from tui_chat.ui.transcript.document import Spot
from tui_chat.ui.transcript.entry import Call, More, Thought
from tui_chat.ui.transcript.pan import STEP_CELLS, hidden_cells, pan
from tui_chat.ui.transcript.pane import Pane
from tui_chat.ui.transcript.slot import Slot

OFFERED = {key.id: key for key in KEYS if key.where == "transcript" and key.footer}
"""What the actions row offers, in its order, by binding id."""


class Reader(Pane):
    """A pane with a cursor on one of its entries."""

    BINDINGS = bindings("transcript")

    cursor_key: reactive[str | None] = reactive(None, init=False)
    """The entry that keys act on; while the transcript has the focus, what can be done stands above its head line."""

    class Asked(Message, namespace="transcript"):
        """The reader asks for something to be done with an entry ("" where there is none)."""

        def __init__(self, action: str, key: str) -> None:
            super().__init__()
            self.action = action
            self.key = key

    class LinkPicked(Message, namespace="transcript"):
        """A link was clicked; its address is untrusted."""

        def __init__(self, href: str) -> None:
            super().__init__()
            self.href = href

    class CodePicked(Message, namespace="transcript"):
        """The "copy" of a code block was clicked."""

        def __init__(self, key: str, language: str, code: str) -> None:
            super().__init__()
            self.key = key
            self.language = language
            self.code = code

    class LeftForComposer(Message, namespace="transcript"):
        """The reader wants to write."""

    # the cursor

    def watch_cursor_key(self) -> None:
        """Show where it is."""
        self._show_cursor()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show the cursor while keys come here, and only then."""
        super().watch_has_focus(has_focus)
        self.keep_cursor()
        self._show_cursor()

    def on_focus(self) -> None:
        """Learn by which keys actions are reached; known only now that they lead here."""
        self.painter.actions = self._actions()
        self.refresh()

    def keep_cursor(self) -> None:
        """Where the cursor is on no entry but keys come here, put it on what the reader looks at."""
        if self.has_focus and self.document.slot(self.cursor_key) is None:
            slot = self._seen(last=self.at_end)
            self.cursor_key = slot.key if slot else None

    def _show_cursor(self) -> None:
        self.painter.cursor = self.cursor_key if self.has_focus else None
        self.refresh()

    def _actions(self) -> list[tuple[str, str, str]]:
        """(Key, label, action) of what can be done with an entry, by the keys that do it in this program."""
        found: dict[str, tuple[str, str, str]] = {}
        for active in self.screen.active_bindings.values():
            name = active.binding.id
            if active.node is self and name in OFFERED and name not in found:
                found[name] = (
                    self.app.get_key_display(active.binding),
                    OFFERED[name].label,
                    _asked(OFFERED[name].action),
                )
        return [found[name] for name in OFFERED if name in found]

    def _seen(self, *, last: bool) -> Slot | None:
        """The first entry whose head is in view, or the last; where no head is, the one that fills the view."""
        document, seen = self.document, []
        spot = document.locate(self.top)
        if spot is None:
            return document.slots[-1] if document.slots else None
        for slot in document.slots[spot.slot.index :]:
            top = document.top(slot)
            if top >= self.top + self.size.height:
                break
            if top >= self.top or slot is document.slots[-1]:
                seen.append(slot)
        return seen[-1 if last else 0] if seen else spot.slot

    def _in_view(self, slot: Slot) -> bool:
        top = self.document.top(slot)
        return top < self.top + self.size.height and top + slot.height > self.top

    def action_cursor(self, step: int) -> None:
        """Go to the message above (-1) or below (1); from out of view, to the nearest in view."""
        slots, slot = self.document.slots, self.document.slot(self.cursor_key)
        if not slots:
            return
        if slot is None or not self._in_view(slot):
            found = self._seen(last=step < 0)
        else:
            index = slot.index + step
            if index >= len(slots):
                self.move(None)
                return
            found = slots[max(index, 0)]
        if found is not None:
            self.cursor_key = found.key
            self.show_entry(found)

    def show_entry(self, slot: Slot) -> None:
        """Bring an entry into view, all of it if it fits, else its head."""
        height = self.size.height
        anchor = self.document.anchor_of(slot)
        top = self.document.top(slot)
        if top < self.top:
            self.move(anchor)
            return
        self.document.exact(slot, height)
        overhang = self.document.top(slot) + slot.height + 1 - (self.top + height)
        if overhang > 0:
            self.move(anchor, max(0, height - slot.height - 1))

    def action_page(self, pages: int) -> None:
        """Scroll by a screen less two rows; the cursor comes along."""
        self.move_by(pages * max(1, self.size.height - 2))
        slot = self.document.slot(self.cursor_key)
        if slot is None or not self._in_view(slot):
            found = self._seen(last=pages > 0)
            self.cursor_key = found.key if found else None

    def action_top(self) -> None:
        """Go to the first message."""
        if slots := self.document.slots:
            self.cursor_key = slots[0].key
            self.move(self.document.anchor_of(slots[0]))

    def action_end(self) -> None:
        """Go to the end and follow it."""
        if slots := self.document.slots:
            self.cursor_key = slots[-1].key
        self.move(None)

    # asking

    def action_ask(self, action: str) -> None:
        """Ask for something to be done with the entry under the cursor."""
        slots = self.document.slots
        key = self.cursor_key if self.document.slot(self.cursor_key) else slots[-1].key if slots else ""
        self.post_message(self.Asked(action, key or ""))

    def key_escape(self, event: events.Key) -> None:
        """Give up a selection, and nothing else at the first press."""
        if self.text_selection is not None:
            event.stop()
            self.screen.clear_selection()

    def action_leave(self) -> None:
        """Go back to writing."""
        self.post_message(self.LeftForComposer())

    def action_fold(self) -> None:
        """Unfold reasoning and tool calls of the entry under the cursor, then the rest of long ones, then fold all."""
        slot = self.document.slot(self.cursor_key)
        if slot is None:
            return
        folds = [(at, piece) for at, piece in enumerate(slot.pieces) if piece.folds]
        first = [(at, piece) for at, piece in folds if piece.kind != "more"]
        rests = [(at, piece) for at, piece in folds if piece.kind == "more"]
        if not first:
            return
        opened = not first[0][1].folded
        if opened and any(piece.folded for _, piece in rests):
            turn = [at for at, piece in rests if piece.folded and not piece.hidden]
        else:
            turn = [at for at, piece in (folds if opened else first) if piece.folded != opened]
        for at in turn:
            self.fold(slot, at)

    def fold(self, slot: Slot, at: int) -> None:
        """Turn the fold row at index `at` of an entry; it stays where it is on the screen."""
        piece = slot.pieces[at]
        screen_row = self.document.top(slot, at) - self.top
        anchor = self.document.anchor_of(slot, at)
        self.document.fold(slot, piece.section, not piece.folded, by_hand=True)
        self.move(anchor, screen_row if 0 <= screen_row < self.size.height else 0)

    # sideways

    def action_pan(self, steps: int) -> None:
        """Look further along the long lines in view, the cursor's message first; nothing where all lines are whole."""
        seen: dict[tuple[Slot, int], None] = {}
        for y in range(self.size.height):
            if (spot := self.spot_at(y)) is not None:
                seen[spot.slot, spot.at] = None
        for slot, at in sorted(seen, key=lambda place: place[0].key != self.cursor_key):
            if self._pan(slot, at, steps * STEP_CELLS):
                return

    def _pan(self, slot: Slot, at: int, cells: int) -> bool:
        screen_row = self.document.top(slot, at) - self.top
        anchor = self.document.anchor_of(slot, at) if screen_row >= 0 else self.document.anchor(self.top)
        if not pan(self.document, slot, at, cells):
            return False
        self.move(anchor, max(0, screen_row))
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """With shift, look along the lines under the pointer."""
        self._pan_under(event, STEP_CELLS if event.shift else 0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The same, back."""
        self._pan_under(event, -STEP_CELLS if event.shift else 0)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """As a wheel that turns sideways does."""
        self._pan_under(event, STEP_CELLS)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """The same, back."""
        self._pan_under(event, -STEP_CELLS)

    def _pan_under(self, event: events.MouseEvent, cells: int) -> None:
        spot = self.spot_at(event.y) if cells else None
        if cells:
            event.stop()
            event.prevent_default()
        if spot is not None:
            self._pan(spot.slot, spot.at, cells)

    # the mouse

    async def on_click(self, event: events.Click) -> None:
        """Do what stands under the pointer; a double click selects a word, a triple one a paragraph."""
        y = event.y
        if self.on_badge(event.x, y):
            event.prevent_default()
            self.action_end()
            return
        spot = self.spot_at(y)
        if spot is None:
            return
        x = event.x - self.typesetter.page.text
        if event.chain > 1:
            event.prevent_default()
            self._select(spot, x, paragraph=event.chain > 2)
        elif self.text_selection is None and not self._pick(spot, x):
            self.cursor_key = spot.slot.key

    def _pick(self, spot: Spot, x: int) -> bool:
        """Do what column `x` of a row offers; whether it offers anything."""
        from tui_chat.ui.transcript.block import Block
        from tui_chat.ui.transcript.furniture import fold_line

        slot, piece = spot.slot, spot.piece
        line = self.painter.line(spot)
        if line is not None and (action := line.target(x)) is not None:
            if action == "copy_code" and isinstance(piece.content, Block) and piece.content.fence is not None:
                fence = piece.content.fence
                self.post_message(self.CodePicked(slot.key, fence.language, _whole(slot, piece.section, fence.code)))
            else:
                self.post_message(self.Asked(action, slot.key))
            return True
        if isinstance(piece.content, Thought):
            if fold_line(piece.content, self.typesetter.looks, folded=piece.folded).target(x):
                self.fold(slot, spot.at)
                return True
            return False
        if isinstance(piece.content, Call | More):
            self.fold(slot, spot.at)
            return True
        rows = self.document.rows(slot, spot.at)
        x += hidden_cells(spot, rows)
        for start, end, href in rows.links.get(spot.row, ()):
            if start <= x < end:
                self.post_message(self.LinkPicked(href))
                return True
        return False

    def _select(self, spot: Spot, x: int, *, paragraph: bool) -> None:
        if paragraph:
            selection = select.whole_piece(self.document, spot)
        else:
            rows = self.document.rows(spot.slot, spot.at)
            strip, x = rows.strips[spot.row], x + hidden_cells(spot, rows)
            at = len(strip.crop(0, x + 1).text) - 1 if 0 <= x < strip.cell_length else -1
            word = select.word_at(self.document, spot, at)
            if word is None:
                return
            selection = word
        self.screen.selections = {self: selection}


def _whole(slot: Slot, section: int, code: str) -> str:
    """What is copied for a block of code: all of it, also where a card shows it in two pieces."""
    sections = slot.entry.sections[section : section + 2] if slot.entry is not None else ()
    copies = {piece: whole for each in sections if isinstance(each, More) for piece, whole in each.copies}
    return copies.get(code.removesuffix("\n"), code)


def _asked(action: str) -> str:
    """What an action string of the key table asks for: "copy" of "ask('copy')"."""
    return action.partition("'")[2].partition("'")[0]
