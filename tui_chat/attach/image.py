"""Pictures: PNG, JPEG, WEBP and GIF by content; sent byte for byte where small enough, else downscaled.

Vision models scale a picture down to about 2048 px themselves, so sending more only costs time and body size. The
header is read before anything is decoded, and one picture is decoded at a time: that bounds the memory, and Pillow's
warnings can be caught, which is a process-wide switch.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from tui_chat.attach.image_header import Header, format_of, read_header
from tui_chat.attach.kind import Attached, Keep, Kind, Note, Options
from tui_chat.errors import AttachError, Fact
from tui_chat.wire.messages import Detail, Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = 50_000_000
MAX_URL_CHARACTERS = 8192
_MAX_SCANNED_PIXELS = 1_500_000_000
"""Pixels times scans of a JPEG: a progressive one of thousands of scans decodes for minutes."""
_JPEG_QUALITY = 90
_ORIENTATION = 0x0112
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""What sets a picture upright, by its EXIF orientation. Source: CIPA DC-008 §4.6.4 A."""

_decoding = threading.Lock()


def image_url(url: str, detail: Detail | None = None) -> Image:
    """A picture that the gateway fetches by itself; the address is checked here, not fetched.

    Raises:
        AttachError: it isn't an http(s) address, names no host, carries a password or is too long.
    """
    url = url.strip()
    try:
        pieces = urlsplit(url)
        host, secret = pieces.hostname, pieces.password is not None or pieces.username is not None
    except ValueError:
        host, secret, pieces = None, False, urlsplit("")
    shown = url if len(url) <= 100 else url[:99] + "…"
    if secret:
        raise AttachError("error.attach_url_password", host=host or "")
    if pieces.scheme not in ("http", "https") or not host or not _is_plain(url) or len(url) > MAX_URL_CHARACTERS:
        raise AttachError("error.attach_url", url=shown)
    return Image(url=url, name=unquote(pieces.path.rpartition("/")[2], errors="replace") or host, detail=detail)


def _is_plain(url: str) -> bool:
    return not any(letter.isspace() or not letter.isprintable() for letter in url)


def _recognise(head: bytes, name: str) -> bool:
    return bool(format_of(head))


def _make(content: bytes, name: str, options: Options, keep: Keep) -> Attached:
    header = read_header(content)
    if header is None or header.pixels == 0:
        raise AttachError("error.attach_damaged", name=name)
    _refuse_bomb(header.width, header.height, name)
    if header.format == "JPEG" and header.pixels * content.count(b"\xff\xda") > _MAX_SCANNED_PIXELS:
        raise AttachError("error.attach_image_bomb", name=name, width=header.width, height=header.height)
    with _opened(content, header, name) as picture:
        sent = _prepared(picture, content, header, name, options)
    part = Image(
        blob=keep(sent.content),
        media_type=f"image/{sent.format.lower()}",
        name=name,
        width=sent.width,
        height=sent.height,
        size=len(sent.content),
        detail=options.detail,
    )
    return Attached(part, sent.notes)


class _Sent(Struct, frozen=True):
    """What is sent of a picture; the size is the upright one, as people see it."""

    content: bytes
    format: str
    width: int
    height: int
    notes: tuple[Note, ...]


def _prepared(picture: Picture, content: bytes, header: Header, name: str, options: Options) -> _Sent:
    orientation = _orientation(picture)
    width, height = (header.height, header.width) if orientation >= 5 else (header.width, header.height)
    moves = header.format in ("GIF", "WEBP") and bool(getattr(picture, "is_animated", False))
    small = max(width, height) <= options.image_limit_px
    if options.keep_original or (small and not moves):
        _check_whole(picture, header, options)
        notes = (Note("attach.animated", {"name": name}),) if moves else ()
        return _Sent(content, header.format, width, height, notes)
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA", "P") else None
    upright = _upright(_scaled(picture, header, options.image_limit_px), orientation)
    format_name = "PNG" if header.format == "GIF" else header.format
    told = [Note("attach.first_frame", {"name": name})] if moves else []
    if not small:
        facts: dict[str, Fact] = {"width": upright.width, "height": upright.height}
        facts |= {"name": name, "from_width": width, "from_height": height}
        told.append(Note("attach.downscaled", facts))
    return _Sent(_encoded(upright, format_name, profile), format_name, upright.width, upright.height, tuple(told))


def _refuse_bomb(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise AttachError("error.attach_image_bomb", name=name, width=width, height=height)


@contextmanager
def _opened(content: bytes, header: Header, name: str) -> Iterator[Picture]:
    """The picture in Pillow's hands, its size checked again: later headers inside the file may contradict the first.

    Raises:
        AttachError: whatever Pillow finds wrong with it, here or while the block works on it.
    """
    # The plugin is imported by name: for a format it doesn't know yet, Pillow would import all forty.
    from PIL import Image as pillow
    from PIL import WebPImagePlugin  # noqa: F401

    try:
        with _decoding, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", pillow.DecompressionBombWarning)
            with pillow.open(io.BytesIO(content), formats=[header.format]) as picture:
                _refuse_bomb(*picture.size, name)
                yield picture
    except AttachError:
        raise
    except (pillow.DecompressionBombError, pillow.DecompressionBombWarning) as error:
        raise AttachError("error.attach_image_bomb", name=name, width=header.width, height=header.height) from error
    except Exception as error:  # a decoder fed with rubbish raises anything, down to struct.error and KeyError
        raise AttachError("error.attach_damaged", name=name) from error


def _check_whole(picture: Picture, header: Header, options: Options) -> None:
    """Decode once to know that nothing is cut off; a JPEG at an eighth of its size, a kept giant not at all."""
    if max(header.width, header.height) <= 2 * options.image_limit_px:
        picture.draft(None, (max(1, header.width // 8), max(1, header.height // 8)))
        picture.load()


def _orientation(picture: Picture) -> int:
    try:
        turn = picture.getexif().get(_ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError):  # broken EXIF does not break the picture
        return 1
    return turn if isinstance(turn, int) and turn in _TURNS else 1


def _scaled(picture: Picture, header: Header, limit_px: int) -> Picture:
    """The picture at most `limit_px` long, in a colour mode that can be scaled smoothly."""
    from PIL.Image import Resampling

    scale = min(1.0, limit_px / max(header.width, header.height))
    size = (max(1, round(header.width * scale)), max(1, round(header.height * scale)))
    picture.draft(None, size)  # a JPEG decoder can leave out detail at once; nothing happens for the others
    picture.load()
    plain = _smooth_mode(picture)
    return plain if plain.size == size else plain.resize(size, Resampling.LANCZOS, reducing_gap=3.0)


def _smooth_mode(picture: Picture) -> Picture:
    if picture.mode in ("RGB", "RGBA", "L", "LA"):
        return picture if "transparency" not in picture.info else picture.convert("RGBA")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode.startswith("I"):  # 16 bits of grey; a plain conversion would clip it to white
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")


def _upright(picture: Picture, orientation: int) -> Picture:
    if orientation not in _TURNS:
        return picture
    from PIL.Image import Transpose

    return picture.transpose(Transpose[_TURNS[orientation]])


def _encoded(picture: Picture, format_name: str, profile: object) -> bytes:
    """The picture's file; a colour profile is kept where it still fits, EXIF (place, camera) is left out."""
    buffer = io.BytesIO()
    kept = profile if isinstance(profile, bytes) else None
    if format_name == "JPEG":
        plain = picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
        plain.save(buffer, "JPEG", quality=_JPEG_QUALITY, icc_profile=kept)
    elif format_name == "WEBP":
        picture.save(buffer, "WEBP", quality=_JPEG_QUALITY, icc_profile=kept)
    else:
        picture.save(buffer, "PNG", icc_profile=kept)
    return buffer.getvalue()


IMAGE = Kind("image", (".png", ".jpg", ".jpeg", ".webp", ".gif"), _recognise, _make)
