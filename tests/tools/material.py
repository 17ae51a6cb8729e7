"""What tests of tools stand on: a granted folder, the program's own folder beside it, and one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_chat.tools.check import checked_arguments
from tui_chat.tools.tool import Outcome, Preview, Surroundings, Tool

SECRET = "-".join(("sk", "canary" * 4))


def surroundings(tmp_path: Path) -> Surroundings:
    """A granted folder `work`, an outside folder `other`, and the program's own `own` with a key in it."""
    for name in ("granted", "other", "own"):
        (tmp_path / name).mkdir()
    (tmp_path / "other" / "outside.txt").write_text("outside", "utf-8")
    (tmp_path / "own" / "credentials.toml").write_text(SECRET, "utf-8")
    top = tmp_path.resolve()
    own = top / "own"
    return Surroundings(top / "granted", (top / "granted",), (own,), logs=own / "logs", backups=own / "backups")


async def call(tool: Tool, around: Surroundings, **arguments: Any) -> Outcome:
    """One call as a round makes it: the arguments checked, looked at where the tool does, then run."""
    fitting = checked_arguments(tool, arguments)
    if tool.look is not None:
        tool.look(fitting, around)
    assert tool.run is not None
    return await tool.run(fitting, around)


def look(tool: Tool, around: Surroundings, **arguments: Any) -> Preview:
    assert tool.look is not None
    return tool.look(checked_arguments(tool, arguments), around)
