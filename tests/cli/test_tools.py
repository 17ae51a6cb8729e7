"""Tools without a screen: offered by name, run only where they need no word or were allowed beforehand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.gateway.answers import DONE, sse
from tests.gateway.server import FakeGateway
from tests.gateway.tool_styles import in_openai_style
from tests.gateway.upstreams import openai
from tui_chat import words
from tui_chat.store.places import places

ANSWER = sse(openai({"content": "It is 42."}), openai({}, "stop"), DONE)
SUM = ("c1", "calculate", '{"expression":"6*7"}')


@pytest.fixture
def granted(tmp_path: Path) -> Path:
    folder = tmp_path / "granted"
    folder.mkdir()
    file = places().settings_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"tool_folders = [{json.dumps(str(folder))}]\n", "utf-8")
    return folder


def write_call(folder: Path) -> tuple[str, str, str]:
    return ("w1", "write_file", json.dumps({"path": str(folder / "a.txt"), "content": "hello\n"}))


def test_a_harmless_tool_runs_and_the_answer_alone_goes_to_stdout(run: Run, keyed: FakeGateway) -> None:
    keyed.script(in_openai_style(SUM), ANSWER)
    ran = run("ask", "-m", "m", "--tools", "calculate,current_time", "6*7?")
    assert (ran.code, ran.out) == (0, "It is 42.\n")
    assert ran.err.splitlines() == ["calculate runs …", "calculate: done"]
    first, second = (chat.json for chat in keyed.chats)
    assert [tool["function"]["name"] for tool in first["tools"]] == ["calculate", "current_time"]
    assert second["messages"][-1] == {"role": "tool", "tool_call_id": "c1", "content": "42"}


def test_without_permission_it_is_denied_the_model_is_told_and_the_exit_code_says_so(
    run: Run, keyed: FakeGateway, granted: Path
) -> None:
    keyed.script(in_openai_style(write_call(granted)), ANSWER)
    ran = run("ask", "-m", "m", "--tools", "write_file", "write it")
    assert ran.code == 4 and not (granted / "a.txt").exists()
    assert ran.out == "It is 42.\n" and "--allow-tool write_file" in ran.err
    told = keyed.chats[1].json["messages"][-1]
    assert told["role"] == "tool" and words.t("cli.tools.headless") in told["content"]


def test_what_was_allowed_by_name_runs(run: Run, keyed: FakeGateway, granted: Path) -> None:
    keyed.script(in_openai_style(write_call(granted)), ANSWER)
    ran = run("ask", "-m", "m", "--allow-tool", "write_file", "write it")
    assert ran.code == 0 and (granted / "a.txt").read_text("utf-8") == "hello\n"
    assert [tool["function"]["name"] for tool in keyed.chats[0].json["tools"]] == ["write_file"]


def test_json_carries_the_rounds(run: Run, keyed: FakeGateway, granted: Path) -> None:
    keyed.script(in_openai_style(SUM, write_call(granted)), ANSWER)
    ran = run("ask", "-m", "m", "--json", "--tools", "calculate,write_file", "go")
    assert ran.code == 4
    (round,) = ran.json["rounds"]
    calls = {call["name"]: call for call in round["tool_calls"]}
    assert (calls["calculate"]["result"], calls["calculate"]["decision"], calls["calculate"]["failed"]) == (
        "42",
        None,
        False,
    )
    assert (calls["write_file"]["decision"], calls["write_file"]["failed"]) == ("denied", True)
    assert ran.json["content"] == "It is 42." and ran.json["finish_reason"] == "stop" and ran.json["complete"]


def test_a_call_that_is_none_is_told_and_no_reason_for_code_4(run: Run, keyed: FakeGateway) -> None:
    keyed.script(in_openai_style(("c1", "calculate", '{"expression": 7}')), ANSWER)
    ran = run("ask", "-m", "m", "--tools", "calculate", "go")
    assert ran.code == 0 and ran.err.startswith("calculate: not run.")


def test_text_between_calls_stands_on_lines_of_its_own(run: Run, keyed: FakeGateway) -> None:
    piece = {"index": 0, "id": "c1", "function": {"name": "calculate", "arguments": '{"expression":"1"}'}}
    said = sse(openai({"content": "Let me see."}), openai({"tool_calls": [piece]}), openai({}, "tool_calls"), DONE)
    keyed.script(said, ANSWER)
    assert run("ask", "-m", "m", "--tools", "calculate", "go").out == "Let me see.\nIt is 42.\n"


def test_an_unknown_tool_is_bad_usage(run: Run, keyed: FakeGateway) -> None:
    for option in ("--tools", "--allow-tool"):
        ran = run("ask", "-m", "m", option, "no_such", "go")
        assert (ran.code, ran.out) == (2, "") and "no_such" in ran.err and "calculate" in ran.err
    assert keyed.chats == []


def test_tools_stay_switched_on_in_the_chat(run: Run, keyed: FakeGateway) -> None:
    keyed.script(ANSWER, ANSWER, ANSWER, ANSWER)
    run("ask", "-m", "m", "--tools", "calculate", "one")
    run("ask", "-c", "two")
    run("ask", "-c", "--allow-tool", "current_time", "three")
    run("ask", "-c", "--tools", "read_file", "four")
    offered = [[tool["function"]["name"] for tool in chat.json["tools"]] for chat in keyed.chats]
    assert offered == [["calculate"], ["calculate"], ["calculate", "current_time"], ["read_file"]]


def test_25_rounds_are_enough(run: Run, keyed: FakeGateway) -> None:
    keyed.respond(in_openai_style(("c1", "calculate", '{"expression":"1"}')))
    ran = run("ask", "-m", "m", "--json", "--tools", "calculate", "go")
    assert ran.code == 3 and len(keyed.chats) == 25 and "25" in ran.err
    assert len(ran.json["rounds"]) == 25 and ran.json["complete"] is False


def test_markdown_export_shows_calls_and_results(run: Run, keyed: FakeGateway) -> None:
    keyed.script(in_openai_style(SUM), ANSWER)
    run("ask", "-m", "m", "--tools", "calculate", "6*7?")
    (summary,) = json.loads(run("sessions", "--json").out)
    text = run("export", summary["id"]).out
    assert "calculate\n```json\n" in text and "\n42\n" in text and text.rstrip().endswith("It is 42.")


def test_the_list_of_tools(run: Run) -> None:
    own = places().own_tools
    own.mkdir(parents=True)
    (own / "good.toml").write_text(
        'name = "good"\ndescription = "Does good."\ndanger = "runs"\ncommand = ["true"]\n'
        '[parameters]\ntype = "object"\n[parameters.properties]\n',
        "utf-8",
    )
    (own / "bad.toml").write_text("name = 3", "utf-8")
    ran = run("tools", "--json")
    assert ran.code == 0
    by_name = {tool["name"]: tool for tool in ran.json["tools"]}
    assert {"calculate", "current_time", "read_file", "write_file", "shell", "good"} <= set(by_name)
    assert by_name["calculate"]["danger"] == "harmless" and by_name["calculate"]["source"] is None
    assert by_name["good"]["source"] and by_name["good"]["danger"] == "runs" and by_name["shell"]["weight_tokens"] > 50
    (problem,) = ran.json["problems"]
    assert "bad.toml" in problem["says"]
    lines = run("tools").out.splitlines()
    assert any(line.startswith("calculate ") for line in lines) and any("bad.toml" in line for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a child works otherwise there")
def test_ctrl_c_ends_the_tool_too(run: Run, keyed: FakeGateway, granted: Path) -> None:
    line = "echo began; sleep 93.125"
    keyed.script(in_openai_style(("s1", "shell", json.dumps({"command": line}))))
    command = [sys.executable, "-m", "tui_chat", "ask", "-m", "m", "--allow-tool", "shell", "wait"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=granted
    ) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "shell runs …\n"
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=20)
    assert child.returncode == 130 and "Traceback" not in err
    (kept,) = run("sessions", "--json").json
    assert words.t("chat.call.stopped_running") in run("export", kept["id"]).out
    keyed.script(ANSWER)
    assert run("ask", "-c", "and now?").code == 0
    roles = [message["role"] for message in keyed.chats[-1].json["messages"]]
    assert roles == ["user", "assistant", "tool", "user"]
