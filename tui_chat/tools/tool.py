"""What is a tool? A name, a schema, a way to say beforehand what a call would do, and a way to do it.

Tools come from this package, from files of the person, from installed packages and from MCP servers; to the rest of
the program they are all the same kind of value.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from tui_chat.discreet import Discreet
from tui_chat.wire.request import ToolDefinition

Danger = Literal["harmless", "reads", "writes", "runs", "network"]
"""What a call can do at worst: nothing; read this person's files; change them; run any program; reach other hosts."""

Arguments = Mapping[str, object]
"""The arguments of one call: parsed, and valid by the tool's schema."""


class Surroundings(Discreet, Struct, frozen=True):
    """Where a call happens: what the person has granted, and what may be used."""

    SHOWN = ("folder", "granted", "network")

    folder: Path
    """Working folder of what is run; relative paths count from here."""
    granted: tuple[Path, ...] = ()
    """Folders that tools may read and write in, resolved. `folder` counts only if it is one of them."""
    private: tuple[Path, ...] = ()
    """The program's own folders (config with keys, data, cache): never shown to what is run."""
    logs: Path | None = None
    """Where the full output of programs is kept (each log at most 50 MB)."""
    backups: Path | None = None
    """Where a file's former content is kept before a tool changes it."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables the person lets children see, besides the few that every program needs."""
    network: bool = False
    """Whether the person lets programs that tools run reach the network inside the sandbox."""
    ca_file: str = ""
    """Certificates that tools of this program trust besides the system's, by the settings."""
    proxies: Mapping[str, str] = field(default_factory=dict)
    """The variables that name proxies, as this program itself goes by them; may hold a password."""


class Preview(Struct, frozen=True):
    """What a call would do, for the person who must decide. Facts, no prose; everything exactly as it would run."""

    argv: tuple[str, ...] = ()
    """The program and its arguments, where a program runs."""
    folder: str = ""
    diff: str = ""
    """A unified diff of the file that would change; "" where none does."""
    code: str = ""
    """A program text that would run, whole."""
    language: str = ""
    """Info string of `code`, such as "python"."""
    hosts: tuple[str, ...] = ()
    """Hosts that would be reached."""
    network: bool = False
    """Whether what runs can reach the network."""
    sandbox: str = ""
    """Name of the containment ("bubblewrap", "landlock"); "" where it runs with the person's full rights, or runs
    nothing."""
    runs_program: bool = False


class Brought(Discreet, Struct, frozen=True):
    """A picture or a sound as a tool has it: bytes of anybody's, not looked at yet."""

    SHOWN = ("name",)

    content: bytes
    name: str = ""
    """Of its file, where it has one."""


class Outcome(Struct, frozen=True):
    """What a call gave back."""

    text: str
    """For the model."""
    failed: bool = False
    """The tool says that it did not work; the text says why, to the model."""
    brought: tuple[Brought, ...] = ()
    """Pictures and sounds, for the person and for models that take them; `text` names them."""
    log: str = ""
    """File with the full output, where `text` is cut."""
    cut_bytes: int = 0
    """Bytes of output that `text` leaves out."""


Run = Callable[[Arguments, Surroundings], Awaitable[Outcome]]
Look = Callable[[Arguments, Surroundings], Preview]


class Tool(Struct, frozen=True):
    """One tool, ready to be offered and called."""

    name: str
    """`^[A-Za-z0-9_-]{1,64}$`; an MCP server's are named `server__tool`."""
    description: str
    """For the model, and shown whole to the person when it is switched on."""
    parameters: Mapping[str, object]
    """JSON Schema of an object."""
    danger: Danger
    run: Run | None
    """Does the work, on the engine's loop; blocking work goes to a thread of its own. Cancelling it ends everything
    it started. None: a manual tool, whose result the person types.

    Raises:
        ToolError: it can't be done; says why in words, for the model and the person.
    """
    look: Look | None = None
    """What a call would do; None where its arguments say it all. May read files, starts nothing; raises ToolError."""
    source: str = ""
    """Where it comes from: "" for this package, else a file, "package NAME" or "MCP NAME"."""
    timeout_s: float = 60.0
    remote: bool = False
    """Its results carry text from outside this computer (a web page, an MCP server)."""
    reaches_out: bool = False
    """A call can carry what the model knows to another host."""
    strict: bool = False

    @property
    def definition(self) -> ToolDefinition:
        """As it travels in a request."""
        return ToolDefinition(self.name, self.description, self.parameters, self.strict)

    @property
    def weight_tokens(self) -> int:
        """About how many tokens its definition costs in every request (four bytes a token)."""
        return len(json.dumps(self.definition.body(), ensure_ascii=False).encode()) // 4
