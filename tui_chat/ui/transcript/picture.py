"""How does a picture look in cells? Two pixels a cell: an upper half block in the colour of one on that of the other.

Runs in a thread: decoding takes tens of milliseconds. Pillow is imported when the first picture is shown.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_chat.errors import ChatError

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 50_000_000
"""A larger picture is not decoded: 50 megapixels are 200 MB in memory."""
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "PPM")
_OPAQUE = 128  # of 255; a pixel less opaque than that shows the page behind it

Pixel = tuple[int, int, int, int]


def half_cells(data: bytes, max_columns: int, max_rows: int) -> list[Strip]:
    """`data` (PNG, JPEG, GIF, WebP …) as rows of half cells, its proportions kept, never enlarged.

    Args:
        data: a whole image file; of an animation the first picture is drawn.
        max_columns: cells there are; a cell is one pixel wide.
        max_rows: rows there are; a row is two pixels high.

    Raises:
        ChatError: it is not a picture that Pillow reads ("layout.picture_unreadable"), or one of more than
            `MAX_PIXELS` ("layout.picture_too_large"), which is known from the header, before it is decoded.
    """
    picture = _scaled(data, max(1, max_columns), max(1, max_rows) * 2)
    raw = picture.tobytes()
    pixels = list(zip(raw[::4], raw[1::4], raw[2::4], raw[3::4], strict=True))
    width, height = picture.size
    empty: list[Pixel] = [(0, 0, 0, 0)] * width
    lines = [pixels[at : at + width] for at in range(0, width * height, width)]
    if height % 2:
        lines.append(empty)
    return [Strip(_segments(upper, lower), width) for upper, lower in zip(lines[::2], lines[1::2], strict=True)]


def _scaled(data: bytes, width: int, height: int) -> Image:
    """The picture in RGBA, as its camera was held, at most `width` × `height` pixels."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    # Pillow warns of very large pictures on stderr, which is the screen here; as an error it can be caught.
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            pixels = picture.width * picture.height
            if pixels > MAX_PIXELS:
                raise _too_large(pixels)
            picture.draft("RGB", (width, height))
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
            upright.thumbnail((width, height))
            return upright
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(2 * MAX_PIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError) as error:
        raise ChatError("layout.picture_unreadable") from error


def _too_large(pixels: int) -> ChatError:
    return ChatError("layout.picture_too_large", megapixels=round(pixels / 1_000_000), limit=MAX_PIXELS // 1_000_000)


def _segments(upper: list[Pixel], lower: list[Pixel]) -> list[Segment]:
    """One row of cells; neighbours of the same two colours share a segment."""
    segments: list[Segment] = []
    start = 0
    cells = list(zip(upper, lower, strict=True))
    for at in range(1, len(cells) + 1):
        if at == len(cells) or cells[at] != cells[start]:
            segments.append(_cells(*cells[start], at - start))
            start = at
    return segments


def _cells(upper: Pixel, lower: Pixel, count: int) -> Segment:
    above = Color.from_rgb(*upper[:3]) if upper[3] >= _OPAQUE else None
    below = Color.from_rgb(*lower[:3]) if lower[3] >= _OPAQUE else None
    if above is None and below is None:
        return Segment(" " * count)
    if above is None:
        return Segment("▄" * count, Style(color=below))
    return Segment("▀" * count, Style(color=above, bgcolor=below))
