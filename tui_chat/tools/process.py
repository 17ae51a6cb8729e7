"""How is a program run so that it can't hang us, fill us, outlive its call, or see what is not its business?

It gets an environment of named variables (no key), nothing on stdin but what it is given, no terminal, a deadline
after which it and all its descendants are ended, and room for a bounded output: the first and the last 64 KB, and the
whole, up to 50 MB, in a file. The warden (`warden.py`) does the ending, the sandbox (`sandbox.py`) the containing.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tui_chat.errors import ToolError
from tui_chat.tools import sandbox, warden
from tui_chat.tools.order import Order, packed
from tui_chat.tools.output import Output
from tui_chat.tools.tool import Outcome, Surroundings

GRACE_S = 2.0
"""Between TERM and KILL."""
_KILLING_LIMIT_S = 0.75
"""After the grace, the warden has so long to end everything; then it is ended itself."""
_DRAIN_LIMIT_S = 0.2
ENDING_S = 3.0
"""From deadline or cancelling until nothing is left, at most."""

_NEEDED = """
    PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP
    USERPROFILE USERNAME HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86)
    NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
"""
_PASSED_ON = frozenset(_NEEDED.split())
"""Variables that programs need to work at all; none of them holds a secret."""

Reason = Literal["", "timeout", "flood"]


class Ended(Struct, frozen=True):
    """How a program ended, and what it wrote."""

    status: int | None
    """Exit status; negative: the number of the signal that ended it; None where nobody knows."""
    reason: Reason
    """Why it was ended: its time was up, it wrote more than a log may hold; "" where it ended by itself."""
    text: str
    """Its output, stdout and stderr as they came; the middle left out where it was too long."""
    cut_bytes: int
    log: str
    """File with the whole output, where `text` is cut; "" where there is none."""
    seconds: float
    left: int = 0
    """Processes that could not be ended: they hang in the kernel."""

    def outcome(self, timeout_s: float) -> Outcome:
        """For the model: the output, then how it ended where that is worth a word."""
        notes = {
            "timeout": f"ended after {timeout_s:g} s: the time was up",
            "flood": "ended: it wrote more than 50 MB",
            "": _status_note(self.status, bool(self.text)),
        }
        note = f"[{notes[self.reason]}]" if notes[self.reason] else ""
        text = "\n".join(part for part in (self.text.removesuffix("\n"), note) if part)
        return Outcome(text, self.status != 0 or bool(self.reason), log=self.log, cut_bytes=self.cut_bytes)


async def run(
    argv: Sequence[str],
    surroundings: Surroundings,
    *,
    timeout_s: float,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program in `surroundings.folder`, contained as well as this computer can, and wait for its end.

    Nothing it started is left when this returns or is cancelled, at most 3 s after the deadline or the cancelling.

    Args:
        argv: the program and its arguments; found through PATH, as a shell would.
        surroundings: where, and what it may see and change.
        timeout_s: it may run so long.
        stdin: what it can read; nothing else, never a terminal.
        environment: more variables for this program alone.

    Raises:
        ToolError: "error.tool_run_folder", "error.tool_run_start" or "error.tool_run_sandbox".
    """
    folder = await asyncio.to_thread(_working_folder, surroundings)
    variables = {**child_environment(surroundings), **(environment or {})}
    if not await asyncio.to_thread(shutil.which, argv[0], path=variables["PATH"]) and Path(argv[0]).name == argv[0]:
        raise _not_started("start", errno.ENOENT, argv[0], folder)
    contained = await sandbox.warm()
    scratch = await asyncio.to_thread(_make_scratch)
    token = secrets.token_hex(12)
    started = time.monotonic()
    child: _Child | None = None
    output = Output(surroundings.logs)
    try:
        variables[warden.MARKER] = token
        order = contained.order(argv, surroundings, environment=variables, scratch=scratch, grace_s=GRACE_S)
        child = await _Child.start(order, stdin, scratch)
        reason, answer = await _attend(child, output, timeout_s)
    finally:
        await _whatever_happens(_close(child, output, scratch, token))
    verb, *facts = answer or ["ended", "None", "0"]
    if verb == "failed":
        raise _not_started(facts[0], int(facts[1]), argv[0], folder)
    return Ended(
        None if facts[0] == "None" else int(facts[0]),
        reason,
        output.text(),
        output.cut_bytes,
        output.log,
        time.monotonic() - started,
        int(facts[1]),
    )


def child_environment(surroundings: Surroundings, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that a child gets: the few on the list, and those the person lets children see.

    A name that holds API_KEY never passes, whoever asks for it; nor does a PATH entry that depends on the folder.
    """
    passed = {name: value for name, value in env.items() if name.upper() in _PASSED_ON or name.startswith("LC_")}
    entries = [entry for entry in passed.get("PATH", os.defpath).split(os.pathsep) if Path(entry).is_absolute()]
    passed["PATH"] = os.pathsep.join(entries) or os.defpath
    passed.setdefault("LANG", "C.UTF-8")
    passed |= {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}
    passed |= surroundings.environment
    return {name: value for name, value in passed.items() if "API_KEY" not in name.upper()}


class _Child:
    """A program that runs, with the warden over it; on Windows, which has no fork, alone."""

    def __init__(self, process: asyncio.subprocess.Process, channel: socket.socket | None) -> None:
        self.process = process
        self._channel = channel
        self._stopped = False

    @classmethod
    async def start(cls, order: Order, stdin: bytes, scratch: Path) -> _Child:
        with contextlib.ExitStack() as held:
            source = held.enter_context(_readable(stdin, scratch)) if stdin else subprocess.DEVNULL
            if os.name == "nt":
                return cls(await _start_alone(order, source), None)
            ours, theirs = socket.socketpair()
            held.enter_context(theirs)
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", "-c", warden.BOOT, str(theirs.fileno())),
                    stdin=source,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    cwd="/",
                    env={warden.MARKER: order["environment"][warden.MARKER]},
                )
                ours.setblocking(False)
                child = cls(process, ours)
            except BaseException:
                ours.close()
                raise
        try:
            with contextlib.suppress(OSError):  # it is gone already: the missing answer says so
                await asyncio.get_running_loop().sock_sendall(ours, packed(order))
        except BaseException:
            child.kill()
            raise
        return child

    async def answer(self) -> list[str]:
        """What the warden says when all is over, in words; [] where it was ended before it could say anything."""
        if self._channel is None:
            return ["ended", str(await self.process.wait()), "0"]
        loop, said = asyncio.get_running_loop(), b""
        with contextlib.suppress(OSError):
            while not said.endswith(b"\n") and (piece := await loop.sock_recv(self._channel, 4096)):
                said += piece
        return said.decode().split() if said.endswith(b"\n") else []

    def stop(self) -> None:
        """End the program and all it started: TERM, and KILL after the grace. Returns at once."""
        if self._stopped:
            return
        self._stopped = True
        if self._channel is None:
            with contextlib.suppress(OSError):
                subprocess.Popen(["taskkill", "/T", "/F", "/PID", str(self.process.pid)])
        else:
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """End the warden, where it did not answer, and what is below it."""
        if self.process.returncode is None:
            below = warden.descendants(self.process.pid) if self._channel is not None else set()
            with contextlib.suppress(OSError):
                self.process.kill()
            for pid in below:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def deafen(self) -> None:
        """Close our end of its output: asyncio takes no process for ended whose pipe is open."""
        transport: Any = self.process._transport  # type: ignore[attr-defined]  # there is no public way to one pipe
        if (pipe := transport.get_pipe_transport(1)) is not None:
            pipe.close()

    def close(self) -> None:
        """Let go of process and socket."""
        if self._channel is not None:
            self._channel.close()
        self.process._transport.close()  # type: ignore[attr-defined]


async def _attend(child: _Child, output: Output, timeout_s: float) -> tuple[Reason, list[str]]:
    """Read what it writes until it is over or its time is up; why it was ended, and what the warden says."""
    reason: Reason = ""
    assert child.process.stdout is not None
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(output.collect(child.process.stdout, when_full=child.stop))
        answering = group.create_task(child.answer())
        await asyncio.wait({answering}, timeout=timeout_s)
        if not answering.done():
            reason = "timeout"
            child.stop()
            await asyncio.wait({answering}, timeout=GRACE_S + _KILLING_LIMIT_S)
        if not answering.done():
            child.kill()
            answering.cancel()
        await asyncio.wait({reading}, timeout=_DRAIN_LIMIT_S)
        reading.cancel()
    answer = [] if answering.cancelled() else answering.result()
    return "flood" if output.full and reason == "" else reason, answer


async def _close(child: _Child | None, output: Output, scratch: Path, token: str) -> None:
    """See to it that nothing is left: no process, no pipe, no file but the log."""
    if child is not None:
        child.stop()
        child.deafen()
        try:
            await asyncio.wait_for(child.process.wait(), GRACE_S + _KILLING_LIMIT_S)
        except TimeoutError:
            child.kill()
        await asyncio.to_thread(_sweep, token)
        child.close()
    await output.finish()
    await asyncio.to_thread(_remove, scratch)


_closing: set[asyncio.Task[None]] = set()


async def _whatever_happens(work: Coroutine[Any, Any, None]) -> None:
    """Wait for something that goes on to its end even if the waiting is cancelled."""
    task = asyncio.ensure_future(work)
    _closing.add(task)
    task.add_done_callback(_closing.discard)
    await asyncio.shield(task)


def _sweep(token: str) -> None:
    """Kill what still carries the marker of this run: the warden may have been killed by what it watched."""
    if sys.platform.startswith("linux"):
        for _ in range(50):
            if not (found := warden.marked(token)):
                return
            for pid in found:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)


def _working_folder(surroundings: Surroundings) -> str:
    folder = os.path.realpath(surroundings.folder)
    hidden = [Path(os.path.realpath(private)) for private in surroundings.private]
    if not Path(folder).is_dir() or any(Path(folder).is_relative_to(private) for private in hidden):
        raise ToolError("error.tool_run_folder", folder=folder)
    return folder


def _make_scratch() -> Path:
    return Path(tempfile.mkdtemp(prefix="yibu-run-")).resolve()


def _remove(scratch: Path) -> None:
    """Delete its temporary files, whatever modes it gave to their folders."""
    for top, folders, _ in os.walk(scratch):
        for folder in folders:
            if not Path(top, folder).is_symlink():
                with contextlib.suppress(OSError):
                    Path(top, folder).chmod(0o700)
    shutil.rmtree(scratch, ignore_errors=True)


def _readable(data: bytes, scratch: Path) -> Any:
    """A file that holds `data`, to be read from its start; it has no name any more where the system allows."""
    file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - the caller closes it
    file.write(data)
    file.seek(0)
    return file


async def _start_alone(order: Order, source: Any) -> asyncio.subprocess.Process:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    try:
        return await asyncio.create_subprocess_exec(
            *order["argv"],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=order["folder"],
            env=order["environment"],
            creationflags=flags,
        )
    except OSError as error:
        raise _not_started("start", error.errno, order["argv"][0], order["folder"]) from error


def _not_started(stage: str, number: int | None, program: str, folder: str) -> ToolError:
    reason = os.strerror(number) if number else "—"
    if stage == "folder":
        return ToolError("error.tool_run_folder", folder=folder)
    if stage == "sandbox":
        return ToolError("error.tool_run_sandbox", reason=reason)
    return ToolError("error.tool_run_start", program=program, reason=reason)


def _status_note(status: int | None, said_something: bool) -> str:
    if status is None:
        return "ended; its exit status is not known"
    if status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
        return f"ended by signal {name}"
    return f"exit status {status}" if status or not said_something else ""
