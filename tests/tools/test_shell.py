"""What a person is shown of a command or a program text is exactly what runs."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from tui_chat import words
from tui_chat.errors import ToolError
from tui_chat.tools import sandbox
from tui_chat.tools.approval import Allowances, allowance_for, needs_word
from tui_chat.tools.run_python import PYTHON
from tui_chat.tools.shell import SHELL, argv_of
from tui_chat.tools.tool import Outcome, Preview, Surroundings, Tool
from tui_chat.tools.visible import read_back, shown

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands are those of POSIX")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    monkeypatch.setattr(sandbox, "_found", sandbox.NONE)
    return Surroundings(tmp_path.resolve(), (tmp_path.resolve(),))


async def call(tool: Tool, here: Surroundings, **arguments: object) -> Outcome:
    assert tool.run is not None
    return await tool.run(arguments, here)


def look(tool: Tool, here: Surroundings, **arguments: object) -> Preview:
    assert tool.look is not None
    return tool.look(arguments, here)


async def test_a_command_line_is_run_by_the_shell_in_the_working_folder(here: Surroundings):
    outcome = await call(SHELL, here, command="pwd; echo 'a  b' | wc -c; echo $((6 * 7)) > made; cat made")
    assert (outcome.text, outcome.failed) == (f"{here.folder}\n5\n42", False)
    assert (here.folder / "made").read_text("utf-8") == "42\n"


async def test_arguments_reach_the_program_as_they_are(here: Surroundings):
    odd = ["a  b", "$HOME", "`x`", "'", '"', "*", "\n", "", "天气", "\u202e", "-n", "; echo no"]
    script = "import sys, ast; print(ascii(sys.argv[1:]))"
    outcome = await call(SHELL, here, command=sys.executable, arguments=["-c", script, *odd])
    assert outcome.text == ascii(odd)


@pytest.mark.parametrize(
    "command", ["printf '%s|' a  b", "echo \u202eabc\u200b", "echo 'one\ntwo'   ;  true", "echo ⏎"]
)
async def test_what_is_shown_reads_back_as_what_runs(here: Surroundings, command: str):
    preview = look(SHELL, here, command=command)
    assert preview.argv == ("/bin/sh", "-c", command)
    assert shlex.split(read_back(shown(shlex.join(preview.argv)))) == list(preview.argv)
    assert (preview.folder, preview.runs_program) == (str(here.folder), True)
    via_words = await call(SHELL, here, command=preview.argv[0], arguments=list(preview.argv[1:]))
    assert via_words == await call(SHELL, here, command=command)


async def test_a_python_program_is_shown_whole_and_run_as_shown(here: Surroundings):
    code = (
        "import sys, os\nprint(sys.flags.isolated, sys.argv, os.getcwd())\n" + "# " + "x" * 300_000 + "\nprint('天气')"
    )
    preview = look(PYTHON, here, code=code)
    assert (preview.code, preview.language, preview.runs_program) == (code, "python", True)
    assert preview.argv == (sys.executable, "-I", "-u", "-X", "utf8", "-")
    outcome = await call(PYTHON, here, code=code)
    assert outcome.text == f"1 ['-'] {here.folder}\n天气"


async def test_a_module_of_the_working_folder_is_not_imported_by_accident(here: Surroundings):
    (here.folder / "json.py").write_text("print('mine')", "utf-8")
    assert (await call(PYTHON, here, code="import json; print(json.dumps(1))")).text == "1"


async def test_a_failing_program_says_so_and_what_it_printed_before_its_end_is_kept(here: Surroundings):
    outcome = await call(PYTHON, here, code="print('begun')\n1 / 0")
    assert outcome.failed
    assert outcome.text.startswith("begun\n")
    assert "ZeroDivisionError" in outcome.text
    assert outcome.text.endswith("[exit status 1]")
    outcome = await call(PYTHON, here, code="import time\nprint('begun')\ntime.sleep(60)", timeout_s=2)
    assert outcome.text == "begun\n[ended after 2 s: the time was up]"


async def test_nobody_can_be_asked(here: Surroundings):
    assert (await call(SHELL, here, command="read line || echo nothing")).text == "nothing"
    assert "EOFError" in (await call(PYTHON, here, code="input()")).text


@pytest.mark.parametrize("bad", ["echo a\0b", "echo \ud800", "echo \udc80"])
async def test_what_no_program_can_be_given_is_refused_before_anybody_is_asked(here: Surroundings, bad: str):
    for tool, arguments in (
        (SHELL, {"command": bad}),
        (SHELL, {"command": "a", "arguments": [bad]}),
        (PYTHON, {"code": bad}),
    ):
        with pytest.raises(ToolError, match=r"error\.tool_run_text"):
            look(tool, here, **arguments)
        with pytest.raises(ToolError, match=r"error\.tool_run_text"):
            await call(tool, here, **arguments)


async def test_a_command_line_too_long_for_the_system_is_an_error_in_words(here: Surroundings):
    with pytest.raises(ToolError) as raised:
        await call(SHELL, here, command=f"true {'x' * 200_000}")
    assert raised.value.key == "error.tool_run_start"
    for language in words.LANGUAGES:
        assert "/bin/sh" in words.sentences(language)["error.tool_run_start.says"].format_map(raised.value.facts)


def test_their_schemas_say_what_they_take():
    assert SHELL.name == "shell"
    assert SHELL.parameters["required"] == ["command"]
    properties = SHELL.parameters["properties"]
    assert isinstance(properties, dict)
    assert properties["timeout_s"]["maximum"] == 600
    assert properties["arguments"] == {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": properties["arguments"]["description"],
    }
    assert PYTHON.name == "python"
    assert PYTHON.parameters["required"] == ["code"]
    assert SHELL.danger == PYTHON.danger == "runs"


def test_both_ask_always_where_there_is_no_sandbox(here: Surroundings):
    for tool, arguments in ((SHELL, {"command": "ls"}), (PYTHON, {"code": "1"})):
        preview = look(tool, here, **arguments)
        assert needs_word(tool, arguments, preview, Allowances())
        assert allowance_for(tool, arguments, preview) is None


def test_a_shell_without_arguments_is_not_the_program_of_that_name():
    assert argv_of("ls -la", []) == ("/bin/sh", "-c", "ls -la")
    assert argv_of("ls", ["-la"]) == ("ls", "-la")
