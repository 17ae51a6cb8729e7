"""Tools and calls to look at: nothing here runs anything."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from tui_chat.tools.approval import Allowance
from tui_chat.tools.tool import Arguments, Danger, Outcome, Preview, Surroundings, Tool
from tui_chat.ui.approval_text import Matter

TEXT = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}


async def never(arguments: Arguments, surroundings: Surroundings) -> Outcome:
    """Run nothing."""
    return Outcome("")


def tool(name: str = "run_command", danger: Danger = "runs", **more: Any) -> Tool:
    """A tool of that name."""
    more.setdefault("run", never)
    return Tool(name, more.pop("description", f"Does what {name} does."), more.pop("parameters", TEXT), danger, **more)


def matter(command: str = "git log --oneline -5", **more: Any) -> Matter:
    """A call of a shell command that waits."""
    arguments: Mapping[str, object] = more.pop("arguments", {"command": command})
    argv = ("/bin/sh", "-c", command)
    preview = more.pop("preview", Preview(argv=argv, folder="/tmp/app", runs_program=True, sandbox="bubblewrap"))
    allowance = more.pop("allowance", Allowance("run_command", tuple(shlex.split("git log"))))
    made = more.pop("tool", tool())
    return Matter(
        more.pop("chat", "c"),
        more.pop("node", "n"),
        more.pop("call_id", "call_1"),
        made.name if made is not None else "gone",
        made,
        arguments,
        preview,
        allowance,
        model="gpt-4.1",
    )
