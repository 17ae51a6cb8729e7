"""How does a text from elsewhere stay text in whatever shows a Markdown document later?

A viewer may obey HTML, fetch pictures and follow addresses of any kind. What would make it do so is escaped, so that
the same characters are seen and nothing acts; code is left as it is. What would reach into the text behind it, a fence
that was left open, is closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_SAFE_SCHEMES = frozenset({"", "http", "https", "mailto"})
_ROUNDS = 6
"""What was escaped may make other text act that was code before, and so on; beyond this all of it is escaped."""
_ACTS = re.compile(r"[<\[]|```|~~~")
_UNESCAPED = r"(?<!\\)((?:\\\\)*)"
_TAG = re.compile(_UNESCAPED + r"<(?=[A-Za-z/!?])")
_PICTURE = re.compile(_UNESCAPED + r"!\[")
_LINK = re.compile(_UNESCAPED + r"([<\[])")
_MARK = "\uf8ff"
"""A character nobody uses, to see whether a text reaches beyond its end."""


def inert(text: str) -> str:
    """The Markdown text without anything in it that acts where it is shown."""
    if not _ACTS.search(text):
        return text
    parser = _parser()
    for _ in range(_ROUNDS):
        lines = text.split("\n")
        escaped = False
        for token in parser.parse(text):
            if token.map is not None and (kinds := _acting(token)):
                escaped = True
                first, last = token.map
                lines[first:last] = _escaped("\n".join(lines[first:last]), token, kinds).split("\n")
        if not escaped:
            return _closed(text, parser)
        text = "\n".join(lines)
    return _closed(re.sub(r"[<\[!]", lambda found: f"&#{ord(found[0])};", text), parser)


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    # What it would leave as text, others follow.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


def _acting(token: Token) -> set[str]:
    """The characters to be escaped in what a token spans."""
    if token.type == "html_block":
        return {"<"}
    found: set[str] = set()
    for child in _all(token):
        if child.type == "html_inline":
            found.add("<")
        elif child.type == "image" and not _is_ours(str(child.attrs.get("src", ""))):
            found.add("![")
        elif child.type == "link_open" and not _is_safe(str(child.attrs.get("href", ""))):
            found |= {"<", "["}
    return found


def _all(token: Token) -> Iterator[Token]:
    for child in token.children or ():
        yield child
        yield from _all(child)


def _is_ours(source: str) -> bool:
    """Whether a picture lies beside the document: one from elsewhere would tell that it was looked at."""
    return source.startswith("blobs/")


def _is_safe(address: str) -> bool:
    try:
        return urlsplit(address).scheme.lower() in _SAFE_SCHEMES
    except ValueError:
        return False


def _escaped(source: str, token: Token, kinds: set[str]) -> str:
    """The lines of a token with those characters escaped where they are no code."""
    pieces: list[str] = []
    at = 0
    for child in token.children or ():
        if child.type == "code_inline":
            start = source.find(child.markup + child.content, at)
            if start >= 0:
                stop = start + len(child.markup) * 2 + len(child.content)
                pieces += [_escape(source[at:start], kinds), source[start:stop]]
                at = stop
    return "".join([*pieces, _escape(source[at:], kinds)])


def _escape(source: str, kinds: set[str]) -> str:
    if "![" in kinds:
        source = _PICTURE.sub(r"\1\\![", source)
    if "[" in kinds:
        return _LINK.sub(r"\1\\\2", source)
    return _TAG.sub(r"\1\\<", source) if "<" in kinds else source


def _closed(text: str, parser: MarkdownIt) -> str:
    """The text, with its last fence closed where that would swallow what comes behind it."""
    if "```" not in text and "~~~" not in text:
        return text
    last = parser.parse(f"{text}\n\n{_MARK}\n")[-1]
    if last.type == "fence" and _MARK in last.content:
        return f"{text}\n{last.markup}"
    return text
