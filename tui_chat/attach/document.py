"""Documents: PDF, the one format `file` parts carry everywhere. Known by `%PDF-` near the start, sent byte for byte.

One that was uploaded to the provider goes along by its id alone: what is in it is not known here.
"""

from __future__ import annotations

import re

from tui_chat.attach.kind import Attached, Keep, Kind, Note, Options
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Document

_FILE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}")


def uploaded_file(typed: str) -> Document:
    """The part that names an uploaded file; raises AttachError where that is no file id."""
    id = typed.strip()
    if not _FILE_ID.fullmatch(id):
        raise AttachError("error.attach_file_id", id=id[:60])
    return Document("", "", "", file_id=id)


def _recognise(head: bytes, name: str) -> bool:
    # Readers accept some rubbish before the header (ISO 32000-1 Annex H.3.4.1); text that only mentions it is not one.
    place = head[:1024].find(b"%PDF-")
    return place == 0 or (place > 0 and name.lower().endswith(".pdf"))


def _make(content: bytes, name: str, options: Options, keep: Keep) -> Attached:
    if b"startxref" not in content and b"%%EOF" not in content:
        raise AttachError("error.attach_damaged", name=name)
    # Converters go by the name's ending as well as by the media type.
    named = name if name.lower().endswith(".pdf") else f"{name}.pdf"
    locked = b"/Encrypt" in content[-8192:]
    notes = (Note("attach.document_locked", {"name": name}),) if locked else ()
    return Attached(Document(keep(content), "application/pdf", named, len(content)), notes)


DOCUMENT = Kind("document", (".pdf",), _recognise, _make)
