"""Pieces that come together are taken together, and what they say stays the same."""

import asyncio
import random
import ssl
from itertools import pairwise

import h11
import pytest
import trustme

from tests.gateway.answers import DONE, Pause, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.wire.asking import ask, client_for
from tui_chat.wire import inlet
from tui_chat.wire.inlet import ChunkJoiner, Inlet

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


class Records:
    """A stream that brings one record a read, and waits only for a flight of them."""

    def __init__(self, flights):
        self._flights = [list(flight) for flight in flights]

    async def read(self, max_bytes, timeout=None):
        if not self._flights[0]:
            del self._flights[0]
            await asyncio.sleep(0)
        return self._flights[0].pop(0)


async def pauses(stream, reads, in_records, monkeypatch):
    """How often a stream is left alone while so many reads are made of it."""
    monkeypatch.setattr(inlet, "GATHER_S", 1e-9)
    monkeypatch.setattr(inlet, "monotonic", lambda: 0.0)
    slept, sleep = [], asyncio.sleep

    async def noted(seconds):
        slept.append(seconds)
        reader._pause_ends_s = 0.0
        await sleep(0)

    reader = Inlet(stream, in_records=in_records)
    reader.gathers = True
    monkeypatch.setattr(inlet.asyncio, "sleep", lambda seconds: noted(seconds) if seconds else sleep(0))
    for _ in range(reads):
        await reader.read(65536)
    return len(slept)


async def test_it_is_left_alone_after_a_little_never_after_much(monkeypatch):
    assert await pauses(Records([[], *[[b"word"]] * 11]), 11, False, monkeypatch) == 10
    assert await pauses(Records([[], *[[b"x" * 20_000]] * 11]), 11, False, monkeypatch) == 0


async def test_records_that_have_come_are_taken_without_a_pause(monkeypatch):
    assert await pauses(Records([[], [b"word"] * 200, [b"word"] * 200]), 400, True, monkeypatch) <= 1


async def test_given_up_while_it_is_left_alone_it_loses_nothing():
    reader = Inlet(Records([[], [b"said"], [b"unsaid"]]))
    reader.gathers = True
    assert await reader.read(65536) == b"said"
    resting = asyncio.ensure_future(reader.read(65536))
    await asyncio.sleep(0)
    assert not resting.done()
    resting.cancel()
    await asyncio.wait([resting])
    reader.gathers = False
    assert await reader.read(65536) == b"unsaid"


async def test_words_that_come_one_by_one_are_told_together(gateway):
    words = [step for number in range(60) for step in (openai({"content": f"{number} "}), Pause(0.001))]
    gateway.respond(sse(*words, openai({}, "stop"), DONE))
    answer = await ask(client_for(gateway))
    assert answer.reply.text == "".join(f"{number} " for number in range(60))
    assert answer.reply.complete
    assert len(answer.deltas) <= 30


async def test_over_tls_too(tmp_path, monkeypatch):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    slept, sleep = [], asyncio.sleep
    monkeypatch.setattr(inlet.asyncio, "sleep", lambda seconds: slept.append(seconds) or sleep(seconds))
    words = [openai({"content": f"{number} "}) for number in range(600)]
    with FakeGateway(ssl_context=context) as gateway:
        gateway.respond(sse(*words, openai({}, "stop"), DONE))
        answer = await ask(client_for(gateway, ca_file=str(tmp_path / "ca.pem")))
    assert answer.reply.text == "".join(f"{number} " for number in range(600))
    assert answer.reply.complete
    assert len(slept) < 300  # one for each record would be as many as there are words


async def test_a_connection_serves_again_after_a_stream(gateway):
    gateway.respond(sse(openai({"content": "said"}), openai({}, "stop"), DONE))
    client = client_for(gateway)
    close, client.aclose = client.aclose, lambda: asyncio.sleep(0)
    try:
        texts = [(await ask(client)).reply.text for _ in range(2)]
    finally:
        await close()
    assert texts == ["said", "said"]
    assert len({request.connection for request in gateway.requests}) == 1
