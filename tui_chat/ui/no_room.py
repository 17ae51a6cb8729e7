"""What if a list has no room, not for one row or one cell? Textual counts on it, and ends the program where not.

A window can be as small as its owner likes, and a dialog in it smaller. There a list has no rows to page through, and
a word no column to be broken at. Nor need there be a row any more where one is drawn that was clicked: a filter typed
at the same moment has taken it away.
"""

from __future__ import annotations

from typing import Any

import rich._wrap
from textual.events import Click
from textual.widgets import OptionList


def bear_no_room() -> None:
    """Once a process; a second call does nothing."""
    lists: Any = OptionList
    wrapping: Any = rich._wrap
    if getattr(lists, "_bears_no_room", False):
        return
    move_page, chop_cells, click = lists._move_page, wrapping.chop_cells, lists._on_click

    def moved(self: Any, direction: int) -> None:
        if (self.highlighted or 0) in self._index_to_line:
            move_page(self, direction)

    async def clicked(self: Any, event: Click) -> None:
        if event.style.meta.get("option", 0) < self.option_count:
            await click(self, event)

    def chopped(text: str, width: int) -> list[str]:
        pieces: list[str] = chop_cells(text, max(2, width))  # a wide character takes two
        return pieces

    lists._move_page, lists._on_click = moved, clicked
    wrapping.chop_cells = chopped
    lists._bears_no_room = True
