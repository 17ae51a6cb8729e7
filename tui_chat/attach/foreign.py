"""What is a file that we can't send? Named by its content, so that the refusal can say what to convert it to."""

from __future__ import annotations

from tui_chat.attach.audio import is_wav
from tui_chat.errors import AttachError

_BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
    b"avif": "AVIF",
    b"avis": "AVIF",
}
"""Major brands of the ISO media format that are pictures. Source: ISO 23008-12."""
_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"BM", "image", "BMP"),
    (b"II*\0", "image", "TIFF"),
    (b"MM\0*", "image", "TIFF"),
    (b"8BPS", "image", "PSD"),
    (b"\xff\x0a", "image", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "image", "JPEG XL"),
    (b"\0\0\x01\0", "image", "ICO"),
    (b"OggS", "audio", "Ogg"),
    (b"fLaC", "audio", "FLAC"),
    (b"FORM", "audio", "AIFF"),
    (b"#!AMR", "audio", "AMR"),
    (b"\xff\xf1", "audio", "AAC"),
    (b"\xff\xf9", "audio", "AAC"),
    (b"\x1aE\xdf\xa3", "video", "Matroska/WebM"),
    (b"PK\x03\x04", "packed", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "document", "Microsoft Office"),
    (b"{\\rtf", "document", "RTF"),
)
_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub")


def foreign_format(content: bytes, name: str) -> tuple[str, str] | None:
    """The family ("image", "audio", "video", "document", "packed") and the format's own name, or None."""
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if picture := _BRANDS.get(brand):
            return "image", picture
        return ("audio", "M4A") if brand.startswith(b"M4A") else ("video", "MP4")
    if content[:4] == b"RIFF" and not is_wav(content):
        return ("video", "AVI") if content[8:12] == b"AVI " else None
    for start, family, format_name in _STARTS:
        if content.startswith(start):
            suffix = "." + name.lower().rpartition(".")[2]
            if family == "packed" and suffix in _OFFICE:
                return "document", suffix[1:].upper()
            return family, format_name
    return None


def refusal(content: bytes, name: str) -> AttachError:
    """The error for content of no kind that can be sent and that is no text either."""
    if found := foreign_format(content, name):
        family, format_name = found
        return AttachError(f"error.attach_foreign_{family}", name=name, format=format_name)
    return AttachError("error.attach_unknown", name=name)
