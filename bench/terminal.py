"""A client in a pseudo-terminal of 120×40 that is watched to the microsecond: what it wrote when, and what it used."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from bench.echo import BASE, COLUMNS, ROWS, Sent, delays_ms, strokes
from bench.meter import cpu_seconds, peak_mb
from tests.terminal.emulator import Emulator
from tests.terminal.keys import encode_key
from tests.terminal.program import Shown, TerminalProgram

POLL_S = 0.25
CALM_SHARE = 0.04
"""A program that uses less than this share of one processor is calm; blinking cursors use less."""


class Recorder(Emulator):
    """A terminal that keeps every piece with its time."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, ROWS)
        self.pieces: list[tuple[float, bytes]] = []

    def feed(self, piece: bytes) -> bytes:
        """Take what the program wrote; what the terminal answers."""
        self.pieces.append((time.monotonic(), piece))
        return super().feed(piece)


class Watched(TerminalProgram):
    """A program in a terminal; use as a context manager."""

    def __init__(self, command: Sequence[str | os.PathLike[str]], env: Mapping[str, str | None], cwd: str) -> None:
        self.recorder = Recorder()
        self.started_s = time.monotonic()
        super().__init__(command, columns=COLUMNS, rows=ROWS, env=env, cwd=cwd)

    def __enter__(self) -> Watched:
        return self

    def _start(self, command: list[str], tty: str, env: dict[str, str], cwd: str | os.PathLike[str] | None) -> None:
        self._emulator = self.recorder  # before the first byte comes
        super()._start(command, tty, env, cwd)

    def cpu(self) -> float:
        """CPU-seconds of the whole process tree so far."""
        return cpu_seconds(self.pid) if self.exit_code is None else self.cpu_seconds()

    def peak_mb(self) -> float:
        """Peak memory of the process tree."""
        return peak_mb(self.pid)

    @property
    def written_bytes(self) -> int:
        """How much it wrote to the terminal so far."""
        return len(self._raw)

    def wait_ready(self, shown: Shown, timeout_s: float = 120) -> float:
        """Wait until it shows that it takes keys; seconds since its start."""
        return self.wait_for(shown, timeout_s) - self.started_s

    def first_picture_s(self) -> float:
        """Seconds from the start to the first output that left something on the screen."""
        screen = Emulator(COLUMNS, ROWS)
        for at_s, piece in self.recorder.pieces:
            screen.feed(piece)
            if any(screen.screen.lines()):
                return at_s - self.started_s
        return 0.0

    def wait_bytes(self, mark: bytes, timeout_s: float, start: int = 0) -> float:
        """Wait until it has written these bytes, without looking at the screen, which takes time from it.

        Returns:
            `time.monotonic()` of the piece that brought them.

        Raises:
            TimeoutError: they did not come in time.
            EOFError: the program ended.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            with self._changed:
                at = self._raw.find(mark, max(0, start - len(mark)))
                start, arrived_s = len(self._raw), self._arrived_s
            if at >= 0:
                return arrived_s
            if self.exit_code is not None:
                raise EOFError(f"it ended with {self.exit_code}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout_s:g} s")
            time.sleep(0.02)

    def wait_calm(self, least_s: float = 0.5, most_s: float = 30) -> float:
        """Wait until it has nothing to do for `least_s`, `most_s` at most; the CPU-seconds it had used before."""
        deadline = time.monotonic() + most_s
        calm_s, spent = 0.0, self.cpu()
        first = spent
        while calm_s < least_s and time.monotonic() < deadline and self.exit_code is None:
            begun = time.monotonic()
            time.sleep(POLL_S)
            now, passed_s = self.cpu(), time.monotonic() - begun
            if now - spent < CALM_SHARE * passed_s:
                calm_s += passed_s
            else:
                calm_s, first = 0.0, now
            spent = now
        return first if calm_s >= least_s else spent

    def stroke(self, name: str) -> None:
        """Press a key at once, whatever the program is doing."""
        with self._changed:
            flags = self._emulator.kitty[-1] if self._emulator.kitty else 0
        self._write(encode_key(name, flags))

    def key_delays_ms(self, every_s: float, count: int) -> list[float]:
        """Type at fixed times; milliseconds from each key's time to its echo."""
        for letter in BASE:
            self.stroke(letter)
            time.sleep(0.2)
        sent: list[Sent] = []
        for key in strokes(time.monotonic() + 0.2, every_s, count):
            time.sleep(max(0.0, key.due_s - time.monotonic()))
            self.stroke(key.key)
            sent.append(key)
        time.sleep(max(2.0, every_s))
        return delays_ms(sent, list(self.recorder.pieces), time.monotonic())
