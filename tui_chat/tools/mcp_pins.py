"""Is this tool still the one the person approved? Hashes of what was seen, kept on disk, and what changed since.

A server can answer with other descriptions tomorrow than today, and a description is read by the model like an
order. So each definition is pinned by SHA-256 of its name, description, schema and the server's command; what is new
or differs is off until the person has seen it. The command itself is pinned the same way before its first start.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tui_chat.disk import Lock, LockedElsewhere, make_folder, read_bounded, replace_file
from tui_chat.tools.mcp_plan import ServerPlan, canonical, tool_name
from tui_chat.wire.json_text import texts_in

LONG_DESCRIPTION = 1000
"""Characters from which a description is flagged: tools need few words, hidden orders many."""
LIMIT_BYTES = 32 * 1024 * 1024
FORMAT = 1

Standing = Literal["new", "approved", "changed"]
Flag = Literal["hidden", "long"]

_LOCK_WAIT_S = 2.0
_BLANK_LOOKING = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d\ufe0f")


class Definition(Struct, frozen=True):
    """One tool, as its server defines it now, and how that stands to what the person approved."""

    server: str
    tool: str
    """The server's own name for it."""
    name: str
    """`server__tool`, as the model calls it."""
    description: str
    parameters: Mapping[str, Any]
    command: tuple[str, ...]
    """The server's command, or its address alone."""
    standing: Standing = "new"
    diff: str = ""
    """A unified diff from what was approved to this; "" unless `standing` is "changed"."""
    flags: tuple[Flag, ...] = ()
    """What should make a person look twice: characters that don't show, a very long description."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of name, description, schema and command."""
        told = [self.tool, self.description, self.parameters, list(self.command)]
        return hashlib.sha256(canonical(told)).hexdigest()

    @property
    def shown(self) -> str:
        """All that was hashed, as text, for reading and comparing."""
        return _shown(self.tool, self.description, self.parameters, self.command)


class Pins:
    """What the person approved, in one file of the config folder.

    Every write reads, changes and replaces under a lock, so that two windows don't undo each other's. `reload`,
    `confirm`, `approve` and `forget` block on the disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._servers: dict[str, dict[str, Any]] = _read(path)

    def reload(self) -> None:
        """Take up what another window wrote meanwhile."""
        self._servers = _read(self.path)

    def confirmed(self, plan: ServerPlan) -> bool:
        """Whether the person has said yes to exactly this command."""
        return self._of(plan.name).get("launch") == plan.fingerprint

    def before(self, plan: ServerPlan) -> tuple[str, ...]:
        """The command that was confirmed earlier under this name, where it is another one; else ()."""
        target = self._of(plan.name).get("target")
        known = tuple(str(token) for token in target) if isinstance(target, list) else ()
        return () if self.confirmed(plan) else known

    def confirm(self, plan: ServerPlan) -> None:
        """Keep that the person said yes to this command.

        Raises:
            OSError: the file can't be written.
        """

        def keep(servers: dict[str, dict[str, Any]]) -> None:
            server = servers.setdefault(plan.name, {})
            server |= {"launch": plan.fingerprint, "target": list(plan.target)}

        self._change(keep)

    def approve(self, *definitions: Definition) -> None:
        """Keep that the person approved these definitions, each exactly as it stands here.

        Raises:
            OSError: the file can't be written.
        """

        def keep(servers: dict[str, dict[str, Any]]) -> None:
            for definition in definitions:
                tools = servers.setdefault(definition.server, {}).setdefault("tools", {})
                tools[definition.tool] = {"hash": definition.fingerprint, "shown": definition.shown}

        self._change(keep)

    def forget(self, server: str) -> None:
        """Take back every word given about a server.

        Raises:
            OSError: the file can't be written.
        """
        self._change(lambda servers: servers.pop(server, None))

    def judged(self, definition: Definition) -> Definition:
        """The definition with its standing, its difference to what was approved, and its flags."""
        pin = self._of(definition.server).get("tools", {}).get(definition.tool)
        standing: Standing = "new"
        diff = ""
        if isinstance(pin, dict):
            standing = "approved" if pin.get("hash") == definition.fingerprint else "changed"
        if standing == "changed" and isinstance(pin, dict):
            lines = difflib.unified_diff(
                str(pin.get("shown", "")).splitlines(), definition.shown.splitlines(), lineterm="", n=2
            )
            diff = "\n".join(list(lines)[2:])
        return Definition(
            definition.server,
            definition.tool,
            definition.name,
            definition.description,
            definition.parameters,
            definition.command,
            standing,
            diff,
            _flags(definition),
        )

    def _of(self, server: str) -> dict[str, Any]:
        found = self._servers.get(server)
        return found if isinstance(found, dict) and isinstance(found.get("tools", {}), dict) else {}

    def _change(self, change: Callable[[dict[str, dict[str, Any]]], object]) -> None:
        make_folder(self.path.parent)
        try:
            lock = Lock.take(self.path.with_name(f"{self.path.name}.lock"), wait_s=_LOCK_WAIT_S)
        except LockedElsewhere as held:
            raise TimeoutError("another window is writing this file") from held
        try:
            servers = _read(self.path)
            change(servers)
            content = {"format": FORMAT, "servers": servers}
            replace_file(self.path, json.dumps(content, indent=1, sort_keys=True).encode())
            self._servers = servers
        finally:
            lock.release()


def define(plan: ServerPlan, tool: str, description: str, parameters: Mapping[str, Any]) -> Definition:
    """A definition as a server gave it, not judged yet."""
    return Definition(plan.name, tool, tool_name(plan.name, tool), description, parameters, plan.target)


def hidden_characters(text: str) -> int:
    """How many characters of a text don't show, or change how others show: controls, bidi marks, tags, blanks.

    Joiners inside emoji and inside words of scripts that need them are no hiding.
    """
    return sum(1 for at, character in enumerate(text) if _is_hidden(text, at, character))


def _is_hidden(text: str, at: int, character: str) -> bool:
    if character < "\x7f":
        return character < " " and character not in "\n\r\t"
    if character in _JOINERS:
        before = text[at - 1] if at else ""
        # Emoji (So, or a skin tone Sk), digits of keycaps before U+FE0F, letters of Indic scripts and Persian.
        return not (before > "\xff" and unicodedata.category(before)[0] in "SLM") and not (
            character == "\ufe0f" and before in "#*0123456789©®"
        )
    if character in _BLANK_LOOKING or "\ufe00" <= character <= "\ufe0e" or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def _flags(definition: Definition) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    texts = [definition.tool, definition.description, *texts_in(definition.parameters)]
    if any(hidden_characters(text) for text in texts):
        flags.append("hidden")
    if any(len(text) > LONG_DESCRIPTION for text in texts):
        flags.append("long")
    return tuple(flags)


def _shown(tool: str, description: str, parameters: Mapping[str, Any], command: tuple[str, ...]) -> str:
    schema = json.dumps(parameters, indent=2, sort_keys=True, ensure_ascii=False)
    return f"{tool}\n\n{description}\n\n{schema}\n\n{json.dumps(list(command), ensure_ascii=False)}\n"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """What the file holds; a file that is missing, damaged or of another format approves nothing."""
    with suppress(OSError, ValueError, RecursionError):
        content = json.loads(read_bounded(path, LIMIT_BYTES))
        if isinstance(content, dict) and content.get("format") == FORMAT and isinstance(content.get("servers"), dict):
            return {str(name): dict(server) for name, server in content["servers"].items() if isinstance(server, dict)}
    return {}
