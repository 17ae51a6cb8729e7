"""The client against a gateway over real sockets: answers, retries, ends, errors."""

import asyncio
import subprocess
import sys
from contextlib import aclosing

import pytest

from tests.gateway.answers import DONE, PING, Cut, Hold, Pause, data, json_answer, sse
from tests.gateway.cases import CASES, case
from tests.gateway.cases_text import HELLO, SAID, START, STOP, WHOLE
from tests.waiting import eventually
from tests.wire.asking import ASK, KEY, PLAIN, ask, client_for
from tests.wire.reading import check
from tui_chat import __version__
from tui_chat.wire.delta import Delta
from tui_chat.wire.http import Timeouts
from tui_chat.wire.messages import Image, Message, Text
from tui_chat.wire.request import Request


async def test_the_request_is_what_the_api_asks_for(gateway):
    told = await ask(client_for(gateway, language="zh"))
    assert told.reply.complete
    [request] = gateway.chats
    assert request.json == {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Hi 你好 \ufffd"}],
        "temperature": 0.5,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    wanted = {
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "accept-language": "zh-CN",
        "accept-encoding": "identity",
        "user-agent": f"yibu-chat/{__version__}",
    }
    assert wanted.items() <= dict(request.headers).items()
    assert told.reply.request_id == request.request_id


async def test_english_is_asked_for_in_english_and_without_a_stream_nothing_is_said_of_one(gateway):
    gateway.script(json_answer({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}))
    told = await ask(client_for(gateway), PLAIN)
    assert told.reply.text == "Hi"
    assert gateway.chats[0].headers["accept-language"] == "en"
    assert set(gateway.chats[0].json) == {"model", "messages"}


async def test_a_picture_travels_as_its_bytes(gateway):
    picture = Image(blob="abc", media_type="image/png", detail="low")
    request = Request("m", (Message("user", (Text("What?"), picture)),))
    await ask(client_for(gateway), request, {"abc": b"\x89PNG"}.__getitem__)
    assert gateway.chats[0].json["messages"][0]["content"] == [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw==", "detail": "low"}},
    ]


CHATS = [c for c in CASES if c.route == "chat" and c.number != 19]


@pytest.mark.parametrize("case", CHATS, ids=str)
async def test_every_case_over_a_socket(gateway, case):
    gateway.open("read")
    gateway.respond(case.answer)
    told = await ask(client_for(gateway), ASK if case.stream else PLAIN)
    if case.name == "reset":
        assert told.key == "error.stream_cut"  # what arrives before a reset is up to the system
        assert HELLO.startswith(told.reply.text)
    else:
        check(case.expects, told.reply, told.key)


class TestEnds:
    async def test_stopping_closes_the_connection_at_once(self, gateway):
        gateway.respond(sse(START, SAID, Hold("never")))
        client = client_for(gateway)

        async def run():
            async with aclosing(client.stream(ASK, lambda sha: b"")) as signals:
                async for signal in signals:
                    assert isinstance(signal, Delta)
                    received.set()

        received = asyncio.Event()
        task = asyncio.ensure_future(run())
        await received.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        [request] = gateway.chats
        await eventually(lambda: request.closed_in_answer, timeout=1)
        await client.aclose()

    async def test_leaving_before_the_headers_closes_the_connection_too(self, gateway):
        gateway.respond(sse(WHOLE).after(Hold("never")))
        client = client_for(gateway)
        task = asyncio.ensure_future(ask(client))
        await eventually(lambda: gateway.chats)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await eventually(lambda: gateway.chats[0].closed_in_answer, timeout=1)

    async def test_a_connection_is_used_again(self, gateway):
        client = client_for(gateway)
        for _ in range(3):
            async with aclosing(client.stream(ASK, lambda sha: b"")) as signals:
                async for _signal in signals:
                    pass
        await client.aclose()
        assert (len(gateway.chats), gateway.connections) == (3, 1)

    async def test_a_server_that_never_ends_its_body_does_not_hold_the_answer(self, gateway):
        gateway.respond(sse(WHOLE, Hold("never")))
        told = await ask(client_for(gateway))
        assert (told.reply.text, told.reply.complete, told.key) == (HELLO, True, "")

    async def test_a_connection_cut_after_the_last_word_is_no_failure(self, gateway):
        gateway.respond(sse(START, SAID, STOP, Cut()))
        told = await ask(client_for(gateway))
        assert (told.reply.text, told.reply.complete, told.key) == (HELLO, True, "")

    async def test_a_cut_keeps_all_that_came(self, gateway):
        gateway.respond(sse(START, SAID, Cut()))
        told = await ask(client_for(gateway))
        assert (told.reply.text, told.reply.complete, told.key) == (HELLO, False, "error.stream_cut")
        assert told.error.request_id == gateway.chats[0].request_id

    @pytest.mark.parametrize(
        "name", ["silence-in-mid-stream", "silence-before-the-headers", "silence-before-the-first-byte"]
    )
    async def test_silence_within_the_limits_is_waited_out(self, gateway, name):
        gateway.respond(case(name).answer)
        task = asyncio.ensure_future(ask(client_for(gateway)))
        await eventually(lambda: gateway.chats)
        gateway.open("silence")
        told = await task
        assert (told.reply.text, told.reply.complete) == (HELLO, True)

    @pytest.mark.parametrize(
        ("answer", "timeouts", "text"),
        [
            (sse(WHOLE).after(Hold("never")), Timeouts(first_byte_s=0.1), ""),
            (sse(START, SAID, Hold("never")), Timeouts(first_byte_s=30, between_bytes_s=0.1), HELLO),
        ],
        ids=["first-byte", "between-bytes"],
    )
    async def test_silence_beyond_the_limits_ends_it_without_a_retry(self, gateway, answer, timeouts, text):
        gateway.respond(answer)
        told = await ask(client_for(gateway, timeouts=timeouts))
        assert (told.key, told.reply.text, len(gateway.chats)) == ("error.read_timeout", text, 1)
        assert told.error.facts["seconds"] == "0.1"

    async def test_heartbeats_alone_do_not_keep_an_answer_alive(self, gateway):
        beats = [step for _ in range(200) for step in (PING, Pause(0.01))]
        gateway.respond(sse(START, SAID, beats))
        told = await ask(client_for(gateway, no_content_s=0.1))
        assert (told.key, told.reply.text) == ("error.no_content", HELLO)

    async def test_heartbeats_between_words_do(self, gateway):
        words = [step for _ in range(12) for step in (SAID, PING, Pause(0.02), PING)]
        gateway.respond(sse(START, words, STOP, DONE))
        told = await ask(client_for(gateway, no_content_s=0.1))
        assert (told.key, told.reply.text) == ("", HELLO * 12)


def test_importing_the_client_does_not_import_h11():
    late = ("h11", "truststore", "textual")
    code = f"import sys, tui_chat.wire.client; print([m for m in {late!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_nothing_is_logged_below_a_warning(gateway, caplog):
    caplog.set_level("DEBUG")
    await ask(client_for(gateway))
    assert [record for record in caplog.records if record.name.startswith("h11")] == []


async def test_ten_megabytes_arrive_whole(gateway):
    text = "甲乙丙丁" * 250
    event = data({"choices": [{"index": 0, "delta": {"content": text}}]})
    gateway.respond(sse([event] * 3500, STOP, DONE))
    told = await ask(client_for(gateway))
    assert told.reply.text == text * 3500
    assert told.reply.complete
