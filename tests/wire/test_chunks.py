"""Chunks that came together are read as one, and what they say stays the same."""

import random
from itertools import pairwise

import h11
import pytest

from tui_chat.wire.chunks import ChunkJoiner

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
ODD = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n5\r\nabcd\r\n",  # its length is told: nothing of it is a chunk's
    b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"3\r\nabc\r\n3\r\ndef\r\n" + END,
    HEAD + b"3;name=value\r\nabc\r\n3\r\ndef\r\n" + END,
    HEAD + b"3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
    HEAD + b"3\r\nabc\r\n3\r\ndefXX3\r\nghi\r\n" + END,
    HEAD + b"3\r\nabc\r\n+3\r\ndef\r\n" + END,
    HEAD + b"3\r\nabc\r\n3\nde\r\n" + END,
    HEAD + b"3\r\nabc\r\n2\r\nde",
    HEAD + b"3\r\nabc\r\n2",
    b"HTTP/1.1 200 OK\nContent-Length: 45\n\n\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n",
    b"nonsense",
    b"",
)


def told(reads):
    """The body that h11 reads, and how the answer ends for it: in order, by an error, or not at all."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    body, events = b"", 0
    try:
        for data in [*reads, b""]:
            connection.receive_data(data)
            while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Data):
                    body, events = body + bytes(event.data), events + 1
                elif isinstance(event, h11.EndOfMessage):
                    return body, f"whole {[*event.headers]}", events
                elif isinstance(event, h11.ConnectionClosed):
                    return body, "closed", events
    except h11.RemoteProtocolError as error:
        return body, type(error).__name__, events
    return body, "open", events


def joined(reads):
    joiner = ChunkJoiner()
    return [piece for data in [*reads, b""] if (piece := joiner.join(data))]


def cut(whole, chance):
    cuts = sorted({0, len(whole), *(chance.randrange(len(whole) + 1) for _ in range(chance.randrange(6)))})
    return [whole[a:b] for a, b in pairwise(cuts)]


@pytest.mark.parametrize("seed", range(4))
def test_a_body_is_the_same_however_its_chunks_came(seed):
    chance = random.Random(seed)
    for _ in range(100):
        texts = [chance.randbytes(chance.choice((1, 2, 15, 16, 300))) for _ in range(chance.randrange(1, 12))]
        form = chance.choice((b"%x\r\n%b\r\n", b"%X\r\n%b\r\n", b"00%x\r\n%b\r\n"))
        whole = HEAD + b"".join(form % (len(text), text) for text in texts) + END
        if chance.random() < 0.3:
            at = chance.randrange(len(HEAD), len(whole))
            whole = whole[:at] + chance.choice((b"", chance.randbytes(2))) + whole[at + 1 :]  # broken in one place
        reads = cut(whole, chance)
        assert told(joined(reads))[:2] == told(reads)[:2], reads


@pytest.mark.parametrize("whole", ODD)
def test_what_is_unusual_is_left_to_h11(whole):
    for size in range(1, len(whole) + 1):
        reads = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert told(joined(reads))[:2] == told(reads)[:2]


def test_chunks_that_came_together_are_one():
    reads = [HEAD, b"".join(b"5\r\n%05d\r\n" % number for number in range(100)) + b"5", b"\r\nabcde\r\n" + END]
    body, end, events = told(joined(reads))
    assert (body, end) == told(reads)[:2]
    assert (events, told(reads)[2]) == (2, 101)
