"""A connection serves again only where all was said, nobody else uses it, and nothing came that nobody asked for."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from tui_chat.errors import WireError
from tui_chat.wire.http import Http, Timeouts

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def answering(*said):
    """An `Http` to a server that answers each request of a connection with the next of these, a list bit by bit."""
    connections = []

    async def serve(reader, writer):
        connections.append(writer)
        try:
            for answer in said:
                await reader.readuntil(b"\r\n\r\n")
                for piece in answer if isinstance(answer, list) else [answer]:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.1 if isinstance(answer, list) else 0)
                if b"farewell" in answer:
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        http = Http(f"http://127.0.0.1:{port}", {}, env={}, timeouts=Timeouts(5, 5, 5))
        try:
            yield http, connections
        finally:
            await http.aclose()


async def get(http):
    async with http.send("GET", "/") as answer:
        return await answer.read()


async def test_one_connection_serves_one_after_the_other():
    async with answering(WHOLE, WHOLE, WHOLE) as (http, connections):
        assert [await get(http) for _ in range(3)] == [b"ok"] * 3
    assert len(connections) == 1


async def test_who_leaves_late_does_not_hang_up_on_who_came_next():
    """The first has read all and lingers; its connection serves the second, whose answer is still to come."""
    slowly = [b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n", b"slow but ", b"whole"]
    async with answering(WHOLE, slowly) as (http, connections):
        lingering = http.send("GET", "/")
        assert await (await lingering.__aenter__()).read() == b"ok"
        async with http.send("GET", "/") as answer:
            await lingering.__aexit__(None, None, None)
            assert await answer.read() == b"slow but whole"
    assert len(connections) == 1


@pytest.mark.parametrize("unasked", [WHOLE.replace(b"ok", b"no"), b"x"])
async def test_what_comes_unasked_behind_an_answer_is_nobodys(unasked):
    async with answering(WHOLE + unasked) as (http, connections):
        assert [await get(http) for _ in range(3)] == [b"ok"] * 3
    assert len(connections) == 3


async def test_a_body_where_none_may_be_is_nobodys():
    async with answering(b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nstray") as (http, _connections):
        assert [await get(http) for _ in range(2)] == [b"", b""]


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_who_hangs_up_without_a_word_is_not_asked_again(version):
    farewell = WHOLE.replace(b"HTTP/1.1", b"HTTP/" + version).replace(b"\r\n\r\n", b"\r\nX: farewell\r\n\r\n")
    async with answering(farewell) as (http, connections):
        assert [await get(http) for _ in range(6)] == [b"ok"] * 6
    assert len(connections) == 6


async def test_an_unread_answer_ends_its_connection():
    async with answering(WHOLE.replace(b"2\r", b"9\r"), WHOLE) as (http, connections):
        async with http.send("GET", "/") as answer:
            assert answer.status == 200
        with pytest.raises(WireError) as caught:
            await get(http)
        assert caught.value.key in ("error.read_timeout", "error.stream_cut")
    assert len(connections) == 2


async def test_hanging_up_ourselves_is_no_end_of_an_answer():
    said = b"HTTP/1.1 200 OK\r\n\r\nhalf of ", WHOLE
    async with answering(*said) as (http, connections), http.send("GET", "/") as answer:
        pieces = answer.chunks()
        assert await anext(pieces) == b"half of "
        waiting = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0.01)
        await http.aclose()
        with pytest.raises(WireError) as caught:
            await waiting
    assert caught.value.key == "error.stream_cut" and len(connections) == 1


async def test_an_answer_that_was_read_has_nothing_more_to_say():
    async with answering(WHOLE, WHOLE) as (http, _connections), http.send("GET", "/") as answer:
        assert await answer.read() == b"ok"
        assert await get(http) == b"ok"
        assert await answer.read() == b""
