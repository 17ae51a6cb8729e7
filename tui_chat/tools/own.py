"""Which tools did the person add? One TOML file a tool, in a folder of the person's own.

    name = "disk_usage"
    description = "How much room a folder takes on the disk."
    command = ["du", "-sh", "--", "{folder}"]
    danger = "reads"
    timeout_s = 20

    [parameters]
    type = "object"
    required = ["folder"]

    [parameters.properties.folder]
    type = "string"

What a model gives fills a placeholder within its token, and the token stays one: no shell reads it, nothing splits it.
A token whose argument the model left out is left out. With `stdin = "json"` the program gets all arguments as JSON on
its standard input. With `kind = "manual"` nothing runs: the person types the result.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.disk import FileTooLarge, read_bounded
from tui_chat.errors import Fact, ToolError
from tui_chat.tools.check import require_schema
from tui_chat.tools.folders import shown
from tui_chat.tools.packages import DANGERS, NAME
from tui_chat.tools.tool import Arguments, Danger, Outcome, Preview, Surroundings, Tool
from tui_chat.wire.json_text import compact

LIMIT_BYTES = 256 * 1024
_FILES = 500
_LONGEST_S = 3600.0
_FIELDS: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "description": (str,),
    "kind": (str,),
    "parameters": (dict,),
    "command": (list,),
    "stdin": (str,),
    "danger": (str,),
    "timeout_s": (int, float),
}
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_SCHEMA_OF_NOTHING: Mapping[str, object] = {"type": "object", "properties": {}, "additionalProperties": False}


def own_tools(folder: Path) -> tuple[list[Tool], list[ToolError]]:
    """The tools of a folder's `*.toml` files, by file name, and what is wrong with those that can't be used."""
    tools: list[Tool] = []
    problems: list[ToolError] = []
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and not path.name.startswith("."))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [ToolError("error.own_tool_file", path=shown(folder), reason=error.strerror or str(error))]
    for path in files[:_FILES]:
        try:
            tools.append(read_tool(path))
        except ToolError as error:
            problems.append(error)
    return tools, problems


def read_tool(path: Path) -> Tool:
    """The tool that a file describes.

    Raises:
        ToolError: the file can't be read or isn't TOML, or what it says can't be a tool; the facts name file and field.
    """
    name = shown(path)
    try:
        told = tomllib.loads(read_bounded(path, LIMIT_BYTES).decode("utf-8"))
    except FileTooLarge:
        raise ToolError("error.own_tool_large", path=name, limit_kb=LIMIT_BYTES // 1024) from None
    except OSError as error:
        raise ToolError("error.own_tool_file", path=name, reason=error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML
        raise ToolError("error.own_tool_toml", path=name, reason=str(error)[:200]) from error
    return _tool(told, path)


def _tool(told: Mapping[str, object], path: Path) -> Tool:
    facts: dict[str, Fact] = {"path": shown(path)}
    _check_fields(told, facts)
    manual = told.get("kind") == "manual"
    name, description = str(told["name"]), str(told["description"]).strip()
    if not NAME.fullmatch(name) or "__" in name:  # two underscores are what a server's tools are told by
        raise ToolError("error.own_tool_name", **facts, name=shown(name)[:80])
    parameters = told.get("parameters", _SCHEMA_OF_NOTHING)
    if not isinstance(parameters, dict):
        parameters = dict(_SCHEMA_OF_NOTHING)
    try:
        require_schema(parameters)
    except ToolError as error:
        raise ToolError("error.own_tool_schema", **facts, reason=error.facts["reason"]) from error
    timeout_s = _timeout(told, facts)
    danger = _danger(told, facts, "harmless" if manual else "runs")
    if manual:
        for extra in ("command", "stdin"):
            if extra in told:
                raise ToolError("error.own_tool_manual", **facts, field=extra)
        return Tool(name, description, parameters, danger, None, source=str(path), timeout_s=timeout_s)
    command, json_on_stdin = _command(told, parameters, facts), told.get("stdin") == "json"
    program = _Program(name, command, json_on_stdin, parameters, timeout_s, danger == "network")
    return Tool(
        name,
        description,
        parameters,
        danger,
        program.run,
        look=program.look,
        source=str(path),
        timeout_s=timeout_s,
        remote=danger == "network",
        reaches_out=danger == "network",
    )


def _check_fields(told: Mapping[str, object], facts: Mapping[str, Fact]) -> None:
    """Raise ToolError for a field that is missing, unknown, or of another type."""
    for field, value in told.items():
        if field not in _FIELDS:
            raise ToolError("error.own_tool_unknown", **facts, field=field[:80], fields=", ".join(_FIELDS))
        if not isinstance(value, _FIELDS[field]) or isinstance(value, bool):
            raise ToolError("error.own_tool_type", **facts, field=field)
    for field, allowed in (("kind", ("command", "manual")), ("stdin", ("json", "none"))):
        if field in told and told[field] not in allowed:
            raise ToolError("error.own_tool_choice", **facts, field=field, allowed=", ".join(allowed))
    needed = ("name", "description") if told.get("kind") == "manual" else ("name", "description", "command")
    for field in needed:
        if not told.get(field):
            raise ToolError("error.own_tool_missing", **facts, field=field)


def _timeout(told: Mapping[str, object], facts: Mapping[str, Fact]) -> float:
    timeout_s = told.get("timeout_s", 60)
    if not isinstance(timeout_s, int | float) or not 0 < timeout_s <= _LONGEST_S:
        raise ToolError("error.own_tool_timeout", **facts, most=int(_LONGEST_S))
    return float(timeout_s)


def _danger(told: Mapping[str, object], facts: Mapping[str, Fact], default: Danger) -> Danger:
    wanted = told.get("danger", default)
    found: Danger | None = next((danger for danger in DANGERS if danger == wanted), None)
    if found is None:
        raise ToolError("error.own_tool_choice", **facts, field="danger", allowed=", ".join(DANGERS))
    return found


def _command(
    told: Mapping[str, object], parameters: Mapping[str, object], facts: Mapping[str, Fact]
) -> tuple[str, ...]:
    """The command's tokens, checked: a program that is fixed and found in one way only, placeholders that exist."""
    command = told["command"]
    if not isinstance(command, list) or not all(isinstance(token, str) and "\0" not in token for token in command):
        raise ToolError("error.own_tool_type", **facts, field="command")
    program, *rest = command
    if _names(program) or "{" in program or "}" in program:
        raise ToolError("error.own_tool_program_filled", **facts)
    try:
        expanded = str(Path(program).expanduser()) if program.startswith("~") else program
    except RuntimeError:  # no home folder
        expanded = ""
    # A path from the working folder would run another program in each folder.
    if not expanded.strip() or (("/" in expanded or os.sep in expanded) and not Path(expanded).is_absolute()):
        raise ToolError("error.own_tool_program", **facts, program=shown(program)[:200])
    properties = parameters.get("properties")
    known = set(properties) if isinstance(properties, dict) else set()
    for token in rest:
        for name in _names(token):
            if name not in known:
                raise ToolError("error.own_tool_placeholder", **facts, name=shown(name)[:80] or "{}")
    return (expanded, *rest)


def _names(token: str) -> list[str]:
    """The placeholders of a token; a brace that stands alone counts as one without a name."""
    found = [match for match in _BRACES.finditer(token) if match[0] not in ("{{", "}}")]
    return [match[1] or "" for match in found]


class _Program(Struct, frozen=True):
    """Runs one tool's command."""

    name: str
    command: tuple[str, ...]
    json_on_stdin: bool
    parameters: Mapping[str, object]
    timeout_s: float
    network: bool

    def look(self, arguments: Arguments, surroundings: Surroundings) -> Preview:
        """What would run; raises ToolError for an argument that can't be a word of a command."""
        from tui_chat.tools import sandbox

        contained = sandbox.here()
        return Preview(
            argv=tuple(filled(self.command, arguments, self.parameters, self.name)),
            folder=os.path.realpath(surroundings.folder),
            network=contained.reaches_network(self._within(surroundings)),
            sandbox=contained.name,
            runs_program=True,
        )

    async def run(self, arguments: Arguments, surroundings: Surroundings) -> Outcome:
        """Run it, within the bounds of every program."""
        from tui_chat.tools import process

        argv = filled(self.command, arguments, self.parameters, self.name)
        stdin = compact(dict(arguments)).encode() if self.json_on_stdin else b""
        ended = await process.run(argv, self._within(surroundings), timeout_s=self.timeout_s, stdin=stdin)
        return ended.outcome(self.timeout_s)

    def _within(self, surroundings: Surroundings) -> Surroundings:
        """The person who wrote danger = "network" wants it to reach the network."""
        return replace(surroundings, network=True) if self.network else surroundings


def filled(command: Sequence[str], arguments: Arguments, parameters: Mapping[str, object], name: str) -> list[str]:
    """The argv of a call: every token with its placeholders filled, one token each.

    Raises:
        ToolError: a value with a NUL, or one that begins with "-" where the program would take it for an option: as
            a token of its own with no "--" before it.
    """
    defaults = _defaults(parameters)
    argv: list[str] = []
    for token in command:
        needed = _names(token)
        if any(placeholder not in arguments and placeholder not in defaults for placeholder in needed):
            continue
        given = {placeholder: arguments.get(placeholder, defaults.get(placeholder)) for placeholder in needed}
        word = _BRACES.sub(partial(_put, given), token)
        if "\0" in word:
            raise ToolError("error.own_tool_nul", name=name)
        starts_filled = bool(needed) and token.startswith("{") and not token.startswith("{{")
        if starts_filled and word.startswith("-") and isinstance(given[needed[0]], str) and "--" not in argv:
            raise ToolError("error.own_tool_option", name=name, placeholder=needed[0], value=shown(word)[:80])
        argv.append(word)
    return argv


def _put(given: Mapping[str, object], match: re.Match[str]) -> str:
    if match[0] in ("{{", "}}"):
        return match[0][0]
    value = given[match[1] or ""]
    return value if isinstance(value, str) else compact(value)


def _defaults(parameters: Mapping[str, object]) -> dict[str, object]:
    properties = parameters.get("properties")
    about = properties if isinstance(properties, dict) else {}
    return {name: told["default"] for name, told in about.items() if isinstance(told, dict) and "default" in told}
