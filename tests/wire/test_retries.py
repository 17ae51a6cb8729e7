"""How often the same question is sent, counted at the server."""

from contextlib import aclosing

import pytest

from tests.gateway.answers import PING, Answer, Cut, data, json_answer, sse
from tests.gateway.cases_text import HELLO, SAID, START, WHOLE
from tests.gateway.errors_catalogue import ERRORS
from tests.wire.asking import ASK, KEY, Waits, ask, client_for
from tui_chat.wire.client import Client, Endpoint
from tui_chat.wire.delta import Waiting


@pytest.mark.parametrize("known", [k for k in ERRORS if k.answer.status != 200], ids=lambda known: known.id)
async def test_every_error_is_tried_again_as_often_as_its_class_allows(gateway, known):
    gateway.respond(known.answer)
    client = client_for(gateway)
    told = await ask(client)
    retries = 0 if known.retry != "backoff" else 1 if known.once else 2
    assert told.key == f"error.{known.row}"
    assert len(gateway.chats) == 1 + retries == 1 + len(told.waits)
    assert [wait.attempt for wait in told.waits] == [1, 2][:retries]
    least = known.wait_s or (1 if known.variant == "retry-after" else 0.5)
    assert all(wait.delay_s >= least for wait in told.waits)
    assert all((wait.limit, wait.key) == (retries, told.key) for wait in told.waits)


async def test_an_answer_after_two_failures_is_whole(gateway):
    gateway.script(json_answer({"error": {"message": "x"}}, 500), Answer(503), sse(WHOLE))
    waits = Waits()
    told = await ask(client_for(gateway, sleep=waits))
    assert (told.reply.text, told.key, len(gateway.chats)) == (HELLO, "", 3)
    assert waits.seconds == [0.5, 1.0]


@pytest.mark.parametrize(
    ("value", "delay_s"),
    [
        ("3", 3), ("1.5", 1.5), ("0", 0), ("-1", 0.5), ("inf", 0.5), ("nan", 0.5), ("soon", 0.5), ("60", 60),
        ("61", None), ("1e9", None), ("Sun, 23 Aug 2026 06:16:02 GMT", 20), ("Sun, 23 Aug 2026 07:16:02 GMT", None),
        ("Sun, 23 Aug 2025 06:16:02 GMT", 0),
    ],
)  # fmt: skip
async def test_retry_after_is_honoured_up_to_a_minute(gateway, value, delay_s):
    headers = {"Retry-After": value, "Date": "Sun, 23 Aug 2026 06:15:42 GMT"}
    gateway.script(json_answer({"error": {"message": "Too Many Requests"}}, 429, headers))
    told = await ask(client_for(gateway))
    assert [wait.delay_s for wait in told.waits] == ([] if delay_s is None else [delay_s])
    assert (told.key == "error.upstream_busy") is (delay_s is None)
    assert len(gateway.chats) == (1 if delay_s is None else 2)


@pytest.mark.parametrize(
    "answer",
    [
        sse(PING, Cut()),
        sse(START, SAID, Cut()),
        sse(PING, data({"error": {"message": "Too Many Requests"}})),
        json_answer({"error": {"message": "Too Many Requests"}}),
        sse(b""),
        sse(START, SAID),
    ],
    ids=["cut-after-ping", "cut-after-text", "error-line", "error-200", "empty", "no-finish"],
)
async def test_nothing_is_sent_twice_once_an_answer_began(gateway, answer):
    gateway.respond(answer)
    told = await ask(client_for(gateway))
    assert (len(gateway.chats), told.waits) == (1, [])


async def test_a_server_that_accepts_and_hangs_up_is_not_asked_again(gateway):
    gateway.respond(Answer(before=(Cut(),)))
    told = await ask(client_for(gateway))
    assert (told.key, len(gateway.chats)) == ("error.stream_cut", 1)


async def test_a_refused_connection_is_tried_three_times(gateway):
    gateway.stop()
    told = await ask(client_for(gateway))
    assert told.key == "error.connect_failed"
    assert told.error.facts["host"] == "127.0.0.1"
    assert told.error.facts["port"] == gateway.port
    assert [wait.attempt for wait in told.waits] == [1, 2]


async def test_stopping_while_it_waits_sends_nothing_more(gateway):
    gateway.respond(Answer(503))
    client = Client(Endpoint(gateway.base_url, KEY), env={})
    async with aclosing(client.stream(ASK, lambda sha: b"")) as signals:
        assert isinstance(await anext(signals), Waiting)
    await client.aclose()
    assert len(gateway.chats) == 1
