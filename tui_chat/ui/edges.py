"""Where in a row does what can be seen begin and end?

Textual cuts each row at the edges of all widgets in it, those too that another lies over; a wide character that such
an edge goes through would be lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Region, Size


class Edges:
    """Of one layout."""

    def __init__(self, widgets: Iterable[tuple[Region, Region]], size: Size) -> None:
        """`widgets` are region and clip of each, the foremost first; all in cells."""
        seen = [region.intersection(clip) for region, clip in widgets]
        self._spans = [(each.y, each.bottom, *each.column_span) for each in seen if each]
        self._width = size.width
        self._rows: dict[int, list[int]] = {}

    def row(self, y: int) -> list[int]:
        """The columns in their order, 0 and the width of the screen included; the same list each time."""
        found = self._rows.get(y)
        if found is None:
            edges, before = {0, self._width}, set[tuple[int, int]]()
            for top, bottom, left, right in self._spans:
                if top <= y < bottom:
                    edges.update(x for x in (left, right) if not any(a < x < b for a, b in before))
                    before.add((left, right))
            found = self._rows[y] = sorted(edges)
        return found
