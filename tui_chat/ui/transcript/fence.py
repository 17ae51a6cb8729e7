"""What is inside a code fence, and where does it end? Lines in, bounded chunks out.

A fence is read line by line without the Markdown parser; the text is the same as markdown-it gives.
"""

from __future__ import annotations

import re

from tui_chat.ui.transcript.block import MAX_CHARS, MAX_LINES, Block, Fence


class FenceReader:
    """Reads one open fence.

    Args:
        fence: gets the chunks.
        markup: the opening mark, for example "```".
        indent: columns the opening mark is indented by, 0 to 3.
        lead: whether a blank row goes above the first chunk.
    """

    def __init__(self, fence: Fence, markup: str, indent: int, lead: bool) -> None:
        self.fence = fence
        self.closed = False
        self._closing = re.compile(rf" {{0,3}}{re.escape(markup[0])}{{{len(markup)},}}[ \t]*")
        self._maybe_closing = re.compile(rf" {{0,3}}{re.escape(markup[0])}*[ \t]*")
        self._indent = indent
        self._lead = lead
        self._lines: list[str] = []  # of the chunk being read
        self._chars = 0
        self._line = 0  # number of the line being read
        self._first_line = 0  # of the chunk being read
        self._midline = False  # the line being read began in an earlier chunk
        self._chunk_midline = False

    def take(self, text: str, out: list[Block], *, final: bool = False) -> str:
        """Read whole lines of `text`; chunks that are full go to `out`.

        Returns:
            What was not read: the last, unfinished line, or all that follows the fence once it is `closed`.
        """
        at = 0
        while at < len(text) and not self.closed:
            newline = text.find("\n", at)
            end = newline if newline >= 0 else len(text)
            if end - at > MAX_CHARS:
                # A line that long is code whatever it says: its end may not have arrived yet.
                self._add(text[at : at + MAX_CHARS], out)
                self._flush(out, last=False)
                self._midline = self._chunk_midline = True
                at += MAX_CHARS
                continue
            if newline < 0 and not final:
                break
            line = text[at:end]
            at = end + 1
            if not self._midline and self._closing.fullmatch(line):
                self.close(out)
            else:
                self._add(line, out)
                self._line += 1
                self._midline = False
        if final:
            self.close(out)
        return text[at:]

    def close(self, out: list[Block]) -> None:
        """The fence is at its end, with or without a closing mark."""
        if not self.closed:
            self.closed = True
            self.fence.tail = ""
            self._flush(out, last=True)

    def open(self, unfinished: str) -> Block:
        """The chunk being read, with the unfinished last line as far as it can't be the closing mark."""
        lines = list(self._lines)
        if unfinished and (self._midline or not self._maybe_closing.fullmatch(unfinished)):
            lines.append(unfinished if self._midline else _dedent(unfinished, self._indent))
        self.fence.tail = "\n".join(lines)
        return self._chunk(self.fence.tail, last=True)

    def _add(self, line: str, out: list[Block]) -> None:
        if not self._midline:
            line = _dedent(line, self._indent)
        if self._lines and (len(self._lines) >= MAX_LINES or self._chars + len(line) > MAX_CHARS):
            self._flush(out, last=False)
        if not self._lines:
            self._first_line = self._line
        self._lines.append(line)
        self._chars += len(line) + 1

    def _flush(self, out: list[Block], *, last: bool) -> None:
        block = self._chunk("\n".join(self._lines), last=last)
        self.fence.chunks.append(block)
        out.append(block)
        self._lines, self._chars, self._chunk_midline = [], 0, False

    def _chunk(self, source: str, *, last: bool) -> Block:
        chunk = len(self.fence.chunks)
        return Block(
            "code",
            source,
            self.fence.shared,
            language=self.fence.language,
            lead=self._lead and not chunk,
            fence=self.fence,
            chunk=chunk,
            first=not chunk,
            last=last,
            midline=self._chunk_midline,
            line=self._first_line,
        )


def _dedent(line: str, columns: int) -> str:
    """`line` without its first `columns` columns of white space; a tab that reaches past them leaves spaces."""
    at = column = 0
    while column < columns and at < len(line) and line[at] in " \t":
        column += 4 - column % 4 if line[at] == "\t" else 1
        at += 1
    return " " * (column - columns) + line[at:]
