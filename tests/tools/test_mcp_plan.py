"""Names, environment and program of a server: one reading, few variables, never the working folder."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tui_chat.errors import ToolError
from tui_chat.tools.mcp_plan import NAME, ServerPlan, tool_name


@pytest.mark.parametrize("name", ["a", "files", "my-files", "my_files", "9", "A" * 32, "a-_-b"])
def test_names_that_are_allowed(name: str):
    assert NAME.fullmatch(name) is not None


@pytest.mark.parametrize("name", ["", "_a", "-a", "a_", "a__b", "a b", "ä", "a.b", "A" * 33, "a\n"])
def test_names_that_are_not(name: str):
    assert NAME.fullmatch(name) is None


def test_the_names_of_tools_fit_and_stay_apart():
    assert tool_name("files", "read") == "files__read"
    odd = ["", "a b", "a/b", "a.b", "ä", "x" * 64, "x" * 65, "\ud800", "读", "a_b", "a__b", "a\n"]
    names = [tool_name(server, tool) for server in ("s", "A" * 32) for tool in odd]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in names)


def test_the_environment_is_an_allowed_list_and_the_plans_own():
    ours = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "YIBU_API_KEY": "sk-1", "AWS_SECRET": "s"}
    plan = ServerPlan("s", ("x",), {"TOKEN": "t-${AWS_SECRET}", "PATH": "/opt", "SERVICE_API_KEY": "its own"})
    made = plan.environment(ours)
    assert made.items() >= {"PATH": "/opt", "LC_ALL": "C", "HOME": "/h", "TOKEN": "t-s"}.items()
    assert made["SERVICE_API_KEY"] == "its own"
    assert "AWS_SECRET" not in made
    assert "sk-1" not in made.values()
    for value, key in (("${NOT_SET}", "error.mcp_variable"), ("x${YIBU_API_KEY}", "error.mcp_own_key")):
        with pytest.raises(ToolError) as caught:
            ServerPlan("s", ("x",), {"A": value}).environment(ours)
        assert caught.value.key == key


def test_values_do_not_show_when_a_plan_is_printed():
    plan = ServerPlan("s", ("x",), {"TOKEN": "canary"}, headers={"Authorization": "canary"})
    assert "canary" not in repr(plan)
    assert "canary" not in repr(plan.launch(confirmed=False))


@pytest.mark.skipif(sys.platform == "win32", reason="there programs have endings")
def test_a_program_is_never_taken_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for name, path in (("tool", "."), ("tool", ":/bin"), ("./tool", "/bin"), ("tool", "")):
        with pytest.raises(ToolError):
            ServerPlan("s", (name,)).program(path)
    assert ServerPlan("s", ("tool",)).program(f"/nowhere:{tmp_path}") == str(tmp_path / "tool")
    assert ServerPlan("s", (str(tmp_path / "tool"),)).program("") == str(tmp_path / "tool")
