"""The fake gateway keeps its promises: bytes, moments, endings, and what it saw."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.answers import DONE, Answer, Cut, Hold, Pause, Reset, json_answer, sse
from tests.gateway.case import Case
from tests.gateway.cases import BY_NAME, CASES, SMALL_STREAMS, case, numbered
from tests.gateway.cases_errors import silent_for
from tests.gateway.documents import document, tokens
from tests.gateway.errors_catalogue import ERRORS, ROWS, error
from tests.gateway.server import FakeGateway

ASK = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}], "stream": True}


@dataclass
class Got:
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool = False
    """Whether it ended before its framing said so."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def fetch(gateway: FakeGateway, method: str, path: str, body: Any = None, **headers: str) -> Got:
    standard = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
    with contextlib.closing(http.client.HTTPConnection(gateway.host, gateway.port, timeout=10)) as line:
        line.request(method, path, body, standard | headers, encode_chunked=True)
        answer = line.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        with contextlib.closing(answer):
            try:
                return Got(answer.status, names, answer.read())
            except http.client.IncompleteRead as error:
                return Got(answer.status, names, error.partial, cut=True)


def ask(gateway: FakeGateway, **changes: Any) -> Got:
    """Post a chat completion."""
    return fetch(gateway, "POST", "/v1/chat/completions", json.dumps({**ASK, **changes}))


def say(gateway: FakeGateway, words: str) -> Got:
    return ask(gateway, messages=[{"role": "user", "content": words}])


def dial(gateway: FakeGateway) -> socket.socket:
    """A bare socket that has asked for a chat completion."""
    body = json.dumps(ASK).encode()
    sock = socket.create_connection((gateway.host, gateway.port), 10)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    sock.sendall(head.encode() + body)
    return sock


def read_until(sock: socket.socket, mark: bytes) -> bytes:
    """What comes until `mark` is in it; without a mark, until the end."""
    received = b""
    while not mark or mark not in received:
        piece = sock.recv(65536)
        if not piece:
            break
        received += piece
    return received


def test_chunks_travel_as_written(gateway: FakeGateway) -> None:
    gateway.script(sse(b"data: one\n\n", "甲".encode()[:1], "甲".encode()[1:], Cut()))
    with dial(gateway) as sock:
        head, _, body = read_until(sock, b"").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK") and b"Content-Type: text/event-stream" in head
    assert body == b"b\r\ndata: one\n\n\r\n" + b"1\r\n\xe7\r\n" + b"2\r\n\x94\xb2\r\n"


def test_a_request_is_recorded(gateway: FakeGateway) -> None:
    gateway.script(sse(DONE))
    got = fetch(gateway, "POST", "/v1/chat/completions?a=1", json.dumps(ASK), **{"X-Two": "ü"})
    assert got.body == DONE
    (seen,) = gateway.chats
    assert (seen.method, seen.path, seen.query) == ("POST", "/v1/chat/completions", {"a": ["1"]})
    assert seen.json == ASK and seen.last_user_text == "hello"
    assert (seen.headers["authorization"], seen.headers["x-two"]) == ("Bearer sk-test", "ü")
    assert got.headers["x-oneapi-request-id"] == seen.request_id and seen.answered.wait(10)


def test_a_chunked_request_body_is_read_whole(gateway: FakeGateway) -> None:
    body = json.dumps(ASK).encode()
    fetch(gateway, "POST", "/v1/chat/completions", iter([body[:9], body[9:]]), **{"Transfer-Encoding": "chunked"})
    assert gateway.chats[0].json == ASK


def test_one_connection_serves_many_requests(gateway: FakeGateway) -> None:
    with contextlib.closing(http.client.HTTPConnection(gateway.host, gateway.port, timeout=10)) as line:
        for _ in range(3):
            line.request("GET", "/v1/models", headers={"Authorization": "Bearer a"})
            assert json.loads(line.getresponse().read())["success"] is True
    assert [request.connection for request in gateway.requests] == [1, 1, 1] and gateway.connections == 1


def test_answers_come_in_order_then_the_responder(gateway: FakeGateway) -> None:
    gateway.script(json_answer({"n": 1}), json_answer({"n": 2}))
    gateway.respond(lambda request: json_answer({"said": request.last_user_text}))
    assert [ask(gateway).json for _ in range(3)] == [{"n": 1}, {"n": 2}, {"said": "hello"}]
    assert gateway.unused == 0


def test_a_failing_responder_fails_the_test() -> None:
    stand = FakeGateway().start()
    stand.respond(lambda request: request.json["nothing"])
    assert ask(stand).status == 500
    with pytest.raises(KeyError):
        stand.stop()


def test_a_port_in_use_is_told(gateway: FakeGateway) -> None:
    with pytest.raises(OSError):
        FakeGateway(port=gateway.port).start()


def test_the_same_answer_may_be_played_again(gateway: FakeGateway) -> None:
    gateway.respond(sse(b"data: 1\n\n", DONE))
    assert ask(gateway).body == ask(gateway).body == b"data: 1\n\n" + DONE


def test_cut_ends_without_the_last_chunk(gateway: FakeGateway) -> None:
    gateway.script(sse(b"data: half\n\n", Cut()))
    got = ask(gateway)
    assert got.cut and got.body == b"data: half\n\n"


def test_reset_reaches_the_client_as_a_reset_after_what_was_read(gateway: FakeGateway) -> None:
    gateway.script(sse(b"data: half\n\n", Hold("read"), Reset()))
    with dial(gateway) as sock:
        read_until(sock, b"half\n\n\r\n")
        gateway.open("read")
        with pytest.raises(ConnectionResetError):
            sock.recv(4096)


def test_steps_before_the_head_break_the_connection_early(gateway: FakeGateway) -> None:
    gateway.script(Answer(before=(Reset(),)), Answer(before=(b"SSH-2.0-x\r\n", Cut())), Answer(before=(Cut(),)))
    with dial(gateway) as sock, pytest.raises(ConnectionResetError):
        sock.recv(4096)
    for expected in (b"SSH-2.0-x\r\n", b""):
        with dial(gateway) as sock:
            assert read_until(sock, b"") == expected


def test_the_client_leaving_is_seen_while_the_answer_stalls(gateway: FakeGateway) -> None:
    gateway.script(sse(b"data: half\n\n", Hold(), b"data: never\n\n"))
    with dial(gateway) as sock:
        seen = gateway.wait_chats(1)[0]
        read_until(sock, b"half")
        assert not seen.closed.is_set()
        left_at_s = time.monotonic()
    assert seen.closed.wait(10) and seen.closed_in_answer and seen.answered.wait(10)
    assert seen.closed_at_s is not None and seen.closed_at_s >= left_at_s


def test_leaving_after_the_answer_is_no_abort(gateway: FakeGateway) -> None:
    fetch(gateway, "GET", "/v1/models")
    assert gateway.requests[0].closed.wait(10) and not gateway.requests[0].closed_in_answer


def test_a_silence_ends_when_its_gate_opens(gateway: FakeGateway) -> None:
    gateway.script(*(one.answer for one in numbered(19)), silent_for(0.01))
    opener = threading.Timer(0.05, gateway.open, ["silence"])
    opener.start()
    assert [ask(gateway).body for _ in range(4)] == [case("openai").body] * 4
    opener.join()


def test_compressed_bodies_are_flushed_at_each_step(gateway: FakeGateway) -> None:
    body = (b"data: 1\n\n", DONE)
    gateway.script(sse(body[0], Hold(), body[1], encoding="gzip"))
    with dial(gateway) as sock:
        received = read_until(sock, b"\x1f\x8b")
        unpacker, text = zlib.decompressobj(wbits=31), b""
        compressed = received[received.find(b"\x1f\x8b") :]
        while body[0] not in text:
            text += unpacker.decompress(compressed)
            compressed = b"" if body[0] in text else sock.recv(4096)
    gateway.script(sse(*body, encoding="gzip"), sse(*body, encoding="deflate", framing="length"))
    assert gzip.decompress(ask(gateway).body) == body[0] + DONE
    deflated = ask(gateway)
    assert zlib.decompress(deflated.body) == body[0] + DONE
    assert deflated.headers["content-encoding"] == "deflate"


def test_slices_and_framings(gateway: FakeGateway) -> None:
    gateway.script(sse(b"abc" * 3).sliced(2), sse(b"abc", framing="close"), sse(b"abc", Pause(0.01), framing="length"))
    with dial(gateway) as sock:
        assert read_until(sock, b"0\r\n\r\n").count(b"\r\n2\r\n") == 4
    assert [ask(gateway).body for _ in range(2)] == [b"abc", b"abc"]


def test_stopping_the_gateway_closes_stalled_clients() -> None:
    with FakeGateway(sse(b"data: half\n\n", Hold())) as stand:
        sock = dial(stand)
        read_until(sock, b"half\n\n\r\n")
    with sock:
        assert read_until(sock, b"") == b""


def test_routes_answer_as_the_gateway_does(gateway: FakeGateway) -> None:
    def get(path: str, key: str = "Bearer sk-test") -> Got:
        return fetch(gateway, "GET", path, Authorization=key)

    models = get("/v1/models")
    assert (models.status, models.json["data"][0]["created"]) == (200, 1626777600)
    assert models.headers["x-oneapi-request-id"] and models.headers["x-new-api-version"]
    assert get("/v1/chat/completions/x").status == 404
    assert get("/v1/nothing").json["error"]["message"] == "Invalid URL (GET /v1/nothing)"
    assert get("/v1/files").status == 501 and get("/other").headers["content-type"].startswith("text/html")
    assert get("/v1/models/none").json["error"]["code"] == "model_not_found"
    limit = get("/v1/dashboard/billing/subscription").json["hard_limit_usd"]
    assert limit - get("/v1/dashboard/billing/usage").json["total_usage"] / 100 == pytest.approx(8.75)
    assert get("/api/status", "").json["data"]["quota_display_type"] == "USD"
    gateway.routes.keys = {"sk-good"}
    assert get("/v1/models", "Bearer sk-bad").status == get("/v1/models", "").status == 401
    assert get("/v1/models", "Bearer sk-good").status == 200
    gateway.route("GET", "/v1/models", error("rate_limited_ip").answer)
    assert (get("/v1/models").status, get("/v1/models").body) == (429, b"")


def events(body: bytes) -> list[dict[str, Any]]:
    lines = [line[6:] for line in body.decode().split("\n") if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def said(body: bytes) -> str:
    return "".join(c["delta"].get("content") or "" for e in events(body) for c in e["choices"])


def test_the_friendly_model_reads_the_request(gateway: FakeGateway) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "what is it?"}, picture]}]
    body = ask(gateway, messages=messages, temperature=0.5, stream_options={"include_usage": True}).body
    assert "what is it?" in said(body) and "image_url" in said(body) and "temperature" in said(body)
    assert body.endswith(DONE) and events(body)[-1]["usage"]["total_tokens"] > 0
    assert events(ask(gateway, max_tokens=3).body)[-2]["choices"][0]["finish_reason"] == "length"
    choices = ask(gateway, stream=False, n=2).json["choices"]
    assert [choice["index"] for choice in choices] == [0, 1] and "hello" in choices[0]["message"]["content"]


WORDS = {
    "reasoning please": b"reasoning_content",
    "think": b"<think>",
    "a table": b"|:---|",
    "ping": b": PING",
    "some tools": b"tool_calls",
    "sources": b"url_citation",
    "picture": b"data:image/png",
    "refuse": b"refusal",
    "length": b'"finish_reason":"length"',
    "help": b"error rate_limited",
    "case openai": b"hT3q",
    "error list": b"418",
}


@pytest.mark.parametrize("words", WORDS)
def test_words_pick_a_behaviour(gateway: FakeGateway, words: str) -> None:
    body = say(gateway, words).body
    assert WORDS[words] in body or WORDS[words] in said(body).encode()


def test_words_pick_errors_and_broken_endings(gateway: FakeGateway) -> None:
    names = ("429", "token_expired", "model_unknown-404")
    assert [say(gateway, f"error {name}").status for name in names] == [429, 401, 404]
    body = say(gateway, "done").body
    assert body.endswith(DONE) and b'"stop"' not in body
    assert say(gateway, "please cut it").cut


def test_the_gateways_own_checks(gateway: FakeGateway) -> None:
    assert ask(gateway, model="").status == 400
    assert ask(gateway, messages=[]).status == ask(gateway, max_tokens="7").status == 500
    refused = [
        fetch(gateway, "POST", "/v1/chat/completions", "{}", **{"Authorization": "", "Accept-Language": language})
        for language in ("en", "zh-CN")
    ]
    assert [got.status for got in refused] == [401, 401]
    assert "Token not provided" in refused[0].json["error"]["message"]
    assert "未提供令牌" in refused[1].json["error"]["message"]


def test_the_runnable_door_serves() -> None:
    command = [sys.executable, "-u", "-m", "tests.gateway.server", "--port", "0", "--rate", "0", "--size", "5000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as door:
        try:
            assert door.stdout is not None
            port = int(door.stdout.readline().split("/v1")[0].rsplit(":", 1)[1])
            assert len(said(say(FakeGateway(port=port), "long").body).encode()) == 5000
        finally:
            door.terminate()


def test_documents_have_the_size_asked_and_are_the_same_each_time() -> None:
    for size in (0, 1, 77, 3000, 100_000):
        text = document(size, 7)
        assert len(text.encode()) == size and text == document(size, 7) and "".join(tokens(text)) == text
    marks = ("# ", "## ", "| ", "```python", "- ", "> ", "1. ", "**", "](https://", "。")
    assert all(mark in document(30_000) for mark in marks) and document(500, 1) != document(500, 2)


def test_every_row_of_the_catalogue_is_there_and_well_formed() -> None:
    assert len(ROWS) == 36 and len({known.id for known in ERRORS}) == len(ERRORS)
    retries = {known.row: known.retry for known in ERRORS if known.row != "server_error"}
    assert retries["key_invalid"] == "never" and retries["channel_key"] == "other_model"
    assert retries["rate_limited"] == "backoff" and error("rate_limited").wait_s == 60
    for known in ERRORS:
        body = b"".join(step for step in known.answer.steps() if isinstance(step, bytes))
        kind = str(known.answer.headers.get("Content-Type"))
        if "json" in kind and known.variant != "cut-json":
            json.loads(body)
        assert known.answer.status >= 400 or known.row == "html_answer"


def test_cases_are_named_once_and_cover_their_rows() -> None:
    assert len(BY_NAME) == len(CASES) and len(SMALL_STREAMS) > 100
    assert {one.number for one in CASES} == {*range(1, 16), 19, 20}
    assert all(one.expects for one in CASES)
    assert len(case("image-20-mb-in-one-line").body) > 20_000_000


@pytest.mark.parametrize("one", [c for c in SMALL_STREAMS if c.number in (1, 3, 4, 20)], ids=str)
def test_expected_texts_are_what_the_bytes_say(one: Case) -> None:
    whole_lines = [line[6:] for line in one.body.decode(errors="replace").split("\n") if line.startswith("data: {")]
    deltas = [json.loads(line) for line in whole_lines if line.endswith("}")]
    choices = [choice for delta in deltas for choice in delta.get("choices") or () if choice.get("delta")]
    assert "".join(c["delta"].get("content") or "" for c in choices).strip() == one.expects["text"]


def test_every_case_plays_through_a_socket(gateway: FakeGateway) -> None:
    gateway.open("silence")
    gateway.open("read")
    for one in CASES:
        if not one.large and one.name != "reset":
            gateway.script(one.answer)
            got = ask(gateway)
            assert got.status == one.answer.status
            assert one.answer.encoding or got.body == one.body, one.name
