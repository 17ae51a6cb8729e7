"""How is a file's content had without harm? Looked at before it is opened, sized before it is read, bounded while read.

A FIFO would hang, a device never ends, opening some devices does things, and a 10 GB file would fill the memory. So
only a regular file is opened, never waiting, and what was opened is looked at again: it may have been swapped.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from tui_chat.attach.kind import spoken_size
from tui_chat.disk import expanded
from tui_chat.errors import AttachError

_CHUNK_BYTES = 1 << 20
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


def shown_name(path: Path | str) -> str:
    """A file's name that can be stored and sent: bytes that are no UTF-8 and control characters become U+FFFD."""
    name = path.name if isinstance(path, Path) else path
    clean = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() or letter == "\u3000" else "\ufffd" for letter in clean)


def read_file(path: Path, limit_bytes: int, private: Iterable[Path] = ()) -> bytes:
    """The content of a regular file of at most `limit_bytes`; `~` is expanded.

    `private` names files that are never read, under whatever other name, link or mount they are reached.

    Raises:
        AttachError: missing, a folder, not a regular file, private, unreadable, empty or too large.
    """
    name = shown_name(path)
    descriptor = -1
    try:
        path = expanded(path)
        _check(path.stat(), path, name, limit_bytes, private)
        descriptor = os.open(path, _FLAGS)
        _check(os.fstat(descriptor), path, name, limit_bytes, private)
        content = _read(descriptor, limit_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AttachError("error.attach_missing", name=name) from error
    except PermissionError as error:
        raise AttachError("error.attach_forbidden", name=name) from error
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name; no home folder to expand `~` to
        reason = error.strerror if isinstance(error, OSError) else ""
        raise AttachError("error.attach_unreadable", name=name, reason=reason or str(error)) from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    if len(content) > limit_bytes:  # it grew after it was looked at
        raise _too_large(name, len(content), limit_bytes)
    if not content:
        raise AttachError("error.attach_empty", name=name)
    return content


def _check(status: os.stat_result, path: Path, name: str, limit_bytes: int, private: Iterable[Path]) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise AttachError("error.attach_folder", name=name)
    if not stat.S_ISREG(status.st_mode) or _made_by_the_kernel(path):
        raise AttachError("error.attach_special", name=name)
    if _is_own_store(path) or any(_is_same(status, other) for other in private):
        raise AttachError("error.attach_own_key", name=name)
    if status.st_size > limit_bytes:
        raise _too_large(name, status.st_size, limit_bytes)
    if status.st_size == 0:
        raise AttachError("error.attach_empty", name=name)


def _made_by_the_kernel(path: Path) -> bool:
    """Files of /proc and /sys call themselves regular; their sizes lie and reading one may wait or act."""
    if not sys.platform.startswith("linux"):
        return False
    return os.path.realpath(path).startswith(("/proc/", "/sys/"))


def _is_own_store(path: Path) -> bool:
    """Whether this is where the app keeps its own key, wherever the caller thinks that is."""
    real = Path(os.path.realpath(path))
    if real.name.lower() != "credentials.toml":
        return False
    home = os.environ.get("YIBU_CHAT_HOME")
    return "yibu-chat" in real.parts or (bool(home) and real.is_relative_to(os.path.realpath(str(home))))


def _is_same(status: os.stat_result, other: Path) -> bool:
    try:
        return os.path.samestat(status, other.stat())
    except (OSError, ValueError):
        return False


def _read(descriptor: int, limit_bytes: int) -> bytes:
    chunks: list[bytes] = []
    left = limit_bytes
    while left > 0 and (chunk := os.read(descriptor, min(left, _CHUNK_BYTES))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _too_large(name: str, size_bytes: int, limit_bytes: int) -> AttachError:
    return AttachError(
        "error.attach_too_large", name=name, size=spoken_size(size_bytes), limit=spoken_size(limit_bytes)
    )
