"""Which tools do installed packages bring? Functions under the entry-point group `yibu_chat.tools`.

    [project.entry-points."yibu_chat.tools"]
    tide = "tides.chat:tide_at"

Type hints and docstring become schema and description. A function may say what it can do by attributes: `danger`
("runs", which always asks, where it says nothing), `timeout_s`, `remote`, `reaches_out`. A package is imported when
its tools are asked for, and one that can't be imported is a problem on a list, not the end of the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import get_args

from tui_chat.errors import Fact, ToolError
from tui_chat.tools.folders import shown
from tui_chat.tools.function import tool_of
from tui_chat.tools.tool import Danger, Tool

GROUP = "yibu_chat.tools"
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
DANGERS: tuple[Danger, ...] = get_args(Danger)


def package_tools(found: Iterable[EntryPoint] | None = None) -> tuple[list[Tool], list[ToolError]]:
    """The tools of installed packages, by name, and what is wrong with those that can't be used.

    Args:
        found: entry points to take; by default all of the group that are installed.
    """
    tools: list[Tool] = []
    problems: list[ToolError] = []
    points = entry_points(group=GROUP) if found is None else found
    for point in sorted(points, key=lambda point: (point.name, point.value)):
        package = point.dist.name if point.dist is not None else point.module
        try:
            tools.append(_tool(point, package))
        except ToolError as error:
            problems.append(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - its own code runs here, and may do anything
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            problems.append(ToolError("error.package_tool", package=package, name=point.name, reason=reason))
    return tools, problems


def _tool(point: EntryPoint, package: str) -> Tool:
    """The tool of one entry point, under the entry point's name."""
    facts: dict[str, Fact] = {"package": package, "name": point.name}
    if not NAME.fullmatch(point.name):
        raise ToolError("error.package_tool_name", package=package, name=shown(point.name)[:100])
    function = point.load()
    if not callable(function) or isinstance(function, type):
        raise ToolError("error.package_tool_kind", **facts, value=point.value)
    wanted = getattr(function, "danger", "runs")
    danger: Danger | None = next((danger for danger in DANGERS if danger == wanted), None)
    if danger is None:
        raise ToolError("error.package_tool_danger", **facts, allowed=", ".join(DANGERS))
    timeout_s = getattr(function, "timeout_s", 60.0)
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float) or not 0 < timeout_s <= 3600:
        raise ToolError("error.package_tool_timeout", **facts, most=3600)
    tool = tool_of(
        function,
        danger,
        name=point.name,
        source=f"package {package}",
        timeout_s=float(timeout_s),
        remote=getattr(function, "remote", danger == "network") is True,
        reaches_out=getattr(function, "reaches_out", danger == "network") is True,
    )
    if not tool.description:
        raise ToolError("error.package_tool_silent", **facts)
    return tool
