"""Which MCP servers does the person want, and what exactly would starting one do?

A plan is one `[mcp.NAME]` table of the person's own settings file, checked. Starting a server runs a program with the
person's rights, or sends data to another host, so a plan also says precisely what the person must have seen once:
its launch, and the hash by which a changed one is noticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct, field

from tui_chat.discreet import Discreet
from tui_chat.disk import expanded
from tui_chat.errors import ToolError
from tui_chat.tools.tool import Surroundings

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]|_(?=[A-Za-z0-9-])){0,31}")
"""Names of servers: never two underscores together, nor one at the end, so that `server__tool` has one reading."""
LONGEST_TOOL_NAME = 64
START_TIMEOUT_S = 30.0
CALL_TIMEOUT_S = 60.0

_OWN_KEYS = ("YIBU_API_KEY", "OPENAI_API_KEY")
_BLANK = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Launch(Struct, frozen=True):
    """What starting a server does, for the person who must decide: exactly as it would happen, nothing left out."""

    server: str
    command: tuple[str, ...] = ()
    """The program and its arguments; () for a server elsewhere."""
    url: str = ""
    folder: str = ""
    """Where the program runs."""
    variables: tuple[str, ...] = ()
    """Names of the variables it gets besides the few that every program needs, or of the headers that are sent."""
    confirmed: bool = False
    """The person has said yes to exactly this."""
    before: tuple[str, ...] = ()
    """The command or address that was confirmed earlier, where this one differs; () where none was."""


class ServerPlan(Discreet, Struct, frozen=True):
    """One server, as the settings file asks for it: a program on this computer (`command`), or an address (`url`)."""

    SHOWN = ("name", "command", "url")

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables of the program; `${NAME}` in a value stands for a variable of this program's own environment."""
    folder: str = ""
    """Where the program runs; "" is the person's home folder, never the working folder, whose files are strangers'."""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers for `url`; values as in `env`."""
    enabled: bool = True
    start_timeout_s: float = START_TIMEOUT_S
    call_timeout_s: float = CALL_TIMEOUT_S

    @property
    def target(self) -> tuple[str, ...]:
        """What is started or talked to: the command's tokens, or the address alone."""
        return self.command or (self.url,)

    @property
    def working_folder(self) -> Path:
        """Where the program runs, absolute."""
        return expanded(self.folder) if self.folder else Path.home()

    @property
    def host(self) -> str:
        """The host that is reached, with its port where one is named; "" for a program."""
        return urlsplit(self.url).netloc

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what a person confirms: command, arguments, folder, address, names of variables and headers.

        Values of variables and headers are left out: a new token is no new program.
        """
        told = [list(self.command), self.folder, self.url, sorted(self.env), sorted(self.headers)]
        return hashlib.sha256(canonical(told)).hexdigest()

    def launch(self, *, confirmed: bool, before: tuple[str, ...] = ()) -> Launch:
        """What starting it does, for the person."""
        variables = tuple(sorted(self.env if self.command else self.headers))
        folder = str(self.working_folder) if self.command else ""
        return Launch(self.name, self.command, self.url, folder, variables, confirmed, before)

    def filled(self, values: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Values of `env` or `headers` with every `${NAME}` replaced.

        Raises:
            ToolError: a variable is not set, or is the one that holds the person's API key.
        """

        def value_of(match: re.Match[str]) -> str:
            variable = match[1]
            if variable in _OWN_KEYS:
                raise ToolError("error.mcp_own_key", server=self.name, variable=variable)
            if variable not in environment:
                raise ToolError("error.mcp_variable", server=self.name, variable=variable)
            return environment[variable]

        return {name: _BLANK.sub(value_of, value) for name, value in values.items()}

    def program(self, path: str) -> str:
        """The absolute path of the program, looked for in the folders of `path`.

        Never in the working folder, where Windows would look first and a `.` in `path` would too.

        Raises:
            ToolError: there is none.
        """
        named = expanded(self.command[0])
        found = str(named) if named.is_absolute() else shutil.which(self.command[0], path=path)
        if found is None or not Path(found).is_absolute():
            raise ToolError("error.mcp_program", server=self.name, program=self.command[0])
        return found

    def environment(self, ours: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The whole environment of the program: the few variables every program needs, and the plan's own.

        Raises:
            ToolError: as `filled`.
        """
        from tui_chat.tools.process import child_environment  # reading the settings needs none of what comes with it

        few = child_environment(Surroundings(self.working_folder), ours)
        return few | self.filled(self.env, ours)


def canonical(value: object) -> bytes:
    """One spelling of a JSON value, for hashing; text that is no UTF-8 keeps its own spelling too."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def tool_name(server: str, tool: str) -> str:
    """The name a model calls a server's tool by: `server__tool`, of `[A-Za-z0-9_-]`, at most 64 characters.

    A name that doesn't fit is cleaned, cut, and marked with a hash of the real one, so that two names which become
    alike stay two.
    """
    cleaned = re.sub(r"[^A-Za-z0-9_-]", "_", tool)
    full = f"{server}__{cleaned}"
    if cleaned == tool and tool and len(full) <= LONGEST_TOOL_NAME:
        return full
    mark = hashlib.sha256(tool.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{full[: LONGEST_TOOL_NAME - len(mark) - 1]}_{mark}"
