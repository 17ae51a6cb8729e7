"""Which source stands behind which words? Numbers for an answer's sources, and marks at the places they support.

Worked out from the message as it is kept; the text itself stays as it was received.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from tui_chat.wire.messages import Citation, Part

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(
    r"!?\[[^\]\[\n]{0,1000}\]\((?:[^()\s]|\([^()\s]*\)){0,4000}(?:[ \t]+\"[^\"\n]*\")?\)|<https?://[^>\s]*>"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`|]+", re.IGNORECASE)
_BEGINS = re.compile(r"[ \t>#*+|:-]*|[ \t]*\d{1,9}[.)]")
"""What begins a line, or is a line by itself, without being a word of it."""
_OWN_MARK = re.compile(r"\[(\d{1,3})\](?![(\[:]|\d)|\[(\d{1,3})\](?=\[\d)")
"""A number in brackets that a model wrote; not the text of a link, nor its definition."""

Draw = Callable[[int, "Source"], str]
"""Number and source → what stands for it in the text."""


class Source(Struct, frozen=True):
    """One source of an answer."""

    url: str
    title: str = ""

    @property
    def host(self) -> str:
        """Who it is from; the address itself where that names nobody."""
        try:
            return urlsplit(self.url).hostname or self.url
        except ValueError:
            return self.url

    @property
    def label(self) -> str:
        """What to call it, on one line."""
        return " ".join((self.title or self.host).split())


def sources_of(parts: Iterable[Part]) -> list[Source]:
    """The sources of a message, each address once, in the order they were named: number 1 is the first."""
    titles: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Citation) and part.url:
            titles[part.url] = titles.get(part.url) or part.title
    return [Source(url, title) for url, title in titles.items()]


def marked(text: str, citations: Sequence[Citation], draw: Draw) -> str:
    """The text with a mark for each source at the end of the words it supports.

    Where a source names no place, and the model wrote numbers of its own, those become marks. Marks never stand within
    code, a link or an address.

    Args:
        text: Markdown, as received; places of sources are characters of it.
        citations: of the message, in order.
        draw: writes a mark.
    """
    sources = sources_of(citations)
    numbers = {source.url: number for number, source in enumerate(sources, 1)}
    closed = _closed(text)
    starts = [start for start, _ in closed]

    def outside(at: int) -> int:
        """The next place from here on where a mark may stand."""
        index = bisect_right(starts, at) - 1
        while index >= 0 and closed[index][0] < at < closed[index][1]:
            at = closed[index][1]
            index = bisect_right(starts, at) - 1
        return at

    placed: dict[int, dict[int, None]] = {}
    for citation in citations:
        if citation.end is not None and citation.end > 0 and citation.url in numbers:
            placed.setdefault(_seat(text, outside(min(citation.end, len(text)))), {})[numbers[citation.url]] = None
    inserts = [(at, at, list(found)) for at, found in placed.items()]
    if not placed:
        inserts = [
            (match.start(), match.end(), [number])
            for match in _OWN_MARK.finditer(text)
            if 1 <= (number := int(match[1] or match[2])) <= len(sources) and outside(match.start()) == match.start()
        ]
    pieces: list[str] = []
    at = 0
    for start, end, found in sorted(inserts):
        pieces.append(text[at:start])
        after_fence = start == end and start > 0 and _ends_fence(text, start)
        pieces.append("\n\n" if after_fence else "")
        pieces += [draw(number, sources[number - 1]) for number in found]
        at = end
    return "".join((*pieces, text[at:]))


def _seat(text: str, at: int) -> int:
    """Where a mark for the place `at` stands: behind words, not between them and what begins the next line."""
    while at:
        before = len(text[:at].rstrip())
        line = text[text.rfind("\n", 0, before) + 1 : before]
        if before and text[before - 1] == "|" and line.strip("|-: "):
            at = before - 1  # within the last cell of its row
        elif line and _BEGINS.fullmatch(line):
            at = before - len(line)
        else:
            return before or at
    return 0


def _closed(text: str) -> list[tuple[int, int]]:
    """Stretches of a text within which no mark may stand, in order, apart from each other."""
    found: list[tuple[int, int]] = []
    for pattern in (_FENCE, _SPAN, _LINK, _ADDRESS):
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(first < end and start < last for first, last in found):
                found.append((start, end))
    return sorted(found)


def _ends_fence(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at].strip(" \t>")
    return line.startswith(("```", "~~~"))
