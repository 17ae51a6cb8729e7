"""Change part of a text file: one passage for another, where it stands exactly as it was given."""

from __future__ import annotations

from typing import Annotated

from tui_chat.errors import ToolError
from tui_chat.tools.changing import Change, current, look_at, make, said
from tui_chat.tools.folders import LIMIT_BYTES, decoded, encoded, shown
from tui_chat.tools.function import tool_of
from tui_chat.tools.schema import Limits
from tui_chat.tools.tool import Arguments, Outcome, Preview, Surroundings, Tool


def edit_file(
    path: str,
    old: Annotated[str, Limits(min_length=1)],
    new: str,
    surroundings: Surroundings,
    everywhere: bool = False,
) -> Outcome:
    """Replace a passage of a text file on this computer by another.

    The old passage must stand in the file exactly as given, spaces and line breaks included, and just once, unless
    it is to be replaced everywhere: give enough of the lines around it. The person sees the change before it is made.

    Args:
        path: the file, absolute or from the working folder.
        old: the passage as it is now.
        new: what is to stand in its place; empty to take it out.
        surroundings: where it may be.
        everywhere: replace every occurrence instead of the only one.
    """
    change = _change(path, old, new, everywhere, surroundings)
    return Outcome(said(change, make(change, surroundings)))


def look(arguments: Arguments, surroundings: Surroundings) -> Preview:
    """The diff that a call would make of the file; raises ToolError where the passage isn't there just once."""
    old, new = str(arguments["old"]), str(arguments["new"])
    change = _change(str(arguments["path"]), old, new, arguments.get("everywhere") is True, surroundings)
    return look_at(change, surroundings)


def _change(path: str, old: str, new: str, everywhere: bool, surroundings: Surroundings) -> Change:
    real, before = current(path, surroundings)
    if before is None:
        raise ToolError("error.tool_missing", path=shown(real))
    text, encoding = decoded(before, real)
    if old == new:
        raise ToolError("error.tool_edit_same")
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        # All its lines end in CR LF, which models neither see nor write: the passage's ends are the file's.
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    count = text.count(old)
    if count == 0:
        raise ToolError("error.tool_edit_absent", path=shown(real))
    if count > 1 and not everywhere:
        raise ToolError("error.tool_edit_several", path=shown(real), count=count)
    if len(text) + count * (len(new) - len(old)) > LIMIT_BYTES:
        raise ToolError("error.tool_file_large", path=shown(real), limit_mb=f"{LIMIT_BYTES / 1024 / 1024:g}")
    changed = text.replace(old, new)
    asked = ("edit", old, new, str(everywhere))
    return Change(real, before, encoded(changed, encoding), text, changed, asked)


EDIT_FILE: Tool = tool_of(edit_file, "writes", look=look, timeout_s=30)
