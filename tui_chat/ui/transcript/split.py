"""Where does a message fall apart? Markdown source → bounded blocks, the same however the text arrives.

Blocks are the units that the transcript measures, lays out and forgets, so they are small, and they are cut by
content, never by arrival: a line takes part in a decision only when it is whole, and each decision looks at a window
of the text (`MAX_LINES`, `MAX_CHARS`) that begins where the open block does. CommonMark reads line by line, so once
the next block has begun, what came before can't change any more.

Top-level blocks and top-level list items become blocks; code fences are read by `fence`; what is too long is cut, and
what was open at the cut is opened again by `reopen`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tui_chat.ui.transcript.block import MAX_CHARS, MAX_LINES, Block, Fence, Media, Shared
from tui_chat.ui.transcript.fence import FenceReader
from tui_chat.ui.transcript.media import Diverter
from tui_chat.ui.transcript.parse import block_tokens
from tui_chat.ui.transcript.reopen import best_cut, reopen

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["MAX_CHARS", "MAX_LINES", "Block", "Fence", "Media", "Shared", "Splitter", "split"]

MAX_BARS = 500
"""Bars in a block, but for what its last line has: cells of a table cost more than words."""

_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
_LINE_ENDS = (  # between two characters, the second a letter: after a sentence, a word, a comma
    re.compile(r"(?:(?<=[。！？；])|(?<=[.!?;] ))(?=[^\W\d_])"),
    re.compile(r"(?<=[ \t])(?=[^\W\d_])"),
    re.compile(r"(?<=[，、,])(?=[^\W\d_])"),
)
_UNDECIDED = re.compile(r"[ \t]*(?:[-=*_#>+`~|:]{1,3}|\d{1,3}[.)]?)[ \t]*")


def split(source: str) -> list[Block]:
    """All blocks of a whole message; the same as any chunking of `Splitter.feed` and `finish` gives."""
    splitter = Splitter()
    return [*splitter.feed(source), *splitter.finish()]


class _Start(Struct, frozen=True):
    """Where something begins in a window, and how it stands to what is before it."""

    line: int
    kind: str  # type of its token, or "reference" for link definitions, which have none
    top: int  # number of the top-level token it belongs to, from 1
    item: int = 0  # which item of its list this is
    number: int | None = None  # of an item of an ordered list
    askew: bool = False  # an item not indented as the first: a list read from here on may be another list
    fence: Token | None = None


class _Place(Struct, frozen=True):
    """What is known of a block from what came before it."""

    lead: bool = True
    first: bool = True
    number: int | None = None
    reopened: int = 0
    table_head: str = ""
    head_chars: int = 0  # of the text, how much was put in front to open again what was cut


class Splitter:
    """Incremental Markdown source → bounded blocks.

    Attributes:
        shared: what belongs to the whole message: reference definitions, pictures cut out of the text.
        parsed_chars: how many characters went through the block parser so far; a measure of work.
    """

    def __init__(self) -> None:
        self.shared = Shared()
        self.parsed_chars = 0
        self._divert = Diverter(self.shared)
        self._return = ""  # a carriage return that may be half a line end
        self._tail = ""
        self._place = _Place(lead=False)
        self._reader: FenceReader | None = None
        self._fences = 0
        self._out: list[Block] = []
        self._open: Block | None = None
        self._stale = False

    @property
    def media(self) -> list[Media]:
        """Pictures that came as `data:` addresses, in order; "media:n" in a link means `media[n]`."""
        return self.shared.media

    def feed(self, text: str) -> list[Block]:
        """Blocks closed by this text, oldest first. `text` is any cut of the source."""
        text = self._return + text
        self._return = ""
        if "\r" in text:
            if text.endswith("\r"):
                self._return, text = "\r", text[:-1]
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return self._grow(self._divert.feed(text))

    def finish(self) -> list[Block]:
        """Close what is open; the splitter is used up."""
        rest = "\n" if self._return else ""
        self._return = ""
        return self._grow(self._divert.feed(rest) + self._divert.finish(), final=True)

    @property
    def open(self) -> Block | None:
        """The live tail block, bounded; None where nothing is open. The same object until `feed` changes it."""
        if self._stale:
            self._stale = False
            self._open = self._live()
        return self._open

    def _live(self) -> Block | None:
        if self._reader:
            return self._reader.open(self._tail)
        source = self._tail
        if unfinished := self._divert.unfinished:
            source += unfinished
        elif _UNDECIDED.fullmatch(source, source.rfind("\n") + 1):
            source = source[: source.rfind("\n") + 1]  # a heading, a rule, a list? the next characters will tell
        return self._markdown(source.rstrip("\n")) if source.strip() else None

    def _grow(self, text: str, *, final: bool = False) -> list[Block]:
        self._tail += text
        self._stale = self._stale or bool(text) or final or bool(self._divert.unfinished)
        if final and self._tail and not self._reader and not self._tail.endswith("\n"):
            self._tail += "\n"
        if final or "\n" in text or len(self._tail) > MAX_CHARS:
            while self._tail and self._step(final):
                pass
        if final and self._reader:
            self._reader.close(self._out)
            self._reader = None
        out, self._out = self._out, []
        return out

    def _step(self, final: bool) -> bool:
        """Close what can be closed at the beginning of the tail; whether there may be more to close."""
        if self._reader:
            self._tail = self._reader.take(self._tail, self._out, final=final)
            if not self._reader.closed:
                return False
            self._reader = None
            return True
        if blank := _BLANK_LINES.match(self._tail):
            self._tail = self._tail[blank.end() :]
            return bool(self._tail)
        lines, full = self._window()
        midline = full and len(lines) - self._head_lines() < 2
        if midline:
            lines = self._tail[: _cut_in_line(self._tail[:MAX_CHARS])].split("\n")
        if not lines:
            return False
        tokens = self._parse("\n".join(lines) + "\n")
        starts = _starts(tokens, lines)
        whole = final and not full
        fence_opens = bool(starts and starts[-1].fence and starts[-1].line + midline < len(lines))
        if whole or len(starts) > 1 or fence_opens:
            return self._close(starts, lines, whole=whole, fence_opens=fence_opens) or full
        if full:
            self._cut(tokens, lines, midline)
        return full

    def _head_lines(self) -> int:
        return self._tail.count("\n", 0, self._place.head_chars)

    def _window(self) -> tuple[list[str], bool]:
        """The first whole lines of the tail, at most `MAX_LINES` and one to look ahead, and whether it has more."""
        lines = self._tail[:MAX_CHARS].split("\n", MAX_LINES + 1)
        if self._tail.count("|", 0, MAX_CHARS) > MAX_BARS:
            bars = 0
            for at, line in enumerate(lines[:-1]):
                bars += line.count("|")
                if bars > MAX_BARS and at > self._head_lines() + 2:
                    return lines[: at + 1], True
        return lines[:-1], len(lines) > MAX_LINES + 1 or len(self._tail) > MAX_CHARS

    def _parse(self, text: str, references: dict[str, Any] | None = None) -> list[Token]:
        self.parsed_chars += len(text)
        return block_tokens(text, references)

    def _close(self, starts: list[_Start], lines: list[str], *, whole: bool, fence_opens: bool) -> bool:
        """Close the blocks that another follows (all if `whole`); the tail begins with the first that stays open.

        Returns:
            Whether to look at the tail again.
        """
        shift = (self._place.number or 0) - (starts[0].number or 0) if self._place.number is not None else 0
        for at, start in enumerate(starts):
            following = starts[at + 1] if at + 1 < len(starts) else None
            if following is None and fence_opens and start.fence:
                self._reader = self._read(start.fence, lines[start.line])
                self._consume(lines, start.line + 1)
                return True
            if (following is None and not whole) or (at and start.askew):
                self._consume(lines, start.line)
                return start.askew
            piece = lines[start.line : following.line if following else len(lines)]
            if start.fence:
                reader = self._read(start.fence, piece[0])
                reader.take("\n".join(piece[1:]) + "\n", self._out)
                reader.close(self._out)
                continue
            source, spaced = _trimmed(piece)
            if start.kind == "reference":
                self._parse(source + "\n", self.shared.references)
                continue
            self._emit(source)
            self._place = _Place()
            if following and following.item and following.top == start.top:
                number = None if following.number is None else following.number + (shift if start.top == 1 else 0)
                self._place = _Place(lead=spaced, number=number)
        self._tail = ""
        return False

    def _consume(self, lines: list[str], count: int) -> None:
        self._tail = self._tail[sum(map(len, lines[:count])) + count :]

    def _read(self, token: Token, line: str) -> FenceReader:
        words = token.info.split()
        fence = Fence(self._fences, words[0] if words else "", self.shared)
        self._fences += 1
        reader = FenceReader(fence, token.markup, len(line) - len(line.lstrip(" ")), self._place.lead)
        self._place = _Place()
        return reader

    def _emit(self, source: str, *, last: bool = True) -> None:
        self._out.append(self._markdown(source, last=last))
        if "]:" in source:
            self._parse(source + "\n", self.shared.references)

    def _markdown(self, source: str, *, last: bool = True) -> Block:
        place = self._place
        return Block(
            "markdown",
            source,
            self.shared,
            lead=place.lead,
            first=place.first,
            last=last,
            number=place.number,
            reopened=place.reopened,
            table_head=place.table_head,
        )

    def _cut(self, tokens: list[Token], lines: list[str], midline: bool) -> None:
        """The window is one block and there is more of it: close what can be shown, and open the rest again."""
        cut = len(lines)
        if not midline:
            cut = max(best_cut(tokens, len(lines)), self._head_lines() + 1)
            while cut > self._head_lines() + 1 and not lines[cut].strip():
                cut -= 1
        again = reopen(tokens, lines, cut, midline=midline)
        source, spaced = _trimmed(lines[:cut])
        self._tail = self._tail[sum(map(len, lines[:cut])) + cut - midline :]
        place = self._place
        self._emit(source, last=False)
        if again.inside == "paragraph_open" and not again.head:
            self._tail = self._tail.lstrip(" \t")
        self._tail = again.head + self._tail
        self._place = _Place(
            lead=spaced,
            first=False,
            reopened=again.items,
            table_head=(place.table_head or source) if again.table else "",
            head_chars=len(again.head),
        )


def _trimmed(lines: list[str]) -> tuple[str, bool]:
    """`lines` as one text without the blank lines at its end, and whether there were any."""
    end = len(lines)
    while end and not lines[end - 1].strip(" \t"):
        end -= 1
    return "\n".join(lines[:end]), end < len(lines)


def _cut_in_line(text: str) -> int:
    """Where to cut a line that is too long: before a letter, after a sentence, a word or a comma in its second half."""
    begin = max(len(text) // 2, text.rfind("\n") + 1)
    for pattern in _LINE_ENDS:
        if ends := [found.end() for found in pattern.finditer(text, begin)]:
            return ends[-1]
    return len(text)


def _starts(tokens: list[Token], lines: list[str]) -> list[_Start]:
    """What begins at the top level of the window, items of top-level lists one by one, in order of lines."""
    starts: list[_Start] = []
    end = top = item = indent = 0
    number: int | None = None
    for token in tokens:
        if token.map is None or token.nesting < 0:
            continue
        line = token.map[0]
        if token.level == 0:
            definitions = _first_text(lines, end, line)
            end = token.map[1]
            top += 1
            if token.type in ("bullet_list_open", "ordered_list_open"):
                item, indent = 0, _indent(lines[line])
                number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
            if definitions is not None:
                # A definition may go on in the paragraph below it, once that is whole: they are one block.
                joined = token.type == "paragraph_open" and bool(lines[line - 1].strip())
                starts.append(_Start(definitions, token.type if joined else "reference", top))
                if joined:
                    continue
            if token.type not in ("bullet_list_open", "ordered_list_open"):
                starts.append(_Start(line, token.type, top, fence=token if token.type == "fence" else None))
        elif token.level == 1 and token.type == "list_item_open":
            askew = item > 0 and _indent(lines[line]) != indent
            counted = None if number is None else number + item
            starts.append(_Start(line, token.type, top, item, counted, askew))
            item += 1
    definitions = _first_text(lines, end, len(lines))
    if definitions is not None:
        starts.append(_Start(definitions, "reference", top + 1))
    return starts


def _first_text(lines: list[str], begin: int, end: int) -> int | None:
    return next((at for at in range(begin, end) if lines[at].strip(" \t")), None)


def _indent(line: str) -> int:
    line = line.expandtabs(4)
    return len(line) - len(line.lstrip(" "))
