"""What is a laid-out block? Rows of cells, and what of them is content rather than decoration.

`Styles` turns style keys into Rich styles, so layout never knows a colour; `Rows` is what the view paints, hit-tests
and copies from. Both are plain values without a widget, so layout can be tested (and run) anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

STYLE_KEYS = (
    "text",
    "strong",
    "emphasis",
    "strike",
    "code_span",
    "link",
    "heading1",
    "heading2",
    "heading3",
    "fence",
    "muted",
    "rule",
    "quote",
    "table_head",
    "token.keyword",
    "token.string",
    "token.comment",
    "token.number",
    "token.function",
    "token.class",
    "token.builtin",
    "token.operator",
)


class Styles:
    """A resolved table of style keys; "strong+link" is the sum of its parts, left to right, computed once.

    Args:
        mapping: key → style for keys of `STYLE_KEYS`; a missing key adds nothing.
        generation: changes whenever the colours change; rows laid out with another generation are stale.
    """

    __slots__ = ("_known", "generation")

    def __init__(self, mapping: Mapping[str, Style], generation: int = 0) -> None:
        self.generation = generation
        self._known: dict[str, Style] = {"": Style.null(), **mapping}

    def __getitem__(self, key: str) -> Style:
        """The style of `key`, or the sum of keys joined by "+"."""
        style = self._known.get(key)
        if style is None:
            style = Style.null()
            if "+" in key:
                for part in key.split("+"):
                    style += self[part]
            self._known[key] = style
        return style


def add_key(keys: str, key: str) -> str:
    """`keys` with `key` added, each at most once, so the number of different sums stays small."""
    if not key or key == keys or key in keys.split("+"):
        return keys
    return f"{keys}+{key}" if keys else key


class _Nothing:
    """A cache that keeps nothing."""

    def get(self, key: object, default: Any = None) -> Any:
        """What a miss gives."""
        return default

    def __setitem__(self, key: object, value: object) -> None:
        """Forget it at once."""


_NOTHING: Any = _Nothing()
_CACHES = {f"_{name}_cache" for name in ("divide", "crop", "style", "filter", "line_length", "crop_extend", "offsets")}


class LightRow(Strip):
    """A strip without the seven caches of what is cut from it, which cost more to make than it does."""

    __slots__ = ()

    def __init__(self, segments: Iterable[Segment], cell_length: int | None = None) -> None:
        self._segments = list(segments)
        self._cell_length = cell_length
        self._render_cache: str | None = None
        self._link_ids: set[str] | None = None
        self._cell_count: int | None = None
        self._divide_cache = self._crop_cache = self._style_cache = self._filter_cache = _NOTHING
        self._line_length_cache = self._crop_extend_cache = self._offsets_cache = _NOTHING


_KNOWN = _CACHES | {"_segments", "_cell_length", "_render_cache", "_link_ids", "_cell_count"}
Row: type[Strip] = LightRow if set(Strip.__slots__) == _KNOWN else Strip
"""What rows are made of; Textual's own strips where they are not built as they were."""


class Rows:
    """The laid-out rows of one block; the index is the row.

    Attributes:
        strips: the cells of each row; at most as wide as asked for, not padded (code is padded to its frame).
        skip: characters at the left of each row that are decoration (indent, quote bar, padding): not copied.
        ends: character offset where the content of each row ends; what follows is padding: not copied.
        soft: the row continues the one above: joined without a newline when copied.
        gaps: white space that wrapping swallowed at the end of a row; it goes between the two when they are joined.
        bare: rows that are decoration from end to end (language label, table rule): not copied at all.
        links: row → (first cell, cell after the last, address) for each link on it.
        breadth: cells of the widest row where rows are wider than the page, of which a part is seen; else 0.
    """

    __slots__ = ("bare", "breadth", "ends", "gaps", "links", "skip", "soft", "strips")

    def __init__(self) -> None:
        self.strips: list[Strip] = []
        self.skip: list[int] = []
        self.ends: list[int] = []
        self.soft: list[bool] = []
        self.gaps: dict[int, str] = {}
        self.bare: set[int] = set()
        self.links: dict[int, list[tuple[int, int, str]]] = {}
        self.breadth = 0

    def __len__(self) -> int:
        return len(self.strips)

    def add(
        self,
        segments: Sequence[Segment],
        cells: int | None = None,
        *,
        skip: int = 0,
        end: int | None = None,
        soft: bool = False,
        bare: bool = False,
    ) -> int:
        """Append one row and give its index. `cells` is its width where known, `end` where its content ends."""
        row = len(self.strips)
        self.strips.append(Row(segments, cells))
        self.skip.append(skip)
        self.ends.append(sum(len(segment.text) for segment in segments) if end is None else end)
        self.soft.append(soft)
        if bare:
            self.bare.add(row)
        return row

    def extend(self, other: Rows) -> None:
        """Append the rows of `other`; the strips are shared."""
        base = len(self.strips)
        self.strips += other.strips
        self.skip += other.skip
        self.ends += other.ends
        self.soft += other.soft
        self.gaps.update((base + row, gap) for row, gap in other.gaps.items())
        self.bare.update(base + row for row in other.bare)
        self.links.update((base + row, links) for row, links in other.links.items())
        self.breadth = max(self.breadth, other.breadth)

    def piece(self, row: int, start: int = 0, end: int | None = None) -> str:
        """The content of `row` between two character offsets of its text, decoration left out."""
        text = self.strips[row].text
        last = self.ends[row] if end is None or end < 0 else min(end, self.ends[row])
        return text[max(start, self.skip[row]) : last]

    def copied(self, pieces: Sequence[tuple[int, int, int | None]] | None = None) -> str:
        """Text for the clipboard: `pieces` are (row, start, end) in order, all rows if None.

        Soft rows are joined to the row above, bare rows are left out, other rows begin a new line.
        """
        out: list[str] = []
        before = -2
        for row, start, end in pieces if pieces is not None else [(row, 0, None) for row in range(len(self))]:
            if row in self.bare:
                continue
            piece = self.piece(row, start, end)
            if self.soft[row] and before == row - 1 and out:
                out[-1] += self.gaps.get(before, "") + piece
            else:
                out.append(piece)
            before = row
        return "\n".join(out)
