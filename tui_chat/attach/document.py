"""Documents: PDF, the one format `file` parts carry everywhere. Known by `%PDF-` near the start, sent byte for byte."""

from __future__ import annotations

from tui_chat.attach.kind import Attached, Keep, Kind, Note, Options
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Document


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
