"""Why could the disk not do it, in terms a person can act on: full, read-only, changed by someone, or failing."""

from __future__ import annotations

import errno
from pathlib import Path

from tui_chat.disk import FileChanged, FileTooLarge
from tui_chat.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def store_error(error: OSError, path: Path) -> StoreError:
    """The StoreError that tells what `error` on `path` means."""
    where = str(path)
    if isinstance(error, FileChanged):
        return StoreError("error.store_changed_outside", path=where)
    if isinstance(error, FileTooLarge):
        return StoreError("error.store_too_large", path=where)
    if error.errno in _FULL:
        return StoreError("error.store_full", path=where)
    if error.errno in _FORBIDDEN:
        return StoreError("error.store_read_only", path=where)
    return StoreError("error.store_failed", path=where, reason=error.strerror or type(error).__name__)
