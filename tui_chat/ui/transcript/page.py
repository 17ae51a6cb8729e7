"""Where on a row does what stand? The page: margin, gutter, measure, from the width of the widget alone."""

from __future__ import annotations

from msgspec import Struct

MEASURE = 100
"""Cells of a line at most: longer ones are hard to read back from. Code and tables keep to it too, so that the page
has one right edge."""
GUTTER = 2
"""Cells of the speaker's bar and the blank after it; content never draws left of them."""


class Page(Struct, frozen=True):
    """The columns of a transcript `width` cells wide."""

    width: int
    """The whole row, the scroll bar in its last cell."""
    left: int
    """Blank cells left of the gutter."""
    measure: int
    """Cells right of the gutter that content fills."""

    @property
    def text(self) -> int:
        """The column where content starts."""
        return self.left + GUTTER

    @property
    def painted(self) -> int:
        """Cells of a painted row: all but the scroll bar's."""
        return self.width - 1


def page_of(width: int) -> Page:
    """The page for a widget `width` cells wide: centred where it is wide, without margins where every cell counts.

    Without any room it is one cell wide: what is fitted to a width of 0 is what was never fitted.
    """
    width = max(1, width)
    margin = 1 if width >= 40 else 0
    free = width - 1
    left = max(margin, (free - GUTTER - MEASURE) // 2)
    return Page(width, left, max(8, min(MEASURE, free - left - GUTTER - margin)))
