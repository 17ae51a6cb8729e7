"""What is said into a microphone becomes a WAV file, or nothing at all; the device here is a made-up one."""

from __future__ import annotations

import math
import struct
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from tests.attach.microphone import FakeMicrophone
from tui_chat.attach import attach_content
from tui_chat.attach.recording import Recording, SoundDevice, loudness
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Audio
from tui_chat.wire.sound import RATE_HZ


def tone(count: int, peak: int) -> bytes:
    return struct.pack(f"<{count}h", *(round(peak * math.sin(at / 5)) for at in range(count)))


def begun(microphone: FakeMicrophone, limit_bytes: int = 1_000_000) -> Recording:
    recording = Recording(microphone, limit_bytes)
    recording.start()
    return recording


def test_what_was_heard_is_a_wav_file_that_can_be_attached() -> None:
    microphone = FakeMicrophone(16_000)
    recording = begun(microphone)
    said = [tone(800, 9000), tone(800, 300)]
    for piece in said:
        microphone.hear(piece)
    assert recording.seconds == 0.1 and 0 < recording.level < 0.5
    content = recording.stop()
    assert content[44:] == b"".join(said) and struct.unpack("<I", content[24:28]) == (16_000,)
    kept: list[bytes] = []
    attached = attach_content(content, "recording.wav", keep=lambda content: str(kept.append(content) or len(kept)))
    assert attached.part == Audio("1", "wav", "recording.wav", len(content)) and kept == [content]
    assert not microphone.is_open


def test_what_is_thrown_away_is_gone_and_the_device_let_go() -> None:
    microphone = FakeMicrophone()
    recording = begun(microphone)
    microphone.hear(tone(100, 9000))
    recording.throw_away()
    assert not microphone.is_open
    with pytest.raises(AttachError, match="microphone_empty"):
        recording.stop()
    assert microphone.closed == 1


@pytest.mark.parametrize("limit_bytes", [144, 145])
def test_a_recording_never_grows_beyond_its_limit(limit_bytes: int) -> None:
    microphone = FakeMicrophone()
    recording = begun(microphone, limit_bytes)
    for _ in range(10):
        microphone.hear(b"\1\0" * 20)
    assert recording.is_full
    content = recording.stop()
    assert len(content) == 144
    assert attach_content(content, "a.wav", keep=lambda content: "1", limit_bytes=limit_bytes).part


def test_silence_is_kept_and_nothing_at_all_is_not() -> None:
    microphone = FakeMicrophone()
    recording = begun(microphone)
    microphone.hear(bytes(200))
    assert recording.level == 0 and recording.stop()[44:] == bytes(200)
    with pytest.raises(AttachError, match="microphone_empty"):
        begun(FakeMicrophone()).stop()


def test_louder_is_more() -> None:
    levels = [loudness(tone(1000, peak)) for peak in (0, 10, 100, 1000, 10_000, 32_767)]
    assert levels == sorted(levels) and levels[0] == 0 and 0.9 < levels[-1] <= 1
    assert loudness(b"") == loudness(b"\1") == 0 and loudness(struct.pack("<2h", -32768, -32768)) == 1


class Library(types.ModuleType):
    """Stands for `sounddevice`."""

    def __init__(self, rates: tuple[int, ...] = (48_000,), found: bool = True) -> None:
        super().__init__("sounddevice")
        self.rates, self.found = rates, found
        self.own_rate_hz = 48_000.0
        self.taken = False
        self.done: list[str] = []

    def query_devices(self, kind: str) -> dict[str, Any]:
        if not self.found:
            raise ValueError("no input device")
        return {"default_samplerate": self.own_rate_hz}

    def RawInputStream(
        self, rate_hz: int, block: int, *, channels: int, dtype: str, callback: Callable[..., None]
    ) -> Any:
        if rate_hz not in self.rates:
            raise RuntimeError("Invalid sample rate")
        assert (channels, dtype) == (1, "int16") and block == rate_hz // 20
        library = self

        class Stream:
            def start(self) -> None:
                if library.taken:
                    raise RuntimeError("Device unavailable")
                callback(memoryview(b"\5\0\6\0"), 2, None, None)

            def abort(self) -> None:
                library.done.append("abort")

            def close(self) -> None:
                library.done.append("close")

        return Stream()


def test_the_extra_listens_at_the_rate_the_device_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    recording = Recording(SoundDevice(), 1000)
    recording.start()
    content = recording.stop()
    assert content[44:] == b"\5\0\6\0" and struct.unpack("<I", content[24:28]) == (48_000,)
    assert library.done == ["abort", "close"]


@pytest.mark.parametrize(
    ("library", "key"),
    [(None, "microphone_extra"), (Library(found=False), "microphone_none")],
)
def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, library: Library | None, key: str) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    with pytest.raises(AttachError) as refused:
        SoundDevice()
    assert refused.value.key == f"error.{key}"


def test_a_device_that_can_not_be_opened_is_said_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    microphone = SoundDevice()
    library.rates = (RATE_HZ + 1,)
    library.own_rate_hz = 8000.0
    with pytest.raises(AttachError) as refused:
        microphone.open(lambda samples: None)
    assert refused.value.key == "error.microphone_failed" and "sample rate" in str(refused.value.facts["reason"])


def test_a_device_that_does_not_start_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    library.taken = True
    with pytest.raises(AttachError, match="microphone_failed"):
        SoundDevice().open(lambda samples: None)
    assert library.done == ["abort", "close"]
