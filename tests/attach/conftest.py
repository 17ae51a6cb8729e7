"""A shelf for the bytes that are kept, and pictures made on the spot."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image as pillow


class Shelf(dict[str, bytes]):
    """Keeps bytes by their SHA-256, as the blob store does."""

    def keep(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        self[name] = content
        return name


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def gradient(width: int, height: int, mode: str = "RGB") -> pillow.Image:
    """A picture in which each corner is told apart: red grows rightwards, green downwards."""
    ramp = pillow.linear_gradient("L")
    picture = pillow.merge(
        "RGB", [ramp.rotate(90).resize((width, height)), ramp.resize((width, height)), pillow.new("L", (width, height))]
    )
    return picture.convert(mode)


def encoded(picture: pillow.Image, format_name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_name, **options)
    return buffer.getvalue()


def decoded(content: bytes) -> pillow.Image:
    picture = pillow.open(io.BytesIO(content))
    picture.load()
    return picture


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int, *more: tuple[int, int]) -> bytes:
    """A tiny PNG whose header claims a size; `more` adds further headers that contradict it."""
    headers = b"".join(
        png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)) for size in ((width, height), *more)
    )
    data = png_chunk(b"IDAT", zlib.compress(b"\0" * 100_000, 9))
    return b"\x89PNG\r\n\x1a\n" + headers + data + png_chunk(b"IEND", b"")
