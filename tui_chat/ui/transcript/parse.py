"""What does the Markdown say? The one markdown-it parser: blocks always, inline text only where a block is drawn.

Imported and built at first use (about 40 ms), so that the first paint of the program does not wait for it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

MAX_NESTING = 100
"""markdown-it drops what is nested deeper, silently; its own default, 20, is nine levels of lists."""
_MAX_COLUMNS = 32
_MAX_DELIMITERS = 500
_DELIMITERS = "*_~`[]!<&"
_MAX_OPEN = 50
"""Brackets without an end in a paragraph: the parser reads all that follows once more for each."""
_BRACKETS = re.compile(r"[\[\]]")


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables and ~~strikethrough~~."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block.table import table

    def bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        # A header of 1 000 columns over rows of one would make a million cells of 6 000 characters.
        header = state.src[state.bMarks[start] : state.eMarks[start]]
        return header.count("|") <= _MAX_COLUMNS + 1 and table(state, start, end, silent)

    markdown = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    markdown.block.ruler.at("table", bounded_table, {"alt": ["paragraph", "reference"]})
    return markdown


def block_tokens(source: str, references: dict[str, Any] | None = None) -> list[Token]:
    """Block structure of `source`, whose lines end in LF alone; definitions in it are added to `references`."""
    markdown = parser()
    tokens: list[Token] = []
    markdown.block.parse(source, markdown, {"references": {} if references is None else references}, tokens)
    return tokens


def inline_tokens(content: str, references: dict[str, Any]) -> list[Token] | None:
    """What is inside a paragraph, or None where it has so many marks that finding their pairs would take seconds."""
    if sum(map(content.count, _DELIMITERS)) > _MAX_DELIMITERS or _open_brackets(content) > _MAX_OPEN:
        return None
    markdown = parser()
    tokens: list[Token] = []
    markdown.inline.parse(content, markdown, {"references": references}, tokens)
    return tokens


def _open_brackets(content: str) -> int:
    """How many brackets have no end, links or not."""
    if content.count("[") <= _MAX_OPEN:
        return 0
    depth = 0
    for bracket in _BRACKETS.findall(content):
        depth = depth + 1 if bracket == "[" else max(0, depth - 1)
    return depth
