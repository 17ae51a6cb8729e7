"""What went over the line, exactly? The last requests of this run and their answers, in memory and nowhere else.

Kept for the person who wants to know why an answer is as it is. While an answer arrives this costs one list append a
chunk. Each body holds the whole conversation so far: what several have in common, earlier messages and files, is kept
once. An answer that came word by word is sixty times its words: a long one is packed as it comes.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

from msgspec import Struct, field

from tui_chat.discreet import Discreet
from tui_chat.errors import ChatError
from tui_chat.wire.redaction import without_keys

KEPT = 50
"""Exchanges that are remembered."""
STREAM_LIMIT_BYTES = 8 * 1024 * 1024
"""Bytes kept of one answer; what comes after them is only counted."""
TOTAL_LIMIT_BYTES = 16 * 1024 * 1024
"""Bytes held in all; the oldest exchanges go first, the newest stays whatever its size."""
_TRIM_EVERY_BYTES = 1024 * 1024
_PACK_BYTES = 64 * 1024
_DATA = re.compile(rb'(?<=[",])[A-Za-z0-9+/=]{4096,}(?=")')
"""Base64 long enough to be a file's: in a data URI, or a JSON string of its own."""
_MESSAGES = b'"messages":['
_BLOCK_BYTES = 16 * 1024
"""What of two bodies is the same is found in steps of this."""
_NEARLY_S = 2.0
"""A message's time is kept to the second only."""

Body = tuple[bytes, ...]
"""A request's body in pieces; joined they are what was sent."""


def in_pieces(body: bytes) -> Body:
    """A body cut so that what it has in common with the next, files and earlier messages, can be kept once."""
    pieces: list[bytes] = []
    at = 0
    for found in _DATA.finditer(body):
        pieces += (*_in_blocks(body[at : found.start()]), found[0])
        at = found.end()
    return (*pieces, *_in_blocks(body[at:]))


def _in_blocks(text: bytes) -> Iterator[bytes]:
    """Counted from the first message, so that a parameter before it moves no border."""
    before, mark, _rest = text[:_BLOCK_BYTES].partition(_MESSAGES)
    first = len(before) + len(mark) if mark else 0
    if first:
        yield text[:first]
    for at in range(first, len(text), _BLOCK_BYTES):
        yield text[at : at + _BLOCK_BYTES]


class Exchange(Discreet, Struct, eq=False):
    """One request and its answer as it stands. All times are seconds from `began`; None: that did not happen yet."""

    SHOWN = ("number", "model", "status")

    number: int
    """From 1, in this run; no two have the same."""
    model: str
    attempt: int = 1
    """1, or more where the same question was sent before."""
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    method: str = ""
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """As sent, the key masked."""
    body: Body = ()
    connecting_s: float | None = None
    """A connection was being opened; None where one that was open served."""
    connected_s: float | None = None
    sent_s: float | None = None
    """The request began to go out."""
    first_byte_s: float | None = None
    """The answer's head was there."""
    first_token_s: float | None = None
    """The answer said its first word."""
    ended_s: float | None = None
    status: int = 0
    """0 while there is no answer."""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    pieces: int = 0
    """How many of them came."""
    kept_bytes: int = 0
    """What is kept of the answer, however little room that takes."""
    lost_bytes: int = 0
    """What came beyond the limit."""
    completion_id: str = ""
    failure: str = ""
    """Error key of how it failed; "stopped" where we hung up."""
    limit_bytes: int = STREAM_LIMIT_BYTES
    trim: Callable[[], None] = field(default=lambda: None)
    _start: float = field(default_factory=monotonic)
    _trim_at: int = _TRIM_EVERY_BYTES
    _body: tuple[tuple[bytes, ...], list[bytes]] = field(default_factory=lambda: ((), []))
    """The first `STREAM_LIMIT_BYTES` of the answer's body: packs, and the chunks after them. In one, for who reads it
    while it is packed."""
    _loose_bytes: int = 0
    """What of it is not packed."""

    @property
    def request_id(self) -> str:
        """The gateway's id of the request, "" where it gave none."""
        return self.answer_headers.get("x-oneapi-request-id") or self.answer_headers.get("x-request-id") or ""

    @property
    def sent(self) -> bytes:
        """The body, byte for byte."""
        return b"".join(self.body)

    @property
    def received(self) -> bytes:
        """The answer's body as far as it is kept."""
        packs, chunks = self._body
        return b"".join([*map(zlib.decompress, packs), *list(chunks)])

    @property
    def held_bytes(self) -> int:
        """What the answer takes in memory."""
        return sum(map(len, self._body[0])) + self._loose_bytes

    @property
    def now_s(self) -> float:
        """Seconds since it began, or until it ended."""
        return self.ended_s if self.ended_s is not None else monotonic() - self._start

    # --- what the line tells ---

    def connects(self) -> None:
        """A new connection is made for it."""
        self.connecting_s = self.now_s

    def connected(self) -> None:
        """It is there, with all that lies between."""
        self.connected_s = self.now_s

    def sends(self) -> None:
        """Its first byte goes out."""
        self.sent_s = self.now_s

    def goes_out(self, method: str, url: str, headers: Iterable[tuple[str, str]]) -> None:
        """This is sent now."""
        self.method, self.url = method, url
        self.headers = tuple((name, _masked(name, value)) for name, value in headers)

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """The answer's head is there."""
        self.status, self.answer_headers = status, headers
        if self.first_byte_s is None:
            self.first_byte_s = self.now_s

    def take(self, chunk: bytes) -> None:
        """Keep the next bytes of the answer."""
        if self.kept_bytes + len(chunk) > self.limit_bytes:
            room = self.limit_bytes - self.kept_bytes
            self.lost_bytes += len(chunk) - room
            chunk = chunk[:room]
            if not chunk:
                return
        self._body[1].append(chunk)
        self.pieces += 1
        self.kept_bytes += len(chunk)
        self._loose_bytes += len(chunk)
        if self._loose_bytes >= _PACK_BYTES:
            self._pack()
        if self.kept_bytes >= self._trim_at:
            self._trim_at = self.kept_bytes + _TRIM_EVERY_BYTES
            self.trim()

    def ended(self) -> None:
        """Nothing more will come."""
        self.ended_s = self.now_s
        if self._body[0] and self._loose_bytes:
            self._pack()

    def _pack(self) -> None:
        packs, chunks = self._body
        self._body = (*packs, zlib.compress(b"".join(chunks), 1)), []
        self._loose_bytes = 0

    def spoke(self, completion_id: str) -> None:
        """The answer says something."""
        if self.first_token_s is None:
            self.first_token_s = self.now_s
            self.completion_id = completion_id


class Exchanges:
    """The last exchanges. Written by the engine; read by anyone: what is read is never changed in place."""

    def __init__(
        self, kept: int = KEPT, limit_bytes: int = STREAM_LIMIT_BYTES, total_bytes: int = TOTAL_LIMIT_BYTES
    ) -> None:
        self._most, self._limit_bytes, self._total_bytes = kept, limit_bytes, total_bytes
        self._kept: tuple[Exchange, ...] = ()
        self._files: dict[bytes, bytes] = {}
        self._count = 0

    @property
    def all(self) -> tuple[Exchange, ...]:
        """Those that are remembered, the oldest first."""
        return self._kept

    @property
    def kept_bytes(self) -> int:
        """How much they hold."""
        once = {id(piece): len(piece) for exchange in self._kept for piece in exchange.body}
        return sum(once.values()) + sum(exchange.held_bytes for exchange in self._kept)

    @contextmanager
    def record(self, model: str, body: Body, attempt: int = 1) -> Iterator[Exchange]:
        """An exchange that begins now and ends with the block, however it ends."""
        self._count += 1
        pieces = tuple(self._files.setdefault(piece, piece) if len(piece) >= 4096 else piece for piece in body)
        exchange = Exchange(self._count, model, attempt, body=pieces, limit_bytes=self._limit_bytes, trim=self._trim)
        self._kept = (*self._kept, exchange)
        self._trim()
        try:
            yield exchange
        except ChatError as error:
            exchange.failure = error.key
            raise
        except BaseException:  # closed or cancelled by whoever asked
            exchange.failure = "stopped"
            raise
        finally:
            exchange.ended()
            self._trim()

    def find(
        self,
        *,
        request_id: str = "",
        completion_id: str = "",
        model: str = "",
        time: datetime | None = None,
        total_s: float | None = None,
    ) -> tuple[Exchange, ...]:
        """The exchanges that a message came of: one for each time its question was sent, the last of them last.

        Told by the gateway's id of the request, else by the answer's own id, else (a request that nobody answered)
        by its model and time: `total_s` seconds from `time`, which is kept to the second.
        """
        kept = self._kept
        last = _last(kept, lambda exchange: bool(request_id) and exchange.request_id == request_id)
        last = last or _last(kept, lambda exchange: bool(completion_id) and exchange.completion_id == completion_id)
        if last is None and time is not None and not (request_id or completion_id):
            first, end = time - timedelta(seconds=0.1), time + timedelta(seconds=(total_s or 0.0) + _NEARLY_S)
            last = _last(kept, lambda exchange: exchange.model == model and first <= exchange.began <= end)
        if last is None:
            return ()
        same = [exchange for exchange in kept if exchange.body == last.body and exchange.number <= last.number]
        return tuple(same[-last.attempt :])

    def _trim(self) -> None:
        self._kept = kept = self._kept[-self._most :]
        if (held_bytes := self.kept_bytes) > self._total_bytes:
            uses = Counter(id(piece) for exchange in kept for piece in exchange.body)
            while len(kept) > 1 and held_bytes > self._total_bytes:
                oldest, kept = kept[0], kept[1:]
                held_bytes -= oldest.held_bytes
                for piece in oldest.body:
                    uses[id(piece)] -= 1
                    held_bytes -= 0 if uses[id(piece)] else len(piece)
            self._kept = kept
        if self._files:
            alive = {id(piece) for exchange in self._kept for piece in exchange.body}
            self._files = {piece: piece for piece in self._files if id(piece) in alive}


def _last(exchanges: tuple[Exchange, ...], is_it: Callable[[Exchange], bool]) -> Exchange | None:
    return next((exchange for exchange in reversed(exchanges) if is_it(exchange)), None)


def _masked(name: str, value: str) -> str:
    """A header's value without the key: of a bearer's key its ends."""
    if name.lower() in ("authorization", "proxy-authorization"):
        from tui_chat.wire.gateway import masked_key

        kind, _, key = value.partition(" ")
        return f"{kind} {masked_key(key)}"
    return without_keys(value)
