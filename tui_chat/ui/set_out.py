"""How does what a tool was given, or gave back, stand on its card? As table, JSON in lines, diff or text, not too long.

What is long is cut in two: the beginning stands on the card, the rest below a row that folds it.
"""

from __future__ import annotations

import json

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.chat.structured import cell, rows_of
from tui_chat.ui import speech
from tui_chat.wire.json_text import pretty
from tui_chat.words import t

HEAD_LINES = 20
SPARE_LINES = 5
"""A rest of so few lines is not worth a row that folds it."""
HEAD_CHARACTERS = 4000
ROWS_LIMIT = 500
"""Rows of a table that a card holds at most."""
PRETTY_LIMIT = 400_000
"""Characters up to which JSON is set out in lines; what is longer is shown as it came."""
_CELL_CHARACTERS = 80
_MARKUP = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_[]<>|#!~$&"})


class SetOut(Struct, frozen=True):
    """A text as Markdown."""

    head: str
    rest: str = ""
    left: str = ""
    """How much the rest is, in words; "" where there is none."""
    copies: tuple[tuple[str, str], ...] = ()
    """Of code that was cut: each piece, and the whole."""
    is_tree: bool = False
    """Whether it is JSON with something in it to unfold."""


def set_out(text: str) -> SetOut:
    """A text of arguments or of a result, as it stands on a card."""
    value = json_in(text)
    if value is None:
        is_diff = text.startswith(("--- ", "diff ")) and "\n+++ " in text
        return _code(text, "diff" if is_diff else "")
    # An object with one list in it would lose what stands beside the list.
    table = rows_of(value) if isinstance(value, list) else None
    out = _table(*table) if table is not None else _code(pretty(value), "json")
    return replace(out, is_tree=bool(value))


def json_in(text: str) -> dict[str, object] | list[object] | None:
    """The JSON object or list that a text is; None for any other, and for what is too long to be set out."""
    if text[:1] not in ("{", "[") or len(text) > PRETTY_LIMIT:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def fenced(code: str, language: str = "") -> str:
    """Code as Markdown; the fence is longer than any run of backticks inside, so nothing can end it early."""
    longest = run = 0
    for character in code:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}{'' if code.endswith(chr(10)) else chr(10)}{fence}"


def _code(text: str, language: str) -> SetOut:
    end = -1
    for _ in range(HEAD_LINES):
        end = text.find("\n", end + 1)
        if end < 0:
            break
    long = end >= 0 and text.count("\n", end + 1) >= SPARE_LINES
    if not long and len(text) <= 2 * HEAD_CHARACTERS:
        return SetOut(fenced(text, language))
    if end < 0 or end > HEAD_CHARACTERS:  # its lines are long: at the end of one if there is any, else within it
        end = max(text.rfind("\n", 0, HEAD_CHARACTERS), 0) or HEAD_CHARACTERS
    head, rest = text[:end], text[end:].removeprefix("\n")
    lines = rest.rstrip("\n").count("\n") + 1
    key, count = ("card.more_lines", lines) if lines > 1 else ("card.more_characters", len(rest))
    copies = tuple((piece.removesuffix("\n"), text) for piece in (head, rest))
    return SetOut(fenced(head, language), fenced(rest, language), t(key, count=speech.count(count)), copies)


def _table(columns: list[str], rows: list[dict[str, object]]) -> SetOut:
    left = len(rows) - HEAD_LINES
    if left <= SPARE_LINES:
        return SetOut(_rows(columns, rows))
    rest = _rows(columns, rows[HEAD_LINES:ROWS_LIMIT])
    if len(rows) > ROWS_LIMIT:
        rest += f"\n\n{t('card.rows_left', count=speech.count(len(rows) - ROWS_LIMIT))}"
    return SetOut(_rows(columns, rows[:HEAD_LINES]), rest, t("card.more_rows", count=speech.count(left)))


def _rows(columns: list[str], rows: list[dict[str, object]]) -> str:
    lines = [[_cell(column) for column in columns], ["---"] * len(columns)]
    lines += [[_cell(cell(row.get(column))) for column in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """Words of anybody's as a table's cell: nothing in it is taken for markup."""
    line = " ".join(text[: 2 * _CELL_CHARACTERS].split())
    return (line if len(line) <= _CELL_CHARACTERS else f"{line[:_CELL_CHARACTERS]}…").translate(_MARKUP)
