"""How bytes become events: an incremental decoder that no cut of the body can confuse.

Our own, since libraries that split text on "lines" also split on U+2028, U+0085 and the like inside a JSON string,
keep no bound on the length of a line, and lose what is not an event. Gateways write errors as bare JSON lines between
events, so lines that are no field of an event stream are kept aside (`stray`) for whoever reads the end.

Source: WHATWG HTML, "Server-sent events", interpreting an event stream.
"""

from __future__ import annotations

from msgspec import Struct

from tui_chat.errors import WireError

LIMIT_BYTES = 64 * 1024 * 1024
"""Gateways send whole pictures in one event: tens of MB are in order."""
_PER_LINE_BYTES = 48
"""What keeping one line costs besides its bytes, so that millions of tiny lines are bounded too."""
_FIELDS = (b"data", b"event", b"id", b"retry")
_BOM = b"\xef\xbb\xbf"
_BLANK = b"\n\n"
_MANY_BYTES = 4096
"""A chunk of so many bytes holds several events."""


class SseEvent(Struct, frozen=True):
    """One event: its data lines joined by line feeds, and its name where it has one."""

    data: str
    name: str = ""


class SseDecoder:
    """Decodes the body of one answer.

    Lines end in LF, CRLF or CR and in nothing else. A whole body that is no event stream at all (JSON, HTML) passes
    through into `stray`.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        """`limit_bytes` bounds one event, and what is kept of stray lines."""
        self._limit_bytes = limit_bytes
        self._line: list[bytes] = []
        self._data: list[bytes] = []
        self._name = b""
        self._line_bytes = 0
        self._data_bytes = 0
        self._stray: list[bytes] = []
        self._stray_bytes = 0
        self._after_cr = False
        self._first = True

    @property
    def stray(self) -> str:
        """The lines that are no part of an event stream, joined by line feeds."""
        return b"\n".join(self._stray).decode("utf-8", "replace")

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Decode the next bytes.

        Args:
            chunk: any cut of the body, 0..n bytes; may split a character, a CRLF or the byte order mark.

        Returns:
            The events this chunk completed, oldest first. `[DONE]` is an event like any other.

        Raises:
            WireError: "error.event_too_large"; one event, or the stray lines, grew past the limit. Raised only when
                no event is left to return, so nothing that came whole is lost.
        """
        if (usual := self._usual(chunk)) is not None:
            return usual
        self._check()
        events = self._in_parts(chunk) if len(chunk) >= _MANY_BYTES else self._lines(chunk)
        if not events:
            self._check()
        return events

    def _in_parts(self, chunk: bytes) -> list[SseEvent]:
        """A chunk that begins and ends within an event: what is whole in its middle can be read the usual way."""
        first, last = chunk.find(_BLANK) + 2, chunk.rfind(_BLANK) + 2
        events = self._lines(chunk[:first] if first >= 2 else chunk)
        if first < 2 or self._over:
            return events
        middle = chunk[first:last]
        usual = self._usual(middle)
        events += self._lines(middle) if usual is None else usual
        if not self._over:
            events += self._lines(chunk[last:])
        return events

    def _lines(self, chunk: bytes) -> list[SseEvent]:
        """The events of any chunk, line by line; stops where the limit is passed."""
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[:1] == b"\n":
                chunk = chunk[1:]
        if not chunk:
            return []
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(b"\n")
        rest = lines.pop()
        events: list[SseEvent] = []
        for line in lines:
            if self._over:
                return events
            if self._line:
                self._line.append(line)
                line = b"".join(self._line)
                self._line.clear()
                self._line_bytes = 0
            event = self._take(line)
            if event is not None:
                events.append(event)
        if rest:
            self._line.append(rest)
            self._line_bytes += len(rest)
        return events

    def _usual(self, chunk: bytes) -> list[SseEvent] | None:
        """The events of a chunk that is whole events of one data line each, as nearly all are; None for any other.

        A fast path beside the whole reading, which says the same of such a chunk.
        """
        if not (chunk.startswith(b"data: ") and chunk.endswith(b"\n\n")) or b"\r" in chunk:
            return None
        if self._line or self._data or self._name or self._after_cr or len(chunk) > self._limit_bytes // 2:
            return None
        lines = chunk[6:-2].decode("utf-8", "replace").split("\n\ndata: ")
        if chunk.count(b"\n") != 2 * len(lines) or self._over:
            return None
        self._first = False
        return [SseEvent(line) for line in lines]

    def finish(self) -> list[SseEvent]:
        """What the end of the body completes: a last line and event without their line ends."""
        self._check()
        line, self._line, self._line_bytes = b"".join(self._line), [], 0
        if any(field.startswith(line) for field in _FIELDS):
            line = b""  # cut within the name of a field: not a stray line, nothing at all
        events = [self._take(line)] if line else []
        events.append(self._dispatch())
        return [event for event in events if event is not None]

    def _take(self, line: bytes) -> SseEvent | None:
        """One whole line; returns the event it ends."""
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._dispatch() if self._data or self._name else None
        field, _colon, value = line.partition(b":")
        if field == b"data":
            self._data.append(value[1:] if value[:1] == b" " else value)
            self._data_bytes += len(line) + _PER_LINE_BYTES
        elif field == b"event":
            self._name = value.strip()[:100]
        elif field not in (b"", b"id", b"retry"):
            self._stray_bytes += len(line) + _PER_LINE_BYTES
            self._stray.append(line)
        return None

    def _dispatch(self) -> SseEvent | None:
        data, name = self._data, self._name
        self._data, self._name, self._data_bytes = [], b"", 0
        if not data:
            return None
        return SseEvent(b"\n".join(data).decode("utf-8", "replace"), name.decode("utf-8", "replace"))

    @property
    def _over(self) -> bool:
        return max(self._line_bytes + self._data_bytes, self._stray_bytes) > self._limit_bytes

    def _check(self) -> None:
        if self._over:
            raise WireError("error.event_too_large", limit_mb=max(1, round(self._limit_bytes / 1024 / 1024)))
