import json
import subprocess
import sys

from tests.cli.conftest import Run
from tests.cli.test_ask import HELLO
from tests.gateway.answers import middleware_error
from tests.gateway.server import FakeGateway
from tui_chat import __version__
from tui_chat.wire.params import PARAMS


def test_version_and_help_answer_without_importing_a_screen(run: Run):
    assert run("--version").out.strip() == f"yibu-chat {__version__}"
    assert "ask" in run("--help").out


def test_help_speaks_chinese(run: Run, monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "在终端里" in run("--help").out


def test_models_are_listed_by_name(run: Run, keyed: FakeGateway):
    ran = run("models")
    ids = ran.out.split("\n")[:-1]
    assert ran.code == 0 and ids == sorted(ids, key=str.lower) and len(ids) > 3
    assert [model["id"] for model in run("models", "--json").json] == ids


def test_a_bad_key_is_explained(run: Run, keyed: FakeGateway):
    keyed.route("GET", "/v1/models", middleware_error("无效的令牌", 401))
    ran = run("models")
    assert ran.code == 1 and "key" in ran.err.lower()


def test_sessions_say_when_there_are_none(run: Run):
    ran = run("sessions")
    assert (ran.code, ran.out) == (0, "No chats yet.\n")


def test_sessions_are_listed_with_a_title_from_the_first_words(run: Run, keyed: FakeGateway):
    keyed.script(HELLO)
    run("ask", "-m", "m", "为什么天空是蓝色的？")
    (listed,) = run("sessions", "--json").json
    assert listed["title"] == "为什么天空是蓝色的？" and listed["model"] == "m"
    line = run("sessions").out
    assert listed["id"] in line and "为什么天空是蓝色的？" in line


def test_export_is_markdown_and_overwrites_nothing(run: Run, keyed: FakeGateway, tmp_path):
    keyed.script(HELLO)
    run("ask", "-m", "gpt-4.1", "-s", "Be brief.", "hi")
    (listed,) = run("sessions", "--json").json
    text = run("export", listed["id"]).out
    assert text == "# hi\n\n## System\n\nBe brief.\n\n## You\n\nhi\n\n## gpt-4.1\n\nHello\n"
    target = tmp_path / "chat.md"
    assert run("export", listed["id"], "-o", str(target)).code == 0
    assert target.read_text("utf-8") == text
    target.write_text("mine")
    ran = run("export", listed["id"], "-o", str(target))
    assert ran.code == 1 and target.read_text() == "mine"


def test_an_unknown_chat_is_said_to_be_unknown(run: Run):
    ran = run("export", "nothing")
    assert ran.code == 1 and "nothing" in ran.err


def test_params_shows_the_whole_table(run: Run):
    listed = run("params", "--json").json
    assert [row["name"] for row in listed] == [param.name for param in PARAMS]
    text = run("params").out
    assert all(param.name in text for param in PARAMS)


def test_doctor_says_where_the_key_is_from_but_not_the_key(run: Run, keyed: FakeGateway):
    ran = run("doctor")
    assert ran.code == 0
    assert "YIBU_API_KEY" in ran.out and keyed.base_url in ran.out
    assert "canary" not in ran.out + ran.err


def test_doctor_without_a_key_or_a_connection_still_reports(run: Run, monkeypatch):
    assert run("doctor").code == 0
    monkeypatch.setenv("YIBU_API_KEY", "sk-" + "canary" * 8)
    monkeypatch.setenv("YIBU_BASE_URL", "http://127.0.0.1:9/v1")
    ran = run("doctor")
    assert ran.code == 1 and "127.0.0.1:9" in ran.out and "canary" not in ran.out
    assert run("doctor", "--offline").code == 0


def test_the_screen_needs_a_terminal():
    result = subprocess.run(
        [sys.executable, "-m", "tui_chat"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "yibu-chat ask" in result.stderr and "Traceback" not in result.stderr


def test_chinese_comes_out_whole_under_a_plain_locale(run: Run, keyed: FakeGateway, monkeypatch):
    answer = {"choices": [{"index": 0, "delta": {"content": "你好，世界"}, "finish_reason": "stop"}]}
    from tests.gateway.answers import DONE, sse

    keyed.script(sse(answer, DONE))
    import os

    result = subprocess.run(
        [sys.executable, "-m", "tui_chat", "ask", "-m", "m", "hi"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "LANG": "C", "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert result.returncode == 0 and result.stdout.decode() == "你好，世界\n"
    assert json.dumps(result.stderr.decode()) == '""'
