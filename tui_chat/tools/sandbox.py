"""What keeps a program that a tool runs within bounds on this computer? The best that really works here.

bubblewrap: another view of the folders. All is read-only but the granted folders and a /tmp of its own; our own folders
    and the sockets in /run are not there; no network unless asked for; no other process can be seen.
landlock: the kernel's permissions. What may be written, and that our own folders can't be read, is the same; names,
    modes and times are not covered, and other processes can be seen.
neither: it runs with the person's full rights, and the person is told so.

Both are tried for real, once: that a program is installed or a call exists does not mean that it may be used.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tui_chat.tools import landlock, seccomp
from tui_chat.tools.order import LandlockOrder, Order, packed
from tui_chat.tools.tool import Surroundings
from tui_chat.tools.warden import FILTER_FD, TRY

Name = Literal["bubblewrap", "landlock", ""]

_TRIAL_LIMIT_S = 5.0
_RUN_KEPT = ("/run/current-system", "/run/opengl-driver", "/run/wrappers", "/run/booted-system")
"""Where some systems keep their programs; the rest of /run is sockets of services."""
_TRIAL = (
    'cd "$0" && echo x > open/made && test -s open/made || exit 2; (echo x > shut/made) && exit 3; '
    "cat private/secret && exit 4; exit 0"
)


class Sandbox(Struct, frozen=True):
    """One way of containing programs, which works here."""

    name: Name
    cuts_network: bool
    """Whether it can keep a program from every network."""
    program: str = ""
    """Path of bubblewrap."""

    def reaches_network(self, surroundings: Surroundings) -> bool:
        """Whether a program run in it could reach the network."""
        return surroundings.network or not self.cuts_network

    def order(
        self,
        argv: Sequence[str],
        surroundings: Surroundings,
        *,
        environment: dict[str, str],
        scratch: Path,
        grace_s: float,
    ) -> Order:
        """What the warden is told, so that `argv` runs in `surroundings.folder`, contained.

        Args:
            argv: the program and its arguments.
            surroundings: what is granted, and what is hidden.
            environment: all the variables it gets; TMPDIR is set here.
            scratch: an empty folder that is its own for temporary files.
            grace_s: between TERM and KILL.
        """
        bubble = self.name == "bubblewrap"
        folder = str(surroundings.folder)
        order = Order(
            argv=[self.program, *_mounts(surroundings, scratch), "--", *argv] if bubble else list(argv),
            folder="/" if bubble else folder,
            environment={**environment, "TMPDIR": "/tmp" if bubble else str(scratch)},
            grace_s=grace_s,
            spare_first=bubble,
            filter=seccomp.program(network=surroundings.network).hex() if self.name else "",
            filter_by_program=bubble,
        )
        if self.name == "landlock":
            order["landlock"] = LandlockOrder(
                writable=[*_existing(surroundings.granted), str(scratch)],
                hidden=_existing(surroundings.private),
                network=surroundings.network,
            )
        return order


NONE = Sandbox("", cuts_network=False)
"""No containment at all."""

_found: Sandbox | None = None
_finding = threading.Lock()


def here() -> Sandbox:
    """The sandbox of this computer. The first call tries it, in some hundredths of a second; `warm` does so early."""
    global _found
    with _finding:
        if _found is None:
            _found = next((one for one in candidates() if works(one)), NONE)
        found: Sandbox = _found
        return found


async def warm() -> Sandbox:
    """The same, without holding up the loop."""
    return await asyncio.to_thread(here) if _found is None else _found


def candidates() -> list[Sandbox]:
    """What could work here, best first."""
    found: list[Sandbox] = []
    if sys.platform.startswith("linux"):
        if program := shutil.which("bwrap"):
            found.append(Sandbox("bubblewrap", True, os.path.realpath(program)))
        if landlock.abi() >= landlock.LOWEST_ABI:
            found.append(Sandbox("landlock", seccomp.machine_is_known()))
    return found


def works(sandbox: Sandbox) -> bool:
    """Whether a program in this sandbox can write what is granted, can't write beside it, can't read what is hidden."""
    if not sys.executable:
        return False
    with tempfile.TemporaryDirectory(prefix="yibu-try-", ignore_cleanup_errors=True) as name:
        top = Path(name).resolve()
        for folder in ("open", "shut", "private", "scratch"):
            (top / folder).mkdir()
        (top / "private" / "secret").write_text("hidden", "utf-8")
        trial = Surroundings(top / "open", (top / "open",), (top / "private",))
        order = sandbox.order(
            ["/bin/sh", "-c", _TRIAL, str(top)],
            trial,
            environment={"PATH": os.defpath},
            scratch=top / "scratch",
            grace_s=0,
        )
        return _runs(order) and (top / "open" / "made").exists() and not (top / "shut" / "made").exists()


def _runs(order: Order) -> bool:
    try:
        tried = subprocess.run(
            [sys.executable, "-I", "-S", "-c", TRY],
            input=packed(order),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TRIAL_LIMIT_S,
            env={},
            start_new_session=True,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0


def _existing(paths: Sequence[Path]) -> list[str]:
    return [real for path in paths if os.path.lexists(real := os.path.realpath(path))]


def _mounts(surroundings: Surroundings, scratch: Path) -> list[str]:
    """The options for bubblewrap.

    Outer folders come before inner ones, since a mount covers what was mounted inside it; what is private comes last,
    so that nothing uncovers it.
    """
    mounts: list[tuple[str, list[str]]] = [
        ("/", ["--ro-bind", "/", "/"]),
        ("/dev", ["--dev", "/dev"]),
        ("/proc", ["--proc", "/proc"]),
        ("/run", ["--tmpfs", "/run"]),
        ("/tmp", ["--bind", str(scratch), "/tmp"]),
    ]
    if os.path.realpath("/var/tmp") == "/var/tmp" and Path("/var/tmp").is_dir():
        mounts.append(("/var/tmp", ["--bind", str(scratch), "/var/tmp"]))
    seen = [sys.prefix, sys.base_prefix, str(surroundings.folder), *_RUN_KEPT]
    if surroundings.network:
        seen.append("/etc/resolv.conf")
    for path in _existing([Path(path) for path in seen]):
        if path.startswith(("/run/", "/tmp/", "/var/tmp/")):
            mounts.append((path, ["--ro-bind", path, path]))
    for path in _existing(surroundings.granted):
        if Path(path).is_dir():
            mounts.append((path, ["--bind", path, path]))
    mounts.sort(key=lambda mount: mount[0].rstrip("/").count("/"))
    hidden = [
        ["--tmpfs", path, "--remount-ro", path] if Path(path).is_dir() else ["--ro-bind", os.devnull, path]
        for path in _existing(surroundings.private)
    ]
    return [
        "--unshare-all",
        *(["--share-net"] if surroundings.network else []),
        *("--new-session", "--die-with-parent", "--cap-drop", "ALL"),
        *(word for _, words in mounts for word in words),
        *(word for words in hidden for word in words),
        *("--chdir", os.path.realpath(surroundings.folder)),
        *(["--seccomp", str(FILTER_FD)] if seccomp.machine_is_known() else []),
    ]
