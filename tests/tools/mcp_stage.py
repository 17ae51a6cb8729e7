"""What the tests of MCP stand on: an engine, servers from plans, and plans for the sample and the hostile server."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from tui_chat.engine import Engine
from tui_chat.tools.mcp_plan import ServerPlan
from tui_chat.tools.mcp_servers import Servers
from tui_chat.tools.tool import Outcome, Surroundings, Tool

T = TypeVar("T")

HERE = Path(__file__).parent
HOSTILE = HERE / "mcp_hostile.py"
PLAIN = HERE / "mcp_plain.py"
SAMPLE = HERE / "mcp_sample.py"


class Stage:
    """Servers on an engine of their own, asked from the test's thread."""

    def __init__(self, folder: Path, *plans: ServerPlan, ca_file: str = "") -> None:
        self.folder = folder
        self.pins_file = folder / "mcp.json"
        self.heard: list[str] = []
        self.engine = Engine()
        self.servers = Servers(self.engine, plans, self.pins_file, self.heard.append, ca_file)

    def do(self, work: Coroutine[Any, Any, T], timeout_s: float = 20.0) -> T:
        """Run a coroutine on the engine."""
        return self.engine.submit(work).result(timeout_s)

    def begin(self, name: str) -> None:
        """Confirm, start and approve everything."""
        self.do(self.servers.confirm(self.servers.launch(name)))
        self.do(self.servers.start(name))
        self.do(self.servers.approve(*self.servers.definitions(name)))

    def tool(self, name: str) -> Tool:
        """One tool that can be called."""
        return {tool.name: tool for tool in self.servers.tools()}[name]

    def run(self, tool: Tool | str, /, **arguments: object) -> Outcome:
        """Call a tool."""
        tool = self.tool(tool) if isinstance(tool, str) else tool
        assert tool.run is not None
        return self.do(tool.run(arguments, self.surroundings))  # type: ignore[arg-type]

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(self.folder, logs=self.folder / "logs")

    def close(self) -> None:
        self.do(self.servers.close())
        self.engine.close()


def hostile(mode: str, start_s: float = 10.0, call_s: float = 10.0) -> ServerPlan:
    """A server that misbehaves."""
    command = (sys.executable, "-I", "-S", str(HOSTILE), mode)
    return ServerPlan("bad", command, start_timeout_s=start_s, call_timeout_s=call_s)


def sample(port: int = 0) -> ServerPlan:
    """A good server."""
    return ServerPlan("sample", (sys.executable, str(SAMPLE)), {"SAMPLE_PORT": str(port)}, call_timeout_s=20.0)


def plain(words: Path | None = None, name: str = "plain", gate: Path | None = None) -> ServerPlan:
    """A good server that starts at once, or once the file `gate` is there; of `add` it says what is in `words`."""
    env = {"PLAIN_WORDS": str(words)} if words is not None else {}
    env |= {"PLAIN_GATE": str(gate)} if gate is not None else {}
    return ServerPlan(name, (sys.executable, "-I", "-S", str(PLAIN)), env, call_timeout_s=20.0)


def alive(pid: int) -> bool:
    """Whether a process runs (one that ended and was not waited for doesn't)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
