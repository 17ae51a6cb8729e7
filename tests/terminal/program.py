"""A program in a real pseudo-terminal, driven and watched as a person would.

`TerminalProgram` starts the command under a small shell of ours (`leader.py`), reads its output all the time in a
thread, answers its queries, and offers the screen as text. POSIX only: elsewhere mark tests with `needs_pty`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.terminal.emulator import CELL_PIXELS, MODERN, Emulator, Profile
from tests.terminal.grid import Cell
from tests.terminal.keys import encode_key, mouse
from tests.terminal.processes import cpu_seconds, descendants, is_busy
from tests.waiting import PATIENCE_S

POSIX = sys.platform != "win32"
if POSIX:
    import fcntl
    import termios

needs_pty = pytest.mark.skipif(not POSIX, reason="there are no pseudo-terminals on this system")
LEADER = Path(__file__).with_name("leader.py")
HAND_S = 0.05
"""A person's hand takes longer from key to key than programs take for an unbracketed paste (30 ms)."""
EYE_S = 2.0
"""How long a person waits at most for a program that works on the last key before pressing the next."""

Shown = str | re.Pattern[str] | Callable[[str], Any]


class TerminalProgram:
    """One program in one terminal. Use as a context manager: at the end everything it started is killed.

    Args:
        command: program and arguments.
        columns, rows: size of the terminal.
        env: changes to this process's environment; None removes a variable.
        cwd: working directory.
        profile: what kind of terminal it is (`MODERN`, `OLD`, `SILENT` or a `Profile`).
    """

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        columns: int = 100,
        rows: int = 30,
        env: Mapping[str, str | None] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        profile: Profile = MODERN,
    ) -> None:
        self.exit_code: int | None = None
        self.stopped = False
        """Whether it is suspended (Ctrl+Z)."""
        self.pid = 0
        self._cpu_s_at_exit = 0.0
        self._emulator = Emulator(columns, rows, profile)
        self._raw = bytearray()
        self._arrived_s = time.monotonic()
        self._typed_s = 0.0
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._reading = threading.Event()
        self._reading.set()
        self._closing = False
        self._master, slave = os.openpty()
        self._tty = os.ttyname(slave)
        self._set_size(columns, rows)
        self._settings_before = termios.tcgetattr(slave)
        self._start([os.fspath(word) for word in command], self._tty, environment(env), cwd)
        os.close(slave)

    def _start(self, command: list[str], tty: str, env: dict[str, str], cwd: str | os.PathLike[str] | None) -> None:
        report, report_end = os.pipe()
        command_end, commands = os.pipe()
        self._report, self._commands = report, commands
        self._leader = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LEADER), tty, str(report_end), str(command_end), *command],
            pass_fds=(report_end, command_end),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            env=env,
            cwd=cwd,
        )
        os.close(report_end)
        os.close(command_end)
        self._threads = [
            threading.Thread(target=self._drain, name="pty-drain", daemon=True),
            threading.Thread(target=self._listen, name="pty-reports", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self.pid or self.exit_code is not None, PATIENCE_S)

    # -- threads -----------------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        while not self._closing:
            self._reading.wait()
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if not ready or not self._reading.is_set():
                continue
            with self._changed:  # read inside, so that whoever holds the lock knows nothing is on its way
                try:
                    piece = os.read(self._master, 1 << 16)
                except OSError:  # EIO: nobody has the terminal any more
                    return
                self._raw += piece
                self._arrived_s = time.monotonic()
                answer = self._emulator.feed(piece)
                self._changed.notify_all()
            if answer:
                self._write(answer)

    def _listen(self) -> None:
        with os.fdopen(self._report) as reports:
            for line in reports:
                facts = json.loads(line)
                with self._changed:
                    self.pid = facts.get("pid", self.pid)
                    self.stopped = "stopped" in facts
                    if "exit" in facts:
                        self._cpu_s_at_exit = facts["cpu_s"]
                        self.exit_code = facts["exit"]
                    self._changed.notify_all()

    def _write(self, piece: bytes) -> None:
        with self._writing:
            while piece:
                _, ready, _ = select.select([], [self._master], [], PATIENCE_S)
                if not ready:
                    raise AssertionError(f"the program does not read its terminal; {len(piece)} bytes were left")
                piece = piece[os.write(self._master, piece[:512]) :]

    # -- hands -------------------------------------------------------------------------------------------------------

    def _hand(self, piece: bytes, *, after_echo: bool = False) -> None:
        # Keys before that were read late, or are still being worked on: the next must not seem to be pasted with them.
        deadline = time.monotonic() + EYE_S
        while after_echo and self.is_at_work and time.monotonic() < deadline:
            time.sleep(0.005)
        since_s = max(self._typed_s, self._arrived_s) if after_echo else self._typed_s
        rest = since_s + HAND_S - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._write(piece)
        self._typed_s = time.monotonic()

    def type(self, text: str) -> None:
        """Type these characters in one burst; "\\n" is no key, use `press("enter")`."""
        with self._changed:
            flags = self._emulator.kitty[-1] if self._emulator.kitty else 0
        self._hand(b"".join(encode_key(character, flags) for character in text))

    def press(self, *keys: str) -> None:
        """Press keys one by one at the speed of a hand: "enter", "ctrl+q", "shift+tab", "f1", "alt+b", "x"."""
        for key in keys:
            with self._changed:
                flags = self._emulator.kitty[-1] if self._emulator.kitty else 0
            self._hand(encode_key(key, flags), after_echo=True)

    def say(self, text: str) -> None:
        """Type a line, wait until the screen shows its end, press Enter."""
        self.type(text)
        self.wait_for(text[-12:].strip())
        self.press("enter")

    def paste(self, text: str) -> None:
        """Paste, in brackets where the program asked for them; else as terminals do, with CR for line ends."""
        with self._changed:
            bracketed = 2004 in self._emulator.modes
        body = text if bracketed else text.replace("\n", "\r")
        self._hand(f"\x1b[200~{body}\x1b[201~".encode() if bracketed else body.encode())

    def send(self, piece: bytes) -> None:
        """Send raw bytes as if the terminal did."""
        self._hand(piece)

    def click(self, column: int, row: int, button: int = 0) -> None:
        """Press and release a mouse button on a cell, both from 0; button 64 and 65 are the wheel, up and down."""
        with self._changed:
            cell = CELL_PIXELS if 1016 in self._emulator.modes else None
        report = mouse(button, column, row, True, cell)
        self._hand(report if button >= 64 else report + mouse(button, column, row, False, cell))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size: SIGWINCH, and the in-band report where the program asked for it."""
        with self._changed:
            self._emulator.resize(columns, rows)
            report = self._emulator.size_report() if 2048 in self._emulator.modes else ""
        self._set_size(columns, rows)
        if report:
            self._write(report.encode())

    def _set_size(self, columns: int, rows: int) -> None:
        width, height = CELL_PIXELS
        size = struct.pack("HHHH", rows, columns, columns * width, rows * height)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def stop_reading(self) -> None:
        """Leave the program's output unread, as Ctrl+S or a dead connection does."""
        self._reading.clear()

    def resume_reading(self) -> None:
        self._reading.set()

    # -- eyes --------------------------------------------------------------------------------------------------------

    def screen(self) -> list[str]:
        """The rows as text, blanks at the ends cut off. A wide character is one character of the text."""
        with self._changed:
            return self._emulator.screen.lines()

    @property
    def text(self) -> str:
        """The rows joined by line breaks."""
        return "\n".join(self.screen())

    def cell(self, column: int, row: int) -> Cell:
        """The text of a cell and its style: colours, bold, reverse …"""
        with self._changed:
            return self._emulator.screen.cell(column, row)

    def find(self, text: str) -> tuple[int, int]:
        """Column and row of the first cell of `text`; AssertionError where it is not on the screen."""
        with self._changed:
            found = self._emulator.screen.find(text)
        if found is not None:
            return found
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text}")

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row, from 0."""
        with self._changed:
            screen = self._emulator.screen
            return screen.x, screen.y

    @property
    def terminal(self) -> Emulator:
        """Title, clipboard, modes, sequences seen. Read it only while the program is quiet or after it ended."""
        return self._emulator

    @property
    def raw(self) -> bytes:
        """Every byte the program wrote so far."""
        with self._changed:
            return bytes(self._raw)

    def wait_for(self, shown: Shown, timeout: float = PATIENCE_S) -> float:
        """Wait until the screen shows a text, a pattern, or what a function of the screen's text accepts.

        Returns:
            `time.monotonic()` of the output that made it so.

        Raises:
            AssertionError: it did not come in time, or the program ended without it; the screen is in the message.
        """
        deadline = time.monotonic() + timeout
        ended_s: float | None = None
        while True:
            with self._changed:
                text, arrived_s, size = self._shown(), self._arrived_s, len(self._raw)
            if is_shown(shown, text):
                return arrived_s
            now = time.monotonic()
            if self.exit_code is not None:
                ended_s = ended_s or now
            if now >= deadline or (ended_s is not None and now > ended_s + 0.5):
                state = "" if self.exit_code is None else f"; the program ended with {self.exit_code}"
                raise AssertionError(f"not within {timeout:g} s: {shown!r}{state}. The screen:\n{text}")
            with self._changed:
                if len(self._raw) == size:
                    self._changed.wait(min(deadline - now, 0.1))

    def _shown(self) -> str:
        # The caller holds the lock.
        return "\n".join(self._emulator.screen.lines())

    def wait_gone(self, text: str, timeout: float = PATIENCE_S) -> float:
        """Wait until the screen no longer shows this text."""
        return self.wait_for(lambda shown: text not in shown, timeout)

    def wait_quiet(self, quiet_s: float = 0.3, timeout: float = PATIENCE_S) -> None:
        """Wait until for `quiet_s` nothing was written, no key lay unread and no thread had work.

        A program that gets no processor is as silent as one that is done: what it has left to do tells them apart.
        """
        deadline = time.monotonic() + timeout
        since_s = self._typed_s
        while (rest := max(since_s, self._arrived_s) + quiet_s - time.monotonic()) > 0:
            assert time.monotonic() < deadline, f"it kept writing or working for {timeout:g} s"
            time.sleep(min(rest, 0.02))
            if self.is_at_work:
                since_s = time.monotonic()

    @property
    def is_at_work(self) -> bool:
        """Whether keys lie unread or a thread of the program has work; False where that can't be seen."""
        return self.exit_code is None and (self._has_unread() or is_busy(self.pid))

    def _has_unread(self) -> bool:
        try:
            tty = os.open(self._tty, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:  # nobody has it open any more
            return False
        try:
            return struct.unpack("i", fcntl.ioctl(tty, termios.FIONREAD, b"\0" * 4))[0] > 0
        finally:
            os.close(tty)

    # -- life --------------------------------------------------------------------------------------------------------

    @property
    def restored(self) -> bool:
        """Whether the terminal's settings (echo, line mode, signals) are as they were before the start."""
        return self.settings == self._settings_before

    @property
    def settings(self) -> list[Any]:
        """The terminal's settings now, as `termios.tcgetattr` gives them."""
        return termios.tcgetattr(self._master)

    def cpu_seconds(self) -> float:
        """User and system time of the program with all it started, so far or until its end."""
        return self._cpu_s_at_exit if self.exit_code is not None else cpu_seconds(self.pid)

    def signal(self, number: int) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def resume(self) -> None:
        """Bring it back to the foreground after it was suspended, as `fg` does."""
        os.write(self._commands, b"fg\n")

    def wait_stopped(self, timeout: float = PATIENCE_S) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.stopped, timeout), f"not suspended within {timeout:g} s"

    def wait_exit(self, timeout: float = PATIENCE_S) -> int:
        """Wait for its end; the exit code, negative where a signal ended it. All its output has arrived then."""
        with self._changed:
            ended = self._changed.wait_for(lambda: self.exit_code is not None, timeout)
            if not ended:
                raise AssertionError(f"still running after {timeout:g} s. The screen:\n{self._shown()}")
        while self._reading.is_set() and select.select([self._master], [], [], 0)[0] and self._threads[0].is_alive():
            time.sleep(0.005)
        with self._changed:
            assert self.exit_code is not None
            return self.exit_code

    def hang_up(self) -> None:
        """Close the terminal's window: the program gets SIGHUP, its terminal is gone."""
        self._closing = True
        self._reading.set()
        self._threads[0].join()
        os.close(self._master)
        self._master = -1

    def kill(self) -> None:
        """Kill the program and all it started, at once."""
        for pid in [*descendants(self._leader.pid), self.pid]:
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill what still runs and release the terminal."""
        if self.exit_code is None:
            self.kill()
        os.close(self._commands)
        if self._master >= 0:
            self.hang_up()
        try:
            self._leader.wait(5)
        except subprocess.TimeoutExpired:
            self._leader.kill()
            self._leader.wait()
        self._threads[1].join()

    def __enter__(self) -> TerminalProgram:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def environment(changes: Mapping[str, str | None] | None) -> dict[str, str]:
    """This process's environment for a colour terminal, with the changes."""
    env: dict[str, str | None] = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    env |= {"LINES": None, "COLUMNS": None, **(changes or {})}
    return {name: value for name, value in env.items() if value is not None}


def is_shown(shown: Shown, text: str) -> bool:
    if isinstance(shown, str):
        return shown in text
    return bool(shown.search(text) if isinstance(shown, re.Pattern) else shown(text))
