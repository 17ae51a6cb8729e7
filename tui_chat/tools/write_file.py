"""Write a text file: a new one, or all of one that is there."""

from __future__ import annotations

from tui_chat.tools.changing import Change, current, look_at, make, said
from tui_chat.tools.folders import decoded, encoded
from tui_chat.tools.function import tool_of
from tui_chat.tools.tool import Arguments, Outcome, Preview, Surroundings, Tool


def write_file(path: str, content: str, surroundings: Surroundings) -> Outcome:
    """Write a text file on this computer. A file that is there is replaced whole, a new one is UTF-8.

    Only files within folders that the person has granted can be written, and the person sees the change before it is
    made. To change part of a file use edit_file.

    Args:
        path: the file, absolute or from the working folder; folders that are missing are made.
        content: all of the new content.
        surroundings: where it may be.
    """
    change = _change(path, content, surroundings)
    if change.before == change.after:
        return Outcome(f"The file {change.path.name} holds exactly this already; nothing was written.")
    return Outcome(said(change, make(change, surroundings)))


def look(arguments: Arguments, surroundings: Surroundings) -> Preview:
    """The diff that a call would make of the file; raises ToolError where it can't be written."""
    return look_at(_change(str(arguments["path"]), str(arguments["content"]), surroundings), surroundings)


def _change(path: str, content: str, surroundings: Surroundings) -> Change:
    real, before = current(path, surroundings)
    # A file that is no text is never replaced: what would be lost could not be shown.
    old, encoding = ("", "utf-8") if before is None else decoded(before, real)
    return Change(real, before, encoded(content, encoding), old, content, asked=("write", content))


WRITE_FILE: Tool = tool_of(write_file, "writes", look=look, timeout_s=30)
