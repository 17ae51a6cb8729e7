"""Where does row y lie? Prefix sums over many heights of which a few change at a time (a Fenwick tree).

A conversation of ten thousand messages corrects estimated heights while it is scrolled; each correction, look-up
and append takes a dozen steps instead of a walk over all that follow.
"""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """A sequence of heights in rows that knows its sums."""

    __slots__ = ("_each", "_tree", "total")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._each = list(heights)
        self.total = sum(self._each)
        # tree[i - 1] holds the sum of the `i & -i` heights that end with the i-th.
        self._tree = list(self._each)
        count = len(self._tree)
        for i in range(1, count + 1):
            parent = i + (i & -i)
            if parent <= count:
                self._tree[parent - 1] += self._tree[i - 1]

    def __len__(self) -> int:
        return len(self._each)

    def __getitem__(self, index: int) -> int:
        return self._each[index]

    def append(self, height: int) -> None:
        """Add one at the end."""
        self._each.append(height)
        i = len(self._each)
        total, step = height, 1
        while step < (i & -i):
            total += self._tree[i - 1 - step]
            step <<= 1
        self._tree.append(total)
        self.total += height

    def pop(self) -> int:
        """Take the last one away and return it."""
        height = self._each.pop()
        self._tree.pop()
        self.total -= height
        return height

    def set(self, index: int, height: int) -> None:
        """Change the one at `index`."""
        delta = height - self._each[index]
        if not delta:
            return
        self._each[index] = height
        self.total += delta
        i = index + 1
        while i <= len(self._tree):
            self._tree[i - 1] += delta
            i += i & -i

    def top(self, index: int) -> int:
        """The first row of the one at `index`: the sum of all before it."""
        rows = 0
        while index > 0:
            rows += self._tree[index - 1]
            index -= index & -index
        return rows

    def find(self, y: int) -> tuple[int, int]:
        """The index of the one that holds row `y`, and its first row; (count, total) where `y` is past the end."""
        index = top = 0
        step = 1 << len(self._tree).bit_length()
        while step:
            nxt = index + step
            if nxt <= len(self._tree) and top + self._tree[nxt - 1] <= y:
                index = nxt
                top += self._tree[nxt - 1]
            step >>= 1
        return index, top
