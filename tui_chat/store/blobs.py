"""Where are the bytes of attachments and generated media: one private file each, named by what is in it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from tui_chat.disk import make_folder, read_bounded, replace_file
from tui_chat.errors import AttachError
from tui_chat.store.reasons import store_error

LIMIT_BYTES = 256 * 1024 * 1024
"""The largest blob that is loaded."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """The folder of blobs. The same bytes are kept once, however often they are attached."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Store bytes; returns their SHA-256 in hex. They are on disk when this returns.

        Raises:
            StoreError: they can't be stored.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        try:
            if not self._holds(path, content):
                make_folder(self._folder)
                replace_file(path, content)
        except OSError as error:
            raise store_error(error, path) from error
        return sha256

    def load(self, sha256: str) -> bytes:
        """The bytes of that SHA-256.

        Raises:
            AttachError: they are gone, can't be read, or are not those bytes any more.
        """
        try:
            content = read_bounded(self.path(sha256), LIMIT_BYTES)
        except OSError as error:
            raise AttachError("error.blob_missing", blob=sha256[:12]) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise AttachError("error.blob_damaged", blob=sha256[:12])
        return content

    def path(self, sha256: str) -> Path:
        """The file of that SHA-256, there or not.

        Raises:
            AttachError: that is no SHA-256; session files are anyone's, and a name from one must not lead elsewhere.
        """
        if not _SHA256.fullmatch(sha256):
            raise AttachError("error.blob_missing", blob=sha256[:12])
        return self._folder / sha256

    def _holds(self, path: Path, content: bytes) -> bool:
        try:
            return read_bounded(path, len(content)) == content
        except OSError:
            return False
