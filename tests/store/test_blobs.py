from __future__ import annotations

import errno
import hashlib
import os

import pytest

from tui_chat.chat.keeping import BlobStore
from tui_chat.errors import AttachError, StoreError
from tui_chat.store.blobs import Blobs
from tui_chat.store.places import Places


@pytest.fixture
def blobs(home: Places) -> Blobs:
    return Blobs(home.blobs)


def test_bytes_come_back_and_are_kept_once(blobs: Blobs, home: Places) -> None:
    store: BlobStore = blobs
    sha256 = store.keep(b"picture")
    assert sha256 == hashlib.sha256(b"picture").hexdigest()
    assert store.keep(b"picture") == sha256
    assert store.load(sha256) == b"picture"
    assert [entry.name for entry in home.blobs.iterdir()] == [sha256]
    if os.name != "nt":
        assert blobs.path(sha256).stat().st_mode & 0o777 == 0o600


def test_a_missing_blob_is_said(blobs: Blobs) -> None:
    for name in ("0" * 64, "../settings.toml", "", "0" * 63 + "\n"):
        with pytest.raises(AttachError) as missing:
            blobs.load(name)
        assert missing.value.key == "error.blob_missing"


def test_a_spoilt_blob_is_said_and_mended_by_attaching_again(blobs: Blobs) -> None:
    sha256 = blobs.keep(b"picture")
    blobs.path(sha256).write_bytes(b"pictura")
    with pytest.raises(AttachError) as damaged:
        blobs.load(sha256)
    assert damaged.value.key == "error.blob_damaged"
    blobs.keep(b"picture")
    assert blobs.load(sha256) == b"picture"


def test_a_full_disk_is_said_and_leaves_nothing(blobs: Blobs, monkeypatch: pytest.MonkeyPatch, home: Places) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError) as failed:
        blobs.keep(b"picture")
    monkeypatch.undo()
    assert failed.value.key == "error.store_full"
    assert list(home.blobs.iterdir()) == []
