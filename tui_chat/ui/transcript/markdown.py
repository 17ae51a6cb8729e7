"""How is Markdown drawn? The walk over the block structure: margins, markers, blank rows, and each leaf's own rows.

Text hangs behind a margin that its containers make up: spaces under a list marker, a bar for a quote. A blank row
stands between two blocks, but not in a tight list, never doubled and never at an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from rich.segment import Segment

from tui_chat.ui.transcript.block import Block
from tui_chat.ui.transcript.code import code_rows
from tui_chat.ui.transcript.inline import Run, plain_runs, runs_of, wrapped
from tui_chat.ui.transcript.parse import MAX_NESTING, block_tokens
from tui_chat.ui.transcript.rows import Rows, Styles
from tui_chat.ui.transcript.table import add_line, table_rows

if TYPE_CHECKING:
    from markdown_it.token import Token

_BULLETS = "•◦▪"
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_MIN_ROOM = 12  # cells; margins deeper than that are not drawn
_LISTS = ("bullet_list_open", "ordered_list_open")


class _Container(Struct):
    """A list, an item, a quote, or the page itself, while its content is drawn."""

    tight: bool = False
    children: int = 0
    number: int | None = None  # of a list: what its next item is called
    first: str = ""  # margin of its first row
    rest: str = ""  # margin of the others
    bar: bool = False  # the margin is a quote's


def lay_out_markdown(block: Block, width: int, styles: Styles, prose_width: int) -> Rows:
    """Rows of a Markdown block; none where there is nothing to see, such as link definitions."""
    references = block.shared.references
    if "]:" in block.source:
        references = dict(references)  # the open block may hold half a definition: it must not stay
    tokens = block_tokens(block.source + "\n", references)
    writer = _Writer(block, width, styles, prose_width, references)
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        writer.paragraph(plain_runs(block.source, "text"))  # what is nested deeper is not in the tokens
    else:
        writer.walk(tokens)
    if not block.lead or not len(writer.rows):
        return writer.rows
    rows = Rows()
    rows.add([], 0)
    rows.extend(writer.rows)
    return rows


class _Writer:
    def __init__(self, block: Block, width: int, styles: Styles, prose_width: int, references: dict[str, Any]) -> None:
        self.rows = Rows()
        self._block = block
        self._width = width
        self._prose = min(width, prose_width)
        self._styles = styles
        self._references = references
        self._stack = [_Container()]
        self._reopened = block.reopened
        self._number = block.number
        self._blank: str | None = None  # a blank row with this margin goes before the next row

    def walk(self, tokens: Sequence[Token]) -> None:
        """Draw all of `tokens`."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            kind = token.type
            if kind in _LISTS:
                self._open_list(tokens, at)
            elif kind == "list_item_open":
                self._open_item(token)
            elif kind == "blockquote_open":
                self._begin_child()
                self._push(_Container(first="▌ ", rest="▌ ", bar=True))
            elif kind in ("bullet_list_close", "ordered_list_close", "blockquote_close", "list_item_close"):
                self._pop()
            elif kind == "inline":
                self._text(token, tokens[at - 1])
            elif kind == "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                self._table(tokens[at:end])
                at = end
            else:
                self._leaf(token)
            at += 1

    def _leaf(self, token: Token) -> None:
        if token.type in ("fence", "code_block"):
            self._begin_child()
            words = token.info.split()
            room = self._width - self._margin_width()
            code = token.content.removesuffix("\n")
            self._embed(code_rows(code, words[0] if words else "", room, self._styles))
        elif token.type == "hr":
            self._begin_child()
            margin, _, _ = self._margin()
            length = max(1, self._prose - self._margin_width())
            self.rows.add([*margin, Segment("─" * length, self._styles["rule"])], bare=True)
        elif token.type == "html_block":
            self._begin_child()
            self.paragraph(plain_runs(token.content.strip("\n"), "text"))

    def _text(self, token: Token, opening: Token) -> None:
        content = token.content
        container = self._stack[-1]
        marked = bool(container.first.strip()) and not container.bar  # the marker of a list item is still to come
        task = _TASKS.get(content[:4]) if marked else None
        key = f"heading{min(3, int(opening.tag[1:]))}" if opening.type == "heading_open" else "text"
        runs = runs_of(content[4:] if task else content, self._block.shared, self._references, key)
        if not runs and not marked:
            return
        self._begin_child()
        if task:
            container.first = task if container.first[0] in _BULLETS else container.first + task
        self.paragraph(runs)

    def paragraph(self, runs: Sequence[Run]) -> None:
        """Wrap `runs` behind the margin."""
        for line in wrapped(runs, max(2, self._prose - self._margin_width())):
            margin, skip, chars = self._margin()
            add_line(self.rows, line, self._styles, margin, chars if line.soft else skip)

    def _table(self, tokens: Sequence[Token]) -> None:
        self._begin_child()
        room = max(2, self._width - self._margin_width())
        block, top = self._block, len(self._stack) == 1
        rows = table_rows(
            tokens,
            room,
            self._styles,
            block.shared,
            self._references,
            first_chunk=block.table_head,
            cut=top and (not block.last or bool(block.table_head)),
            whole=top and block.pan is not None,
        )
        self._embed(rows)

    def _open_list(self, tokens: Sequence[Token], at: int) -> None:
        token = tokens[at]
        self._begin_child()
        number: int | None = None
        if token.type == "ordered_list_open":
            number = int(token.attrs.get("start", 1)) if self._number is None else self._number
        self._number = None
        self._push(_Container(tight=_is_tight(tokens, at), number=number))

    def _open_item(self, token: Token) -> None:
        items = self._stack[-1]
        self._begin_child()
        if self._reopened:
            self._reopened -= 1
            width = 2 if token.markup in "-+*" else len(token.info) + 2
            self._push(_Container(tight=items.tight, first=" " * width, rest=" " * width))
            return
        if items.number is None:
            depth = sum(container.first != "" and not container.bar for container in self._stack)
            marker = _BULLETS[min(depth, len(_BULLETS) - 1)] + " "
        else:
            marker = f"{items.number}{token.markup} "
            items.number += 1
        self._push(_Container(tight=items.tight, first=marker, rest=" " * len(marker)))

    def _begin_child(self) -> None:
        """Something begins in the innermost container: a blank row, unless it is the first or in a tight list."""
        parent = self._stack[-1]
        if parent.children and not parent.tight and self._blank is None:
            self._blank = "".join(container.rest for container in self._stack).rstrip()
        parent.children += 1

    def _flush_blank(self) -> None:
        """Add the blank row that was asked for, now that a row comes after it."""
        if self._blank is not None and len(self.rows):
            segments = [Segment(self._blank, self._styles["quote"])] if self._blank else []
            self.rows.add(segments, len(self._blank), skip=len(self._blank))
        self._blank = None

    def _push(self, container: _Container) -> None:
        if self._margin_width() + len(container.rest) > self._width - min(_MIN_ROOM, self._width * 2 // 3):
            container.first = container.rest = ""
        self._stack.append(container)

    def _pop(self) -> None:
        container = self._stack[-1]
        if container.first.strip() and not container.children and not container.bar:
            self.paragraph([])  # an empty item still has its marker
        self._stack.pop()

    def _margin_width(self) -> int:
        return sum(len(container.rest) for container in self._stack)

    def _margin(self) -> tuple[list[Segment], int, int]:
        """Margin of the next row; how many of its characters are never copied, and how many it has."""
        self._flush_blank()
        segments: list[Segment] = []
        skip = chars = 0
        for container in self._stack:
            if container.first:
                chars += len(container.first)
                skip = chars if container.bar else skip
                segments.append(Segment(container.first, self._styles["quote" if container.bar else "muted"]))
                container.first = container.rest
        return segments, skip, chars

    def _embed(self, inner: Rows) -> None:
        """Add rows that were laid out for the room behind the margin."""
        if not any(container.first for container in self._stack):
            if len(inner):
                self._flush_blank()
            self.rows.extend(inner)
            return
        for row, strip in enumerate(inner.strips):
            margin, _, chars = self._margin()
            at = self.rows.add(
                [*margin, *strip],
                skip=chars + inner.skip[row],
                end=chars + inner.ends[row],
                soft=inner.soft[row],
                bare=row in inner.bare,
            )
            if row in inner.gaps:
                self.rows.gaps[at] = inner.gaps[row]
            if links := inner.links.get(row):
                self.rows.links[at] = [(x0 + chars, x1 + chars, href) for x0, x1, href in links]


def _is_tight(tokens: Sequence[Token], at: int) -> bool:
    """Whether the list at `at` is tight: markdown-it hides the paragraphs of its items."""
    level = tokens[at].level
    for token in tokens[at + 1 :]:
        if token.level == level:
            break
        if token.level == level + 2 and token.type == "paragraph_open":
            return token.hidden
    return True
