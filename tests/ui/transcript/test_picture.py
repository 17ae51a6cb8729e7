"""Pictures become half cells of the right size and colours; what is none, or too large, is said so."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image
from rich.color import Color

from tui_chat.errors import ChatError
from tui_chat.ui.transcript.picture import MAX_PIXELS, half_cells


def encoded(picture: Image.Image, form: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def test_two_pixels_make_a_cell_with_two_colours():
    picture = Image.new("RGB", (2, 2), (255, 0, 0))
    picture.putpixel((0, 1), (0, 0, 255))
    picture.putpixel((1, 1), (0, 0, 255))
    (strip,) = half_cells(encoded(picture), 80, 40)
    (segment,) = strip
    assert segment.text == "▀▀"
    assert segment.style.color == Color.from_rgb(255, 0, 0)
    assert segment.style.bgcolor == Color.from_rgb(0, 0, 255)


@pytest.mark.parametrize(
    ("size", "room", "cells"),
    [
        ((1600, 800), (80, 40), (80, 20)),
        ((400, 1600), (80, 40), (20, 40)),
        ((10, 7), (80, 40), (10, 4)),
        ((3000, 1), (60, 10), (60, 1)),
    ],
)
def test_pictures_keep_their_proportions_and_are_not_enlarged(size, room, cells):
    strips = half_cells(encoded(Image.new("RGB", size, (9, 9, 9))), *room)
    assert (strips[0].cell_length, len(strips)) == cells
    assert all(strip.cell_length == cells[0] for strip in strips)


def test_the_page_shows_through_transparent_pixels():
    picture = Image.new("RGBA", (1, 4), (0, 0, 0, 0))
    picture.putpixel((0, 1), (1, 2, 3, 255))
    picture.putpixel((0, 2), (4, 5, 6, 255))
    upper, lower = half_cells(encoded(picture), 10, 10)
    assert (upper.text, lower.text) == ("▄", "▀")
    assert all(segment.style.bgcolor is None for strip in (upper, lower) for segment in strip)
    assert half_cells(encoded(Image.new("RGBA", (3, 2), (0, 0, 0, 0))), 10, 10)[0].text == "   "


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_common_formats_are_read(form):
    assert len(half_cells(encoded(Image.new("RGB", (40, 20), (200, 10, 10)), form), 40, 40)) == 10


def test_a_photo_is_turned_as_the_camera_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6
    strips = half_cells(encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif), 80, 80)
    assert (strips[0].cell_length, len(strips)) == (20, 20)


def header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(MAX_PIXELS // 1000 + 1, 1000), (10_000, 10_000), (60_000, 60_000)])
def test_a_very_large_picture_is_refused_by_its_header(size):
    with pytest.raises(ChatError) as caught:
        half_cells(header(*size), 80, 40)
    assert caught.value.key == "layout.picture_too_large"


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", encoded(Image.new("RGB", (90, 90)))[:60], b"<svg/>"]
)
def test_what_is_no_picture_is_said_to_be_none(data):
    with pytest.raises(ChatError) as caught:
        half_cells(data, 80, 40)
    assert caught.value.key == "layout.picture_unreadable"
