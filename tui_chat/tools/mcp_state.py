"""How does an MCP server stand, and what does it define: frozen values, for the screen and for any thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from tui_chat.errors import Fact, ToolError
from tui_chat.tools.mcp_pins import Definition
from tui_chat.words import t

Phase = Literal["off", "unconfirmed", "idle", "starting", "running", "stopped"]
"""Switched off in the settings; its command was never confirmed; not started yet, or stopped by the person; on its
way; there; ended by itself or failed (`error` says how)."""


class ServerState(Struct, frozen=True):
    """How one server stands."""

    name: str
    phase: Phase
    tools: int = 0
    """Tools that can be called."""
    waiting: int = 0
    """Tools that are off until the person has seen them: new or changed ones."""
    error: ToolError | None = None
    """Why it stopped or did not start; words and advice as for every error."""
    problems: tuple[ToolError, ...] = ()
    """Tools it defines that can't be used, and why."""
    stderr: str = ""
    """The end of its error output, at most 64 KB, untrusted."""

    @property
    def key(self) -> str:
        """The words for it, such as "stopped (exit 1)": `t(state.key, **state.facts)`."""
        if self.error is not None and self.error.key in ("error.mcp_exit", "error.mcp_signal"):
            return f"mcp.state.{self.error.key.removeprefix('error.mcp_')}"
        return f"mcp.state.{self.phase}"

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What fills the blanks of `key`."""
        return {"tools": self.tools, "waiting": self.waiting, **(self.error.facts if self.error else {})}

    @property
    def in_words(self) -> str:
        """How it stands, in the active language: "running · 3 tools · 2 wait for your yes"."""
        pieces = [t(self.key, **self.facts)]
        if self.phase == "running":
            pieces.append(t("servers.tools", count=self.tools))
            pieces += [t("servers.waiting", count=self.waiting)] if self.waiting else []
        return " · ".join(pieces)


class Offer(Struct, frozen=True):
    """What a running server defines, judged."""

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    problems: tuple[ToolError, ...] = ()
