"""A screen of character cells: what the bytes of a full-screen program make visible.

Knows what such programs write (text of all widths, cursor movement, erasing, scrolling, SGR), in the manner of xterm.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from rich.cells import cell_len

CONTROLS = re.compile(r"([\x00-\x1f\x7f])")
RUNS = re.compile(r"[ -~]+|.", re.DOTALL)
COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
FLAGS = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
UNSET = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


class Style(NamedTuple):
    """How a cell is drawn. Colours: "default", a name, "bright…", a palette number, or "rrggbb"."""

    fg: str = "default"
    bg: str = "default"
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


class Cell(NamedTuple):
    """A cell: its character with combining marks, "" for the right half of a wide one; and its style."""

    text: str
    style: Style


PLAIN = Style()


class Grid:
    """Cells by row and column, both from 0.

    Attributes:
        x, y: the cursor; `x == columns` while a wrap is pending.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.x = self.y = 0
        self.style = PLAIN
        self.wraps = True
        self._texts = [self._blank() for _ in range(rows)]
        self._styles = [[PLAIN] * columns for _ in range(rows)]
        self._saved = (0, 0, PLAIN)
        self._top, self._bottom = 0, rows - 1

    # -- looking -----------------------------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """The text of each row, without blanks at its end."""
        return ["".join(row).rstrip() for row in self._texts]

    def cell(self, column: int, row: int) -> Cell:
        return Cell(self._texts[row][column], self._styles[row][column])

    def find(self, text: str) -> tuple[int, int] | None:
        """Column and row of the first cell of `text`."""
        for row, cells in enumerate(self._texts):
            if (at := "".join(cells).find(text)) >= 0:
                return [column for column, cell in enumerate(cells) for _ in cell][at], row
        return None

    # -- changing ----------------------------------------------------------------------------------------------------

    def resize(self, columns: int, rows: int) -> None:
        """Cut or fill at the right and the bottom; where lines are lost, those above the cursor go first."""
        lost = max(0, min(self.y - rows + 1, self.rows - 1))
        del self._texts[:lost], self._styles[:lost]
        old, self.columns, self.rows = self.columns, columns, rows
        for texts, styles in zip(self._texts, self._styles, strict=True):
            texts[columns:], styles[columns:] = [" "] * (columns - old), [PLAIN] * (columns - old)
        missing = range(rows - len(self._texts))
        self._texts = (self._texts + [self._blank() for _ in missing])[:rows]
        self._styles = (self._styles + [[PLAIN] * columns for _ in missing])[:rows]
        self._top, self._bottom = 0, rows - 1
        self._go(self.x, self.y - lost)

    def write(self, text: str) -> None:
        """Text with control characters, no sequences."""
        for part in CONTROLS.split(text):
            if not part:
                continue
            if part < " " or part == "\x7f":
                self._control(part)
            else:
                for run in RUNS.findall(part):
                    if run.isascii():
                        self._run(list(run))
                    else:
                        self._one(run)

    def _control(self, character: str) -> None:
        if character == "\r":
            self.x = 0
        elif character in "\n\v\f":
            self._line_feed()
        elif character == "\b":
            self.x = max(0, min(self.x, self.columns - 1) - 1)
        elif character == "\t":
            self.x = min(self.columns - 1, (self.x // 8 + 1) * 8)

    def _one(self, character: str) -> None:
        width = cell_len(character)
        if width == 0:
            row, column = self._texts[self.y], self.x - 1
            while column > 0 and row[column] == "":
                column -= 1
            if column >= 0:
                row[column] += character
            return
        if self.x + width > self.columns and self.wraps:
            self.x = self.columns
        self._run([character, ""][:width])

    def _run(self, cells: list[str]) -> None:
        """Cells that stay together on a row where they are one wide character."""
        while cells:
            if self.x >= self.columns:
                if self.wraps:
                    self.x = 0
                    self._line_feed()
                else:
                    self.x, cells = self.columns - 1, cells[-1:]
            part, cells = cells[: self.columns - self.x], cells[self.columns - self.x :]
            self._put(self.x, part)
            self.x += len(part)

    def _put(self, column: int, cells: list[str]) -> None:
        row, end = self._texts[self.y], column + len(cells)
        if row[column] == "" and cells[0] != "":
            row[column - 1] = " "  # half of a wide character is left: it goes
        if end < self.columns and row[end] == "":
            row[end] = " "
        row[column:end] = cells
        self._styles[self.y][column:end] = [self.style] * len(cells)

    def _line_feed(self) -> None:
        if self.y == self._bottom:
            self._scroll(self._top, self._bottom, 1)
        else:
            self.y = min(self.y + 1, self.rows - 1)

    def _scroll(self, top: int, bottom: int, count: int) -> None:
        """Move the rows from `top` to `bottom` up by `count`, down where it is negative."""
        for _ in range(min(abs(count), bottom - top + 1)):
            gone, new = (top, bottom) if count > 0 else (bottom, top)
            del self._texts[gone], self._styles[gone]
            self._texts.insert(new, self._blank())
            self._styles.insert(new, self._erased(self.columns))

    def _blank(self) -> list[str]:
        return [" "] * self.columns

    def _erased(self, count: int) -> list[Style]:
        return [Style(bg=self.style.bg)] * count

    def _erase(self, row: int, start: int, end: int) -> None:
        if start < end:
            self._texts[row][start:end] = [" "] * (end - start)
            self._styles[row][start:end] = self._erased(end - start)

    def _go(self, x: int, y: int) -> None:
        self.x, self.y = max(0, min(x, self.columns - 1)), max(0, min(y, self.rows - 1))

    def escape(self, final: str) -> None:
        """ESC 7, 8, D, E, M; others do nothing."""
        if final == "7":
            self._saved = (self.x, self.y, self.style)
        elif final == "8":
            self.x, self.y, self.style = self._saved
        elif final in "DE":
            self._line_feed()
            self.x = 0 if final == "E" else self.x
        elif final == "M":
            if self.y == self._top:
                self._scroll(self._top, self._bottom, -1)
            else:
                self.y = max(0, self.y - 1)

    def csi(self, params: str, final: str) -> None:
        """A CSI sequence without private mark; unknown ones do nothing."""
        if final == "m":
            self.style = restyled(self.style, params)
            return
        numbers = [int(number) if number.isdigit() else 0 for number in params.split(";")]
        count = max(1, numbers[0])
        moves = {"A": (0, -1), "B": (0, 1), "C": (1, 0), "D": (-1, 0)}
        if final in moves:
            right, down = moves[final]
            self._go(self.x + right * count, self.y + down * count)
        elif final in "EF":
            self._go(0, self.y + (count if final == "E" else -count))
        elif final in "Hf":
            self._go((numbers[1] if len(numbers) > 1 else 1) - 1, count - 1)
        elif final in "G`":
            self._go(count - 1, self.y)
        elif final == "d":
            self._go(self.x, count - 1)
        elif final == "r":
            last = numbers[1] if len(numbers) > 1 and numbers[1] else self.rows
            self._top, self._bottom = min(count, self.rows) - 1, min(last, self.rows) - 1
            self._go(0, 0)
        elif final in "su":
            self.escape("7" if final == "s" else "8")
        else:
            self._edit(final, numbers[0], count)

    def _edit(self, final: str, mode: int, count: int) -> None:
        x = min(self.x, self.columns - 1)
        if final == "J":
            for row in range(self.rows):
                if (mode == 0 and row > self.y) or (mode == 1 and row < self.y) or mode in (2, 3):
                    self._erase(row, 0, self.columns)
        if final == "K" or (final == "J" and mode < 2):
            start, end = ((x, self.columns), (0, x + 1), (0, self.columns))[mode]
            self._erase(self.y, start, end)
        elif final == "X":
            self._erase(self.y, x, min(x + count, self.columns))
        elif final in "@P":
            count = min(count, self.columns - x)
            texts, styles = self._texts[self.y], self._styles[self.y]
            at, gone = (x, slice(self.columns, None)) if final == "@" else (self.columns - count, slice(x, x + count))
            if final == "P":
                del texts[gone], styles[gone]
            texts[at:at], styles[at:at] = [" "] * count, self._erased(count)
            del texts[self.columns :], styles[self.columns :]
        elif final in "LM" and self._top <= self.y <= self._bottom:
            self._scroll(self.y, self._bottom, count if final == "M" else -count)
        elif final in "ST":
            self._scroll(self._top, self._bottom, count if final == "S" else -count)


@lru_cache(4096)
def restyled(style: Style, params: str) -> Style:
    """The style after an SGR sequence; colours with colons or semicolons."""
    fields = [field.split(":") for field in params.split(";")]
    numbers = [int(field[0] or 0) for field in fields]
    changes: dict[str, Any] = {}
    at = 0
    while at < len(numbers):
        number, more = numbers[at], fields[at][1:]
        if number in (38, 48):
            if not more:
                used = 4 if numbers[at + 1 : at + 2] == [2] else 2
                more, at = [str(n) for n in numbers[at + 1 : at + 1 + used]], at + used
            channels = [int(field or 0) for field in more[1:]][-3:]
            colour = "".join(f"{channel:02x}" for channel in channels) if more[:1] == ["2"] else str(channels[-1])
            changes |= {"fg" if number == 38 else "bg": colour}
        elif number == 0:
            style, changes = PLAIN, {}
        elif number in FLAGS:
            changes |= {FLAGS[number]: more != ["0"]}
        elif number in UNSET:
            changes |= dict.fromkeys(UNSET[number], False)
        elif number % 10 == 9 and number in (39, 49):
            changes |= {"fg" if number == 39 else "bg": "default"}
        elif 30 <= number % 60 <= 47 and number < 108:
            bright, ground = ("bright" if number >= 90 else ""), ("fg" if number % 60 < 40 else "bg")
            changes |= {ground: bright + COLOURS[number % 10]}
        at += 1
    return style._replace(**changes)
