"""How does a piece cut out of a list, a quote or a table go on? By opening again what was open at the cut.

A list item of 200 lines, say a step with its code, has to be cut, and what follows the cut must still be read as
inside the item and inside the fence: its closing mark would otherwise open one, and swallow the rest of the message.
So the next piece begins with a line made up here, "+ ```py" for instance, that opens the same things again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from markdown_it.token import Token

_MAX_DEPTH = 8
_MAX_HEAD = 1_500  # characters; a longer one is not repeated
_LEAVES = ("fence", "code_block", "html_block", "paragraph_open", "heading_open", "hr", "table_open")
_CONTAINERS = ("list_item_open", "blockquote_open")
_QUOTE = re.compile(r" {0,3}> ?")
_ITEM = re.compile(r"( *)([-+*]|\d{1,9}[.)])( *)")


class Reopened(Struct, frozen=True):
    """What goes in front of the text after a cut."""

    head: str = ""
    """Ends with a newline unless the text goes on in the same line; may be empty."""
    items: int = 0
    """How many list markers `head` has."""
    inside: str = ""
    """Type of the token that is cut in two, "" where the cut is between two."""
    table: bool = False
    """The cut is between two rows of a table that stands for itself."""


def best_cut(tokens: list[Token], lines: int) -> int:
    """Line to cut a block at, of which `lines` lines are known: where a part of it begins, else the last line."""
    starts = (token.map[0] for token in tokens if token.map and token.type in (*_LEAVES, *_CONTAINERS))
    return max((start for start in starts if lines // 2 <= start < lines), default=lines - 1)


def reopen(tokens: list[Token], lines: list[str], cut: int, *, midline: bool = False) -> Reopened:
    """What opens again, before line `cut`, that was open there.

    Args:
        tokens: block structure of `lines`.
        lines: the beginning of the piece, without newlines; it reaches past the cut unless `midline`.
        cut: number of the first line after the cut.
        midline: the cut is at the end of `lines`, and the last of them is not whole.
    """
    reach = cut - 1 if midline else cut
    around = [token for token in tokens if token.map and token.map[0] < cut and token.map[1] > reach]
    containers = [token for token in around if token.type in _CONTAINERS]
    if len(containers) > _MAX_DEPTH:
        return Reopened()
    leaf = next((token for token in around if token.type in _LEAVES), None)
    margin, under, items = _margin(containers, lines)
    inside = leaf.type if leaf else ""
    if leaf and leaf.map and (leaf.type == "fence" or (leaf.type == "table_open" and cut >= leaf.map[0] + 2)):
        line = lines[leaf.map[0]]
        column = _content_column(containers, leaf, lines)
        if leaf.type == "fence":
            indent = len(line) - column - len(line[column:].lstrip(" "))
            head = f"{margin}{' ' * indent}{leaf.markup}{leaf.info}\n{under if midline else ''}"
        else:
            head = f"{margin}{line[column:].strip()}\n{under}{lines[leaf.map[0] + 1][column:].strip()}\n"
        if len(head) <= _MAX_HEAD and not (midline and leaf.type == "table_open"):
            return Reopened(head, items, inside, table=leaf.type == "table_open" and not containers)
    if midline:
        return Reopened(margin, items, inside)
    return Reopened(margin.rstrip() + "\n" if items else "", items, inside)


def _margin(containers: list[Token], lines: list[str]) -> tuple[str, str, int]:
    """Text that opens `containers`, text that goes on inside them on the next line, and how many are list items."""
    opening = under = ""
    items = 0
    for depth, token in enumerate(containers):
        if token.type == "blockquote_open":
            opening += "> "
            under += "> "
        else:
            width = _item_width(containers[:depth], token, lines)
            opening += "+ " if width == 2 else "1" * (width - 2) + ". "
            under += " " * width
            items += 1
    return opening, under, items


def _item_width(outer: list[Token], item: Token, lines: list[str]) -> int:
    """Columns from where the container around begins to where the content of `item` does: 2 to 11."""
    line = lines[item.map[0]].expandtabs(4) if item.map else ""
    found = _ITEM.match(line, _content_column(outer, item, lines))
    if found is None:
        return 2
    spaces = len(found[3]) if 1 <= len(found[3]) <= 4 and found.end() < len(line) else 1
    return min(11, len(found[1]) + len(found[2]) + spaces)


def _content_column(outer: list[Token], inner: Token, lines: list[str]) -> int:
    """Where, in the first line of `inner`, the margins of the containers around it end."""
    row = inner.map[0] if inner.map else 0
    line = lines[row].expandtabs(4)
    column = 0
    for depth, token in enumerate(outer):
        if token.type == "blockquote_open":
            found = _QUOTE.match(line, column)
            column = found.end() if found else column
        else:
            width = _item_width(outer[:depth], token, lines)
            begins_here = bool(token.map and token.map[0] == row)
            blank = len(line) - column - len(line[column:].lstrip(" "))
            column += width if begins_here else min(width, blank)
    return min(column, len(line))
