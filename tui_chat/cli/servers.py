"""What the headless verbs do with MCP servers: start those that are wanted, and say how they stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui_chat.cli import complain, sentence
from tui_chat.errors import ToolError
from tui_chat.wiring import House

if TYPE_CHECKING:
    from tui_chat.tools.mcp_state import ServerState


def start_servers(house: House) -> list[ServerState]:
    """Start every server that is switched on and confirmed, wait for all; how each stands then."""
    servers = house.open_servers()
    if servers is None:
        return []
    house.engine.submit(servers.start_all()).result()
    return [servers.state(name) for name in servers.names]


def start_servers_of(house: House, tools: Iterable[str], *, needed: bool = True) -> None:
    """Start the servers that these tools belong to, and wait for them.

    Args:
        house: the rooms.
        tools: names of tools; those of a server are `server__tool`.
        needed: raise what went wrong; else it is only told, and the answer has to do without.

    Raises:
        ToolError: a server is not confirmed, switched off, or can't be started.
    """
    wanted = {name.partition("__")[0] for name in tools if "__" in name} & house.settings.mcp.keys()
    servers = house.open_servers() if wanted else None
    if servers is None:
        return
    for name in sorted(wanted):
        try:
            house.engine.submit(servers.start(name)).result()
        except ToolError as error:
            if needed:
                raise
            complain(error)


def check_approved(house: House, name: str) -> None:
    """Raises ToolError where a running server has this tool, but nobody has allowed it as it is now."""
    if house.servers is not None:
        for definition in house.servers.definitions():
            if definition.name == name and definition.standing != "approved":
                raise ToolError("error.mcp_unapproved", server=definition.server, tool=definition.tool[:100])


def next_step(state: ServerState) -> str:
    """What to type so that it can be used; "" where nothing is to be done."""
    if state.phase == "unconfirmed":
        return f"yibu-chat mcp confirm {state.name}"
    return f"yibu-chat mcp approve {state.name}" if state.waiting else ""


def as_json(state: ServerState) -> dict[str, object]:
    """A server as `--json` tells it."""
    return {
        "name": state.name,
        "state": state.phase,
        "tools": state.tools,
        "waiting": state.waiting,
        "error": sentence(state.error) if state.error is not None else None,
    }
