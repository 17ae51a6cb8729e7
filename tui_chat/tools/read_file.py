"""Read a text file: the lines asked for, as many as fit, and where to go on."""

from __future__ import annotations

from typing import Annotated

from tui_chat.tools.folders import decoded, open_file, relative
from tui_chat.tools.function import tool_of
from tui_chat.tools.schema import Limits
from tui_chat.tools.tool import Outcome, Surroundings, Tool

LIMIT_CHARACTERS = 48_000
"""About 12 000 tokens."""


def read_file(
    path: str,
    surroundings: Surroundings,
    first_line: Annotated[int, Limits(ge=1)] = 1,
    lines: Annotated[int, Limits(ge=1, le=5000)] = 1000,
) -> Outcome:
    """Read a text file of this computer, whole or some lines of it.

    Only files within folders that the person has granted can be read. The answer's first line tells which lines
    follow; below it they stand exactly as they are in the file.

    Args:
        path: the file, absolute or from the working folder.
        surroundings: where it may be.
        first_line: where to begin; the first line is 1.
        lines: how many lines at most.
    """
    real, content = open_file(path, surroundings)
    text, encoding = decoded(content, real)
    return Outcome(part_of(text, relative(real, surroundings), encoding, first_line, lines))


def part_of(text: str, name: str, encoding: str, first_line: int, lines: int) -> str:
    """Some lines of a text under a line that says which; never more than LIMIT_CHARACTERS of it."""
    every = text.split("\n")
    if every[-1] == "":
        every.pop()
    about = name if encoding == "utf-8" else f"{name} ({encoding})"
    if not every:
        return f"{about}: the file is empty"
    if first_line > len(every):
        return f"{about}: there is no line {first_line}; the file has {len(every)} lines"
    kept: list[str] = []
    room = LIMIT_CHARACTERS
    for line in every[first_line - 1 : first_line - 1 + lines]:
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    if not kept:
        line = every[first_line - 1]
        head = f"{about}: the first {LIMIT_CHARACTERS} of {len(line)} characters of line {first_line}"
        return f"{head} of {len(every)}\n{line[:LIMIT_CHARACTERS]}"
    last = first_line + len(kept) - 1
    head = f"{about}: lines {first_line} to {last} of {len(every)}"
    if last < len(every):
        head = f"{head}; go on with first_line {last + 1}"
    return "\n".join([head, *kept])


READ_FILE: Tool = tool_of(read_file, "reads", timeout_s=30)
