"""Which requests to the kernel does a contained program never need? A filter that answers them with "not permitted".

Files are the matter of bubblewrap or Landlock. What is left are the ways out that no file permission closes: sockets
(the session bus or a container service would run anything outside the sandbox; UDP carries data out past Landlock),
io_uring (which makes sockets unseen), the person's kernel keyring, and typing into a terminal.

Source: Linux, Documentation/userspace-api/seccomp_filter.rst, and include/uapi/linux/{seccomp,bpf_common,audit}.h.
"""

from __future__ import annotations

import errno
import os
import struct
import sys

_ALLOW = 0x7FFF0000
_DENY = 0x00050000 | errno.EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
"""Byte offsets in `struct seccomp_data`; the low halves of the arguments."""
_AF_INET, _AF_INET6, _AF_NETLINK = 2, 10, 16
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_X32 = 0x40000000


# The module is imported anew for each run of a program, so it does without what takes long to import.
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SOCKET = {"x86_64": 41, "aarch64": 198}
_IOCTL = {"x86_64": 16, "aarch64": 29}
_DENIED = {  # add_key, request_key, keyctl, ptrace, io_uring_setup, process_vm_readv, process_vm_writev
    "x86_64": (248, 249, 250, 101, 425, 310, 311),
    "aarch64": (217, 218, 219, 117, 425, 270, 271),
}


def machine_is_known() -> bool:
    """Whether there is a filter for this kind of machine: 64-bit Linux on x86-64 or ARM."""
    return sys.platform.startswith("linux") and os.uname().machine in _AUDIT and sys.maxsize > 2**32


def program(*, network: bool) -> bytes:
    """The filter as an array of `struct sock_filter`; b"" on a machine that is not known.

    Args:
        network: whether internet sockets stay allowed; local ones never do.
    """
    if not machine_is_known():
        return b""
    machine = os.uname().machine
    families = (_AF_NETLINK, _AF_INET, _AF_INET6) if network else (_AF_NETLINK,)
    steps: list[tuple[int, str, str, int]] = [  # code, label if true, label if false, value; "" is the next step
        (_LOAD, "", "", _ARCHITECTURE),
        (_EQUAL, "", "deny", _AUDIT[machine]),  # a 32-bit program has other numbers: none of its calls pass
        (_LOAD, "", "", _NUMBER),
        (_AT_LEAST, "deny" if machine == "x86_64" else "", "", _X32),
        *((_EQUAL, "deny", "", number) for number in _DENIED[machine]),
        (_EQUAL, "socket", "", _SOCKET[machine]),
        (_EQUAL, "ioctl", "allow", _IOCTL[machine]),
    ]
    labels = {"socket": len(steps)}
    steps += [(_LOAD, "", "", _FIRST_ARGUMENT), *((_EQUAL, "allow", "", family) for family in families)]
    steps += [(_RETURN, "", "", _DENY)]
    labels["ioctl"] = len(steps)
    steps += [(_LOAD, "", "", _SECOND_ARGUMENT), (_EQUAL, "deny", "", _TIOCSTI), (_EQUAL, "deny", "", _TIOCLINUX)]
    labels["allow"] = len(steps)
    steps += [(_RETURN, "", "", _ALLOW)]
    labels["deny"] = len(steps)
    steps += [(_RETURN, "", "", _DENY)]

    def jump(label: str, here: int) -> int:
        return labels[label] - here - 1 if label else 0

    return b"".join(
        struct.pack("=HBBI", code, jump(true, at), jump(false, at), value)
        for at, (code, true, false, value) in enumerate(steps)
    )


def install(filter_program: bytes) -> None:
    """Put the filter on this process and all that it starts, for good.

    Raises:
        OSError: the kernel refused.
    """
    import ctypes

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    libc = ctypes.CDLL(None, use_errno=True)
    whole = Program(len(filter_program) // 8, filter_program)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(whole), 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
