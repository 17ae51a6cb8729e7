"""How a compressed body is unpacked without trusting it.

We ask for `identity`, but proxies compress all the same. HTTP libraries unpack a chunk whole, and 809 bytes can become
512 MB; here pieces are bounded, and a body that grows two-hundredfold is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from tui_chat.errors import WireError

_PIECE_BYTES = 256 * 1024
_FREE_BYTES = 8 * 1024 * 1024
"""Below this nothing is a bomb."""
_GROWTH = 200
"""JSON events of one token each shrink to a thirtieth at best."""


def unpacker(encoding: str) -> Callable[[bytes], Iterator[bytes]] | None:
    """A function that unpacks one chunk after the other; None where nothing is packed.

    Args:
        encoding: the `Content-Encoding` header.

    Raises:
        WireError: "error.encoding_refused" for anything but gzip, deflate and identity; from the function also
            "error.event_too_large" for a bomb and "error.stream_cut" for bytes that can't be unpacked.
    """
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if not names:
        return None
    if len(names) > 1 or names[0] not in ("gzip", "x-gzip", "deflate"):
        raise WireError("error.encoding_refused", encoding=", ".join(names)[:60])
    return _Unpacker(31 if "gzip" in names[0] else 15)


class _Unpacker:
    def __init__(self, window_bits: int) -> None:
        self._bits = window_bits
        self._inflate = zlib.decompressobj(window_bits)
        self._head = b""
        """The first bytes, until something was unpacked from them."""
        self._in_bytes = 0
        self._out_bytes = 0

    def __call__(self, chunk: bytes) -> Iterator[bytes]:
        self._in_bytes += len(chunk)
        if not self._out_bytes and len(self._head) < 64:
            self._head += chunk
        while chunk:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(self._bits)  # another member follows the first
            try:
                piece = self._inflate.decompress(chunk, _PIECE_BYTES)
            except zlib.error:
                if self._bits != 15 or self._out_bytes:
                    raise WireError("error.stream_cut", retryable=True, host="") from None
                self._bits = -15  # some servers send deflate without its header
                self._inflate = zlib.decompressobj(self._bits)
                chunk = self._head
                continue
            if piece:
                self._head = b""
            self._out_bytes += len(piece)
            used_bytes = self._in_bytes - len(self._inflate.unconsumed_tail)
            if self._out_bytes > max(_FREE_BYTES, _GROWTH * used_bytes):
                raise WireError("error.event_too_large", limit_mb=_FREE_BYTES // 1024 // 1024)
            if piece:
                yield piece
            chunk = self._inflate.unconsumed_tail or self._inflate.unused_data
