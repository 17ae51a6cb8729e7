"""A microphone that hears what a test says into it."""

from __future__ import annotations

from collections.abc import Callable


class FakeMicrophone:
    """Stands behind the same two calls as the real one."""

    def __init__(self, rate_hz: int = 24_000) -> None:
        self.rate_hz = rate_hz
        self.closed = 0
        self._heard: Callable[[bytes], None] | None = None

    @property
    def is_open(self) -> bool:
        return self._heard is not None

    def open(self, heard: Callable[[bytes], None]) -> int:
        self._heard = heard
        return self.rate_hz

    def close(self) -> None:
        self._heard = None
        self.closed += 1

    def hear(self, samples: bytes) -> None:
        assert self._heard is not None
        self._heard(samples)
