"""How do many small chunks of an answer cost less than one event each? Whole ones that came together are made one.

Gateways send every token as an HTTP chunk of its own, and reading a chunk costs the HTTP parser the same for three
letters as for thirty thousand. The bytes of the body stay what they were, and whatever is unusual in their framing is
passed on untouched, for h11 to judge.
"""

from __future__ import annotations

import re

_HEAD = re.compile(rb"HTTP/1\.1 2\d\d[ \r]")
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,7})\r\n")
_SIZE_BEGUN = re.compile(rb"[0-9A-Fa-f]{1,7}\r?")
_SIZE_LONGEST_BYTES = 9


class ChunkJoiner:
    """Makes one HTTP chunk of whole ones that came together, from the head of an answer to its last chunk."""

    def __init__(self) -> None:
        self._place = "head"  # head | body | past
        self._left = 0
        """Bytes of a chunk, with the line end behind it, of which the beginning was given on."""
        self._held = b""
        """The beginning of a chunk's size."""

    def join(self, data: bytes) -> bytes:
        """The next bytes as they are to be read; b"" where more must come first, or at the end (b"")."""
        if self._held:
            if not data:
                self._place = "past"
            data, self._held = self._held + data, b""
        if self._place == "past":
            return data
        at = 0
        if self._place == "head":
            end = _END_OF_HEAD.search(data)
            # With another length, a head in two reads or an answer before the answer: h11 alone reads it.
            if end is None or not _HEAD.match(data) or not _CHUNKED.search(data, 0, end.start() + 1):
                self._place = "past"
                return data
            self._place, at = "body", end.end()
        skipped = min(self._left, len(data) - at)
        self._left -= skipped
        at += skipped
        return data[:at] + self._joined(data, at) if at < len(data) else data

    def _joined(self, data: bytes, at: int) -> bytes:
        """What of `data` begins with a chunk's size at `at`."""
        pieces: list[bytes] = []
        first = at
        while (size := _SIZE.match(data, at)) is not None and (length := int(size[1], 16)):
            stop = size.end() + length
            if stop + 2 > len(data):
                self._left = stop + 2 - len(data)
                break
            if data[stop : stop + 2] != b"\r\n":
                self._place = "past"
                break
            pieces.append(data[size.end() : stop])
            at = stop + 2
        else:
            rest = data[at:]
            if len(rest) <= _SIZE_LONGEST_BYTES and _SIZE_BEGUN.fullmatch(rest):
                self._held, data = rest, data[:at]
            elif rest:
                self._place = "past"  # the last chunk, or something odd
        if len(pieces) < 2:
            return data[first:]
        body = b"".join(pieces)
        return b"%x\r\n%b\r\n%b" % (len(body), body, data[at:])
