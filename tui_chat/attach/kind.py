"""What is a kind of attachment? Its name, its suffixes, how to know it by its content, and how to make a part of it.

A kind is a plain value, so that adding one means one file and one name in `attach.KINDS`. Content decides, never the
suffix: a photo called `notes.txt` is a photo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from tui_chat.errors import Fact
from tui_chat.wire.messages import Audio, Detail, Document, Image, TextFile

Keep = Callable[[bytes], str]
"""Stores bytes for good and returns their SHA-256 in hex (`BlobStore.keep`)."""

HEAD_BYTES = 4096
"""How much of a file's beginning `Kind.recognise` is shown."""


class Options(Struct, frozen=True):
    """How the person wants a file attached."""

    image_limit_px: int = 2048
    """A picture whose longer side is longer is downscaled to it."""
    keep_original: bool = False
    """Send a picture as it is, however large and even if it moves."""
    detail: Detail | None = None
    """`image_url.detail`; None leaves it out."""


class Note(Struct, frozen=True):
    """Something to tell the person about an attachment: a key into `words/` and what fills its blanks."""

    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


class Attached(Struct, frozen=True):
    """A file that was attached: its bytes are kept, so whatever happens to the file no longer matters."""

    part: Image | Audio | Document | TextFile
    notes: tuple[Note, ...] = ()
    suspicious: bool = False
    """It looks like a secret: ask before it is sent. The first note says why."""


class Kind(Struct, frozen=True):
    """One kind of attachment."""

    name: str
    """Names it in `words/` (`attach.kind.<name>`) and in the picker's filter."""
    suffixes: tuple[str, ...]
    """What its files are usually called, with the dot, in lower case; for the picker's filter alone."""
    recognise: Callable[[bytes, str], bool]
    """Whether a file with these first bytes (at most `HEAD_BYTES`) and this name is of this kind."""
    make: Callable[[bytes, str, Options, Keep], Attached]
    """Check the whole content, keep it, and make its part; raises AttachError."""


def spoken_size(size_bytes: int) -> str:
    """A size as people say it: "812 B", "4.1 KB", "20 MB"; steps of 1024."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in ("KB", "MB", "GB"):
        size /= 1024
        if size < 1023.5 or unit == "GB":
            break
    return f"{size:.1f}".removesuffix(".0") + f" {unit}" if size < 99.95 else f"{size:.0f} {unit}"
