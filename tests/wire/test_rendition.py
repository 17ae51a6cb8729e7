"""Exchanges written down: what is run from them sends the same bytes, and no key stands in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from tests.gateway.server import FakeGateway
from tests.wire.asking import KEY, ask, client_for
from tui_chat.wire.exchange import Exchange
from tui_chat.wire.messages import Image, Message, Text
from tui_chat.wire.rendition import abridged, as_curl, as_python, parameters, readable, readable_json
from tui_chat.wire.request import Request

TRICKY = "it's \"quoted\" $HOME `id` \\ back\nslash\t你好 👋 '''"
VALUES = {"temperature": 0.5, "stop": ["'", "\n"], "logprobs": True, "metadata": {"a": "it's"}, "seed": -1}


async def exchange_of(gateway: FakeGateway, text: str = TRICKY, picture: bytes = b"") -> Exchange:
    parts = (Text(text), Image(blob="b", media_type="image/png")) if picture else (Text(text),)
    headers = {"extra_headers": {"X-Team": "it's ours"}}
    client = client_for(gateway)
    await ask(client, Request("gpt-4o-mini", (Message("user", parts),), {**VALUES, **headers}), lambda blob: picture)
    [exchange] = client.exchanges.all
    return exchange


def sent_again(gateway: FakeGateway, command: list[str], **more: object) -> str:
    env = {**os.environ, "YIBU_API_KEY": KEY, "NO_PROXY": "*"}
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=True, encoding="utf-8", **more)
    first, second = gateway.chats
    assert second.body == first.body and second.target == first.target and second.method == first.method
    for name in ("authorization", "content-type", "accept-language", "user-agent", "x-team"):
        assert second.headers[name] == first.headers[name]
    return ran.stdout


async def test_the_python_program_sends_the_same_and_prints_the_answer(gateway: FakeGateway):
    program = as_python(await exchange_of(gateway))
    assert KEY not in program and "YIBU_API_KEY" in program
    assert "data: [DONE]" in sent_again(gateway, [sys.executable, "-"], input=program)


@pytest.mark.skipif(not shutil.which("sh"), reason="no POSIX shell")
@pytest.mark.parametrize("picture", [b"", bytes(120_000)], ids=["short", "long"])
async def test_the_curl_command_says_the_same_in_a_shell(gateway: FakeGateway, tmp_path: Path, picture: bytes):
    exchange = await exchange_of(gateway, picture=picture)
    command = as_curl(exchange)
    assert KEY not in command
    stub = tmp_path / "curl"  # writes down what the shell made of the command
    stub.write_text(
        f"#!{sys.executable}\nimport json, sys\nbody = sys.stdin.read()\nprint(json.dumps([sys.argv, body]))"
    )
    stub.chmod(0o700)
    env = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "YIBU_API_KEY": KEY, "PYTHONUTF8": "1"}
    ran = subprocess.run(["sh"], input=command, env=env, capture_output=True, text=True, check=True, encoding="utf-8")
    (_, url, *options), body = json.loads(ran.stdout)
    headers = [options[at + 1] for at, option in enumerate(options) if option == "-H"]
    data = body.removesuffix("\n") if picture else options[options.index("--data-raw") + 1]
    assert url == exchange.url and data.encode() == exchange.sent
    assert f"Authorization: Bearer {KEY}" in headers and "x-team: it's ours" in map(str.lower, headers)
    assert not any(header.lower().startswith(("host", "content-length", "connection")) for header in headers)


async def test_without_a_key_none_is_asked_for():
    bare = Exchange(1, "m", method="POST", url="http://h/v1/chat/completions", body=(b"{}",))
    assert "API_KEY" not in as_curl(bare) + as_python(bare) and "import os" not in as_python(bare)
    compile(as_python(bare), "program", "exec")


async def test_the_body_is_shown_as_json_with_files_abridged(gateway: FakeGateway):
    exchange = await exchange_of(gateway, picture=bytes(6000))
    text = readable(exchange)
    assert "…⟨6 KB⟩" in text and len(text) < 2000 and "你好 👋" in text
    shown = json.loads(text)
    sent = json.loads(exchange.sent)
    assert shown["messages"][0]["content"][0] == sent["messages"][0]["content"][0]
    assert shown["messages"][0]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,AAAA")
    assert parameters(exchange) == {**sent, "messages": 1}
    assert parameters(exchange)["temperature"] == 0.5


def test_what_is_no_json_is_shown_as_it_is():
    assert readable_json(b"<html>\xff") == "<html>\ufffd" and parameters(Exchange(1, "m", body=(b"[1]",))) == {}
    assert parameters(Exchange(1, "m", body=(b"no",))) == {}
    data = b64encode(bytes(3 << 20)).decode()
    assert abridged(f'data: {{"b64":"{data}"}}') == f'data: {{"b64":"{"A" * 48}…⟨3.0 MB⟩"}}'
    assert abridged("word " * 1000) == "word " * 1000
