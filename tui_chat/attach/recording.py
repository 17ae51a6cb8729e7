"""What does a person say into the microphone? Samples as they come, how loud they are, and a WAV file in the end.

The computer's microphone stands behind two calls, `open` and `close`: `SoundDevice` makes them through the `audio`
extra. Nothing is recorded before the person asks for it, and nothing is kept unless the person says so.
"""

from __future__ import annotations

import math
import sys
import threading
from array import array
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from tui_chat.errors import AttachError
from tui_chat.wire.sound import HEAD_BYTES, RATE_HZ, SAMPLE_BYTES, wav

BLOCK_S = 0.05
"""How much sound comes at a time."""
SILENCE_DB = -60.0
"""As loud as this or less counts as nothing heard."""
_FULL_SCALE = 32768.0

Heard = Callable[[bytes], None]
"""Takes the next samples: 16 bits, one channel, little end first. Called on a thread of the sound library's."""


class Microphone(Protocol):
    """Where sound comes from."""

    def open(self, heard: Heard) -> int:
        """Begin to listen; returns how many samples a second there will be. Raises AttachError where it can't."""

    def close(self) -> None:
        """Listen no more; `heard` is not called once this returned."""


class Recording:
    """One recording, from its beginning until it is kept or thrown away."""

    def __init__(self, microphone: Microphone, limit_bytes: int) -> None:
        """`limit_bytes` is the most that the file may hold; what comes after that is not heard."""
        self._microphone = microphone
        self._room_bytes = max(0, limit_bytes - HEAD_BYTES) // SAMPLE_BYTES * SAMPLE_BYTES
        self._lock = threading.Lock()
        self._pieces: list[bytes] = []
        self._size = 0
        self._rate_hz = RATE_HZ
        self._level = 0.0
        self._is_open = False

    def start(self) -> None:
        """Begin to listen. Blocks until the device is open, so call it from a thread; raises AttachError."""
        self._rate_hz = self._microphone.open(self._hear)
        self._is_open = True

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self._size / (self._rate_hz * SAMPLE_BYTES)

    @property
    def level(self) -> float:
        """How loud it was just now, from 0 (silence) to 1 (as loud as can be told)."""
        return self._level

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        return self._size >= self._room_bytes

    def stop(self) -> bytes:
        """End it; the WAV file.

        Raises:
            AttachError: nothing was heard, not even silence.
        """
        self._close()
        with self._lock:
            samples, self._pieces = b"".join(self._pieces), []
        if len(samples) < SAMPLE_BYTES:
            raise AttachError("error.microphone_empty")
        return wav(samples, self._rate_hz)

    def throw_away(self) -> None:
        """End it and forget what was said."""
        self._close()
        with self._lock:
            self._pieces.clear()

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._microphone.close()

    def _hear(self, samples: bytes) -> None:
        with self._lock:
            if kept := samples[: self._room_bytes - self._size]:
                self._pieces.append(kept)
                self._size += len(kept)
        self._level = loudness(samples)


def loudness(samples: bytes) -> float:
    """How loud 16-bit samples are: 0 for `SILENCE_DB` and less, 1 for the loudest there is; in between by decibels."""
    values = array("h", samples[: len(samples) // SAMPLE_BYTES * SAMPLE_BYTES])
    if sys.byteorder == "big":
        values.byteswap()
    if not values:
        return 0.0
    power = math.sqrt(sum(value * value for value in values) / len(values)) / _FULL_SCALE
    if power <= 0:
        return 0.0
    return min(1.0, max(0.0, 1 - 20 * math.log10(power) / SILENCE_DB))


class SoundDevice:
    """The computer's own microphone, through the library of the `audio` extra."""

    def __init__(self) -> None:
        """Find the library and a device.

        Raises:
            AttachError: there is no library, or no microphone.
        """
        try:
            import sounddevice
        except ImportError as error:
            raise AttachError("error.microphone_extra") from error
        except OSError as error:  # it is there, but what it stands on is not
            raise AttachError("error.microphone_library", reason=str(error)) from error
        self._library: Any = sounddevice
        self._stream: Any = None
        try:
            sounddevice.query_devices(kind="input")
        except Exception as error:  # of the library's own kinds: no device, no sound server
            raise AttachError("error.microphone_none") from error

    def open(self, heard: Heard) -> int:
        """Listen to the device that the computer's settings name."""

        def take(samples: Any, frames: int, time: object, status: object) -> None:
            heard(bytes(samples))

        failure: Exception | None = None
        for rate_hz in dict.fromkeys((RATE_HZ, self._own_rate_hz())):
            block = round(rate_hz * BLOCK_S)
            try:
                self._stream = self._library.RawInputStream(rate_hz, block, channels=1, dtype="int16", callback=take)
                self._stream.start()
            except Exception as error:  # noqa: BLE001  # a rate it doesn't know, a device that is taken or forbidden
                failure = error
                self.close()
                continue
            return rate_hz
        raise AttachError("error.microphone_failed", reason=str(failure)) from failure

    def close(self) -> None:
        """Let go of the device."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(Exception):  # a device that went away in the meantime
                stream.abort()
            with suppress(Exception):
                stream.close()

    def _own_rate_hz(self) -> int:
        with suppress(Exception):
            return int(self._library.query_devices(kind="input")["default_samplerate"])
        return RATE_HZ
