"""Where are the records in a session's bytes: found by their trailers, checked by their CRC, without parsing TOML.

In a file that only we wrote, the records follow each other without a gap, and ten thousand of them are found in a
few hundredths of a second. What lies between whole records is a gap: something edited, damaged, or cut off by a
crash; it is split into pieces for `reading.py` to judge.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple, cast, get_args

from msgspec import Struct

from tui_chat import late
from tui_chat.wire.messages import Role

Kind = Literal["session", "node", "change", "other"]
_ROLES: dict[bytes, Role] = {role.encode(): role for role in get_args(Role)}

_TRAILER = late.pattern(rb"\n# end (\d{1,12}) ([0-9a-f]{8})(?:\n|\Z)")
_KIND = late.pattern(rb"\[session\]\n|\[\[(node|change)\]\]\n")
_NODE = late.pattern(
    rb'\[\[node\]\]\nid = "([^"\\\n]+)"\n(?:parent = "([^"\\\n]+)"\n)?role = "([a-z]+)"\n'
    rb"time = ([-0-9T:.Z]+)\nseq = (\d{1,12})\n"
)
_SEQ = late.pattern(rb"\nseq = (\d{1,12})\n")
_BORDER = late.pattern(rb"^(?=\[session\]|\[\[(?:node|change)\]\])|(?<=\n)# end \d{1,12} [0-9a-f]{8}\n", re.MULTILINE)
_ENDS_IN_TRAILER = late.pattern(rb"# end \d{1,12} [0-9a-f]{8}.?\Z", re.DOTALL)


class Span(NamedTuple):
    """One whole record: the bytes from `start` to `stop` are its TOML, its CRC fits."""

    kind: Kind
    start: int
    stop: int
    seq: int = 0
    id: str = ""
    """Of a node; "" where its first lines aren't in the usual form, so that it must be parsed to be known."""
    parent: str | None = None
    role: Role = "user"
    time: str = ""


class Piece(Struct, frozen=True):
    """Bytes from `start` to `stop` that are not a whole record with a CRC that fits."""

    start: int
    stop: int


class Layout(Struct, frozen=True):
    """What a session file is made of, in order."""

    spans: list[Span]
    pieces: list[Piece]
    torn_at: int | None
    """Where a record begins that was cut off before its end, with nothing after it."""


def scan(content: bytes) -> Layout:
    """Find the records of a session file."""
    spans: list[Span] = []
    pieces: list[Piece] = []
    at = 0
    view = memoryview(content)
    for trailer in _TRAILER.finditer(content):
        size, crc = trailer.groups()
        stop = trailer.start() + 1
        start = stop - int(size)
        if start < at or zlib.crc32(view[start:stop]) != int(crc, 16):
            continue
        if start - at > 1 or (start > at and content[at:start] != b"\n"):
            pieces.extend(_split(content, at, start))
        spans.append(_span(content, start, stop))
        at = trailer.end()
    rest = list(_split(content, at, len(content)))
    torn_at = None
    if rest and spans and not _has_ended(content[rest[-1].start : rest[-1].stop]):
        torn_at = rest.pop().start
    return Layout(spans, pieces + rest, torn_at)


def _span(content: bytes, start: int, stop: int) -> Span:
    if header := _NODE.match(content, start, stop):
        id, parent, role, time, seq = header.groups()
        above = parent.decode(errors="replace") if parent else None
        return Span("node", start, stop, int(seq), id.decode(errors="replace"), above, _role(role), time.decode())
    header = _KIND.match(content, start, stop)
    if header is None:
        return Span("other", start, stop)
    kind = cast(Kind, header[1].decode() if header[1] else "session")
    seq_line = _SEQ.search(content, start, stop)
    return Span(kind, start, stop, int(seq_line[1]) if seq_line else 0)


def _role(role: bytes) -> Role:
    """One text for all messages of a role; whether there is such a role is `reading.py`'s to say."""
    return _ROLES.get(role) or cast(Role, role.decode())


def _has_ended(piece: bytes) -> bool:
    """Whether a piece is a record that reaches its end, though a character of it may be wrong, not one cut off."""
    if _ENDS_IN_TRAILER.search(piece, max(0, len(piece) - 40)):
        return True
    body, _, last = piece.strip(b"\n").rpartition(b"\n")
    trailer = b"# end %d %08x" % (len(body) + 1, zlib.crc32(body + b"\n"))
    return len(last) == len(trailer) and sum(map(int.__ne__, last, trailer)) <= 1


def _split(content: bytes, start: int, stop: int) -> Iterator[Piece]:
    """Cut a gap where a record seems to begin or to end; blank pieces are passed over."""
    cuts = {start, stop}
    for border in _BORDER.finditer(content, start, stop):
        cuts.add(border.end())
    ordered = sorted(cuts)
    for first, last in pairwise(ordered):
        if content[first:last].strip():
            yield Piece(first, last)


def salvage(piece: bytes) -> tuple[str, str | None, str]:
    """Id, parent and role that a damaged record's first lines still tell; "" and None where they don't."""
    found = _NODE.search(piece)
    if found is None:
        return "", None, ""
    id, parent, role = (field.decode(errors="replace") if field else "" for field in found.groups()[:3])
    return id, parent or None, role
