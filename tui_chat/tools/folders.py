"""Which files may a tool touch? Those within folders the person granted, whatever name they are reached by.

A path is resolved first, links and `..` and all, and only what it really means is judged. The program's own folders
are never among them, not by a link, a mount, another spelling or a second name of a file in them.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from tui_chat.disk import WINDOWS, FileTooLarge, NotRegular, read_bounded
from tui_chat.errors import ToolError
from tui_chat.tools.tool import Surroundings

LIMIT_BYTES = 8 * 1024 * 1024
"""Of a file that is read whole."""
_KERNEL = ("/proc", "/sys", "/dev", "/run")
"""Folders of the system whose files act when they are opened, or show what other processes hold."""
FileId = tuple[int, int]
"""Device and inode: what a file is, under whatever name."""
_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def allowed(path: str, surroundings: Surroundings) -> Path:
    """Where a path of the model's really leads, if a tool may go there; it need not exist.

    Relative paths count from the working folder, `~` is the person's home folder.

    Raises:
        ToolError: it leads outside the granted folders, into the program's own, or can't be a path.
    """
    if not path.strip() or "\0" in path or (WINDOWS and _is_odd_on_windows(path)):
        raise ToolError("error.tool_path", path=shown(path))
    if not surroundings.granted:
        raise ToolError("error.tool_nothing_granted")
    try:
        real = Path(os.path.realpath(surroundings.folder / Path(path).expanduser()))
    except (OSError, ValueError, RuntimeError) as error:  # a loop of links, no home folder, a name that can't be
        raise ToolError("error.tool_path", path=shown(path)) from error
    if not any(_within(real, Path(os.path.realpath(folder))) for folder in surroundings.granted):
        raise ToolError("error.tool_outside", path=shown(real))
    if is_private(real, surroundings):
        raise ToolError("error.tool_private", path=shown(real))
    return real


def is_private(real: Path, surroundings: Surroundings, *, parents_are_known: bool = False) -> bool:
    """Whether a resolved path is the program's own, or of the system's living folders.

    Folders are compared by what they are, not how they are spelt: mounts and file systems that know no capitals give
    one folder many names. Who walks down from a folder that isn't private need not have its parents looked at again.
    """
    if sys.platform != "win32" and any(_within(real, Path(folder)) for folder in _KERNEL):
        return True
    own = [folder for folder in surroundings.private if _within(real, Path(os.path.realpath(folder)))]
    judged = (real,) if parents_are_known else (real, *real.parents)
    return bool(own) or any(_is_one_of(folder, surroundings.private) for folder in judged)


def open_file(path: str, surroundings: Surroundings, limit_bytes: int = LIMIT_BYTES) -> tuple[Path, bytes]:
    """A granted file: where it really is, and its content.

    Raises:
        ToolError: not granted, missing, a folder or no regular file, too large, or not readable.
    """
    real = allowed(path, surroundings)
    return real, content_of(real, surroundings, limit_bytes)


def content_of(
    real: Path, surroundings: Surroundings, limit_bytes: int = LIMIT_BYTES, own: frozenset[FileId] | None = None
) -> bytes:
    """The content of a file that `allowed` gave; raises ToolError where it can't be had.

    Where it leads is looked at again after reading: a program might have put a link in its place meanwhile. `own` is
    what `own_files` gave, for who reads many.
    """
    try:
        status = real.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ToolError("error.tool_is_folder", path=shown(real))
        if not stat.S_ISREG(status.st_mode):  # opening some devices does things
            raise ToolError("error.tool_not_file", path=shown(real))
        content = read_bounded(real, limit_bytes)
        if status.st_nlink > 1 and (status.st_dev, status.st_ino) in (own_files(surroundings) if own is None else own):
            raise ToolError("error.tool_private", path=shown(real))
        if os.path.realpath(real) != str(real):
            raise ToolError("error.tool_outside", path=shown(real))
    except OSError as error:
        raise file_error(error, real, limit_bytes) from error
    return content


def own_files(surroundings: Surroundings) -> frozenset[FileId]:
    """What the program's own files are, so that one of them is known under a second name (a hard link)."""
    found: set[FileId] = set()
    for own in surroundings.private:
        for folder, _, names in os.walk(own):
            for name in names:
                with suppress(OSError, ValueError):
                    status = Path(folder, name).lstat()
                    if status.st_nlink > 1:
                        found.add((status.st_dev, status.st_ino))
    return frozenset(found)


def file_error(error: OSError, path: Path, limit_bytes: int = LIMIT_BYTES) -> ToolError:
    """What a failure of the disk means for a call."""
    name = shown(path)
    if isinstance(error, FileTooLarge):
        return ToolError("error.tool_file_large", path=name, limit_mb=f"{limit_bytes / 1024 / 1024:g}")
    if isinstance(error, NotRegular) or error.errno in (errno.ENXIO, errno.ENODEV):
        return ToolError("error.tool_not_file", path=name)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ToolError("error.tool_missing", path=name)
    if isinstance(error, IsADirectoryError):
        return ToolError("error.tool_is_folder", path=name)
    if isinstance(error, PermissionError):
        return ToolError("error.tool_forbidden", path=name)
    return ToolError("error.tool_disk", path=name, reason=error.strerror or type(error).__name__)


def decoded(content: bytes, path: Path) -> tuple[str, str]:
    """A file's text and its encoding: UTF-8, or what its byte order mark says.

    Raises:
        ToolError: it is no text, or in an encoding that could only be guessed.
    """
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ToolError("error.tool_not_text", path=shown(path)) from error
    if "\0" in text:
        raise ToolError("error.tool_not_text", path=shown(path))
    return (text.removeprefix("\ufeff"), encoding)


def encoded(text: str, encoding: str) -> bytes:
    """The bytes of a text in an encoding that `decoded` told, its mark included."""
    return (f"\ufeff{text}" if encoding.startswith("utf-16") else text).encode(encoding)


def shown(path: Path | str) -> str:
    """A path as text that can be sent: what is no UTF-8 becomes U+FFFD, control characters their escapes."""
    clean = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(
        letter if letter.isprintable() or letter == "\u3000" else letter.encode("unicode_escape").decode()
        for letter in clean
    )[:4096]


def relative(real: Path, surroundings: Surroundings) -> str:
    """A path as the model may use it: from the working folder where it is below that, else absolute."""
    with suppress(ValueError, OSError):
        return shown(real.relative_to(os.path.realpath(surroundings.folder)))
    return shown(real)


def _within(real: Path, folder: Path) -> bool:
    return real == folder or folder in real.parents


def _is_one_of(folder: Path, private: tuple[Path, ...]) -> bool:
    try:
        status = folder.stat()
    except (OSError, ValueError):
        return False
    for own in private:
        with suppress(OSError, ValueError):
            if os.path.samestat(status, own.stat()):
                return True
    return False


def _is_odd_on_windows(text: str) -> bool:
    """Paths that reach another computer or a device when they are merely looked at, or a hidden part of a file."""
    plain = text.replace("/", "\\")
    if plain.startswith("\\\\"):
        return True
    names = plain[2:] if plain[1:2] == ":" else plain
    devices = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10))}
    return ":" in names or any(name.split(".")[0].strip().upper() in devices for name in names.split("\\"))
