"""A spoken answer becomes a file that players take, whatever the upstream left out."""

import io
import wave

import pytest

from tui_chat.wire.sound import RATE_HZ, seconds_of, sound_file, wav

SAMPLES = bytes(range(256)) * 100


def test_raw_samples_get_the_head_of_a_wav_file():
    content, format = sound_file(SAMPLES + b"\x01", "pcm16")  # half a sample at the end is no sample
    assert format == "wav"
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE_HZ, 1, 2)
        assert sound.readframes(sound.getnframes()) == SAMPLES
    assert seconds_of(content, format) == round(len(SAMPLES) / 48_000, 1)


@pytest.mark.parametrize("asked", ["wav", "mp3", "", "opus"])
def test_samples_are_known_as_such_though_another_format_was_asked_for(asked: str):
    assert sound_file(b"\x00\x00" + SAMPLES, asked)[1] == "wav"


@pytest.mark.parametrize(
    ("data", "asked", "format"),
    [
        (wav(SAMPLES), "pcm16", "wav"),
        (b"ID3\x04rest", "wav", "mp3"),
        (b"\xff\xfb\x90\x64" + SAMPLES, "mp3", "mp3"),
        (b"\xff\xf1\x50\x80" + SAMPLES, "aac", "aac"),
        (b"fLaC" + SAMPLES, "flac", "flac"),
        (b"OggS" + SAMPLES, "opus", "opus"),
    ],
)
def test_a_file_with_a_head_stays_as_it_is(data: bytes, asked: str, format: str):
    assert sound_file(data, asked) == (data, format)


def test_samples_that_look_like_a_frame_are_samples_unless_that_was_asked_for():
    content, format = sound_file(b"\xff\xfb" + SAMPLES, "pcm16")
    assert format == "wav" and content[44:46] == b"\xff\xfb"


def test_how_long_other_formats_play_is_not_guessed():
    assert seconds_of(b"ID3" + SAMPLES, "mp3") is None and seconds_of(b"RIFF", "wav") is None
