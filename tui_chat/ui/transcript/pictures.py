"""Which pictures are drawn already? Decoding takes tens of milliseconds, so it happens on a thread, once each."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable

from textual.strip import Strip

from tui_chat.ui.transcript.entry import Picture

COLUMNS, ROWS = 40, 12
KEPT = 64

_PIXELS = re.compile(r"(\d{1,5})\s?[×x]\s?(\d{1,5})")


def draw(picture: Picture) -> list[Strip]:
    """Read and draw; for a thread. Nothing where the file can't be read or is no picture."""
    from tui_chat.errors import ChatError
    from tui_chat.ui.transcript.picture import half_cells

    try:
        return half_cells(picture.load(), COLUMNS, ROWS) if picture.load else []
    except (ChatError, OSError, ValueError):
        return []


def reserved(label: str) -> tuple[int, int]:
    """Columns and rows that a picture will take, by the pixels that its label names; all there are if it names none."""
    found = _PIXELS.search(label)
    if not found or not (int(found[1]) and int(found[2])):
        return COLUMNS, ROWS
    width, height = int(found[1]), int(found[2])
    share = min(1.0, COLUMNS / width, 2 * ROWS / height)
    return max(1, round(width * share)), max(1, -(-round(height * share) // 2))


class Pictures:
    """Drawn pictures, the ones used last.

    Args:
        ask: have a picture drawn; the answer comes through `keep`.
    """

    def __init__(self, ask: Callable[[Picture], None]) -> None:
        self._ask = ask
        self._drawn: OrderedDict[Picture, list[Strip]] = OrderedDict()
        self._asked: set[Picture] = set()

    def get(self, picture: Picture) -> list[Strip] | None:
        """Its rows; None while it is being drawn, an empty list where there is nothing to draw."""
        if picture.load is None:
            return []
        drawn = self._drawn.get(picture)
        if drawn is not None:
            self._drawn.move_to_end(picture)
        elif picture not in self._asked:
            self._asked.add(picture)
            self._ask(picture)
        return drawn

    def keep(self, picture: Picture, rows: list[Strip]) -> None:
        """Take what was drawn."""
        self._asked.discard(picture)
        self._drawn[picture] = rows
        while len(self._drawn) > KEPT:
            self._drawn.popitem(last=False)
