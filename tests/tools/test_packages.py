"""Installed packages bring tools; a broken one is a problem on a list."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Literal

import pytest

from tui_chat.tools.packages import GROUP, package_tools
from tui_chat.tools.tool import Surroundings

AROUND = Surroundings(Path("/nowhere"))


async def tide(place: str, unit: Literal["m", "ft"] = "m") -> dict[str, object]:
    """Tell the tide.

    Args:
        place: where.
    """
    return {"place": place, "unit": unit}


def quick() -> str:
    """Be quick."""
    return "quick"


quick.danger, quick.timeout_s, quick.remote = "harmless", 3, True  # type: ignore[attr-defined]


def network() -> str:
    """Reach out."""
    return ""


network.danger = "network"  # type: ignore[attr-defined]


def silent() -> str:
    return ""


def untyped(x):  # type: ignore[no-untyped-def]
    """Take something."""
    return x


def odd_danger() -> str:
    """Be odd."""
    return ""


odd_danger.danger = "mild"  # type: ignore[attr-defined]


def odd_timeout() -> str:
    """Be odd."""
    return ""


odd_timeout.timeout_s = "long"  # type: ignore[attr-defined]

not_a_function = 3


def point(name: str, value: str = "") -> EntryPoint:
    return EntryPoint(name, value or f"{__name__}:{name}", GROUP)


async def test_hints_and_docstring_make_the_tool():
    tools, problems = package_tools([point("tide"), point("fast", f"{__name__}:quick"), point("network")])
    assert problems == []
    by_name = {tool.name: tool for tool in tools}
    assert list(by_name) == ["fast", "network", "tide"]
    found = by_name["tide"]
    assert found.description == "Tell the tide."
    assert found.parameters["properties"]["unit"] == {"type": "string", "enum": ["m", "ft"], "default": "m"}
    assert found.danger == "runs"  # which always asks
    assert found.source.startswith("package ")
    assert found.run is not None
    assert (await found.run({"place": "x"}, AROUND)).text == '{"place": "x", "unit": "m"}'
    fast = by_name["fast"]
    assert (fast.danger, fast.timeout_s, fast.remote, fast.reaches_out) == ("harmless", 3.0, True, False)
    assert (by_name["network"].remote, by_name["network"].reaches_out) == (True, True)


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (point("silent"), "package_tool_silent"),
        (point("untyped"), "tool_signature"),
        (point("odd_danger"), "package_tool_danger"),
        (point("odd_timeout"), "package_tool_timeout"),
        (point("not_a_function"), "package_tool_kind"),
        (point("Surroundings"), "package_tool_kind"),
        (point("a b", f"{__name__}:tide"), "package_tool_name"),
        (point("gone"), "package_tool"),
        (point("x", "no_such_package_at_all:x"), "package_tool"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_broken_one_is_a_problem_and_the_others_stay(entry: EntryPoint, key: str):
    tools, problems = package_tools([entry, point("tide")])
    assert [tool.name for tool in tools] == ["tide"]
    assert [problem.key for problem in problems] == [f"error.{key}"]
    assert "name" in problems[0].facts


def test_a_package_that_ends_the_program_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "yibu_test_exits.py").write_text("raise SystemExit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    tools, problems = package_tools([point("x", "yibu_test_exits:x")])
    assert (tools, len(problems)) == ([], 1)


def test_no_package_is_imported_before_tools_are_asked_for(tmp_path: Path):
    site = tmp_path / "site"
    info = site / "yibu_test_tides-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "yibu_test_tides.py").write_text('def tide(place: str) -> str:\n    """Tell it."""\n    return place\n')
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: yibu-test-tides\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\ntide = yibu_test_tides:tide\n")
    code = f"""
import sys
sys.path.insert(0, {str(site)!r})
from pathlib import Path
import tui_chat.wiring, tui_chat.tools.box as box
print("yibu_test_tides" in sys.modules)
made = box.toolbox(Path("nowhere"))
print(made.tools["tide"].source, made.tools["tide"].description, [str(p) for p in made.problems])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", "package yibu-test-tides Tell it. []"]
