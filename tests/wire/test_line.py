"""What comes over a line: no faster than it is read, in pieces that gathered, nothing lost, and an end that is told."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme

from tests.gateway.answers import DONE, Pause, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.wire.asking import ask, client_for
from tui_chat.wire import line
from tui_chat.wire.line import Line, connect

MUCH = bytes(range(256)) * 256


@asynccontextmanager
async def talking(say):
    """A line to a server that does what `say(reader, writer)` does, then hangs up."""

    async def serve(reader, writer):
        try:
            await say(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        there = await connect("127.0.0.1", server.sockets[0].getsockname()[1])
        try:
            yield there
        finally:
            there.close()
            await asyncio.sleep(0)


async def all_of(there):
    pieces = []
    while piece := await there.read(30):
        pieces.append(piece)
    return b"".join(pieces)


class Socket:
    """What of a transport a line uses; says whether it is read."""

    def __init__(self):
        self.is_read = True

    def resume_reading(self):
        self.is_read = True

    def pause_reading(self):
        self.is_read = False


@pytest.fixture
def rested(monkeypatch):
    """A line without a network, that is fed by hand, and how often it was left alone."""
    monkeypatch.setattr(line, "monotonic", lambda: 0.0)
    slept, sleep = [], asyncio.sleep

    async def noted(seconds):
        slept.append(seconds)
        there._rests_until_s = 0.0
        await sleep(0)

    monkeypatch.setattr(line.asyncio, "sleep", lambda seconds: noted(seconds) if seconds else sleep(0))
    there = Line()
    there._socket = Socket()
    there.gathers = True
    return there, slept


async def fed(there, *pieces):
    """What is read when these come while it is waited for."""
    reading = asyncio.ensure_future(there.read(30))
    while not (there._more or reading.done()):
        await asyncio.sleep(0)
    for piece in pieces:
        there.data_received(piece)
    return await reading


async def test_it_is_left_alone_after_a_little_never_after_much(rested):
    there, slept = rested
    for _ in range(11):
        assert await fed(there, b"word") == b"word"
    assert slept == [line.GATHER_S] * 10
    slept.clear()
    for _ in range(11):
        assert await fed(there, MUCH) == MUCH
    assert len(slept) == 1  # for the last of the little


async def test_the_first_word_waits_for_nothing(rested):
    """What was read before words were to gather, the head of an answer, has no part in it."""
    there, slept = rested
    there.gathers = False
    await fed(there, b"head")
    there.gathers = True
    await fed(there, b"first word")
    assert slept == []
    there.gathers = False
    await fed(there, b"next head")
    there.gathers = True
    await fed(there, b"its first word")
    assert slept == []


async def test_what_came_together_is_one_piece(rested):
    there, slept = rested
    assert await fed(there, b"one ", b"two ", b"three") == b"one two three"
    assert slept == []


async def test_it_is_only_read_while_somebody_waits(rested):
    there, _slept = rested
    assert await fed(there, b"word") == b"word"
    assert not there._socket.is_read
    there.listen()
    assert there._socket.is_read and there.is_quiet
    there.data_received(b"unasked")
    assert not (there._socket.is_read or there.is_quiet)
    assert await there.read() == b"unasked"


async def test_given_up_while_it_is_left_alone_it_loses_nothing():
    there = Line()
    there.gathers = True
    assert await fed(there, b"said") == b"said"
    resting = asyncio.ensure_future(there.read())
    await asyncio.sleep(0)
    assert not resting.done() and there._more is None
    resting.cancel()
    await asyncio.wait([resting])
    assert await fed(there, b"unsaid") == b"unsaid"


async def test_all_that_is_sent_comes_whole_and_in_order():
    sent = MUCH * 64

    async def echo(reader, writer):
        writer.write(await reader.readexactly(len(sent)))
        await writer.drain()

    async with talking(echo) as there:
        await there.write(sent, 30)
        assert await all_of(there) == sent
        assert await there.read() == b""


async def test_a_sender_that_is_faster_waits_in_the_network():
    gone = []

    async def flood(reader, writer):
        for _ in range(1000):
            writer.write(MUCH)
            await writer.drain()
            gone.append(len(MUCH))

    async with talking(flood) as there:
        await there.read(30)
        before = -1
        while before != len(gone):  # until it stands still
            before = len(gone)
            await asyncio.sleep(0.2)
        assert len(gone) < 900
        held = len(await there.read(30))
    assert held <= 1024 * 1024


async def test_who_reads_nothing_is_given_up_in_time():
    may_end = asyncio.Event()

    async def deaf(reader, writer):
        writer.transport.pause_reading()
        await may_end.wait()

    async with talking(deaf) as there:
        with pytest.raises(TimeoutError):
            await there.write(bytes(64 * 1024 * 1024), 0.2)
        may_end.set()


async def test_who_says_nothing_is_given_up_in_time_and_may_still_speak():
    may_speak = asyncio.Event()

    async def slow(reader, writer):
        await may_speak.wait()
        writer.write(b"late")

    async with talking(slow) as there:
        with pytest.raises(TimeoutError):
            await there.read(0.05)
        may_speak.set()
        assert await there.read(30) == b"late"


async def test_so_many_bytes_are_had_however_they_come():
    async def drip(reader, writer):
        for byte in b"abcdef":
            writer.write(bytes((byte,)))
            await asyncio.sleep(0.001)

    async with talking(drip) as there:
        assert [await there.exactly(count) for count in (1, 3, 2)] == [b"a", b"bcd", b"ef"]
        with pytest.raises(ConnectionError):
            await there.exactly(1)


async def test_a_dead_line_is_no_limit_of_ours():
    there = Line()
    there.connection_lost(TimeoutError(110, "Connection timed out"))
    with pytest.raises(ConnectionResetError):
        await there.read(30)


async def test_after_the_end_nothing_can_be_sent():
    async def silent(reader, writer):
        pass

    async with talking(silent) as there:
        assert await there.read(30) == b""
        with pytest.raises(ConnectionError):
            await there.write(b"hello?")
        with pytest.raises(ConnectionError):
            await there.encrypt(ssl.create_default_context(), "127.0.0.1")


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
    monkeypatch.setattr(line.asyncio, "sleep", lambda seconds: slept.append(seconds) or sleep(seconds))
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
