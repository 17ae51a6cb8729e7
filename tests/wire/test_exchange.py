"""What is kept of an exchange: all of it, exactly, without the key, within its bounds."""

from __future__ import annotations

import asyncio
import json
import random
from base64 import b64encode
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.answers import DONE, PING, Answer, Cut, Hold, json_answer, relay_error, sse
from tests.gateway.cases_text import HELLO, SAID, START, STOP, WHOLE
from tests.gateway.server import FakeGateway
from tests.waiting import eventually
from tests.wire.asking import ASK, KEY, PLAIN, ask, client_for
from tui_chat.errors import WireError
from tui_chat.wire.exchange import Exchange, Exchanges, in_pieces
from tui_chat.wire.messages import Image, Message, Text
from tui_chat.wire.place import place_of
from tui_chat.wire.request import Request

NOW = datetime(2025, 1, 2, tzinfo=UTC)


async def test_all_of_an_exchange_is_kept_as_it_went_over_the_line(gateway: FakeGateway):
    answer = sse(PING, START, SAID, STOP, DONE)
    gateway.script(answer)
    client = client_for(gateway)
    told = await ask(client)
    [exchange] = client.exchanges.all
    [request] = gateway.chats
    assert exchange.sent == request.body
    assert exchange.received == b"".join(step for step in answer.steps() if isinstance(step, bytes))
    assert (exchange.method, exchange.url, exchange.status) == ("POST", f"{gateway.base_url}/chat/completions", 200)
    assert exchange.request_id == request.request_id == told.reply.request_id
    assert exchange.completion_id == told.reply.id and exchange.completion_id
    assert exchange.answer_headers["content-type"] == "text/event-stream"
    sent = {name.lower(): value for name, value in exchange.headers}
    assert sent.pop("authorization") == "Bearer sk-aB3…3aB3"
    assert sent == {name: value for name, value in request.headers.items() if name != "authorization"}
    assert KEY not in repr(exchange) and exchange.failure == "" and exchange.lost_bytes == 0


async def test_the_times_of_an_exchange_follow_each_other(gateway: FakeGateway):
    gateway.respond(sse(WHOLE))
    client = client_for(gateway)
    for _ in range(2):
        async with aclosing(client.stream(ASK, lambda sha: b"")) as signals:
            async for _signal in signals:
                pass
    await client.aclose()
    fresh, again = client.exchanges.all
    times = (
        fresh.connecting_s,
        fresh.connected_s,
        fresh.sent_s,
        fresh.first_byte_s,
        fresh.first_token_s,
        fresh.ended_s,
    )
    assert None not in times and list(times) == sorted(times)
    assert (again.connecting_s, again.connected_s) == (None, None)  # the connection was there
    assert again.sent_s is not None and again.first_byte_s is not None and again.sent_s <= again.first_byte_s
    assert (fresh.number, again.number) == (1, 2)


async def test_every_attempt_is_an_exchange_and_its_last_one_finds_them_all(gateway: FakeGateway):
    gateway.script(relay_error("busy", "do_request_failed", 502), sse(WHOLE))
    client = client_for(gateway)
    told = await ask(client)
    refused, whole = client.exchanges.all
    assert (refused.attempt, refused.status, refused.failure) == (1, 502, "error.upstream_failed")
    assert b"busy" in refused.received and refused.ended_s is not None
    assert (whole.attempt, whole.status, whole.failure) == (2, 200, "")
    assert refused.body[0] is whole.body[0]
    assert client.exchanges.find(request_id=told.reply.request_id) == (refused, whole)
    assert client.exchanges.find(request_id=refused.request_id) == (refused,)


async def test_an_answer_that_is_no_stream_is_kept_too(gateway: FakeGateway):
    said = {"id": "c-1", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}
    gateway.script(json_answer(said, headers={"X-Oneapi-Request-Id": None}))
    client = client_for(gateway)
    await ask(client, PLAIN)
    [exchange] = client.exchanges.all
    assert json.loads(exchange.received) == said and exchange.first_token_s is not None
    assert exchange.request_id == "" and client.exchanges.find(completion_id="c-1") == (exchange,)


async def test_what_was_packed_is_kept_unpacked(gateway: FakeGateway):
    gateway.script(Answer(200, {"Content-Type": "text/event-stream"}, WHOLE, encoding="gzip"))
    client = client_for(gateway)
    told = await ask(client)
    assert told.reply.text == HELLO and client.exchanges.all[0].received == WHOLE


async def test_stopping_and_failing_are_ends_as_well(gateway: FakeGateway):
    gateway.script(sse(START, SAID, Hold("never")))
    client = client_for(gateway)
    task = asyncio.ensure_future(ask(client))
    await eventually(lambda: client.exchanges.all and client.exchanges.all[0].received.endswith(SAID))
    assert client.exchanges.all[0].ended_s is None and client.exchanges.all[0].now_s > 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert client.exchanges.all[0].failure == "stopped" and client.exchanges.all[0].ended_s is not None
    gateway.script(sse(START, SAID, Cut()))
    client = client_for(gateway)
    await ask(client)
    [cut] = client.exchanges.all
    assert cut.failure == "error.stream_cut" and cut.received.endswith(SAID)


async def test_a_question_that_nobody_answers_is_found_by_its_time():
    from tui_chat.wire.client import Client, Endpoint

    client = Client(Endpoint("http://127.0.0.1:9/v1", "sk-test"), env={}, sleep=lambda seconds: asyncio.sleep(0))
    told = await ask(client)
    assert told.key == "error.connect_failed" and len(client.exchanges.all) == 3
    last = client.exchanges.all[-1]
    assert (last.status, last.failure, last.first_byte_s) == (0, "error.connect_failed", None)
    time = client.exchanges.all[0].began.replace(microsecond=0)
    assert client.exchanges.find(model="gpt-4o-mini", time=time, total_s=0.1) == client.exchanges.all
    assert client.exchanges.find(model="another", time=time, total_s=0.1) == ()
    assert client.exchanges.find(model="gpt-4o-mini", time=time - timedelta(minutes=1), total_s=0.1) == ()
    assert client.exchanges.find() == ()


@pytest.mark.parametrize(
    ("base_url", "shown"),
    [
        ("http://faß.example/模型/v1", "http://xn--fa-hia.example/%E6%A8%A1%E5%9E%8B/v1"),
        ("http://[::1]:8080/a%20b", "http://[::1]:8080/a%20b"),
        ("https://e.example:443/v1", "https://e.example/v1"),
    ],
)
def test_an_address_is_written_as_it_is_sent(base_url: str, shown: str):
    assert place_of(f"{base_url}/models").url == f"{shown}/models"


def record(exchanges: Exchanges, body: bytes, received: bytes = b"", size: int = 1000) -> Exchange:
    with exchanges.record("m", in_pieces(body)) as exchange:
        for start in range(0, len(received), size):
            exchange.take(received[start : start + size])
    return exchange


def test_only_the_last_ones_are_remembered():
    exchanges = Exchanges(kept=3)
    for number in range(5):
        record(exchanges, b"%d" % number)
    assert [exchange.sent for exchange in exchanges.all] == [b"2", b"3", b"4"]
    assert [exchange.number for exchange in exchanges.all] == [3, 4, 5]


def test_of_an_endless_answer_the_beginning_is_kept_and_the_rest_counted():
    exchanges = Exchanges(limit_bytes=2500)
    exchange = record(exchanges, b"", b"x" * 1700 + b"y" * 2300)
    assert exchange.received == b"x" * 1700 + b"y" * 800
    assert (exchange.kept_bytes, exchange.lost_bytes) == (2500, 1500)


def test_all_together_hold_no_more_than_their_bound_even_while_they_grow():
    exchanges = Exchanges(limit_bytes=4 << 20, total_bytes=5 << 20)
    dice = random.Random(3)
    old = record(exchanges, b"old", dice.randbytes(3 << 20), 1 << 16)
    with exchanges.record("m", (b"new",)) as new:
        for _ in range(3 << 4):
            new.take(dice.randbytes(1 << 16))
            assert exchanges.kept_bytes <= (5 << 20) + (1 << 20)
        assert old not in exchanges.all
    assert exchanges.all == (new,)
    big = record(exchanges, dice.randbytes(6 << 20))
    assert exchanges.all == (big,)  # the newest stays, whatever its size


def test_a_long_answer_that_has_ended_is_held_in_little_room_and_known_byte_for_byte():
    said = b"".join(b'data: {"id":"c","choices":[{"delta":{"content":"%d"}}]}\n\n' % word for word in range(4000))
    exchanges = Exchanges()
    exchange = record(exchanges, b"{}", said)
    assert exchange.received == said and exchange.ended_s is not None
    assert (exchange.kept_bytes, exchange.pieces) == (len(said), -(-len(said) // 1000))
    assert exchanges.kept_bytes == exchange.held_bytes + 2 < len(said) / 4 and not exchange._loose_bytes


def test_the_same_picture_in_many_bodies_is_kept_once():
    picture = b64encode(bytes(range(256)) * 64).decode()
    bodies = [
        json.dumps({"n": number, "image_url": {"url": f"data:image/png;base64,{picture}"}, "data": picture}).encode()
        for number in range(4)
    ]
    exchanges = Exchanges(kept=3)
    for body in bodies:
        assert record(exchanges, body).sent == body
    files = {id(piece) for exchange in exchanges.all for piece in exchange.body if len(piece) >= 4096}
    assert len(files) == 1
    assert exchanges.kept_bytes < len(picture) + 1000 < sum(map(len, bodies[:3])) / 5
    for _ in range(3):
        record(exchanges, b"{}")
    assert exchanges._files == {}


def test_what_a_conversation_has_grown_from_is_kept_once():
    exchanges, said, all_bytes = Exchanges(), [], 0
    for turn in range(40):
        said.append({"role": "user", "content": f"{turn} " * 3000})
        body = json.dumps({"model": "m" * (turn + 1), "messages": said}, separators=(",", ":")).encode()
        assert record(exchanges, body).sent == body
        all_bytes += len(body)
    # The conversation once, and of each body its beginning and its last block.
    assert exchanges.kept_bytes < len(body) + 40 * (17 << 10) < all_bytes / 3


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'"' + b"A" * 5000 + b'"', b"A" * 5000, b'{"a":"' + b"word " * 3000 + b'"}', b'",' * 9000],
)
def test_pieces_are_the_body(body: bytes):
    assert b"".join(in_pieces(body)) == body


async def test_a_picture_of_a_request_is_a_piece_of_its_own(gateway: FakeGateway):
    picture = Image(blob="abc", media_type="image/png")
    request = Request("m", (Message("user", (Text("What?"), picture)),))
    client = client_for(gateway)
    await ask(client, request, {"abc": bytes(6000)}.__getitem__)
    [exchange] = client.exchanges.all
    assert b64encode(bytes(6000)) in exchange.body and exchange.sent == gateway.chats[0].body


def test_a_mistake_of_ours_ends_it_too():
    exchanges = Exchanges()
    for error in (KeyError("x"), WireError("error.stream_cut")):
        with pytest.raises(type(error)), exchanges.record("m", (b"",)):
            raise error
    assert [exchange.failure for exchange in exchanges.all] == ["stopped", "error.stream_cut"]


def test_a_long_answer_is_packed_while_it_comes_and_can_be_read_all_the_while():
    said = b'data: {"choices":[{"delta":{"content":"word"}}]}\n\n' * 8000
    exchanges = Exchanges()
    with exchanges.record("m", (b"{}",)) as exchange:
        for start in range(0, len(said), 500):
            exchange.take(said[start : start + 500])
            assert exchange.held_bytes < 100_000
            if not start % 50_000:
                assert exchange.received == said[: start + 500]
    assert exchange.received == said
