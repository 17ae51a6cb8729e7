"""How does a piece become rows? Each kind by its own hand, for the page and the looks there are now.

What draws is imported when there is something to draw: an empty transcript is painted without the parser and its kin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tui_chat.ui.transcript.entry import Call, Chip, Entry, More, Notice, Picture, Thought
from tui_chat.ui.transcript.fences import Fences
from tui_chat.ui.transcript.pictures import Pictures, reserved
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.transcript.block import Block as AnyBlock
    from tui_chat.ui.transcript.looks import Looks
    from tui_chat.ui.transcript.page import Page
    from tui_chat.ui.transcript.piece import Piece
    from tui_chat.ui.transcript.rows import Rows


class Typesetter(Struct):
    """Makes rows of pieces.

    Attributes:
        page: columns; rows made for another page are stale.
        looks: colours; rows made with another are stale.
        pictures: what is drawn already.
        fences: whose code is not coloured as a whole yet.
    """

    page: Page
    looks: Looks
    pictures: Pictures
    fences: Fences

    def estimate(self, piece: Piece) -> int:
        """About how many rows the piece takes, without laying it out."""
        from tui_chat.ui.transcript.block import Block
        from tui_chat.ui.transcript.layout import estimate_rows

        content = piece.content
        if isinstance(content, Block):
            return estimate_rows(content, self.page.measure)
        if isinstance(content, Picture):
            return 1 + (reserved(content.label)[1] if content.load else 0)
        return len(content.lines) if isinstance(content, Notice) else 1

    def lay(self, piece: Piece) -> Rows:
        """The rows of the piece."""
        from tui_chat.ui.transcript import furniture
        from tui_chat.ui.transcript.block import Block
        from tui_chat.ui.transcript.layout import lay_out

        page, looks, content = self.page, self.looks, piece.content
        match content:
            case Block():
                styles = looks.quiet if piece.kind == "thought" or _is_label(piece, content) else looks.prose
                make = piece.live.lay_out if piece.live is not None else lay_out
                self.fences.see(content)
                try:
                    return make(content, page.measure, styles, prose_width=page.measure)
                except Exception:  # noqa: BLE001 - whatever a model writes, it must not take the program down
                    return furniture.plain_rows(content.source, page.measure)
            case Entry() if piece.kind == "head":
                return furniture.furniture_rows([furniture.head_line(content, page.measure, looks, full=False)])
            case Thought():
                return furniture.furniture_rows([furniture.fold_line(content, looks, folded=piece.folded)])
            case Call():
                from tui_chat.ui.transcript.card import call_line

                return furniture.furniture_rows([call_line(content, page.measure, looks, folded=piece.folded)])
            case More():
                from tui_chat.ui.transcript.card import more_line

                return furniture.furniture_rows([more_line(content, page.measure, looks, folded=piece.folded)])
            case Picture():
                drawn, label = self.pictures.get(content), content.label
                if content.load is not None and drawn == []:
                    label += f"  {t('transcript.picture_unreadable')}"
                return furniture.picture_rows(drawn, reserved(content.label), label, page.measure, looks)
            case Chip():
                return furniture.chip_rows(content, page.measure, looks)
            case Notice():
                return furniture.notice_rows(content, page.measure, looks)
            case _:
                return furniture.blank_row()


def _is_label(piece: Piece, block: AnyBlock) -> bool:
    """Whether it is one of our own words on a card, which stand back behind what the tool was given and gave."""
    return piece.kind == "card" and block.kind == "markdown"
