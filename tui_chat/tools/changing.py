"""How is a file of the person's changed so that nothing is lost? What was agreed to, and nothing else, or not at all.

The card shows a diff against the file as it stood then; if it is another by the time the call runs, it isn't
touched. Its former content is kept before it is replaced, and it is replaced whole.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections import OrderedDict
from pathlib import Path
from threading import Lock

from msgspec import Struct

from tui_chat.disk import FILE_MODE, WINDOWS, make_folder, read_bounded, replace_file
from tui_chat.errors import ToolError
from tui_chat.tools.difference import unified
from tui_chat.tools.folders import LIMIT_BYTES, allowed, content_of, file_error, shown
from tui_chat.tools.tool import Preview, Surroundings

BACKUP_NAME = r"\d{8}-\d{6}-(?P<file>[0-9a-f]{8})-[0-9a-f]{6}-"
"""How names of backups begin: when, of which file (by a hash of its path), and what makes the name its own."""
_REMEMBERED = 256
_looked: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
"""Of changes that were shown: the file and what was asked for, to what the file was then."""
_guard = Lock()


class Change(Struct, frozen=True):
    """One file as it is, and as it would be."""

    path: Path
    """Resolved, within a granted folder."""
    before: bytes | None
    """None: there is no such file yet."""
    after: bytes
    old_text: str
    new_text: str
    asked: tuple[str, ...]
    """What the call asked for, by which it is known again between the look and the change."""

    @property
    def _key(self) -> tuple[str, bytes]:
        told = b"\0".join(hashlib.sha256(part.encode()).digest() for part in self.asked)
        return str(self.path), hashlib.sha256(told).digest()

    @property
    def _state(self) -> bytes:
        return b"" if self.before is None else hashlib.sha256(self.before).digest()


def current(path: str, surroundings: Surroundings) -> tuple[Path, bytes | None]:
    """The file that a path means, and its content; None where there is none yet.

    Raises:
        ToolError: it isn't granted, or it is there and can't be replaced.
    """
    real = allowed(path, surroundings)
    try:
        status = real.lstat()
    except (FileNotFoundError, NotADirectoryError):
        _check_parent(real)
        return real, None
    except OSError as error:
        raise file_error(error, real) from error
    content = content_of(real, surroundings)
    if not os.access(real, os.W_OK) or (not WINDOWS and not status.st_mode & 0o222):
        raise ToolError("error.tool_forbidden", path=shown(real))
    return real, content


def look_at(change: Change, surroundings: Surroundings) -> Preview:
    """What the person decides on; the file's state is remembered until the change is made."""
    with _guard:
        _looked[change._key] = change._state
        _looked.move_to_end(change._key)
        while len(_looked) > _REMEMBERED:
            _looked.popitem(last=False)
    old = None if change.before is None else change.old_text
    diff = unified(old, change.new_text, shown(change.path))
    return Preview(folder=shown(change.path.parent), diff=diff)


def make(change: Change, surroundings: Surroundings) -> Path | None:
    """Make the change; returns where the former content is kept, None where there was none to keep.

    Raises:
        ToolError: the file is no longer what it was when the change was shown, or the disk refuses.
    """
    with _guard:
        agreed = _looked.pop(change._key, None)
    if agreed is not None and agreed != change._state:
        raise ToolError("error.tool_changed_meanwhile", path=shown(change.path))
    try:
        backup = _kept(change, surroundings)
        make_folder(change.path.parent)
        if _is_now(change.path) != change.before or os.path.realpath(change.path) != str(change.path):
            raise ToolError("error.tool_changed_meanwhile", path=shown(change.path))
        replace_file(change.path, change.after)
    except OSError as error:
        raise file_error(error, change.path) from error
    return backup


def said(change: Change, backup: Path | None) -> str:
    """What the model is told of a change that was made."""
    size = f"{len(change.after)} bytes"
    if change.before is None:
        return f"Created {shown(change.path)} ({size})."
    if backup is None:
        return f"Changed {shown(change.path)} (now {size})."
    return f"Changed {shown(change.path)} (now {size}). The former content is kept in {shown(backup)}."


def _check_parent(real: Path) -> None:
    """Raise ToolError where no file can be made: something on the way is no folder."""
    for folder in real.parents:
        try:
            if not stat.S_ISDIR(folder.stat().st_mode):
                raise ToolError("error.tool_not_folder", path=shown(folder))
            return
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            continue
        except OSError as error:
            raise file_error(error, folder) from error


def _is_now(path: Path) -> bytes | None:
    """The content at this moment; None where there is no file."""
    try:
        return read_bounded(path, LIMIT_BYTES)
    except FileNotFoundError:
        return None


def _kept(change: Change, surroundings: Surroundings) -> Path | None:
    """Write the former content into the folder of backups, on disk when this returns."""
    if change.before is None or surroundings.backups is None:
        return None
    make_folder(surroundings.backups)
    moment = time.strftime("%Y%m%d-%H%M%S")
    name = shown(change.path.name).encode()[:120].decode(errors="ignore")
    file = hashlib.sha256(os.fsencode(change.path)).hexdigest()[:8]
    backup = surroundings.backups / f"{moment}-{file}-{os.urandom(3).hex()}-{name}"
    replace_file(backup, change.before)
    if not WINDOWS:
        backup.chmod(FILE_MODE)
    return backup
