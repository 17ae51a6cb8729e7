"""Parameters on the command line: all of them travel, bad ones are refused before anything does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_ask import HELLO
from tests.gateway.server import FakeGateway
from tests.wire.bad_input import BAD
from tests.wire.samples import FORMAT, SCHEMA, TYPED
from tests.wire.test_every_parameter import NAMES
from tui_chat.store.places import places
from tui_chat.wire import params


def test_every_parameter_travels_is_kept_and_is_sent_again(run: Run, keyed: FakeGateway) -> None:
    keyed.script(HELLO, HELLO)
    typed = {**TYPED, "stream": "on", "functions": "off"}
    options = [word for name, text in typed.items() for word in ("--set", f"{name}={text}")]
    ran = run("ask", "-m", "gpt-4.1", "--tools", "calculate", *options, "answer in JSON")
    assert (ran.code, ran.out) == (0, "Hello\n")
    values = {name: params.parse(name, text) for name, text in typed.items()}
    first = keyed.chats[0]
    for name in set(NAMES) - {"stream_options", "functions", "function_call"}:
        assert first.json[name] == values[name]
    assert first.json["stream_options"] == {"include_usage": True}
    assert not {"functions", "function_call"} & first.json.keys()
    assert first.json["enable_thinking"] is False and first.json["top_k"] is None
    assert first.headers["x-title"] == "yibu" and first.headers["http-referer"] == "https://example.org/"
    assert first.headers["authorization"].startswith("Bearer sk-canary")
    assert run("ask", "-c", "and again").code == 0
    again = {**keyed.chats[1].json, "messages": []}
    assert again == {**first.json, "messages": []}
    assert keyed.chats[1].headers["x-title"] == "yibu"


def test_tools_travel_in_the_old_form_where_that_is_set(run: Run, keyed: FakeGateway) -> None:
    keyed.script(HELLO)
    options = ("--set", "functions=on", "--set", "function_call=calculate", "--set", "stream_options=off")
    assert run("ask", "-m", "gpt-4-0613", "--tools", "calculate", *options, "what is 2 + 2?").code == 0
    sent = keyed.chats[0].json
    assert [function["name"] for function in sent["functions"]] == ["calculate"]
    assert sent["function_call"] == {"name": "calculate"} and "tools" not in sent
    assert sent["stream_options"] == {"include_usage": False}


@pytest.mark.parametrize(("name", "typed", "key"), BAD, ids=lambda value: str(value)[:40])
def test_bad_input_ends_with_2_and_nothing_is_sent(
    run: Run, keyed: FakeGateway, name: str, typed: str, key: str
) -> None:
    ran = run("ask", "-m", "m", "--set", f"{name}={typed}", "hi")
    assert (ran.code, ran.out) == (2, "")
    assert name in ran.err and "Traceback" not in ran.err
    assert keyed.chats == []


def test_settings_files_hold_every_parameter(run: Run, keyed: FakeGateway) -> None:
    keyed.script(HELLO)
    file = places().settings_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        """
[values]
temperature = 0.5
stop = ["END", "\\n"]
response_format = "json_object"
modalities = ["text"]
[values.metadata]
project = "测试"
[values.audio]
voice = "echo"
format = "wav"
[values.extra_body]
enable_thinking = false
""",
        "utf-8",
    )
    assert run("ask", "-m", "m", "JSON please").code == 0
    body = keyed.chats[0].json
    assert (body["stop"], body["response_format"]) == (["END", "\n"], {"type": "json_object"})
    assert body["metadata"] == {"project": "测试"} and body["enable_thinking"] is False
    assert body["audio"] == {"voice": "echo", "format": "wav"}


@pytest.mark.parametrize("lines", ["stop = ['a','b','c','d','e']", "metadata = 3", "audio = {voice = 'alloy'}"])
def test_settings_files_are_checked(run: Run, keyed: FakeGateway, lines: str) -> None:
    file = places().settings_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[values]\n{lines}\n", "utf-8")
    ran = run("ask", "-m", "m", "hi")
    assert ran.code == 1 and str(file) in ran.err and keyed.chats == []


def test_a_schema_file_asks_for_its_schema(run: Run, keyed: FakeGateway, tmp_path: Path) -> None:
    file = tmp_path / "a person.json"
    for given in (SCHEMA, FORMAT):
        keyed.script(HELLO)
        file.write_text(json.dumps(given), "utf-8")
        assert run("ask", "-m", "gpt-4.1", "--no-save", "--schema", str(file), "who").code == 0
    bare, whole = (chat.json["response_format"] for chat in keyed.chats)
    assert bare == {"type": "json_schema", "json_schema": {"name": "a_person", "schema": SCHEMA}}
    assert whole == FORMAT


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"type":"objekt"}', b'{"hello":1}', b"\xff", None])
def test_a_file_that_is_no_schema_ends_with_2(
    run: Run, keyed: FakeGateway, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "s.json"
    if content is not None:
        file.write_bytes(content)
    ran = run("ask", "-m", "m", "--schema", str(file), "hi")
    assert ran.code == 2 and ran.err.strip() and keyed.chats == []


def test_what_will_not_go_together_is_said_on_stderr_and_sent_all_the_same(run: Run, keyed: FakeGateway) -> None:
    keyed.script(HELLO)
    ran = run("ask", "-m", "o3", "--set", "temperature=0.5", "--set", "top_logprobs=3", "hi")
    assert (ran.code, ran.out) == (0, "Hello\n")
    assert "temperature" in ran.err and "o3" in ran.err and "logprobs" in ran.err
    assert keyed.chats[0].json["temperature"] == 0.5 and keyed.chats[0].json["top_logprobs"] == 3


def test_params_shows_the_whole_table(run: Run) -> None:
    rows = run("params", "--json").json
    assert [row["name"] for row in rows] == [param.name for param in params.PARAMS]
    assert all(row["takes"] and row["help"] for row in rows)
    shown = run("params").out
    assert all(param.name in shown for param in params.PARAMS)
