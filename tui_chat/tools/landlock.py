"""How does a process of Linux give up the right to change or read files, for itself and all that it starts?

Landlock is a part of the kernel that needs no privilege and no other program. It knows only permissions, no hiding by
another view of the folders: what must stay unread is left out of what may be read, entry by entry. So the names in
folders can still be listed, and modes and times of files be set. It counts only from ABI 3 on (Linux 6.2): before,
any file could still be emptied.

Source: Linux, Documentation/userspace-api/landlock.rst, and include/uapi/linux/landlock.h.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import sys
from collections.abc import Iterable, Iterator

LOWEST_ABI = 3

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture but alpha
_CREATE_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 14))
"""Removing folders and files, making devices, folders, files, sockets, pipes, links, and moving between folders."""
_WRITES = _WRITE_FILE | _MAKE_AND_REMOVE | _TRUNCATE
_ON_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE
"""The rights that a rule on something other than a folder may name."""
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1 << 0, 1 << 1

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_TERMINALS = "/dev"
"""Everything else in it is hidden: who can open the person's terminal can read what they type."""


def abi() -> int:
    """The version of Landlock that the kernel offers; 0 where it offers none."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        return max(0, _syscall(_CREATE, None, 0, _CREATE_VERSION))
    except (ImportError, OSError, AttributeError):
        return 0


def restrict(writable: Iterable[str], hidden: Iterable[str], *, network: bool) -> None:
    """From here on this process may change only what lies in `writable`, and read nothing in `hidden`.

    Irrevocable, and inherited by everything it starts. `hidden` wins over `writable`: a writable folder that holds a
    hidden one is opened entry by entry, and takes no new entries at its top.

    Args:
        writable: folders, resolved.
        hidden: folders or files, resolved.
        network: whether TCP stays allowed (UDP is not Landlock's matter; see `seccomp`).

    Raises:
        OSError: the kernel refused.
    """
    version = abi()
    if version < LOWEST_ABI:
        raise OSError("landlock is not offered")
    hide = tuple(sorted({os.path.normpath(path) for path in hidden}))
    net = 0 if network or version < 4 else _BIND_TCP | _CONNECT_TCP
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", _WRITES | _READ_FILE, net, scoped)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = _checked(_syscall(_CREATE, attributes[:size], size, 0))
    try:
        for path in _openings("/", (*hide, _TERMINALS)):
            _allow(rules, path, _READ_FILE)
        for folder in writable:
            for path in _openings(folder, hide):
                _allow(rules, path, _WRITES | _READ_FILE)
        for device in _DEVICES:
            _allow(rules, device, _WRITE_FILE | _READ_FILE | _TRUNCATE)
        _no_new_privileges()
        _checked(_syscall(_RESTRICT, rules, 0))
    finally:
        os.close(rules)


def _openings(top: str, hidden: tuple[str, ...]) -> Iterator[str]:
    """The fewest paths in `top` that together hold everything in it but what is hidden."""
    if any(_holds(path, top) for path in hidden):
        return
    if not any(_holds(top, path) for path in hidden):
        yield top
        return
    with contextlib.suppress(OSError), os.scandir(top) as entries:
        for entry in entries:
            if not entry.is_symlink():  # where it leads has its own rule, or none
                yield from _openings(entry.path, hidden)


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _allow(rules: int, path: str, rights: int) -> None:
    """Add a rule for one path; one that is gone or can't be reached needs none."""
    with contextlib.suppress(OSError):
        at = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(at).st_mode):
                rights &= _ON_FILES
            _checked(_syscall(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", rights, at), 0))
        finally:
            os.close(at)


def _no_new_privileges() -> None:
    import ctypes

    _checked(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _syscall(number: int, *arguments: int | bytes | None) -> int:
    import ctypes

    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    as_c = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return int(call(ctypes.c_long(number), *as_c))


def _checked(result: int) -> int:
    if result < 0:
        import ctypes

        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
