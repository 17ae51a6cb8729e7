"""What does a paragraph look like before it has a width, and where do its lines end? Runs of styled text, wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct

from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.block import Shared
from tui_chat.ui.transcript.media import size_in_words
from tui_chat.ui.transcript.parse import inline_tokens
from tui_chat.ui.transcript.rows import add_key
from tui_chat.ui.transcript.wrap import breaks, width_of
from tui_chat.words import t

if TYPE_CHECKING:
    from markdown_it.token import Token

Run = tuple[str, str, str]
"""Text, style keys joined by "+", and the address it links to or ""."""

_KEYS = {"strong_open": "strong", "em_open": "emphasis", "s_open": "strike"}
_MARKED = re.compile(r"[*_~`\[\]!<&\\:\n]|  ")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`|（）【】《》「」，。；：、！？]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?*_~"
_TAB = "    "


def plain_runs(text: str, key: str) -> list[Run]:
    """`text` as one run, made printable; newlines stay."""
    return [(visible(text).replace("\t", _TAB), key, "")] if text else []


def runs_of(content: str, shared: Shared, references: dict[str, Any], key: str) -> list[Run]:
    """Inline Markdown as runs, all of them printable; a newline in a run is a line break.

    Args:
        content: source of a paragraph, heading or table cell.
        shared: of the message, for pictures cut out of it.
        references: link definitions to resolve with.
        key: style of the text where nothing else is said.
    """
    runs: list[Run] = []
    if _MARKED.search(content) is None:
        _add(runs, content, key, "")  # nothing in it could mean more than itself
        return runs
    tokens = inline_tokens(content, references)
    if tokens is None:
        return plain_runs(content, key)
    keys = [key]
    href = ""
    for token in tokens:
        kind = token.type
        if kind in ("text", "text_special"):
            _add_text(runs, token.content, keys[-1], href)
        elif kind in ("softbreak", "hardbreak"):
            _break(runs, most=1)
        elif kind == "html_inline" and _LINE_BREAK.fullmatch(token.content):
            _break(runs, most=2)
        elif kind == "code_inline":
            _add(runs, token.content, add_key(keys[-1], "code_span"), href)
        elif kind == "image":
            address = _printable(str(token.attrs.get("src", "")))
            _add(runs, _image_label(token, address, shared), add_key(keys[-1], "link"), address)
        elif kind == "link_open":
            href = _printable(str(token.attrs.get("href", "")))
            keys.append(add_key(keys[-1], "link"))
        elif kind in _KEYS:
            keys.append(add_key(keys[-1], _KEYS[kind]))
        elif token.nesting < 0 and len(keys) > 1:
            keys.pop()
            href = "" if kind == "link_close" else href
        else:
            _add(runs, token.content, keys[-1], href)
    while runs and not runs[-1][0].strip():
        runs.pop()  # a break at the end breaks nothing
    return runs


def _add(runs: list[Run], text: str, key: str, href: str) -> None:
    text = visible(text)
    if "\t" in text:
        text = text.replace("\t", _TAB)
    if not runs or runs[-1][0].endswith("\n"):
        text = text.lstrip(" ")
    if not text:
        return
    if runs and runs[-1][1] == key and runs[-1][2] == href:
        runs[-1] = (runs[-1][0] + text, key, href)
    else:
        runs.append((text, key, href))


def _break(runs: list[Run], *, most: int) -> None:
    """Begin a new line, unless the text has just begun or `most` line ends stand there already."""
    if runs and not runs[-1][0].endswith("\n" * most):
        text, key, href = runs[-1]
        runs[-1] = (text.rstrip(" ") + "\n", key, href)


def _add_text(runs: list[Run], text: str, key: str, href: str) -> None:
    """Add text, bare web addresses in it as links."""
    at = 0
    if not href and "://" in text:
        for found in _ADDRESS.finditer(text):
            address = found.group().rstrip(_AFTER_ADDRESS)
            if address.endswith(")") and address.count(")") > address.count("("):
                address = address[:-1].rstrip(_AFTER_ADDRESS)
            _add(runs, text[at : found.start()], key, "")
            _add(runs, address, add_key(key, "link"), _printable(address))
            at = found.start() + len(address)
    _add(runs, text[at:], key, href)


def _printable(address: str) -> str:
    return address if address.isprintable() else visible(address, newline=False)


def _image_label(token: Token, address: str, shared: Shared) -> str:
    """What stands for a picture in the text; it is never fetched."""
    alt = visible(token.content, newline=False).strip()
    origin = ""
    if address.startswith("media:"):
        number = address.removeprefix("media:")
        if number.isdecimal() and int(number) < len(shared.media):
            media = shared.media[int(number)]
            origin = f"{media.kind}, {size_in_words(media.size_bytes)}"
    else:
        try:
            origin = urlsplit(address).hostname or ""
        except ValueError:
            origin = ""
    if alt and origin:
        return t("layout.image_from", label=alt, host=origin)
    return t("layout.image", label=alt or origin) if alt or origin else t("layout.image_bare")


class Line(Struct):
    """One line of wrapped runs."""

    runs: list[Run]
    cells: int
    soft: bool = False
    """It goes on from the line above."""
    gap: str = ""
    """White space that did not fit at its end."""


def wrapped(runs: Sequence[Run], width: int) -> list[Line]:
    """`runs` as lines of at most `width` cells; at least one line."""
    lines: list[Line] = []
    for hard in _hard_lines(runs):
        text = hard[0][0] if len(hard) == 1 else "".join(run[0] for run in hard)
        cuts = breaks(text, width)
        if not cuts:
            lines.append(_fitted(hard, text, width, soft=False))
            continue
        start = 0
        for piece, end in zip(divided(hard, cuts), [*cuts, len(text)], strict=True):
            lines.append(_fitted(piece, text[start:end], width, soft=start > 0))
            start = end
    return lines


def _fitted(runs: list[Run], text: str, width: int, *, soft: bool) -> Line:
    cells = width_of(text)
    if cells <= width or text[-1:] not in " \u3000":
        return Line(runs, cells, soft)
    end = len(text)
    while cells > width and end and text[end - 1] in " \u3000":
        end -= 1
        cells -= width_of(text[end])
    return Line(next(iter(divided(runs, [end]))), cells, soft, text[end:])


def _hard_lines(runs: Sequence[Run]) -> Iterator[list[Run]]:
    line: list[Run] = []
    for run in runs:
        if "\n" not in run[0]:
            line.append(run)
            continue
        first, *others = run[0].split("\n")
        if first:
            line.append((first, run[1], run[2]))
        for text in others:
            yield line
            line = [(text, run[1], run[2])] if text else []
    yield line


def divided(runs: Sequence[Run], cuts: Sequence[int]) -> Iterator[list[Run]]:
    """`runs` cut at character offsets of their joined text: one list more than there are cuts."""
    piece: list[Run] = []
    at = 0
    waiting = iter(cuts)
    cut = next(waiting, -1)
    for text, key, href in runs:
        start = 0
        while cut >= 0 and at + len(text) - start >= cut:
            end = start + cut - at
            if end > start:
                piece.append((text[start:end], key, href))
            yield piece
            piece = []
            at, start = cut, end
            cut = next(waiting, -1)
        if start < len(text):
            piece.append((text[start:], key, href))
            at += len(text) - start
    yield piece
