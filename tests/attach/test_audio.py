from __future__ import annotations

import io
import math
import struct
import wave

import pytest

from tests.attach.conftest import Shelf
from tui_chat.attach import attach_content
from tui_chat.attach.audio import is_mp3
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Audio


def tone(rate_hz: int = 16_000) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        samples = (int(9000 * math.sin(place / 8)) for place in range(rate_hz // 10))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return buffer.getvalue()


def mp3_frames(count: int = 5, header: bytes = b"\xff\xfb\x90\x64", length: int = 417) -> bytes:
    """MPEG 1 Layer III, 128 kbit/s, 44.1 kHz, unless told otherwise: silence."""
    return (header + bytes(length - 4)) * count


def test_a_wav_file_is_sent_byte_for_byte(shelf: Shelf):
    content = tone()
    attached = attach_content(content, "memo.bin", keep=shelf.keep)
    assert attached.part == Audio(attached.part.blob, "wav", "memo.bin", len(content))  # type: ignore[union-attr]
    assert shelf[attached.part.blob] == content  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "content",
    [
        mp3_frames(),
        b"ID3\x04\0\0\0\0\x02\0" + bytes(256) + mp3_frames(),
        mp3_frames(header=b"\xff\xfb\x92\x64", length=418),  # padded
        mp3_frames(header=b"\xff\xf3\x80\x64", length=208),  # MPEG 2, 64 kbit/s, 22.05 kHz
        mp3_frames(header=b"\xff\xe3\x80\x64", length=417),  # MPEG 2.5, 64 kbit/s, 11.025 kHz
    ],
)
def test_an_mp3_file_is_known_by_its_frames_or_its_tag(content: bytes, shelf: Shelf):
    part = attach_content(content, "song", keep=shelf.keep).part
    assert isinstance(part, Audio)
    assert (part.format, shelf[part.blob]) == ("mp3", content)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"\xff\xfe" + "text".encode("utf-16-le"),
        b"\xff\xfb\x90\x64" + bytes(600),  # no second frame
        b"\xff\xfd\x90\x64" * 100,  # Layer II
        b"\xff\xeb\x90\x64" + bytes(600),  # reserved version
        b"\xff\xfb\xf0\x64" + bytes(600),  # no such bitrate
        b"\xff\xfb\x9c\x64" + bytes(600),  # no such rate
        b"\xff\xf1\x50\x80" * 100,  # AAC
        b"ID3",
        b"ID3 is a tag for music files.",
        b"ID3\x04\0\0\xff\xff\xff\xff rest",
    ],
)
def test_what_is_no_mp3_is_not_taken_for_one(head: bytes):
    assert not is_mp3(head)


def test_a_wav_without_sound_data_is_damaged(shelf: Shelf):
    with pytest.raises(AttachError, match="attach_damaged"):
        attach_content(tone()[:30], "cut.wav", keep=shelf.keep)
    assert shelf == {}
