"""The box holds every tool under a name of its own."""

import re
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

from tui_chat import words
from tui_chat.tools.box import BUILT_IN, Box, toolbox

OWN = 'name = "{name}"\ndescription = "x"\nkind = "manual"\n'


def test_every_tool_of_the_package_can_be_offered():
    names = [tool.name for tool in BUILT_IN]
    assert len(set(names)) == len(names) == 10
    for tool in BUILT_IN:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", tool.name)
        Draft202012Validator.check_schema(tool.parameters)
        assert tool.parameters["additionalProperties"] is False
        for name, about in tool.parameters["properties"].items():
            assert about.get("description"), (tool.name, name)
        assert len(tool.description) > 40
        assert tool.source == ""
        assert tool.run is not None
        assert tool.weight_tokens < 320, tool.name
        assert (tool.look is not None) == (tool.danger in ("writes", "runs", "network")), tool.name


def test_every_tool_of_the_package_has_a_title_in_every_language():
    for language in words.LANGUAGES:
        assert [tool.name for tool in BUILT_IN if f"tools.titles.{tool.name}" not in words.sentences(language)] == []


def test_own_tools_stand_beside_them_and_take_no_name_away(tmp_path: Path):
    (tmp_path / "a.toml").write_text(OWN.format(name="mine"))
    (tmp_path / "b.toml").write_text(OWN.format(name="shell"))
    (tmp_path / "c.toml").write_text(OWN.format(name="mine"))
    (tmp_path / "d.toml").write_text("")
    box = toolbox(tmp_path)
    assert box.tools["shell"] in BUILT_IN
    assert box.tools["mine"].source.endswith("a.toml")
    assert [(problem.key, problem.facts.get("source", "")) for problem in box.problems] == [
        ("error.own_tool_missing", ""),
        ("error.tool_name_taken", str(tmp_path / "b.toml")),
        ("error.tool_name_taken", str(tmp_path / "c.toml")),
    ]


def test_a_box_can_be_narrowed_and_widened(tmp_path: Path):
    box = Box().plus(BUILT_IN)
    assert list(box.only({"shell", "calculate", "no_such"}).tools) == ["calculate", "shell"]
    assert box.only(()).tools == {}
    again = box.plus(BUILT_IN[:2])
    assert again.tools == box.tools
    assert len(again.problems) == 2


def test_making_it_brings_neither_the_network_nor_the_checker():
    code = "import tui_chat.tools.box as b, sys; from pathlib import Path; b.toolbox(Path('nowhere'))"
    names = ("h11", "jsonschema", "simpleeval", "textual", "mcp", "zoneinfo")
    code += f"; print(*[name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
