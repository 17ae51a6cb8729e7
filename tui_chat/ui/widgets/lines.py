"""How do lists look? One line a row, cut where it is too long, no box; the row under the cursor stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

Row = TypeVar("Row")
MARK_WIDTH = 2
"""Cells at the left of a row that hold its mark; a click there toggles it where `marks` is on."""


class Lines(OptionList):
    """An `OptionList` of single lines. While it or what drives it has the keyboard, its cursor is bright."""

    DEFAULT_CSS = """
    Lines, Lines:focus { border: none; background: transparent; background-tint: transparent; }
    Lines { height: 1fr; padding: 0; text-wrap: nowrap; text-overflow: ellipsis; }
    Lines { scrollbar-size-vertical: 1; scrollbar-color: $foreground 25%; scrollbar-background: $foreground 8%; }
    Lines > .option-list--option { padding: 0; }
    Lines > .option-list--option-disabled { color: $text-muted; }
    Lines:ansi > .option-list--option-disabled { text-style: dim; }
    Lines > .option-list--option-highlighted { color: $foreground; background: $foreground 10%; text-style: none; }
    Lines.-driven > .option-list--option-highlighted {
        color: $block-cursor-foreground; background: $block-cursor-background;
    }
    """

    @dataclass
    class MarkClicked(Message):
        """The mark of this row was clicked."""

        id: str

    def __init__(self, *, id: str | None = None, marks: bool = False, driven: bool = False) -> None:
        """`marks`: rows begin with a mark; `driven`: a search field beside it moves its cursor."""
        super().__init__(id=id, classes="-driven" if driven else None, markup=False)
        self._marks = marks

    @property
    def cursor_id(self) -> str | None:
        """The id of the row under the cursor; None where there is none, or where the row only says something."""
        return None if self.highlighted is None else self.get_option_at_index(self.highlighted).id

    def under_cursor(self, kept: Sequence[Row]) -> Row | None:
        """What of `kept` the cursor is on, ids being places in it; None too where a key was quicker than the list."""
        at = self.cursor_id
        return kept[int(at)] if at is not None and at.isdecimal() and int(at) < len(kept) else None

    def fill(self, rows: Sequence[tuple[str | None, Content]], cursor_id: str | None) -> None:
        """Show these rows; those without an id can't be chosen. The cursor goes to `cursor_id`, else to the first."""
        self.clear_options()
        self.add_options(Option(prompt, id=id, disabled=id is None) for id, prompt in rows)
        choosable = [at for at, (id, _) in enumerate(rows) if id is not None]
        wanted = next((at for at in choosable if rows[at][0] == cursor_id), None)
        self.highlighted = wanted if wanted is not None else (choosable[0] if choosable else None)

    def more(self, rows: Sequence[tuple[str | None, Content]]) -> None:
        """Show these rows too, below the others."""
        before = self.option_count
        self.add_options(Option(prompt, id=id, disabled=id is None) for id, prompt in rows)
        if self.highlighted is None:
            self.highlighted = next((at for at, (id, _) in enumerate(rows, before) if id is not None), None)

    def on_resize(self) -> None:
        """The cursor stays in view where what stands below takes rows away."""
        self.scroll_to_highlight()

    def on_click(self, event: Click) -> None:
        """A click on a mark is no choice of the row."""
        at = event.style.meta.get("option")
        if self._marks and isinstance(at, int) and event.x < MARK_WIDTH:
            id = self.get_option_at_index(at).id
            if id is not None:
                event.prevent_default()
                event.stop()
                self.highlighted = at
                self.post_message(self.MarkClicked(id))


def clipped(text: str, width: int) -> str:
    """`text` on exactly `width` cells: blanks after what is short, "…" at the end of what is too long."""
    if cell_len(text) > width:
        text = set_cell_size(text, max(0, width - 1)).rstrip() + "…"
    return text + " " * (width - cell_len(text))
