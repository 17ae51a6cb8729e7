from __future__ import annotations

from pathlib import Path

import pytest

from tests.attach.conftest import Shelf, encoded, gradient
from tui_chat.attach import KINDS, attach_clipboard, attach_content, attach_file, request_size_warning
from tui_chat.attach import clipboard as clipboard_file
from tui_chat.attach.kind import spoken_size
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Audio, Document, Image, Text, TextFile
from tui_chat.words import sentences


def key_of(content: bytes, name: str, **options: bool) -> str:
    with pytest.raises(AttachError) as caught:
        attach_content(content, name, keep=lambda _: "kept", **options)
    return caught.value.key


def test_there_are_four_kinds_and_no_suffix_belongs_to_two():
    assert [kind.name for kind in KINDS] == ["image", "audio", "document", "text"]
    suffixes = [suffix for kind in KINDS for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


def test_text_of_an_unknown_kind_is_offered_and_then_taken(shelf: Shelf):
    assert key_of(b"some words", "a.xyz") == "error.attach_offer_text"
    part = attach_content(b"some words", "a.xyz", keep=shelf.keep, as_text=True).part
    assert part == TextFile(part.blob, "a.xyz", 10, "")


@pytest.mark.parametrize("name", ["photo.png", "song.mp3", "paper.pdf"])
def test_text_that_calls_itself_something_else_is_offered_as_text(name: str):
    assert key_of(b"<html>404 not found</html>", name) == "error.attach_offer_text"


def test_bytes_of_an_unknown_kind_are_refused_even_as_text():
    assert key_of(bytes(range(256)), "a.bin") == "error.attach_unknown"
    assert key_of(bytes(range(256)), "a.bin", as_text=True) == "error.attach_unknown"
    assert key_of(b"\x7fELF\x02\x01\x01\0\0\0\xff", "program") == "error.attach_unknown"


@pytest.mark.parametrize(
    ("content", "name", "key", "format_name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "IMG_1.HEIC", "image", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "a.avif", "image", "AVIF"),
        (b"BM\xff\0\0\0\0\0", "a.bmp", "image", "BMP"),
        (b"II*\0\xff\0\0\0", "a.tiff", "image", "TIFF"),
        (b"OggS\0\xff", "a.ogg", "audio", "Ogg"),
        (b"fLaC\0\0\0\xff", "a.flac", "audio", "FLAC"),
        (b"\0\0\0\x18ftypM4A \0\0\xff", "a.m4a", "audio", "M4A"),
        (b"\xff\xf1\x50\x80\0\xff", "a.aac", "audio", "AAC"),
        (b"\0\0\0\x18ftypisom\0\0\xff", "a.mp4", "video", "MP4"),
        (b"RIFF\xff\0\0\0AVI LIST", "a.avi", "video", "AVI"),
        (b"PK\x03\x04\xff\0", "a.docx", "document", "DOCX"),
        (b"PK\x03\x04\xff\0", "a.zip", "packed", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xff\0", "a.doc", "document", "Microsoft Office"),
        (b"\0\0\0\x18ftypheic\0\0\xff\0", "renamed.txt", "image", "HEIC"),
    ],
)
def test_a_known_format_that_models_do_not_take_is_named(content: bytes, name: str, key: str, format_name: str):
    with pytest.raises(AttachError) as caught:
        attach_content(content, name, keep=lambda _: "kept")
    assert caught.value.key == f"error.attach_foreign_{key}"
    assert caught.value.facts == {"name": name, "format": format_name}


def test_content_at_hand_has_the_same_limits_as_a_file():
    assert key_of(b"", "a.txt") == "error.attach_empty"
    with pytest.raises(AttachError, match="attach_too_large"):
        attach_content(b"abc", "a.txt", keep=lambda _: "kept", limit_bytes=2)


SECRET_NAMES = {
    "id_rsa": "key",
    "id_ed25519.bak": "key",
    "server.key": "key",
    "login.ppk": "key",
    ".env": "environment",
    ".env.production": "environment",
    "dev.env": "environment",
    ".ENV": "environment",
    "credentials": "credentials",
    "credentials.json": "credentials",
    ".netrc": "credentials",
    ".pgpass": "credentials",
    ".git-credentials": "credentials",
    ".npmrc": "credentials",
    ".pypirc": "credentials",
    "client_secret_12.json": "credentials",
    "secrets.yaml": "credentials",
    "terraform.tfstate": "credentials",
}


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_file_named_like_a_secret_is_attached_with_a_question(name: str, shelf: Shelf, tmp_path: Path):
    (tmp_path / name).write_text("hello")
    attached = attach_file(tmp_path / name, keep=shelf.keep, as_text=True)
    assert attached.suspicious
    assert attached.notes[0].key == f"attach.secret_{SECRET_NAMES[name]}"
    assert attached.notes[0].facts == {"name": name}
    assert shelf[attached.part.blob] == b"hello"  # type: ignore[union-attr]


# Put together here, so that no scanner takes this file for a leak.
SECRET_CONTENTS = {
    "openssh": ("-----BEGIN OPENSSH PRIVATE" + " KEY-----\nb3Blbn", "key"),
    "rsa": ("some words first\n-----BEGIN RSA PRIVATE" + " KEY-----\nMIIE", "key"),
    "pkcs8": ("-----BEGIN PRIVATE" + " KEY-----\nMIIE", "key"),
    "encrypted": ("-----BEGIN ENCRYPTED PRIVATE" + " KEY-----\nMIIE", "key"),
    "pgp": ("-----BEGIN PGP PRIVATE" + " KEY BLOCK-----\n", "key"),
    "putty": ("PuTTY-User-Key-" + "File-3: ssh-rsa\n", "key"),
    "service account": ('{"private_key": "-----BEGIN PRIVATE' + ' KEY-----\\nMII"}', "key"),
    "openai": ('api = "sk-' + "proj-" + "A1b2" * 10 + '"', "token"),
    "github": ("token: ghp_" + "a1B2" * 9, "token"),
    "aws": ("aws_access_key_id = AKIA" + "ABCDEFGH12345678", "token"),
    "slack": ("xoxb-" + "123456789012-abcdefghijkl", "token"),
}


@pytest.mark.parametrize("name", SECRET_CONTENTS)
def test_a_file_that_holds_a_secret_is_attached_with_a_question(name: str, shelf: Shelf):
    content, kind = SECRET_CONTENTS[name]
    attached = attach_content(content.encode(), "notes.txt", keep=shelf.keep)
    assert attached.suspicious
    assert attached.notes[0].key == f"attach.secret_{kind}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("id_rsa.pub", "ssh-rsa AAAAB3Nza me@host"),
        (".env.example", "PASSWORD="),
        ("environment.py", "import os"),
        ("keyboard.txt", "keys"),
        ("cert.pem", "-----BEGIN CERTIFICATE-----\nMIIE"),
        ("task.md", "the word sk-ip and a risk-averse-and-long-hyphenated-word-list"),
        ("talk.md", "Write `BEGIN PRIVATE` and then KEY"),
    ],
)
def test_harmless_files_are_attached_without_a_question(name: str, content: str, shelf: Shelf):
    attached = attach_content(content.encode(), name, keep=shelf.keep)
    assert not attached.suspicious and attached.notes == ()


def test_a_request_is_weighed_as_it_travels():
    megabyte = 1024 * 1024
    image = Image(blob="a", size=9 * megabyte)
    assert request_size_warning([image, Text("hello")]) is None  # 12 MB in base64
    note = request_size_warning(
        [
            image,
            Audio("b", "wav", size=3 * megabyte),
            Document("c", "application/pdf", "d", 1),
            TextFile("e", "f", 5 * megabyte),
            Image(url="https://example.org/huge.png"),
        ]
    )
    assert note is not None
    assert (note.key, note.facts) == ("attach.request_large", {"size": "21 MB", "limit": "20 MB"})
    assert request_size_warning([Text("字" * 10)], limit_bytes=30) is not None
    assert request_size_warning([Text("字" * 10)], limit_bytes=31) is None


def test_a_picture_comes_from_the_clipboard(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    content = encoded(gradient(30, 20), "PNG")
    monkeypatch.setattr("tui_chat.attach.read_image", lambda: clipboard_file.Outcome("done", "xclip", content))
    part = attach_clipboard(keep=shelf.keep, detail="low").part
    assert part == Image(part.blob, "", "image/png", "clipboard.png", 30, 20, len(content), "low")  # type: ignore[union-attr]


@pytest.mark.parametrize("result", ["no_tool", "empty", "failed", "timed_out", "too_large"])
def test_every_failure_of_the_clipboard_has_its_words(result: clipboard_file.Result, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tui_chat.attach.read_image", lambda: clipboard_file.Outcome(result, "xclip"))
    with pytest.raises(AttachError) as caught:
        attach_clipboard(keep=lambda _: "kept")
    for language in ("en", "zh"):
        assert sentences(language)[f"{caught.value.key}.says"].format_map(caught.value.facts)


@pytest.mark.parametrize(
    ("size_bytes", "spoken"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (4200, "4.1 KB"), (20 * 1024**2, "20 MB"), (1024**2 - 1, "1 MB"),
     (150 * 1024, "150 KB"), (10 * 1024**3, "10 GB"), (5000 * 1024**3, "5000 GB")],
)  # fmt: skip
def test_sizes_are_said_as_people_say_them(size_bytes: int, spoken: str):
    assert spoken_size(size_bytes) == spoken


def test_every_key_this_room_uses_has_words_with_the_same_blanks_in_both_languages():
    import re
    import string

    folder = Path(clipboard_file.__file__).parent
    used: set[str] = set()
    for file in folder.glob("*.py"):
        used |= set(re.findall(r'"((?:error\.attach|attach\.)[a-z_]*[a-z])"', file.read_text("utf-8")))
    used |= {f"error.attach_foreign_{family}" for family in ("image", "audio", "video", "document", "packed")}
    used |= {f"attach.kind.{kind.name}" for kind in KINDS}
    assert len(used) > 30
    english, chinese = sentences("en"), sentences("zh")
    for key in used:
        assert (f"{key}.says" if key.startswith("error.") else key) in english, key
    ours = {key for key in english if key.startswith(("attach.", "error.attach_"))}
    assert ours == {key for key in chinese if key.startswith(("attach.", "error.attach_"))}

    def blanks(sentence: str) -> set[str | None]:
        return {blank for _, blank, _, _ in string.Formatter().parse(sentence)}

    for key in ours:
        assert blanks(english[key]) - {None} == blanks(chinese[key]) - {None}, key
