"""How large is a picture, going by its first bytes? Asked before anything decodes it: a 50 KB file can hold 400 MP.

Only the size is read, and only from the four formats that every vision model takes.
"""

from __future__ import annotations

from msgspec import Struct

_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of start-of-frame segments. Source: ITU T.81 table B.1."""
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""


class Header(Struct, frozen=True):
    """What a picture's header claims."""

    format: str
    """Pillow's name of the format: PNG, JPEG, WEBP or GIF."""
    media_type: str
    width: int
    """Pixels as stored, before any EXIF turn; 0 where the header is broken."""
    height: int

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height


def format_of(head: bytes) -> str:
    """PNG, JPEG, WEBP, GIF, or "" for anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return ""


def read_header(content: bytes) -> Header | None:
    """The picture's header; None if this is none of the four formats."""
    format_name = format_of(content)
    if not format_name:
        return None
    width, height = _SIZES[format_name](content)
    return Header(format_name, f"image/{format_name.lower()}", width, height)


def _png_size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return 0, 0
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _gif_size(content: bytes) -> tuple[int, int]:
    if len(content) < 10:
        return 0, 0
    return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")


def _webp_size(content: bytes) -> tuple[int, int]:
    """RFC 9649 §2.5 to §2.7: lossy, lossless and extended each say it elsewhere."""
    kind = content[12:16]
    if len(content) < 30 and kind != b"VP8L":
        return 0, 0
    if kind == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(content[26:28], "little") & 0x3FFF, int.from_bytes(content[28:30], "little") & 0x3FFF
    if kind == b"VP8L" and len(content) >= 25 and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0


def _jpeg_size(content: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 <= len(content):
        if content[place] != 0xFF:
            return 0, 0
        marker = content[place + 1]
        if marker == 0xFF:  # fill
            place += 1
            continue
        if marker in _JPEG_BARE:
            place += 2
            continue
        if marker in _JPEG_SIZES:
            return int.from_bytes(content[place + 7 : place + 9], "big"), int.from_bytes(
                content[place + 5 : place + 7], "big"
            )
        if marker in (0xDA, 0xD9):  # the picture begins or ends with no size said
            return 0, 0
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        if length < 2:
            return 0, 0
        place += 2 + length
    return 0, 0


_SIZES = {"PNG": _png_size, "JPEG": _jpeg_size, "GIF": _gif_size, "WEBP": _webp_size}
