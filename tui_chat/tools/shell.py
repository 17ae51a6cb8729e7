"""Run a command line. The most capable of tools, so what is shown beforehand is exactly what runs, to the byte."""

from __future__ import annotations

import os
from typing import Annotated

from tui_chat.errors import ToolError
from tui_chat.tools import process, sandbox
from tui_chat.tools.function import tool_of
from tui_chat.tools.schema import Limits
from tui_chat.tools.tool import Arguments, Outcome, Preview, Surroundings, Tool

LONGEST_S = 600
DEFAULT_S = 60
_NO_WORDS: list[str] = []
_POWERSHELL = ("powershell.exe", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command")


async def shell(
    command: Annotated[str, Limits(min_length=1)],
    surroundings: Surroundings,
    arguments: list[str] = _NO_WORDS,
    timeout_s: Annotated[int, Limits(ge=1, le=LONGEST_S)] = DEFAULT_S,
) -> Outcome:
    """Run a command line on this computer and get its output.

    It is run by sh (by PowerShell on Windows) in the working folder, anew each time: no folder, variable or background
    process is left from one call to the next, and /tmp may be empty. Files can be changed only in folders that the
    person has granted; there may be no network. Nobody can answer prompts: standard input is empty.

    Args:
        command: the command line; or, if arguments are given, the name or path of one program.
        surroundings: where it runs.
        arguments: words for the program, each passed on exactly as it is; no shell reads them then.
        timeout_s: after so many seconds it is ended, with everything it started.
    """
    argv = argv_of(command, arguments)
    ended = await process.run(argv, surroundings, timeout_s=timeout_s)
    return ended.outcome(timeout_s)


def argv_of(command: str, arguments: list[str]) -> tuple[str, ...]:
    """Exactly what runs for these arguments of a call.

    Raises:
        ToolError: "error.tool_run_text", a character in them can't be passed to any program.
    """
    for word in (command, *arguments):
        require_passable(word)
    if arguments:
        return (command, *arguments)
    return (*_POWERSHELL, command) if os.name == "nt" else ("/bin/sh", "-c", command)


def require_passable(text: str) -> None:
    """Raise ToolError for a text that no program could be given as it is shown: with a NUL, or half a character."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ToolError("error.tool_run_text")


def _look(arguments: Arguments, surroundings: Surroundings) -> Preview:
    words = arguments.get("arguments")
    contained = sandbox.here()
    return Preview(
        argv=argv_of(str(arguments["command"]), [str(word) for word in words] if isinstance(words, list) else []),
        folder=os.path.realpath(surroundings.folder),
        network=contained.reaches_network(surroundings),
        sandbox=contained.name,
        runs_program=True,
    )


SHELL: Tool = tool_of(shell, "runs", look=_look, timeout_s=LONGEST_S + process.ENDING_S)
