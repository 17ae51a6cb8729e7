import base64
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from tests.cli.conftest import Run
from tests.gateway.answers import DONE, Cut, Hold, json_answer, relay_error, sse
from tests.gateway.server import FakeGateway
from tests.waiting import eventually_in_thread

JSON_FIELDS = {
    "content",
    "reasoning",
    "refusal",
    "tool_calls",
    "choices",
    "finish_reason",
    "complete",
    "model",
    "id",
    "object",
    "role",
    "created",
    "usage",
    "logprobs",
    "blocked",
    "annotations",
    "images",
    "audio",
    "service_tier",
    "system_fingerprint",
    "request_id",
    "rounds",
    "error",
}


def chunk(content=None, finish=None, **more):
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": {**delta, **more.pop("delta", {})}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-4.1", "choices": [choice], **more}


USAGE = {"id": "chatcmpl-1", "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}}
HELLO = sse(chunk("Hel"), chunk("lo"), chunk(finish="stop"), USAGE, DONE)


def test_the_answer_goes_to_stdout_and_nothing_else_does(run: Run, keyed: FakeGateway):
    keyed.script(HELLO)
    ran = run("ask", "-m", "gpt-4.1", "say", "hello")
    assert (ran.code, ran.out, ran.err) == (0, "Hello\n", "")
    (request,) = keyed.chats
    body = request.json
    assert body == {
        "model": "gpt-4.1",
        "messages": [{"role": "user", "content": "say hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert request.headers["authorization"].startswith("Bearer sk-canary")


def test_json_has_every_field_and_null_where_a_thing_is_absent(run: Run, keyed: FakeGateway):
    keyed.script(HELLO)
    ran = run("ask", "-m", "gpt-4.1", "--json", "hi")
    answer = ran.json
    assert set(answer) == JSON_FIELDS
    assert ran.out.count("\n") == 1
    assert (answer["content"], answer["finish_reason"], answer["complete"]) == ("Hello", "stop", True)
    assert (answer["model"], answer["id"]) == ("gpt-4.1", "chatcmpl-1")
    assert answer["usage"] == {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
    assert answer["choices"][0]["content"] == "Hello"
    assert answer["request_id"]
    for absent in ("reasoning", "refusal", "tool_calls", "annotations", "images", "audio", "rounds", "error"):
        assert answer[absent] is None


def test_system_prompt_parameters_and_piped_text_travel(run: Run, keyed: FakeGateway):
    keyed.script(HELLO)
    ran = run("ask", "-m", "m", "-s", "Be brief.", "--set", "temperature=0.5", "Explain:", stdin="一段文字\n".encode())
    assert ran.code == 0
    body = keyed.chats[0].json
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Explain:\n\n一段文字"},
    ]
    assert body["temperature"] == 0.5
    assert "top_p" not in body


def test_no_stream_asks_for_one_piece(run: Run, keyed: FakeGateway):
    whole = {
        "id": "c",
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    }
    keyed.script(json_answer(whole))
    ran = run("ask", "-m", "m", "--no-stream", "hi")
    assert (ran.code, ran.out) == (0, "Hello\n")
    assert "stream" not in keyed.chats[0].json and "stream_options" not in keyed.chats[0].json


def jpeg(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()


def test_a_photo_travels_as_the_bytes_it_has(run: Run, keyed: FakeGateway, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(640, 480))
    keyed.script(HELLO)
    ran = run("ask", "-m", "gpt-4.1", "-i", str(photo), "--json", "图片里有什么？")
    assert ran.code == 0 and ran.json["content"] == "Hello"
    picture, text = keyed.chats[0].json["messages"][0]["content"]
    assert text == {"type": "text", "text": "图片里有什么？"}
    assert set(picture) == {"type", "image_url"} and picture["type"] == "image_url"
    assert set(picture["image_url"]) == {"url"}
    head, data = picture["image_url"]["url"].split(",")
    assert head == "data:image/jpeg;base64"
    assert base64.b64decode(data, validate=True) == photo.read_bytes()


def test_a_large_photo_is_scaled_down_before_it_travels(run: Run, keyed: FakeGateway, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(3000, 1500))
    keyed.script(HELLO)
    assert run("ask", "-m", "m", "-i", str(photo), "what?").code == 0
    url = keyed.chats[0].json["messages"][0]["content"][0]["image_url"]["url"]
    sent = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    assert sent.size == (2048, 1024)


def test_an_image_url_travels_as_it_is(run: Run, keyed: FakeGateway):
    keyed.script(HELLO)
    assert run("ask", "-m", "m", "-i", "https://example.com/a.png", "what?").code == 0
    url = keyed.chats[0].json["messages"][0]["content"][0]["image_url"]["url"]
    assert url == "https://example.com/a.png"


def test_a_text_file_travels_fenced_under_its_name(run: Run, keyed: FakeGateway, tmp_path):
    code = tmp_path / "a.py"
    code.write_text("print('```')\n")
    keyed.script(HELLO)
    assert run("ask", "-m", "m", "-f", str(code), "explain").code == 0
    content = keyed.chats[0].json["messages"][0]["content"]
    assert content == "a.py\n````python\nprint('```')\n````\n\nexplain"


def test_a_pdf_travels_as_a_file_part(run: Run, keyed: FakeGateway, tmp_path):
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    keyed.script(HELLO)
    assert run("ask", "-m", "m", "-f", str(pdf), "explain").code == 0
    part = keyed.chats[0].json["messages"][0]["content"][0]
    assert part["type"] == "file" and part["file"]["filename"] == "a.pdf"
    assert base64.b64decode(part["file"]["file_data"].removeprefix("data:application/pdf;base64,")) == pdf.read_bytes()


def test_an_interrupted_answer_is_printed_and_exits_with_3(run: Run, keyed: FakeGateway):
    keyed.script(sse(chunk("half"), DONE))
    ran = run("ask", "-m", "m", "hi")
    assert (ran.code, ran.out) == (3, "half\n")
    assert "interrupted" in ran.err
    keyed.script(sse(chunk("half"), DONE))
    ran = run("ask", "-m", "m", "--json", "hi")
    assert (ran.code, ran.json["complete"], ran.json["finish_reason"], ran.json["content"]) == (3, False, None, "half")


def test_a_connection_cut_after_words_is_never_sent_again(run: Run, keyed: FakeGateway):
    keyed.script(sse(chunk("half"), Cut()), HELLO)
    ran = run("ask", "-m", "m", "hi")
    assert ran.code in {1, 3} and ran.out == "half\n"
    assert len(keyed.chats) == 1


def test_an_error_exits_with_1_and_says_what_to_do(run: Run, keyed: FakeGateway):
    keyed.script(relay_error("用户额度不足, 剩余额度: ＄0.12", "insufficient_user_quota", 403))
    ran = run("ask", "-m", "m", "--json", "hi")
    assert ran.code == 1
    error = ran.json["error"]
    assert (error["key"], error["status"]) == ("balance_low", 403)
    assert error["says"] and error["advice"] and error["request_id"]
    assert "canary" not in ran.out + ran.err


def test_a_rate_limit_is_tried_again_and_said_on_stderr(run: Run, keyed: FakeGateway):
    limited = relay_error("Too Many Requests", "rate_limit_exceeded", 429)
    keyed.script(type(limited)(429, {**limited.headers, "Retry-After": "0.01"}, limited.body), HELLO)
    ran = run("ask", "-m", "m", "hi")
    assert (ran.code, ran.out) == (0, "Hello\n")
    assert "1" in ran.err and len(keyed.chats) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "-m", "m", "--set", "temperature=9", "hi"),
        ("ask", "-m", "m", "--set", "warmth=1", "hi"),
        ("ask", "-m", "m", "--set", "temperature", "hi"),
        ("ask", "-m", "m"),
        ("ask", "--nonsense", "hi"),
        ("nonsense",),
        ("ask", "--chat", "x", "--no-save", "hi"),
    ],
)
def test_bad_usage_exits_with_2_and_sends_nothing(run: Run, keyed: FakeGateway, arguments):
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.out == "" and ran.err.strip()
    assert keyed.chats == []


def test_without_a_key_it_says_where_to_put_one(run: Run):
    ran = run("ask", "-m", "m", "hi")
    assert ran.code == 1
    assert "YIBU_API_KEY" in ran.err


def test_a_missing_file_is_refused_before_anything_is_sent(run: Run, keyed: FakeGateway, tmp_path):
    ran = run("ask", "-m", "m", "-f", str(tmp_path / "none.txt"), "hi")
    assert ran.code == 1 and "none.txt" in ran.err
    assert keyed.chats == []


def test_the_last_chat_goes_on_with_what_was_said(run: Run, keyed: FakeGateway):
    keyed.script(HELLO, HELLO, HELLO)
    run("ask", "-m", "m", "-s", "Be kind.", "one")
    assert run("ask", "-c", "two").code == 0
    assert [message["content"] for message in keyed.chats[1].json["messages"]] == ["Be kind.", "one", "Hello", "two"]
    (listed,) = run("sessions", "--json").json
    run("ask", "--chat", listed["id"][:6], "three")
    assert len(keyed.chats[2].json["messages"]) == 6


def test_no_save_keeps_nothing(run: Run, keyed: FakeGateway):
    keyed.script(HELLO)
    assert run("ask", "-m", "m", "--no-save", "hi").code == 0
    assert run("sessions", "--json").json == []


def test_going_on_without_a_chat_says_so(run: Run, keyed: FakeGateway):
    ran = run("ask", "-c", "hi")
    assert ran.code == 1 and ran.err
    assert keyed.chats == []


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a child works otherwise there")
def test_ctrl_c_stops_keeps_what_came_and_exits_with_130(run: Run, keyed: FakeGateway):
    keyed.script(sse(chunk("half"), Hold()))
    command = [sys.executable, "-m", "tui_chat", "ask", "-m", "m", "hi"]
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert child.stdout is not None
    assert child.stdout.read(4) == b"half"
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert child.returncode == 130
    assert b"Traceback" not in err
    eventually_in_thread(lambda: keyed.chats[0].closed_at_s is not None)
    (kept,) = run("sessions", "--json").json
    assert "half" in run("export", kept["id"]).out


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_a_reader_that_goes_away_ends_it_quietly(keyed: FakeGateway):
    keyed.script(sse(*(chunk("word " * 50) for _ in range(50)), Hold()))
    command = [sys.executable, "-m", "tui_chat", "ask", "-m", "m", "hi"]
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert child.stdout is not None and child.stderr is not None
    child.stdout.read(5)
    child.stdout.close()
    keyed.open()
    started = time.monotonic()
    child.wait(timeout=30)
    err = child.stderr.read()
    child.stderr.close()
    assert b"Traceback" not in err and time.monotonic() - started < 30
    assert child.returncode == 141


def test_what_is_kept_loads_as_toml_and_holds_no_picture_bytes(run: Run, keyed: FakeGateway, tmp_path):
    import tomllib
    from pathlib import Path

    photo = tmp_path / "photo.jpg"
    photo.write_bytes(jpeg(64, 64))
    keyed.script(HELLO)
    run("ask", "-m", "m", "-i", str(photo), "what?")
    (listed,) = run("sessions", "--json").json
    text = Path(listed["path"]).read_text("utf-8")
    kept = tomllib.loads(text)
    assert [node["role"] for node in kept["node"]] == ["user", "assistant"]
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    assert digest in text
    assert base64.b64encode(photo.read_bytes()[:60]).decode() not in text
    assert "canary" not in text
    assert json.dumps(kept, default=str)
