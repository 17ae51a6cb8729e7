"""`yibu-chat mcp`: which MCP servers may start, and which of their tools may be called, without a screen."""

from __future__ import annotations

import json
import shlex
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from tui_chat.cli import EXIT_STOPPED, sentence
from tui_chat.cli.servers import as_json, next_step
from tui_chat.errors import ToolError, UsageError
from tui_chat.tools.visible import shown
from tui_chat.wiring import House
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.tools.mcp_pins import Definition
    from tui_chat.tools.mcp_plan import Launch
    from tui_chat.tools.mcp_servers import Servers


def run(options: Namespace) -> int:
    """Do one action. Nothing starts but by `approve`, and only what was confirmed."""
    house = House(lambda event: None)
    try:
        servers = house.open_servers()
        if servers is None:
            if options.action != "list":
                raise ToolError("error.mcp_unknown", server=options.name)
            print(json.dumps({"servers": []}) if options.json else t("cli.mcp.none", path=house.places.settings_file))
            return 0
        if options.action == "list":
            return _list(servers, options.json)
        if options.action == "confirm":
            return _confirm(house, servers, options)
        if options.action == "approve":
            return _approve(house, servers, options)
        servers.state(options.name)  # raises for one that there is not
        house.engine.submit(servers.forget(options.name)).result()
        print(t("cli.mcp.forgotten", server=options.name))
        return 0
    finally:
        house.close()


def _list(servers: Servers, wants_json: bool) -> int:
    if wants_json:
        found = []
        for name in servers.names:
            launch = servers.launch(name)
            target = {"command": list(launch.command) or None, "url": launch.url or None}
            found.append({**as_json(servers.state(name)), **target, "confirmed": launch.confirmed})
        print(json.dumps({"servers": found}, ensure_ascii=False))
        return 0
    for name in servers.names:
        state, launch = servers.state(name), servers.launch(name)
        words = t("cli.mcp.confirmed") if state.phase == "idle" else state.in_words
        print("  ".join(filter(None, (name, words, _target(launch.command, launch.url), next_step(state)))))
    return 0


def _confirm(house: House, servers: Servers, options: Namespace) -> int:
    launch = servers.launch(options.name)
    for row in _launch_rows(launch):
        print(row)
    if launch.confirmed:
        print(t("cli.mcp.confirmed_before", server=options.name))
        return 0
    if not _agreed(t("cli.mcp.ask_confirm", server=options.name), options.yes):
        return EXIT_STOPPED
    house.engine.submit(servers.confirm(launch)).result()
    print(t("cli.mcp.confirmed_now", server=options.name))
    return 0


def _launch_rows(launch: Launch) -> list[str]:
    """Exactly what starting it does."""
    rows = [t("servers.means_command") if launch.command else t("servers.means_url", host=shown(launch.url))]
    if launch.before:
        rows += [t("servers.before"), f"  {_target(launch.before, '')}"]
    rows += [t("servers.command" if launch.command else "servers.address"), f"  {_target(launch.command, launch.url)}"]
    if launch.command:
        rows += [t("servers.folder"), f"  {shown(launch.folder, lines=False)}"]
    none = t("servers.no_variables" if launch.command else "servers.no_headers")
    rows.append(t("servers.variables" if launch.command else "servers.headers"))
    return [*rows, *(f"  {shown(name, lines=False)}" for name in launch.variables or (none,))]


def _approve(house: House, servers: Servers, options: Namespace) -> int:
    house.engine.submit(servers.start(options.name)).result()
    for problem in servers.state(options.name).problems:
        print(t("cli.tools.problem", says=sentence(problem)), file=sys.stderr)
    defined = {definition.tool: definition for definition in servers.definitions(options.name)}
    for tool in options.tools:
        if tool not in defined:
            raise UsageError("error.tools_unknown", name=tool, names=", ".join(defined))
    asked = [defined[tool] for tool in options.tools] or list(defined.values())
    waiting = [definition for definition in asked if definition.standing != "approved"]
    if not waiting:
        print(t("servers.none_wait"))
        return 0
    for definition in waiting:
        for row in _definition_rows(definition):
            print(row)
        print()
    print(t("servers.means_tools"))
    if not _agreed(t("cli.mcp.ask_approve", server=options.name, count=len(waiting)), options.yes):
        return EXIT_STOPPED
    house.engine.submit(servers.approve(*waiting)).result()
    print(t("cli.mcp.approved", names=", ".join(definition.name for definition in waiting)))
    return 0


def _definition_rows(definition: Definition) -> list[str]:
    """A tool as its server defines it, every character seen."""
    rows = [f"{shown(definition.tool, lines=False)}  ({t(f'mcp.standing.{definition.standing}')})"]
    rows += [f"  ! {t(f'mcp.flag.{flag}')}" for flag in definition.flags]
    if definition.diff:
        rows.append(t("servers.changes"))
        rows += [f"  {row[:1]}{shown(row[1:], lines=False)}" for row in definition.diff.split("\n")]
    described = shown(definition.description).split("\n") if definition.description else [t("servers.no_description")]
    rows += [t("servers.description"), *(f"  {row}" for row in described)]
    schema = json.dumps(definition.parameters, ensure_ascii=False)
    return [*rows, t("servers.parameters"), f"  {shown(schema, lines=False)}"]


def _target(command: tuple[str, ...], url: str) -> str:
    return shown(shlex.join(command) if command else url, lines=False)


def _agreed(question: str, yes: bool) -> bool:
    """Whether the person says yes; raises UsageError where nobody is there to say it."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("error.mcp_nobody")
    return input(f"{question} ").strip().lower() in ("y", "yes", "是", "好")
