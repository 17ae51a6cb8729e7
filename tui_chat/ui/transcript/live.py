"""How does an entry grow? Its open ends: the reasoning and, below it, the answer that are being written.

Text is cut by the same splitter that cuts a finished entry, so what was streamed and what is loaded later come out
as the same rows. Only the last block of an open end is ever cut or laid out again.
"""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from tui_chat.ui.transcript.block import Block
from tui_chat.ui.transcript.entry import Entry, Prose, Section, Thought
from tui_chat.ui.transcript.layout import LiveLayout
from tui_chat.ui.transcript.piece import Piece
from tui_chat.ui.transcript.slot import Estimate, Slot, fold_row, pictures_within, said, section_pieces, wants_gap
from tui_chat.ui.transcript.split import Splitter

Voice = Literal["thought", "prose"]


class OpenEnd:
    """One section that is being written."""

    __slots__ = ("layout", "open", "references", "section", "splitter", "text", "voice")

    def __init__(self, voice: Voice, section: int) -> None:
        self.voice: Voice = voice
        self.section = section
        self.splitter = Splitter()
        self.layout = LiveLayout()
        self.text: list[str] = []
        self.open: Piece | None = None
        self.references = 0

    @property
    def source(self) -> str:
        """All that was written."""
        return "".join(self.text)


class Growth:
    """Writes into one slot until the entry is settled.

    Args:
        slot: filled anew with what of `entry` is finished.
        entry: may bring the beginning of the reasoning and of the answer with it.
    """

    def __init__(self, slot: Slot, entry: Entry, estimate: Estimate) -> None:
        self.slot = slot
        self.status = ""
        self._estimate = estimate
        self._ends: dict[Voice, OpenEnd] = {}
        sections = list(entry.sections)
        answer = thought = ""
        if sections and isinstance(last := sections[-1], Prose):
            answer = last.source
            sections.pop()
        if sections and isinstance(last := sections[-1], Thought):
            thought = last.source
            sections.pop()
        self._fixed: tuple[Section, ...] = tuple(sections)
        slot.fill(replace(entry, sections=self._fixed))
        self.grow("thought", thought)
        self.grow("prose", answer)
        if self.begun_to_answer and (folding := self.thought_section) is not None:
            slot.fold(folding, slot.by_hand.get(folding, True))

    @property
    def entry(self) -> Entry:
        """The entry with all that was written so far."""
        entry = self.slot.entry
        assert entry is not None
        sections: list[Section] = list(self._fixed)
        if "thought" in self._ends:
            sections.append(Thought(self._ends["thought"].source))
        if "prose" in self._ends:
            sections.append(Prose(self._ends["prose"].source))
        return replace(entry, sections=tuple(sections))

    @property
    def begun_to_answer(self) -> bool:
        """Whether anything was said after the reasoning."""
        return "prose" in self._ends and any(text.strip() for text in self._ends["prose"].text)

    @property
    def thought_section(self) -> int | None:
        """The section of the reasoning that is being written, None where there is none."""
        return self._ends["thought"].section if "thought" in self._ends else None

    def grow(self, voice: Voice, text: str) -> tuple[int, Piece | None]:
        """Write `text`.

        Returns:
            The index of the first piece that may have changed, and the open piece that stood there before.
        """
        if not text:
            return len(self.slot.pieces), None
        end = self._ends.get(voice) or self._begin(voice)
        end.text.append(text)
        at = self._last_of(end) + 1
        old = end.open
        if old is not None:
            at -= 1
        start = at
        self._put(end, at, removed=old is not None, blocks=end.splitter.feed(text))
        if self._links_changed(end):
            return 0, None
        return start, old

    def settle(self, entry: Entry) -> bool:
        """Close what is open and show `entry`; whether the pieces could stay because it says what was written."""
        self._catch_up(entry)
        written = self.entry.sections
        more = entry.sections[len(written) :]
        same = len(written) <= len(entry.sections) and all(
            a.source == b.source if isinstance(a, Thought) and isinstance(b, Thought) else a == b
            for a, b in zip(written, entry.sections, strict=False)
        )
        slot = self.slot
        if not same:
            slot.fill(entry)
            return False
        for end in self._ends.values():
            at = self._last_of(end) + (end.open is None)
            self._put(end, at, removed=end.open is not None, blocks=end.splitter.finish(), closed=True)
            self._links_changed(end)
        pictures = self._add_pictures()
        for number in range(len(written), len(written) + len(more)):
            slot.pieces += section_pieces(entry.sections, number, folded=slot.folded(number, entry.sections))
        slot.entry, slot.size = entry, entry.size
        for piece in slot.pieces:
            if piece.kind in ("lead", "head"):
                piece.content = entry
                piece.drop_rows()
            elif piece.kind == "fold":
                section = entry.sections[piece.section]
                piece.content = section if isinstance(section, Thought) else piece.content
                piece.drop_rows()
        if more or pictures:
            for piece in slot.pieces:
                if not piece.exact:
                    piece.height = self._estimate(piece)
            slot.measure()
        return True

    def _add_pictures(self) -> bool:
        """Put the pictures that came within the answer below it; whether there are any."""
        end = self._ends.get("prose")
        if end is None or not end.splitter.media:
            return False
        at = self._last_of(end) + 1
        self.slot.pieces[at:at] = pictures_within(end.splitter.media, end.section)
        return True

    def _catch_up(self, entry: Entry) -> None:
        """Write the end of what `entry` says where that was still waiting for its frame."""
        for end in list(self._ends.values()):
            section = entry.sections[end.section] if end.section < len(entry.sections) else None
            if isinstance(section, Thought if end.voice == "thought" else Prose):
                written = end.source
                if len(section.source) > len(written) and section.source.startswith(written):
                    self.grow(end.voice, section.source[len(written) :])

    def _links_changed(self, end: OpenEnd) -> bool:
        """Whether a definition came that may give earlier paragraphs their links; they are laid out again then."""
        references = len(end.splitter.shared.references)
        if references == end.references:
            return False
        end.references = references
        self.slot.unlay()
        return True

    def _begin(self, voice: Voice) -> OpenEnd:
        slot, number = self.slot, len(self._fixed)
        answer = self._ends.get("prose")
        above = next((section for section in reversed(self._fixed) if said(section)), None)
        if voice == "prose" and "thought" in self._ends:
            number, above = number + 1, Thought("…")
        end = self._ends[voice] = OpenEnd(voice, number)
        section: Section = Prose("…") if voice == "prose" else Thought("")
        pieces = [Piece("gap", None, number)] if wants_gap(above, section) else []
        if isinstance(section, Thought):
            pieces.append(fold_row(section, number, folded=slot.by_hand.get(number, self.begun_to_answer)))
        at = len(slot.pieces)
        if answer is not None and voice == "thought":
            # Reasoning that comes after the answer has begun still stands above it, as it will when it is loaded.
            at = self._first_of(answer)
            answer.section = number + 1
            for piece in slot.pieces[at:]:
                piece.section = number + 1
            if at == len(slot.pieces) or slot.pieces[at].kind != "gap":
                pieces.append(Piece("gap", None, number + 1))
        slot.pieces[at:at] = pieces
        slot.measure()
        return end

    def _first_of(self, end: OpenEnd) -> int:
        pieces = self.slot.pieces
        return next((i for i, piece in enumerate(pieces) if piece.section == end.section), len(pieces))

    def _last_of(self, end: OpenEnd) -> int:
        pieces = self.slot.pieces
        at = len(pieces) - 1
        while pieces[at].section > end.section:
            at -= 1
        return at

    def _put(self, end: OpenEnd, at: int, *, removed: bool, blocks: list[Block], closed: bool = False) -> None:
        """Put the pieces of new blocks, and of the one that is open now, at `at`, in place of the old open one."""
        slot = self.slot
        hidden = end.voice == "thought" and self._folded(end)
        pieces = [Piece(end.voice, block, end.section, hidden) for block in blocks]
        block = None if closed else end.splitter.open
        end.open = None
        if block is not None:
            end.open = Piece(end.voice, block, end.section, hidden)
            end.open.live = end.layout
            pieces.append(end.open)
        for piece in pieces:
            piece.height = self._estimate(piece)
        if at + removed < len(slot.pieces):
            slot.pieces[at : at + removed] = pieces
            slot.measure()
            return
        if removed:
            slot.pieces.pop()
            slot.tops.pop()
        for piece in pieces:
            slot.pieces.append(piece)
            slot.tops.append(piece.shown_height)
        slot.height = slot.tops.total

    def _folded(self, end: OpenEnd) -> bool:
        return next((p.folded for p in self.slot.pieces if p.kind == "fold" and p.section == end.section), False)
