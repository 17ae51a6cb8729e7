"""Compressed bodies: unpacked in bounded pieces, whatever the cut."""

import gzip
import random
import zlib

import pytest

from tui_chat.errors import WireError
from tui_chat.wire.encoding import unpacker

TEXT = random.Random(1).randbytes(3000) + b"data: hello\n\n" * 2000


def raw_deflate(body):
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body) + squeezer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "deflate, identity": zlib.compress(TEXT),
    " Deflate ": raw_deflate(TEXT),
    "GZIP": gzip.compress(TEXT[:5000]) + gzip.compress(TEXT[5000:]),
}


def unpack(encoding, chunks):
    unpacked = unpacker(encoding)
    return [piece for chunk in chunks for piece in unpacked(chunk)]


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
@pytest.mark.parametrize("encoding", PACKED)
def test_every_packing_is_unpacked_at_every_cut(encoding, size):
    packed = PACKED[encoding]
    assert b"".join(unpack(encoding, [packed[n : n + size] for n in range(0, len(packed), size)])) == TEXT


@pytest.mark.parametrize("encoding", ["", "identity", " Identity ,"])
def test_what_is_not_packed_needs_no_unpacking(encoding):
    assert unpacker(encoding) is None


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate,br"])
def test_other_packings_are_refused_by_name(encoding):
    with pytest.raises(WireError) as caught:
        unpacker(encoding)
    assert caught.value.key == "error.encoding_refused"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_stops_after_a_few_megabytes_in_small_pieces(encoding):
    body = b"\0" * 40_000_000
    packed = gzip.compress(body, 9) if encoding == "gzip" else zlib.compress(body, 9)
    sizes = []
    unpacked = unpacker(encoding)
    with pytest.raises(WireError) as caught:
        for piece in unpacked(packed):
            sizes.append(len(piece))
    assert caught.value.key == "error.event_too_large"
    assert max(sizes) <= 256 * 1024
    assert sum(sizes) <= max(8 * 1024 * 1024, 200 * len(packed))


def test_events_that_pack_well_are_no_bomb():
    event = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"%d word"},"finish_reason":null}]}\n\n'
    body = b"".join(event % n for n in range(200_000))
    assert b"".join(unpack("gzip", [gzip.compress(body, 9)])) == body


def test_bytes_that_can_not_be_unpacked_are_a_cut_stream():
    for encoding in ("gzip", "deflate"):
        with pytest.raises(WireError) as caught:
            unpack(encoding, [b"this is plain text", b"and more of it"])
        assert caught.value.key == "error.stream_cut"
