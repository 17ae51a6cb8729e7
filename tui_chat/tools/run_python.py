"""Run a Python program: for sums, tables and texts that a model should not do in its head."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Annotated

from tui_chat.errors import ToolError
from tui_chat.tools import process, sandbox
from tui_chat.tools.function import tool_of
from tui_chat.tools.schema import Limits
from tui_chat.tools.shell import DEFAULT_S, LONGEST_S, require_passable
from tui_chat.tools.tool import Arguments, Outcome, Preview, Surroundings, Tool

_OPTIONS = ("-I", "-u", "-X", "utf8", "-")
"""Isolated (no module of the working folder, no variable changes what is imported), unbuffered so that what was printed
before a program is ended is not lost, UTF-8 everywhere, the program on standard input: it can have any length."""


async def python(
    code: Annotated[str, Limits(min_length=1)],
    surroundings: Surroundings,
    timeout_s: Annotated[int, Limits(ge=1, le=LONGEST_S)] = DEFAULT_S,
) -> Outcome:
    """Run a Python program on this computer and get what it prints.

    Each program runs anew in the working folder: no variable is left from one call to the next, and /tmp may be empty.
    Only print() shows something. The standard library is there; other packages may be. Files can be changed only in
    folders that the person has granted; there may be no network; input() finds nothing.

    Args:
        code: the whole program.
        surroundings: where it runs.
        timeout_s: after so many seconds it is ended, with everything it started.
    """
    require_passable(code)
    ended = await process.run(_argv(), surroundings, timeout_s=timeout_s, stdin=code.encode())
    return ended.outcome(timeout_s)


def _argv() -> tuple[str, ...]:
    program = sys.executable or shutil.which("python3") or shutil.which("python")
    if not program:
        raise ToolError("error.tool_run_start", program="python3", reason="—")
    return (program, *_OPTIONS)


def _look(arguments: Arguments, surroundings: Surroundings) -> Preview:
    code = str(arguments["code"])
    require_passable(code)
    contained = sandbox.here()
    return Preview(
        argv=_argv(),
        folder=os.path.realpath(surroundings.folder),
        code=code,
        language="python",
        network=contained.reaches_network(surroundings),
        sandbox=contained.name,
        runs_program=True,
    )


PYTHON: Tool = tool_of(python, "runs", look=_look, timeout_s=LONGEST_S + process.ENDING_S)
