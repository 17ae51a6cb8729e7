"""How does one touch the disk without losing or showing anything: whole or not at all, on disk before "done", private.

Every file and folder is created private (0600, 0700) in the very call that creates it, whatever the umask: a mode
set afterwards leaves a moment in which another account can read. Failures come out as `OSError`; who called knows
what they mean to a person.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FILE_MODE = 0o600
FOLDER_MODE = 0o700
WINDOWS = os.name == "nt"

_PLAIN = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_RETRY_PAUSES_S = (0.05, 0.1, 0.2, 0.3, 0.35)
_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
_CHUNK_BYTES = 1024 * 1024
_LOCK_BYTE = 1 << 30  # on Windows a locked byte can't be read: lock one far behind the holder's name
_Result = TypeVar("_Result")


class FileTooLarge(OSError):
    """The file holds more bytes than the reader takes."""


class NotRegular(OSError):
    """A folder, pipe, socket or device where a file was expected."""


class FileChanged(OSError):
    """Another program changed or replaced a file that only we append to."""


class LockedElsewhere(Exception):
    """Somebody else holds the lock.

    Attributes:
        pid: process that holds it, 0 where unknown.
        terminal: its terminal, "" where unknown.
    """

    def __init__(self, pid: int, terminal: str) -> None:
        super().__init__(f"held by process {pid} on {terminal or 'no terminal'}")
        self.pid = pid
        self.terminal = terminal


def read_bounded(path: Path, limit_bytes: int) -> bytes:
    """All bytes of a regular file of at most `limit_bytes`.

    Raises:
        FileTooLarge: it is longer; nothing beyond the limit was read.
        NotRegular: it isn't a file; a pipe is not waited for.
        OSError: it can't be read.
    """
    descriptor = os.open(path, os.O_RDONLY | _PLAIN | _NO_WAIT)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegular(errno.EINVAL, "not a regular file", str(path))
        if status.st_size > limit_bytes:
            raise FileTooLarge(errno.EFBIG, "larger than allowed", str(path))
        content = file.read(status.st_size + 1)
        while status.st_size < len(content) <= limit_bytes:  # it grows, or is one of /proc that claims to be empty
            more = file.read(min(_CHUNK_BYTES, limit_bytes + 1 - len(content)))
            if not more:
                break
            content += more
        if len(content) > limit_bytes:
            raise FileTooLarge(errno.EFBIG, "larger than allowed", str(path))
        return content


def expanded(typed: str | Path) -> Path:
    """The path with `~` and `~name` as home folders; as it was typed where there is no such home."""
    return Path(os.path.expanduser(typed))  # noqa: PTH111 - that of `Path` raises where nobody has that name


def is_folder(path: Path) -> bool:
    """Whether there is a folder at that path; a name that no system takes is none."""
    with suppress(OSError, ValueError):
        return path.is_dir()
    return False


def make_folder(folder: Path) -> None:
    """Make the folder and those above it that are missing, each 0700; one that is there stays as it is."""
    if not folder.is_dir():
        if folder.parent != folder:
            make_folder(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(FOLDER_MODE)


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the file's place, whole or not at all, and on disk when this returns.

    A link stays a link: what it points to is replaced. The mode of a file that was there is kept; a new one is 0600.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, FILE_MODE)
    try:
        try:
            if not WINDOWS:
                with suppress(FileNotFoundError):
                    os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
            write_all(descriptor, content)
            synchronise(descriptor)
        finally:
            os.close(descriptor)
        retrying(lambda: temporary.replace(target))
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    synchronise_folder(target.parent)


def move_file(source: Path, target: Path) -> None:
    """Rename a file and put the renaming on disk; what stood at `target` is replaced."""
    retrying(lambda: source.replace(target))
    synchronise_folder(target.parent)
    if source.parent != target.parent:
        synchronise_folder(source.parent)


def sweep(folder: Path, older_than_s: float = 24 * 3600) -> None:
    """Delete what replacements that were killed half-way left behind."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and entry.name.endswith(".tmp"):
                with suppress(OSError):
                    if time.time() - entry.stat().st_mtime > older_than_s:
                        os.unlink(entry.path)  # noqa: PTH108 - a Path of it would only be unlinked


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte, however few the system takes at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def synchronise(descriptor: int) -> None:
    """Wait until the file's bytes are on disk."""
    if sys.platform == "darwin":
        with suppress(OSError):  # there fsync leaves the bytes in the drive's own cache
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def synchronise_folder(folder: Path) -> None:
    """Wait until the folder's names are on disk; where a system can't do that, go on."""
    if not WINDOWS:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | _PLAIN)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def retrying(action: Callable[[], _Result]) -> _Result:
    """Do something that, on Windows, a virus scanner or indexer may forbid for a moment: up to 6 times in 1 s."""
    for pause_s in _RETRY_PAUSES_S if WINDOWS else ():
        try:
            return action()
        except PermissionError:
            time.sleep(pause_s)
    return action()


class GrowingFile:
    """A file that only we append to: each append is on disk whole, or the file is as long as before.

    It is opened anew for each append, so that a file renamed, replaced or edited meanwhile is noticed instead of
    written to.
    """

    def __init__(self, path: Path) -> None:
        """Take up the file as it stands; one that is missing begins empty with the first append."""
        self.path = path
        self.end = 0
        """Bytes that were appended whole."""
        self._identity: tuple[int, int] | None = None
        self._failed = False
        with suppress(FileNotFoundError):
            status = path.stat()
            self.end, self._identity = status.st_size, (status.st_dev, status.st_ino)

    def append(self, content: bytes, *, secured: bool = True) -> None:
        """Add bytes at the end and wait until they are on disk.

        Args:
            content: the bytes.
            secured: False where they need to outlive this process alone for now; `secure` does the rest.

        Raises:
            FileChanged: somebody else changed the file; nothing was written.
            OSError: the disk is full, read-only or broken; what was written of `content` was taken away again.
        """
        with _Descriptor(self.path, os.O_RDWR if self._identity else os.O_RDWR | os.O_CREAT | os.O_EXCL) as descriptor:
            self._check(descriptor)
            try:
                os.lseek(descriptor, self.end, os.SEEK_SET)
                write_all(descriptor, content)
                if secured:
                    synchronise(descriptor)
            except BaseException:
                self._failed = True
                with suppress(OSError):
                    os.ftruncate(descriptor, self.end)
                    self._failed = False
                raise
        if self.end == 0 and secured:
            synchronise_folder(self.path.parent)
        self.end += len(content)

    def secure(self) -> None:
        """Wait until all that was appended is on disk. From any thread; raises OSError."""
        with _Descriptor(self.path, os.O_RDWR) as descriptor:
            synchronise(descriptor)
        synchronise_folder(self.path.parent)

    def cut(self, length: int) -> None:
        """Shorten the file to its first `length` bytes, on disk when this returns."""
        with _Descriptor(self.path, os.O_RDWR) as descriptor:
            self._check(descriptor)
            os.ftruncate(descriptor, length)
            synchronise(descriptor)
        self.end = length

    def rename(self, target: Path) -> None:
        """Give the file another name; appends go on there."""
        move_file(self.path, target)
        self.path = target

    def _check(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        identity = (status.st_dev, status.st_ino)
        if self._identity is None:
            self._identity = identity
        if self._failed and identity == self._identity and status.st_size > self.end:
            os.ftruncate(descriptor, self.end)  # the remains of an append that could not be taken away then
            self._failed = False
        elif identity != self._identity or status.st_size != self.end:
            raise FileChanged(errno.ESTALE, "changed by another program", str(self.path))


class _Descriptor:
    """A file descriptor that is open for the length of a `with`."""

    def __init__(self, path: Path, flags: int) -> None:
        self._number = retrying(lambda: os.open(path, flags | _PLAIN, FILE_MODE))

    def __enter__(self) -> int:
        return self._number

    def __exit__(self, *_: object) -> None:
        os.close(self._number)


class Lock:
    """An exclusive lock that the kernel lets go when its process ends, however it ends.

    It stands in a file of its own: a lock on the data file would die with the first replacement. Letting go deletes
    that file, so whoever gets the lock checks that the file he locked is still the one of that name.
    """

    def __init__(self, path: Path, descriptor: int, supported: bool) -> None:
        self.path = path
        self.supported = supported
        """False where the file system has no locks (some network folders): then nothing is guarded."""
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, wait_s: float = 0.0) -> Self:
        """Take the lock, waiting for it at most `wait_s`.

        Raises:
            LockedElsewhere: another window or process holds it.
            OSError: the lock file can't be made.
        """
        deadline = time.monotonic() + wait_s
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, FILE_MODE)
            try:
                supported = _try_lock(descriptor)
                if _is_named(descriptor, path):
                    with suppress(OSError):  # the name is a courtesy; on a full disk the lock alone must do
                        os.ftruncate(descriptor, 0)
                        os.write(descriptor, f"{os.getpid()}\n{_terminal()}\n".encode())
                    return cls(path, descriptor, supported)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    holder = _holder(descriptor)
                    os.close(descriptor)
                    raise LockedElsewhere(*holder) from None
                time.sleep(0.02)
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def release(self) -> None:
        """Let go; once is enough."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if WINDOWS:  # an open file can't be deleted there, and one that another process opened since can't either
            os.close(descriptor)
            with suppress(OSError):
                self.path.unlink()
        else:
            with suppress(OSError):
                self.path.unlink()
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _try_lock(descriptor: int) -> bool:
    """Lock the file without waiting; False where its file system has no locks, BlockingIOError where it is held."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _LOCK_BYTE, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except PermissionError as error:
                raise BlockingIOError(errno.EAGAIN, "locked") from error
            finally:
                os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return False
        raise
    return True


def _is_named(descriptor: int, path: Path) -> bool:
    try:
        named, held = path.stat(), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)


def _holder(descriptor: int) -> tuple[int, str]:
    with suppress(OSError):
        os.lseek(descriptor, 0, os.SEEK_SET)
        pid, _, terminal = os.read(descriptor, 400).partition(b"\n")
        if pid.isdigit():
            return int(pid), terminal.decode(errors="replace").strip()
    return 0, ""


def _terminal() -> str:
    for number in (0, 1, 2):
        with suppress(OSError, AttributeError):
            return os.ttyname(number)
    return ""
