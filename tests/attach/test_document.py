from __future__ import annotations

import pytest

from tests.attach.conftest import Shelf, encoded, gradient
from tui_chat.attach import attach_content
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Document, TextFile


def pdf() -> bytes:
    return encoded(gradient(50, 50), "PDF")


@pytest.mark.parametrize(
    ("name", "sent"), [("paper.pdf", "paper.pdf"), ("PAPER.PDF", "PAPER.PDF"), ("notes.txt", "notes.txt.pdf")]
)
def test_a_pdf_is_known_by_content_and_named_so_that_converters_know_it(name: str, sent: str, shelf: Shelf):
    content = pdf()
    attached = attach_content(content, name, keep=shelf.keep)
    part = attached.part
    assert isinstance(part, Document)
    assert part == Document(part.blob, "application/pdf", sent, len(content))
    assert shelf[part.blob] == content
    assert attached.notes == ()


def test_rubbish_before_the_header_is_accepted_as_readers_do(shelf: Shelf):
    assert isinstance(attach_content(b"\xef\xbb\xbf\n" + pdf(), "a.pdf", keep=shelf.keep).part, Document)


def test_text_that_only_speaks_of_pdf_stays_text(shelf: Shelf):
    assert isinstance(attach_content(b"Files begin with %PDF-1.7", "a.md", keep=shelf.keep).part, TextFile)


def test_half_a_pdf_is_damaged(shelf: Shelf):
    with pytest.raises(AttachError, match="attach_damaged"):
        attach_content(pdf()[:300], "a.pdf", keep=shelf.keep)


def test_an_encrypted_pdf_is_attached_with_a_warning(shelf: Shelf):
    content = pdf().replace(b"trailer\n<<", b"trailer\n<< /Encrypt 9 0 R")
    assert b"/Encrypt" in content
    attached = attach_content(content, "a.pdf", keep=shelf.keep)
    assert [note.key for note in attached.notes] == ["attach.document_locked"]
    assert not attached.suspicious
