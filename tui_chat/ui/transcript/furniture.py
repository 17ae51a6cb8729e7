"""What stands around the text? Head lines, the actions of the entry under the cursor, notices, chips, the badge.

Each is one row or a few, with the cells that do something when they are clicked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.entry import Chip, Entry, Level, Notice, Thought
from tui_chat.ui.transcript.looks import Looks
from tui_chat.ui.transcript.rows import Rows
from tui_chat.ui.transcript.wrap import breaks, width_of
from tui_chat.words import t

MARKS: dict[Level, str] = {"error": "✕", "warning": "!", "info": "i"}
ELLIPSIS = "…"


class Target(NamedTuple):
    """Cells of a row that ask for something when they are clicked."""

    start: int
    end: int
    action: str


class Line(NamedTuple):
    """One row of furniture; columns count from where content starts."""

    segments: list[Segment]
    cells: int
    targets: tuple[Target, ...] = ()

    def target(self, x: int) -> str | None:
        """The action that column `x` asks for."""
        return next((action for start, end, action in self.targets if start <= x < end), None)


class Pen:
    """Writes a row from left to right and remembers what can be clicked."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.targets: list[Target] = []
        self.cells = 0

    def write(self, text: str, style: Style | None = None, action: str = "") -> None:
        """Add `text`; with `action` it can be clicked."""
        cells = width_of(text)
        self.segments.append(Segment(text, style))
        if action:
            self.targets.append(Target(self.cells, self.cells + cells, action))
        self.cells += cells

    def blank(self, cells: int) -> None:
        """Move on by `cells`."""
        if cells > 0:
            self.write(" " * cells)

    @property
    def line(self) -> Line:
        """What was written."""
        return Line(self.segments, self.cells, tuple(self.targets))


def cut(text: str, cells: int) -> str:
    """`text` in at most `cells` cells, with an ellipsis where something is left out."""
    if width_of(text) <= cells:
        return text
    if cells < 1:
        return ""
    taken = used = 0
    for character in text:
        used += width_of(character)
        if used > cells - 1:
            break
        taken += 1
    return text[:taken].rstrip() + ELLIPSIS


def fitting(meta: str, cells: int) -> str:
    """As many of the " · "-separated facts of `meta` as fit, the first ones first."""
    while width_of(meta) > cells:
        meta, dot, _ = meta.rpartition(" · ")
        if not dot:
            return ""
    return meta


def head_line(entry: Entry, cells: int, looks: Looks, *, full: bool) -> Line:
    """Speaker on the left; numbers and ‹ 2/3 › on the right, which give way to the speaker, less of it if `full`."""
    speaker, meta = visible(entry.speaker, newline=False), visible(entry.meta, newline=False)
    which, count = entry.version
    version = f"{which}/{count}" if count > 1 else ""
    right = width_of(version) + 4 if version else 0
    kept = min(width_of(speaker), cells // 3 if full else cells * 2 // 3)
    meta = fitting(meta, cells - right - kept - 2)
    if meta:
        right += width_of(meta) + (2 if version else 0)
    speaker = cut(speaker, cells - right - 1)
    pen = Pen()
    pen.write(speaker, looks[f"name.{entry.role}"])
    pen.blank(cells - pen.cells - right)
    if meta:
        pen.write(meta, looks["meta"])
    if version:
        pen.blank(2 if meta else 0)
        pen.write("‹ ", looks["version"], "previous_sibling")
        pen.write(version, looks["meta"])
        pen.write(" ›", looks["version"], "next_sibling")
    return pen.line


def action_line(actions: Sequence[tuple[str, str, str]], cells: int, looks: Looks) -> Line:
    """What can be done with the entry under the cursor: (key, label, action) each; as many as fit."""
    wanted = sum(width_of(f"{key} {label}") for key, label, _ in actions)
    between = 3 if wanted + 3 * (len(actions) - 1) <= cells else 2
    pen = Pen()
    for key, label, action in actions:
        gap = between if pen.cells else 0
        if pen.cells + gap + width_of(f"{key} {label}") > cells:
            break
        pen.blank(gap)
        pen.write(f"{key} ", looks["key"], action)
        pen.write(label, looks["action"], action)
    return pen.line


def tail_line(spinner: str, status: str, cells: int, looks: Looks) -> Line:
    """The growing end: something is on its way, and what is known about it."""
    pen = Pen()
    pen.write(spinner, looks["spinner"])
    if status:
        pen.blank(1)
        pen.write(cut(visible(status, newline=False), cells - 2), looks["status"])
    return pen.line


def badge_line(looks: Looks) -> Line:
    """Text arrived below what the reader looks at."""
    pen = Pen()
    pen.write(f" ↓ {t('transcript.new_text')} ", looks["badge"], "end")
    return pen.line


def copy_line(strip: Strip, looks: Looks) -> Line | None:
    """The first row of a code block with "copy" at its right end; None where code is in the way."""
    word = t("transcript.copy_code")
    keep = strip.cell_length - width_of(word) - 1
    if keep < 4 or width_of(strip.text.rstrip()) > keep - 2:
        return None
    pen = Pen()
    for text, style, _ in strip.crop(0, keep):
        pen.write(text, style)
    pen.write(word, looks["copy"], "copy_code")
    pen.write(" ", looks["copy"])
    return pen.line


def fold_line(thought: Thought, looks: Looks, *, folded: bool) -> Line:
    """The row that folds reasoning."""
    pen = Pen()
    label = (
        t("transcript.reasoning")
        if thought.seconds is None
        else t("transcript.reasoning_seconds", seconds=f"{thought.seconds:.1f}")
    )
    pen.write(f"{'▸' if folded else '▾'} {label}", looks["fold"], "fold")
    return pen.line


def furniture_rows(lines: Iterable[Line]) -> Rows:
    """Rows that nobody copies."""
    rows = Rows()
    for line in lines:
        rows.add(line.segments, line.cells, bare=True)
    return rows


def blank_row() -> Rows:
    """One empty row, copied as an empty line."""
    rows = Rows()
    rows.add([], 0)
    return rows


def chip_rows(chip: Chip, cells: int, looks: Looks) -> Rows:
    """A file in one row; a sign that its label begins with becomes the mark."""
    rows = Rows()
    label = visible(chip.label, newline=False)
    mark = "▣"
    if label[1:2] == " " and not label[0].isalnum():
        mark, label = label[0], label[2:]
    label = cut(label, cells - width_of(mark) - 3)
    segments = [Segment(f" {mark} ", looks["chip.mark"]), Segment(label, looks["chip"]), Segment(" ", looks["chip"])]
    rows.add(segments, skip=3, end=3 + len(label))
    return rows


def notice_rows(notice: Notice, cells: int, looks: Looks) -> Rows:
    """What the program has to say: a mark and the bold sentence, facts below it, keys to press last and muted."""
    rows = Rows()
    last = len(notice.lines) - 1
    for number, text in enumerate(visible(line, newline=False) for line in notice.lines):
        style = looks[notice.level] if number == 0 else looks["status"] if number == last else None
        prefix = f"{MARKS[notice.level]} " if number == 0 else "  "
        start = 0
        for stop in [*breaks(text, max(4, cells - 2)), len(text)]:
            line = text[start:stop].rstrip()
            gap = text[start + len(line) : stop]
            row = rows.add([Segment(prefix, style), Segment(line, style)], skip=2, soft=start > 0)
            if gap and stop < len(text):
                rows.gaps[row] = gap
            prefix, start = "  ", stop
    return rows


def plain_rows(source: str, cells: int) -> Rows:
    """A source as it stands, wrapped: for what can't be laid out."""
    rows = Rows()
    for text in visible(source).split("\n"):
        start = 0
        for stop in [*breaks(text, max(4, cells)), len(text)]:
            rows.add([Segment(text[start:stop].rstrip())], soft=start > 0)
            start = stop
    return rows


def picture_rows(
    picture: Sequence[Strip] | None, reserved: tuple[int, int], label: str, cells: int, looks: Looks
) -> Rows:
    """A picture above its label; while it is being drawn, an area of the (columns, rows) `reserved` stands for it."""
    rows = Rows()
    if picture is None:
        for _ in range(reserved[1]):
            rows.add([Segment(" " * min(cells, reserved[0]), looks["picture"])], bare=True)
    else:
        for strip in picture:
            rows.add(list(strip), strip.cell_length, bare=True)
    text = cut(visible(label, newline=False), cells)
    rows.add([Segment(text, looks["meta"])])
    return rows
