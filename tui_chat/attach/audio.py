"""Sound: WAV and MP3, the two formats an `input_audio` part knows. Told apart by content, sent byte for byte."""

from __future__ import annotations

from tui_chat.attach.kind import Attached, Keep, Kind, Options
from tui_chat.errors import AttachError
from tui_chat.wire.messages import Audio

_BITRATES_KBPS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Layer III by MPEG version (2 stands for 2 and 2.5), by the header's index. Source: ISO 11172-3 §2.4.2.3, 13818-3."""
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""By the header's version bits: 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5."""


def is_wav(head: bytes) -> bool:
    """Whether these are a WAV file's first bytes."""
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE"


def is_mp3(head: bytes) -> bool:
    """Whether these are an MP3 file's first bytes: an ID3 tag, or a Layer III frame with another right behind it."""
    if head[:3] == b"ID3" and len(head) > 10 and head[3] in (2, 3, 4) and all(byte < 0x80 for byte in head[6:10]):
        return True
    length = _frame_bytes(head)
    if length == 0:
        return False
    following = head[length : length + 4]
    return len(following) < 4 or _frame_bytes(following) > 0


def _frame_bytes(head: bytes) -> int:
    """The length of the Layer III frame that begins here, 0 where none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate, padding = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    mpeg1 = version == 3
    kbps = _BITRATES_KBPS[1 if mpeg1 else 2][bitrate]
    return (144 if mpeg1 else 72) * kbps * 1000 // _RATES_HZ[version][rate] + padding


def _recognise(head: bytes, name: str) -> bool:
    return is_wav(head) or is_mp3(head)


def _make(content: bytes, name: str, options: Options, keep: Keep) -> Attached:
    wav = is_wav(content)
    if wav and (b"fmt " not in content[12:4096] or b"data" not in content[12:65536]):
        raise AttachError("error.attach_damaged", name=name)
    return Attached(Audio(keep(content), "wav" if wav else "mp3", name, len(content)))


AUDIO = Kind("audio", (".wav", ".mp3"), _recognise, _make)
