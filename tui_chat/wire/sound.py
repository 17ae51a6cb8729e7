"""What is a spoken answer as a file? The bytes as they came, with the head that players need where it was left out.

Models that stream speak in raw samples, and some do so though another format was asked for: what the bytes are is seen
in the bytes, and only where they say nothing the format that was asked for counts.

Source: chat-completions `audio`; raw samples are 16 bits, one channel, 24 000 a second.
"""

from __future__ import annotations

import struct

from tui_chat.wire.messages import SoundFormat

RATE_HZ = 24_000
SAMPLE_BYTES = 2
HEAD_BYTES = 44
"""What a WAV file holds besides its samples."""
_SYNCED: dict[str, tuple[int, int]] = {"mp3": (0xE0, 0xE0), "aac": (0xF6, 0xF0)}
"""Format → mask and value of a frame's second byte, after 0xFF. Samples may look alike, so it must be asked for."""


def sound_file(data: bytes, asked: str = "") -> tuple[bytes, SoundFormat]:
    """A file that players take, and its format.

    Args:
        data: the sound as it came, decoded from base64.
        asked: `audio.format` of the request; "" where unknown.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return data, "wav"
    if data[:4] == b"fLaC":
        return data, "flac"
    if data[:4] == b"OggS":
        return data, "opus"
    if data[:3] == b"ID3":
        return data, "mp3"
    if asked in _SYNCED and data[:1] == b"\xff":
        mask, value = _SYNCED[asked]
        if len(data) > 1 and data[1] & mask == value:
            return data, "mp3" if asked == "mp3" else "aac"
    return wav(data), "wav"


def wav(samples: bytes, rate_hz: int = RATE_HZ) -> bytes:
    """Raw 16-bit samples of one channel as a WAV file; half a sample at the end is left out."""
    samples = samples[: len(samples) // SAMPLE_BYTES * SAMPLE_BYTES]
    byte_rate = rate_hz * SAMPLE_BYTES
    head = struct.pack("<4sI4s", b"RIFF", 36 + len(samples), b"WAVE")
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, byte_rate, SAMPLE_BYTES, 8 * SAMPLE_BYTES)
    return head + form + struct.pack("<4sI", b"data", len(samples)) + samples


def seconds_of(content: bytes, format: SoundFormat) -> float | None:
    """How long a WAV file plays, by the head it has; None for other formats, and where the head says nothing."""
    if format != "wav" or len(content) < HEAD_BYTES or content[12:16] != b"fmt ":
        return None
    byte_rate = int.from_bytes(content[28:32], "little")
    return round((len(content) - HEAD_BYTES) / byte_rate, 1) if byte_rate else None
