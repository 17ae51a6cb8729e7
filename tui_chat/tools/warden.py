"""Who sees to it that a program and everything it started really end? A process of its own between us and it.

Killing a process group misses what has left it (`setsid`, a double fork); killing by parent misses what was adopted.
The warden is the adopter: on Linux every orphan below it becomes its child, so it knows that all have ended when it has
no child left. It is a process and not a thread because a program with many threads may not run code between fork and
exec, and because it outlives us: its lifeline is a socket, and when that closes, even by `kill -9`, it ends everything.

It runs as `python -I -S -c BOOT FD`, reads one order from the socket (see `order.py`), starts the program with the
warden's own stdin, stdout and stderr, and answers with one line: "ended STATUS LEFT", or "failed STAGE ERRNO" with the
stage "folder", "sandbox" or "start". Whatever comes on the socket after the order, its end included, means: end it now.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.tools import landlock, seccomp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_chat.tools.order import Order

MARKER = "YIBU_CHAT_RUN"
"""Environment variable of everything one run starts; its value is random."""
FILTER_FD = 9
"""Where a program that sets up the sandbox itself finds the seccomp filter."""

_ROOT = str(Path(__file__).resolve().parents[2])
_IMPORT = f"import sys; sys.path.append({_ROOT!r}); from tui_chat.tools import warden; "
BOOT = f"{_IMPORT}warden.main(int(sys.argv[1]))"
"""Program text of the warden; its argument is the socket."""
TRY = f"{_IMPORT}warden.become(warden.read_order(0))"
"""Program text that becomes what the order on its stdin says."""

_LINGER_S = 0.2
"""What is left when the program ends has so long to end by itself."""
_KILLING_S = 0.6
_PR_SET_CHILD_SUBREAPER = 36


def main(fd: int) -> None:
    """Do what the socket says, and see to the end of it."""
    os.set_inheritable(fd, False)
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        signal.signal(ignored, signal.SIG_IGN)
    _adopt_orphans()
    if (order := read_order(fd)) is None:
        return
    answer = _Watch(fd, order).over()
    with contextlib.suppress(OSError):
        os.write(fd, answer.encode())


def read_order(fd: int) -> Order | None:
    """The order that comes on a socket or pipe; None where it ends before the order does."""
    data = bytearray()
    while len(data) < 8 or len(data) < 8 + int.from_bytes(data[:8], "big"):
        piece = os.read(fd, 65536)
        if not piece:
            return None
        data += piece
    order: Order = marshal.loads(data[8:])
    return order


def become(order: Order) -> None:
    """Turn this process into what the order says, contained as it says; does not return.

    Raises:
        _Stopped: with the stage that failed.
    """
    for stage, step in (("folder", _enter), ("sandbox", _contain), ("start", _execute)):
        try:
            step(order)
        except (OSError, ValueError) as error:  # ValueError: a NUL in a word
            raise _Stopped(stage, getattr(error, "errno", 0) or 0) from error


class _Stopped(Exception):
    """A program could not be started: at which stage, and errno."""


class _Watch:
    """One program, from its start to the end of the last process that came of it."""

    def __init__(self, channel: int, order: Order) -> None:
        self._channel = channel
        self._order = order
        self._first = 0
        self._status: int | None = None
        self._alone = False
        self._woken, writing = os.pipe()
        for end in (self._woken, writing):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def over(self) -> str:
        """Start it, wait until it ends or shall end, end what is left; what to answer."""
        reading, writing = os.pipe()
        self._first = os.fork()
        if not self._first:
            _in_child(self._order, writing)
        os.close(writing)
        _let_go_of_standard_streams()
        with os.fdopen(reading, "rb") as pipe:
            trouble = pipe.read()
        if trouble:
            return f"failed {trouble.decode()}\n"
        asked = self._wait(None, self._first_is_over)
        if not asked:
            self._wait(_LINGER_S, self._all_gone)
        left = self._end_all()
        return f"ended {self._status} {left}\n"

    def _end_all(self) -> int:
        """TERM, some grace, KILL until nothing is left or time is up; how many are left."""
        if not self._all_gone():
            spared = {self._first} if self._order["spare_first"] else set()
            _signal_all(self._living() - spared, signal.SIGTERM)
            self._wait(self._order["grace_s"], self._all_gone, heed_channel=False)
        deadline = time.monotonic() + _KILLING_S
        while not self._all_gone() and time.monotonic() < deadline:
            _signal_all(self._living(), signal.SIGKILL)
            until = min(deadline, time.monotonic() + 0.02)
            while not self._all_gone() and time.monotonic() < until:
                # A process that forks and ends, over and over, is gone before a walk through all processes is done.
                # Its heirs are our own children, and those the kernel lists in no time.
                _signal_all(_own_children(), signal.SIGKILL)
        return 0 if self._all_gone() else len(self._living())

    def _wait(self, limit_s: float | None, over: Callable[[], bool], *, heed_channel: bool = True) -> bool:
        """Wait until `over()`, at most so long; whether the channel said to end it before."""
        deadline = None if limit_s is None else time.monotonic() + limit_s
        while not over():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            # Without adoption nothing tells of a grandchild's end: look again now and then.
            pause = left if _ADOPTS or left is None else min(left, 0.05)
            watched = [self._woken, self._channel] if heed_channel else [self._woken]
            ready, _, _ = select.select(watched, [], [], pause)
            if self._woken in ready:
                os.read(self._woken, 512)
            if self._channel in ready:
                return True
        return False

    def _first_is_over(self) -> bool:
        self._reap()
        return self._status is not None

    def _all_gone(self) -> bool:
        self._reap()
        return self._alone and (_ADOPTS or not self._living())

    def _reap(self) -> None:
        while not self._alone:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._alone = True
                return
            if not pid:
                return
            if pid == self._first:
                self._status = os.waitstatus_to_exitcode(status)

    def _living(self) -> set[int]:
        """What came of the program and still runs."""
        living = descendants(os.getpid())
        return living if _ADOPTS else living | marked(self._order["environment"].get(MARKER, ""))


def descendants(of: int) -> set[int]:
    """Every process below `of` that is not over yet, by parents."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    todo = [of]
    while todo:
        new = [pid for pid in children.get(todo.pop(), ()) if pid not in found]
        found.update(new)
        todo += new
    return found - {of}


def marked(value: str) -> set[int]:
    """Every process whose environment holds the marker of one run; {} where environments can't be read."""
    if not value:
        return set()
    mark = f"{MARKER}={value}"
    if not sys.platform.startswith("linux"):
        return {int(line.split()[0]) for line in _ps("-E", "-o", "pid=,command=") if mark in line}
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "environ").read_bytes():
                    found.add(int(entry.name))
    return found


def _parents() -> list[tuple[int, int]]:
    """Every living process and its parent."""
    if not sys.platform.startswith("linux"):
        pairs = [line.split() for line in _ps("-o", "pid=,ppid=,stat=")]
        return [(int(pair[0]), int(pair[1])) for pair in pairs if len(pair) == 3 and not pair[2].startswith("Z")]
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                state, parent = (entry / "stat").read_bytes().rpartition(b")")[2].split()[:2]
                if state not in (b"Z", b"X"):
                    found.append((int(entry.name), int(parent)))
    return found


def _own_children() -> set[int]:
    with contextlib.suppress(OSError, ValueError):
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_bytes()
        return {int(pid) for pid in listed.split()}
    return set()


def _ps(*options: str) -> list[str]:
    import subprocess

    with contextlib.suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(["/bin/ps", "-A", "-ww", *options], capture_output=True, timeout=1, check=False)
        return listed.stdout.decode("utf-8", "replace").splitlines()
    return []


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def _adopt_orphans() -> bool:
    """On Linux: become the parent of every process below us whose own parent has ended; whether it worked."""
    global _ADOPTS
    if sys.platform.startswith("linux"):
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes

            _ADOPTS = ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    return _ADOPTS


_ADOPTS = False


def _let_go_of_standard_streams() -> None:
    """The output's pipe shall end with the program, not with us."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def _in_child(order: Order, trouble: int) -> None:
    """Between fork and exec; never returns."""
    try:
        os.setsid()  # no terminal, and a process group that is not ours
        signal.set_wakeup_fd(-1)
        for number in range(1, signal.NSIG):
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        become(order)
    except _Stopped as stopped:
        os.write(trouble, f"{stopped.args[0]} {stopped.args[1]}".encode())
    except BaseException:  # noqa: BLE001 - no word of ours may go where the program's output goes
        os.write(trouble, b"start 0")
    finally:
        os._exit(127)


def _enter(order: Order) -> None:
    os.chdir(order["folder"])


def _contain(order: Order) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if lock := order.get("landlock"):
        landlock.restrict(lock["writable"], lock["hidden"], network=lock["network"])
    code = bytes.fromhex(order["filter"])
    if code and order["filter_by_program"]:
        reading, writing = os.pipe()
        os.write(writing, code)
        os.close(writing)
        os.dup2(reading, FILTER_FD, inheritable=True)
    elif code:
        seccomp.install(code)


def _execute(order: Order) -> None:
    os.execvpe(order["argv"][0], order["argv"], order["environment"])
