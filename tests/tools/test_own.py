"""A tool of the person's own is one file; what a model gives stays one word of its command."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tools.material import call, look, surroundings
from tui_chat import words
from tui_chat.errors import ToolError
from tui_chat.tools.approval import Allowances, needs_word
from tui_chat.tools.own import filled, own_tools, read_tool
from tui_chat.tools.tool import Tool

ECHO = f"""
name = "echo"
description = "Say it back."
command = ['{sys.executable}', "-c", "import sys; print(sys.argv[1:])", "--", "{{text}}", "--n={{count}}", "x{{{{y}}}}"]
danger = "runs"
timeout_s = 20

[parameters]
type = "object"
required = ["text"]
additionalProperties = false
[parameters.properties.text]
type = "string"
[parameters.properties.count]
type = "integer"
"""
JSON = f"""
name = "json_back"
description = "Says what it read."
command = ['{sys.executable}', "-c", "import sys; print(sys.stdin.read())"]
stdin = "json"
[parameters]
type = "object"
[parameters.properties.any]
"""
MANUAL = 'name = "ask_me"\ndescription = "Asks the person."\nkind = "manual"\n'


def tool(tmp_path: Path, text: str, name: str = "tool.toml") -> Tool:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_tool(path)


def printed(text: str) -> Any:
    return json.loads(text.replace("'", '"'))


async def test_each_argument_stays_one_word_whatever_is_in_it(tmp_path: Path):
    around = surroundings(tmp_path)
    echo = tool(tmp_path, ECHO)
    hostile = "a b; rm -rf $HOME `id` $(id) | & > x * ? ~ {count} {{}} \\ \n\t#"
    argv = look(echo, around, text=hostile, count=3).argv
    assert argv[3:] == ("--", hostile, "--n=3", "x{y}")
    assert (await call(echo, around, text="two words; id", count=3)).text == "['--', 'two words; id', '--n=3', 'x{y}']"
    assert (await call(echo, around, text="-rf")).text == "['--', '-rf', 'x{y}']"


def test_what_would_run_is_shown_and_needs_a_word(tmp_path: Path):
    around = surroundings(tmp_path)
    for danger in ("runs", "reads", "harmless", "writes", "network"):
        echo = tool(tmp_path, ECHO.replace('danger = "runs"', f'danger = "{danger}"'))
        preview = look(echo, around, text="x")
        assert preview.runs_program
        assert preview.folder == str(around.folder)
        assert needs_word(echo, {"text": "x"}, preview, Allowances()), danger
        assert preview.network or danger != "network"
        assert (echo.remote, echo.reaches_out) == (danger == "network", danger == "network")


async def test_arguments_come_as_json_on_standard_input(tmp_path: Path):
    around = surroundings(tmp_path)
    told = await call(tool(tmp_path, JSON), around, any={"中": [1, "a b"]})
    assert json.loads(told.text) == {"any": {"中": [1, "a b"]}}


async def test_failures_and_time_are_told(tmp_path: Path):
    around = surroundings(tmp_path)
    fails = tool(tmp_path, JSON.replace("print(sys.stdin.read())", "sys.exit(3)"))
    told = await call(fails, around)
    assert told.failed
    assert "exit status 3" in told.text
    slow = tool(
        tmp_path,
        JSON.replace("print(sys.stdin.read())", "import time; time.sleep(60)").replace(
            "[param", "timeout_s = 0.3\n[param", 1
        ),
    )
    told = await call(slow, around)
    assert told.failed
    assert "the time was up" in told.text
    gone = tool(tmp_path, 'name = "x"\ndescription = "x"\ncommand = ["no-such-program-here"]')
    with pytest.raises(ToolError) as caught:
        await call(gone, around)
    assert caught.value.key == "error.tool_run_start"


def test_a_manual_tool_has_no_code(tmp_path: Path):
    manual = tool(tmp_path, MANUAL)
    assert manual.run is None
    assert manual.look is None
    assert manual.danger == "harmless"
    assert manual.parameters == {"type": "object", "properties": {}, "additionalProperties": False}
    assert manual.source == str(tmp_path / "tool.toml")


PROPERTIES = {"properties": {"a": {}, "n": {"default": 5}, "list": {}}}


@pytest.mark.parametrize(
    ("command", "arguments", "argv"),
    [
        (["p", "{a}"], {"a": "x y"}, ["p", "x y"]),
        (["p", "{a}"], {"a": ""}, ["p", ""]),
        (["p", "{a}", "z"], {}, ["p", "z"]),
        (["p", "--a={a}", "z"], {}, ["p", "z"]),
        (["p", "{a}-{n}"], {"a": "x"}, ["p", "x-5"]),
        (["p", "{n}"], {"n": -3}, ["p", "-3"]),
        (["p", "{list}"], {"list": [1, {"b": None}]}, ["p", '[1,{"b":null}]']),
        (["p", "{a}"], {"a": True}, ["p", "true"]),
        (["p", "--", "{a}"], {"a": "-x"}, ["p", "--", "-x"]),
        (["p", "--a={a}"], {"a": "-x"}, ["p", "--a=-x"]),
        (["p", "{{a}}", "{a}"], {"a": "{n}"}, ["p", "{a}", "{n}"]),
    ],
)
def test_placeholders_are_filled_within_their_word(command: list[str], arguments: dict[str, object], argv: list[str]):
    assert filled(command, arguments, PROPERTIES, "t") == argv


@pytest.mark.parametrize(
    ("arguments", "key"),
    [({"a": "-rf"}, "own_tool_option"), ({"a": "--output=/x"}, "own_tool_option"), ({"a": "x\0y"}, "own_tool_nul")],
)
def test_what_a_program_would_take_for_something_else_is_refused(arguments: dict[str, object], key: str):
    with pytest.raises(ToolError) as caught:
        filled(["p", "{a}"], arguments, PROPERTIES, "t")
    assert caught.value.key == f"error.{key}"
    with pytest.raises(ToolError):
        filled(["p", "{a}", "--"], {"a": "-x"}, PROPERTIES, "t")


GOOD = 'name = "x"\ndescription = "x"\n'
RUNS = GOOD + 'command = ["ls"]\n'
BAD = {
    "": "missing",
    "name = 3": "type",
    "name = ": "toml",
    'name = "x"\nname = "y"': "toml",
    "\udcff": "toml",
    GOOD: "missing",
    'name = "x"\ncommand = ["ls"]': "missing",
    GOOD + "command = []": "missing",
    GOOD + 'command = "ls -l"': "type",
    GOOD + 'command = ["ls", 3]': "type",
    GOOD + 'command = ["l\\u0000s"]': "type",
    GOOD + 'command = ["{a}"]\nparameters = {type = "object", properties = {a = {}}}': "program_filled",
    GOOD + 'command = ["./run.sh"]': "program",
    GOOD + 'command = ["scripts/run"]': "program",
    GOOD + 'command = [" "]': "program",
    GOOD + 'command = ["ls", "{a}"]': "placeholder",
    GOOD + 'command = ["ls", "{"]': "placeholder",
    GOOD + 'command = ["ls", "a}"]': "placeholder",
    GOOD + 'command = ["ls", "{}"]': "placeholder",
    RUNS + 'danger = "none"': "choice",
    RUNS + 'kind = "shell"': "choice",
    RUNS + 'stdin = "text"': "choice",
    RUNS + "timeout_s = 0": "timeout",
    RUNS + "timeout_s = -1.5": "timeout",
    RUNS + "timeout_s = 99999": "timeout",
    RUNS + "timeout_s = inf": "timeout",
    RUNS + "timeout_s = nan": "timeout",
    RUNS + "timeout_s = true": "type",
    RUNS + "colour = 1": "unknown",
    RUNS + "shell = true": "unknown",
    RUNS + "parameters = []": "type",
    RUNS + 'parameters = {type = "string"}': "schema",
    RUNS + "parameters = {}": "schema",
    RUNS + 'parameters = {type = "object", properties = {a = {type = "text"}}}': "schema",
    RUNS + 'parameters = {type = "object", properties = 3}': "schema",
    RUNS + 'parameters = {type = "object", "$ref" = "https://e.com/x"}': "schema",
    RUNS + 'parameters = {type = "object", "$ref" = "#"}': "schema",
    RUNS.replace('"x"', '"a b"', 1): "name",
    RUNS.replace('"x"', '"server__tool"', 1): "name",
    RUNS.replace('"x"', '"' + "x" * 65 + '"', 1): "name",
    MANUAL + 'command = ["ls"]': "manual",
    MANUAL + 'stdin = "json"': "manual",
    RUNS + "#" + "x" * 300_000: "large",
}


@pytest.mark.parametrize(("text", "key"), BAD.items(), ids=range(len(BAD)))
def test_a_file_that_is_no_tool_says_what_is_wrong_with_it(tmp_path: Path, text: str, key: str):
    path = tmp_path / "bad.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ToolError) as caught:
        read_tool(path)
    assert caught.value.key == f"error.own_tool_{key}"
    assert caught.value.facts["path"] == str(path)
    assert str(path) in words.t(f"{caught.value.key}.says", **caught.value.facts)


def test_a_folder_gives_the_good_and_names_the_bad(tmp_path: Path):
    (tmp_path / "a.toml").write_text(MANUAL)
    (tmp_path / "b.toml").write_text("broken")
    (tmp_path / "c.toml").mkdir()
    (tmp_path / ".hidden.toml").write_text("broken")
    (tmp_path / "notes.txt").write_text("broken")
    tools, problems = own_tools(tmp_path)
    assert [tool.name for tool in tools] == ["ask_me"]
    assert [problem.key for problem in problems] == ["error.own_tool_toml", "error.own_tool_file"]
    assert own_tools(tmp_path / "gone") == ([], [])
    assert own_tools(tmp_path / "a.toml")[1][0].key == "error.own_tool_file"


def test_the_program_may_be_in_the_persons_home(tmp_path: Path, own_home: Path):
    home = tool(tmp_path, GOOD + 'command = ["~/bin/run"]')
    assert look(home, surroundings(tmp_path)).argv == (str(own_home / "bin" / "run"),)
