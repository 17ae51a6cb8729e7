"""What may a person add to a message? Files of a few kinds, recognised by content, copied the moment they are added.

`attach_file` looks, reads, recognises, checks and keeps; afterwards the file may change or go. `KINDS` is the whole
list of kinds, asked in this order. Reading and decoding block: call from a thread, never from an event loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from tui_chat.attach.audio import AUDIO
from tui_chat.attach.clipboard import read_image
from tui_chat.attach.document import DOCUMENT, uploaded_file
from tui_chat.attach.foreign import foreign_format, refusal
from tui_chat.attach.image import IMAGE, image_url
from tui_chat.attach.image_header import format_of
from tui_chat.attach.kind import HEAD_BYTES, Attached, Keep, Kind, Note, Options, spoken_size
from tui_chat.attach.reading import read_file, shown_name
from tui_chat.attach.suspicion import suspicion
from tui_chat.attach.text import TEXT, is_utf8
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Audio, Detail, Document, Image, Part, Text, TextFile

__all__ = [
    "FILE_LIMIT_BYTES",
    "KINDS",
    "REQUEST_WARNING_BYTES",
    "Attached",
    "Kind",
    "Note",
    "attach_clipboard",
    "attach_content",
    "attach_file",
    "image_url",
    "request_size_warning",
    "spoken_size",
    "uploaded_file",
]

KINDS: tuple[Kind, ...] = (IMAGE, AUDIO, DOCUMENT, TEXT)

FILE_LIMIT_BYTES = 20 * 1024 * 1024
REQUEST_WARNING_BYTES = 20 * 1024 * 1024


def attach_file(
    path: Path,
    *,
    keep: Keep,
    limit_bytes: int = FILE_LIMIT_BYTES,
    image_limit_px: int = 2048,
    keep_original: bool = False,
    detail: Detail | None = None,
    as_text: bool = False,
    private: Iterable[Path] = (),
) -> Attached:
    """Attach a file: check it, copy its bytes through `keep`, and make the part that is sent.

    Args:
        path: the file; `~` is expanded.
        keep: stores bytes and returns their SHA-256 (`BlobStore.keep`).
        limit_bytes: a larger file is refused before it is read.
        image_limit_px: a picture with a longer side than this is downscaled.
        keep_original: send a picture as it is all the same.
        detail: the picture's `detail`; None leaves it out.
        as_text: take UTF-8 text of an unknown kind without asking.
        private: files that are never attached, such as the credentials store.

    Raises:
        AttachError: it can't be attached. With the key "error.attach_offer_text" it can be with `as_text`.
        StoreError: `keep` could not store it.
    """
    content = read_file(path, limit_bytes, private)
    return attach_content(
        content,
        shown_name(path),
        keep=keep,
        limit_bytes=limit_bytes,
        image_limit_px=image_limit_px,
        keep_original=keep_original,
        detail=detail,
        as_text=as_text,
    )


def attach_content(
    content: bytes,
    name: str,
    *,
    keep: Keep,
    limit_bytes: int = FILE_LIMIT_BYTES,
    image_limit_px: int = 2048,
    keep_original: bool = False,
    detail: Detail | None = None,
    as_text: bool = False,
) -> Attached:
    """Attach bytes that are at hand already (the clipboard, stdin) under a name; else as `attach_file`."""
    name = shown_name(name)
    if not content:
        raise AttachError("error.attach_empty", name=name)
    if len(content) > limit_bytes:
        size, limit = spoken_size(len(content)), spoken_size(limit_bytes)
        raise AttachError("error.attach_too_large", name=name, size=size, limit=limit)
    options = Options(image_limit_px, keep_original, detail)
    attached = _kind_of(content, name, as_text).make(content, name, options, keep)
    # Prose inside a photo or a PDF is not looked at: only the names of secret files count there.
    looked_at = content if isinstance(attached.part, TextFile) else b""
    if why := suspicion(name, looked_at):
        return replace(attached, notes=(why, *attached.notes), suspicious=True)
    return attached


def attach_clipboard(
    *,
    keep: Keep,
    limit_bytes: int = FILE_LIMIT_BYTES,
    image_limit_px: int = 2048,
    keep_original: bool = False,
    detail: Detail | None = None,
) -> Attached:
    """Attach the picture that is on the clipboard; asks a native tool, which may take seconds.

    Raises:
        AttachError: "error.attach_clipboard_…" (no_tool, empty, failed, timed_out, too_large), or as `attach_content`.
    """
    outcome = read_image()
    if outcome.result != "done":
        raise AttachError(f"error.attach_clipboard_{outcome.result}", tool=outcome.tool)
    suffix = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp"}.get(format_of(outcome.content), "bin")
    return attach_content(
        outcome.content,
        f"clipboard.{suffix}",
        keep=keep,
        limit_bytes=limit_bytes,
        image_limit_px=image_limit_px,
        keep_original=keep_original,
        detail=detail,
    )


def request_size_warning(parts: Iterable[Part], limit_bytes: int = REQUEST_WARNING_BYTES) -> Note | None:
    """A note if the parts of one request, encoded as they travel, reach `limit_bytes`; else None."""
    total = sum(_travelling_bytes(part) for part in parts)
    if total < limit_bytes:
        return None
    return Note("attach.request_large", {"size": spoken_size(total), "limit": spoken_size(limit_bytes)})


def _kind_of(content: bytes, name: str, as_text: bool) -> Kind:
    head = content[:HEAD_BYTES]
    for kind in KINDS:
        if kind.recognise(head, name) and not (kind is TEXT and foreign_format(content, name) and b"\0" in head):
            return kind
    if not is_utf8(content):
        raise refusal(content, name)
    if as_text:
        return TEXT
    raise AttachError("error.attach_offer_text", name=name)


def _travelling_bytes(part: Part) -> int:
    match part:
        case Image() | Audio() | Document():
            return (part.size + 2) // 3 * 4  # base64
        case TextFile():
            return part.size
        case Text():
            return len(part.text.encode("utf-8", "replace"))
        case _:
            return 0
