"""What was used, as lines to read: a bar of all of it, then a row for each day, chat or model."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from tui_chat.chat.prices import dollars
from tui_chat.store.usage import Sum
from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.usage_bar import bar, legend
from tui_chat.ui.widgets.sheet import SheetLine, line
from tui_chat.words import t

_NUMBERS = (("answers", 7), ("in", 9), ("out", 9), ("cost", 12))
_NAME_CELLS, _LEAST_NAME, _LEAST_BAR = 34, 12, 8


def sum_lines(row: Sum, width: int) -> list[SheetLine]:
    """One sum with its shares."""
    if not row.answers:
        return [line(t("use.nothing"), "label", prose=True)]
    lines = [line(_says(row), "strong", prose=True), line(), bar(row.usage, max(10, min(width, 90))), line()]
    return [*lines, *legend(row.usage)]


def table_lines(rows: Sequence[Sum], width: int) -> list[SheetLine]:
    """A table: a row for each of the sums, with a bar of its own where there is room."""
    if not rows:
        return [line(t("use.nothing"), "label", prose=True)]
    numbers = sum(cells + 1 for _, cells in _NUMBERS)
    name_cells = max(_LEAST_NAME, min(_NAME_CELLS, width - numbers - 2))
    room = width - name_cells - numbers - 2
    heads = "".join(_right(t(f"use.column.{name}"), cells) for name, cells in _NUMBERS)
    lines = [line(_left("", name_cells) + heads, "label")]
    largest = max((_tokens(row) for row in rows), default=0) or 1
    for row in rows:
        cells = (str(row.answers), _count(row, "prompt_tokens"), _count(row, "completion_tokens"), _cost(row))
        shown = "".join(_right(text, width) for text, (_, width) in zip(cells, _NUMBERS, strict=True))
        pieces: tuple[tuple[str, str], ...] = ((_left(_name(row), name_cells), ""), (f"{shown}  ", "label"))
        if room >= _LEAST_BAR:
            pieces += bar(row.usage, max(1, round(room * _tokens(row) / largest))).pieces
        lines.append(SheetLine(pieces))
    return lines


def _says(row: Sum) -> str:
    usage = row.usage
    given, said = speech.count(usage.prompt_tokens or 0), speech.count(usage.completion_tokens or 0)
    text = t("use.sum", answers=row.answers, given=given, said=said)
    if row.unpriced < row.answers:
        more = t("use.cost_some", unpriced=row.unpriced) if row.unpriced else ""
        text += " " + t("use.cost", price=dollars(row.cost)) + more
    return text


def _name(row: Sum) -> str:
    return visible(" ".join((row.title or row.name or "—").split()), newline=False)


def _tokens(row: Sum) -> int:
    return row.tokens.get("prompt_tokens", 0) + row.tokens.get("completion_tokens", 0)


def _count(row: Sum, name: str) -> str:
    return speech.count(row.tokens[name]) if name in row.tokens else "—"


def _cost(row: Sum) -> str:
    if row.unpriced == row.answers:
        return "—"
    return ("≥ " if row.unpriced else "≈ ") + dollars(row.cost)


def _left(text: str, cells: int) -> str:
    if cell_len(text) > cells:
        text = set_cell_size(text, cells - 1).rstrip() + "…"
    return set_cell_size(text, cells)


def _right(text: str, cells: int) -> str:
    return " " * max(1, cells + 1 - cell_len(text)) + text
