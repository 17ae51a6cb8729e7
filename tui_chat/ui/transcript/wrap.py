"""Where may a line end? Cell widths, and line breaking that knows Chinese, Japanese, Latin and mixed text.

Rich breaks at spaces alone, so a paragraph of Chinese is one word to it: ragged lines, and punctuation at their
beginnings. Here text falls into units that stay together (a Latin word, a Chinese character, each with the marks
that belong to it), and lines are filled with units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

# No line ends with one of these and none begins with one of those. The ASCII and curly marks are also letters of
# Latin words (don’t, f(x)); those of the last kind begin some (.txt), so they bind only where no letter follows.
_OPEN = "「『（《〈【〔［｛〖〘〚｟"
_CLOSE = (
    "」』）》〉】〕］｝〗〙〛｠。，、．！？；：…‥％‰℃～〜·・｡､－—"
    "ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
_LATIN_OPEN = "(\\[{“‘"
_LATIN_CLOSE = ")\\]}”’"
_LATIN_STOP = ",.!?;:%"
# Characters that may part from any neighbour. Not Hangul: Korean is written with spaces.
_CJK = (
    "\u2e80-\u303f\u3041-\u312f\u31a0-\u31bf\u31f0-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uf900-\ufaff"
    "\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SPACE = " \\t\\u3000"
_UNIT = re.compile(
    rf"[{_OPEN}{_LATIN_OPEN}]*+"
    rf"(?:[{_CJK}]|[^{_SPACE}{_CJK}{_CLOSE}{_OPEN}]*[^{_SPACE}{_CJK}{_CLOSE}{_OPEN}{_LATIN_OPEN}])?"
    rf"(?:[{_CLOSE}{_LATIN_CLOSE}]|[{_LATIN_STOP}]++(?![A-Za-z0-9]))*+"
    rf"[{_SPACE}]*+"
)
_WIDE_ONLY = re.compile("[\u3001-\u301c\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]+")
# A character with what is drawn into its cells: marks, selectors, joined emoji, a second regional indicator.
_CLUSTER = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|\u200d?.)"
    "(?:\u200d.|[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
    "\u0981-\u0983\u09bc-\u09cd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u20d0-\u20f0\ufe00-\ufe0f"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef])*",
    re.DOTALL,
)
_NEVER_FIRST = frozenset(_CLOSE + _LATIN_STOP + ")]}”’")


def width_of(text: str) -> int:
    """Cells that `text` takes in a terminal, as Rich and Textual count them."""
    if text.isascii():
        return len(text) if text.isprintable() else cell_len(text)
    if _WIDE_ONLY.fullmatch(text):
        return 2 * len(text)
    return cell_len(text)


def breaks(text: str, width: int) -> list[int]:
    """Character offsets at which `text`, one line without newlines, is cut to fit lines of `width` cells.

    Spaces stay at the end of the line before the cut and count, so that joining the lines gives the text; only
    where a unit fills its line to the last cell do they stick out (cut them off when drawing). A unit too long for
    a line is folded. Nothing is wider than `width` unless a single character is.

    Returns:
        Offsets in rising order, without 0 and without the length; empty where all fits.
    """
    if len(text) * 2 <= width or (len(text) <= width and text.isascii()):
        return []
    cuts: list[int] = []
    used = 0
    for match in _UNIT.finditer(text):
        unit = match.group()
        word = unit.rstrip(" \t\u3000")
        cells = width_of(word)
        if used and used + cells + (len(word) < len(unit)) > width:
            # A space after the last unit of a line may stick out by a cell only where the line is the unit alone.
            cuts.append(match.start())
            used = 0
        if cells > width:
            start = match.start()
            for offset in fold(word, width):
                cuts.append(match.start() + offset)
                start = match.start() + offset
            cells = width_of(text[start : match.start() + len(word)])
        used += cells + width_of(unit[len(word) :])
    return [cut for cut in cuts if cut < len(text)]


def fold(word: str, width: int) -> Iterator[int]:
    """Offsets that cut a word too long for a line into pieces of at most `width` cells, between whole characters.

    A piece does not begin with closing punctuation as long as what it belongs to can come along.
    """
    used = start = 0
    good = 0  # the last place where a piece may begin, and the cells from there on
    since_good = 0
    for match in _CLUSTER.finditer(word):
        cells = width_of(match.group())
        at = match.start()
        closing = match.group()[0] in _NEVER_FIRST
        if used + cells > width and at > start:
            if not closing or good <= start or since_good + cells > width:
                good, since_good = at, 0
            yield good
            start, used = good, since_good
        if not closing:
            good, since_good = at, 0
        used += cells
        since_good += cells
