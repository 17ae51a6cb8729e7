"""What is an entry made of? Pieces: its head, its blocks of Markdown, its pictures, one below the other.

A piece is the unit of everything the transcript does lazily. Its height is an estimate until it touches the
viewport, then exact; its rows are made when it is painted and forgotten when many others were painted since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from textual.strip import Strip

    from tui_chat.ui.transcript.block import Block
    from tui_chat.ui.transcript.entry import Call, Chip, Entry, More, Notice, Picture, Thought
    from tui_chat.ui.transcript.layout import LiveLayout
    from tui_chat.ui.transcript.rows import Rows

Kind = Literal["lead", "head", "gap", "fold", "thought", "prose", "picture", "chip", "notice", "call", "card", "more"]
Content: TypeAlias = "Entry | Picture | Chip | Notice | Thought | Call | More | Block | None"

Match = tuple[int, int, int]
"""First character, character after the last, which match within the piece (a match may go on in the next row)."""


class Piece:
    """One block of rows.

    Attributes:
        kind: how it is drawn. "lead" is the blank row above each entry, where the actions of the entry under the
            cursor stand; "head" its speaker and numbers; "gap" a blank row between sections; "fold" the row that
            folds reasoning; "call" the row that folds a tool call, "card" what unfolds below it, "more" the row that
            folds the rest of that.
        content: what is drawn: the entry for "lead" and "head", a Markdown block for "prose", "thought" and
            "card".
        section: the section of the entry it belongs to, -1 for lead and head.
        hidden: it takes no rows: it is folded.
        folded: of a "fold", "call" or "more" piece: whether what is below it is hidden.
        height: rows, an estimate unless `exact`.
        exact: the width of the page that `height` is exact for, 0 while it is an estimate.
        live: keeps finished rows from frame to frame; only the open block of a growing section has it.
        rows: the laid-out rows, None while nobody looks.
        painted: finished rows of the screen, by row and by whether the cursor is on the entry.
        found: the needle of the search and where it matches, by row.
    """

    __slots__ = (
        "content", "exact", "folded", "found", "height", "hidden", "kind", "live", "painted", "rows", "section",
    )  # fmt: skip

    def __init__(self, kind: Kind, content: Content, section: int, hidden: bool = False) -> None:
        self.kind: Kind = kind
        self.content = content
        self.section = section
        self.hidden = hidden
        self.folded = False
        self.height = 1
        self.exact = 0
        self.live: LiveLayout | None = None
        self.rows: Rows | None = None
        self.painted: dict[tuple[int, bool], Strip] = {}
        self.found: tuple[str, dict[int, list[Match]]] | None = None

    @property
    def shown_height(self) -> int:
        """Rows it takes on the page now."""
        return 0 if self.hidden else self.height

    @property
    def folds(self) -> bool:
        """Whether it is a row that folds what is below it."""
        return self.kind in ("fold", "call", "more")

    def drop_rows(self) -> None:
        """Forget what can be made again."""
        self.rows = None
        self.painted.clear()
        self.found = None
