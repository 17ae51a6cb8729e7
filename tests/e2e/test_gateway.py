"""The whole program in a real terminal, against the fake gateway: what a person does on the first day."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.gateway.answers import DONE, Hold, Pause, relay_error, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually_in_thread

pytestmark = needs_pty

KEY = "sk-" + "canary" * 8


def start(gateway: FakeGateway, *arguments: str, columns: int = 100, rows: int = 30, **env: str) -> TerminalProgram:
    settings = {"YIBU_API_KEY": KEY, "YIBU_BASE_URL": gateway.base_url, "LANG": "en_US.UTF-8", **env}
    command = [sys.executable, "-m", "tui_chat", *arguments]
    return TerminalProgram(command, columns=columns, rows=rows, env=settings)


@pytest.fixture
def program(gateway: FakeGateway) -> Iterator[TerminalProgram]:
    with start(gateway, "-m", "gpt-4.1") as program:
        program.wait_for("Type here")
        yield program


def words(*pieces: str):
    return sse(*(openai({"content": piece}) for piece in pieces), openai({}, "stop"), DONE)


def sessions(home: Path) -> list[Path]:
    return sorted((home / "yibu-chat" / "sessions").glob("*.toml"))


def quit_(program: TerminalProgram) -> None:
    program.press("ctrl+q")
    assert program.wait_exit() == 0
    assert program.restored
    assert KEY.encode() not in program.raw


def test_talk_stop_ask_again_quit_and_find_everything(gateway, program, own_home):
    gateway.script(words("One ", "fish."))
    program.say("first question")
    program.wait_for("One fish.")

    gateway.script(sse(openai({"content": "Half an answer"}), Hold()))
    program.say("second question")
    program.wait_for("Half an answer")
    program.press("escape")
    program.wait_for("Stopped")
    eventually_in_thread(lambda: gateway.chats[1].closed_in_answer, what="the socket is closed")

    gateway.script(words("Two fish."))
    program.press("ctrl+r")
    program.wait_for("Two fish.")
    program.wait_for("2/2")
    assert [m["content"] for m in gateway.chats[2].json["messages"]] == [
        "first question",
        "One fish.",
        "second question",
    ]
    quit_(program)

    (file,) = sessions(own_home)
    kept = tomllib.loads(file.read_text("utf-8"))
    texts = [part["text"] for node in kept["node"] for part in node["parts"]]
    assert texts == ["first question", "One fish.", "second question", "Half an answer", "Two fish."]
    assert "canary" not in file.read_text("utf-8")

    with start(gateway, "-c") as again:
        again.wait_for("Two fish.")
        for text in ("first question", "One fish.", "second question"):
            assert text in again.text
        quit_(again)


def test_draft_and_growing_reply_are_there_again_after_the_program_died(gateway, own_home):
    with start(gateway, "-m", "m") as program:
        program.wait_for("Type here")
        gateway.script(words("first answer"))
        program.say("hello")
        program.wait_for("first answer")
        gateway.script(sse(openai({"content": "The beginning of a long answer"}), Hold()))
        program.say("tell me")
        program.wait_for("The beginning of a long answer")
        program.type("half a thought")
        program.wait_for("half a thought")
        kept = own_home / "yibu-chat"
        eventually_in_thread(lambda: list(kept.rglob("*.partial")))
        eventually_in_thread(
            lambda: any("half a thought" in file.read_text("utf-8", "replace") for file in kept.rglob("*.toml"))
        )
        program.kill()
    with start(gateway, "-c") as again:
        again.wait_for("The beginning of a long answer")
        again.wait_for(re.compile("broke off|interrupted", re.IGNORECASE))
        again.wait_for("half a thought")
        assert "first answer" in again.text


def test_a_picture_travels_an_error_is_asked_again_and_a_tiny_window_keeps_the_draft(gateway, program, tmp_path):
    photo = tmp_path / "boat.png"
    Image.new("RGB", (64, 48), (30, 90, 200)).save(photo)
    gateway.script(words("A blue sea."))
    program.paste(str(photo))
    program.wait_for("boat.png")
    program.say("what is this?")
    program.wait_for("A blue sea.")
    picture, text = gateway.chats[0].json["messages"][0]["content"]
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert text["text"] == "what is this?"
    program.wait_for("64×48")

    gateway.script(
        relay_error("用户额度不足, 剩余额度: ＄0.12, 需要预扣费额度: ＄0.96", "insufficient_user_quota", 403)
    )
    program.say("and now?")
    program.wait_for("403")
    assert "0.12" in program.text
    gateway.script(words("Now it works."))
    program.press("ctrl+r")
    program.wait_for("Now it works.")

    program.type("my draft")
    program.wait_for("my draft")
    program.resize(18, 4)
    program.wait_gone("my draft")
    program.resize(100, 30)
    program.wait_for("my draft")


def test_it_works_at_a_large_size(gateway):
    with start(gateway, "-m", "m", columns=200, rows=60) as program:
        program.wait_for("Type here")
        gateway.script(words("An answer."))
        program.say("hello")
        program.wait_for("An answer.")
        quit_(program)


def test_chinese_interface_and_chinese_typing_at_a_small_size(gateway):
    with start(gateway, "-m", "m", columns=60, rows=15, LANG="zh_CN.UTF-8") as program:
        program.wait_for("在这里输入")
        gateway.script(words("你好，世界。"))
        program.say("用中文打个招呼")
        program.wait_for("你好，世界。")
        quit_(program)


def test_without_a_key_there_is_a_welcome_and_a_key_opens_the_chat(gateway, own_home):
    command = [sys.executable, "-m", "tui_chat"]
    env = {"LANG": "en_US.UTF-8", "YIBU_BASE_URL": gateway.base_url}
    with TerminalProgram(command, columns=100, rows=34, env=env) as program:
        program.wait_for(re.compile("key", re.IGNORECASE))
        program.paste(f'"Bearer {KEY}"')
        program.press("enter")
        program.wait_for("It works")
        program.press("enter")
        program.wait_for("Type here", 20)
        quit_(program)
    credentials = own_home / "yibu-chat" / "credentials.toml"
    assert KEY in credentials.read_text("utf-8")
    assert credentials.stat().st_mode & 0o077 == 0


def test_a_slow_reader_of_the_screen_does_not_hold_up_the_answer(gateway, program, own_home):
    pieces = [piece for number in range(200) for piece in (openai({"content": f"word{number} "}), Pause(0.002))]
    gateway.script(sse(*pieces, openai({"content": "the very end"}), openai({}, "stop"), DONE))
    program.say("go")
    program.wait_for("word1")
    program.stop_reading()
    eventually_in_thread(lambda: any("the very end" in file.read_text("utf-8") for file in sessions(own_home)), 20)
    program.resume_reading()
    program.wait_for("the very end")
