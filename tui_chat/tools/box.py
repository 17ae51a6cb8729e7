"""Which tools are there? Those of this package, by name; the person's own; those that installed packages bring.

Every tool has one name, and no name has two tools: what comes later under a name that is taken is a problem on the
list, so that nothing can pass itself off as a tool the person knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct, field

from tui_chat.errors import ToolError
from tui_chat.tools.calculator import CALCULATOR
from tui_chat.tools.clock import CLOCK
from tui_chat.tools.edit_file import EDIT_FILE
from tui_chat.tools.fetch_page import FETCH_PAGE
from tui_chat.tools.find_text import FIND_TEXT
from tui_chat.tools.list_folder import LIST_FOLDER
from tui_chat.tools.own import own_tools
from tui_chat.tools.packages import package_tools
from tui_chat.tools.read_file import READ_FILE
from tui_chat.tools.run_python import PYTHON
from tui_chat.tools.shell import SHELL
from tui_chat.tools.tool import Tool
from tui_chat.tools.write_file import WRITE_FILE

BUILT_IN: tuple[Tool, ...] = (
    CLOCK,
    CALCULATOR,
    READ_FILE,
    LIST_FOLDER,
    FIND_TEXT,
    WRITE_FILE,
    EDIT_FILE,
    FETCH_PAGE,
    SHELL,
    PYTHON,
)


class Box(Struct, frozen=True):
    """Tools by name, and what is wrong with those that can't be used."""

    tools: Mapping[str, Tool] = field(default_factory=lambda: MappingProxyType({}))
    """In the order of the panel: built in, own, packages, then what was added."""
    problems: tuple[ToolError, ...] = ()

    def only(self, names: Collection[str]) -> Box:
        """The box with these tools alone: what is switched on in a chat."""
        return Box({name: tool for name, tool in self.tools.items() if name in names}, self.problems)

    def plus(self, tools: Iterable[Tool], problems: Iterable[ToolError] = ()) -> Box:
        """The box with more tools, such as those of MCP servers; one whose name is taken becomes a problem."""
        held, wrong = dict(self.tools), [*self.problems, *problems]
        for tool in tools:
            if (first := held.get(tool.name)) is not None:
                wrong.append(ToolError("error.tool_name_taken", name=tool.name, source=tool.source, other=first.source))
            else:
                held[tool.name] = tool
        return Box(held, tuple(wrong))


def toolbox(folder_of_own_tools: Path) -> Box:
    """All tools that are there now. Reads files and may import packages, so it is asked for off the event loop."""
    return Box().plus(BUILT_IN).plus(*own_tools(folder_of_own_tools)).plus(*package_tools())
