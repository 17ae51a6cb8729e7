"""How does a stored completion look in a list, and which ones does a typed filter mean? Pure functions."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.content import Content

from tui_chat.chat.stored_chat import call_lines
from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.lines import clipped
from tui_chat.wire.kinds import Pairs
from tui_chat.wire.stored_objects import StoredCompletion

_NARROW = 72
_PAIR = re.compile(r'(?<!\S)(?P<key>[^\s=]*)=(?:["“](?P<said>[^"“”]*)["”](?!\S)|(?P<word>\S*))')


def filter_of(typed: str) -> tuple[str, dict[str, str]]:
    """Model and metadata of what was typed: `gpt-4o topic=poems by="Li Bai"`.

    Raises:
        UsageError: metadata that can't be.
    """
    pairs = {found["key"]: found["said"] or found["word"] or "" for found in _PAIR.finditer(typed)}
    if pairs:
        Pairs().check("metadata", dict(pairs))
    return " ".join(_PAIR.sub(" ", typed).split()), pairs


def first_words(completion: StoredCompletion) -> str:
    """The first words of the answer, on one line."""
    return " ".join(call_lines(completion.reply.parts())[:400].split())


def row_of(row: StoredCompletion, room: int) -> Content:
    """Time, model, first words and metadata on `room` cells; where it is narrow, a short time and no metadata."""
    is_narrow = room < _NARROW
    time = speech.clock(row.created) if row.created is not None else "—"
    if is_narrow and row.created is not None:
        time = f"{row.created.astimezone():%m-%d %H:%M}"
    time += " " * max(0, 12 - cell_len(time))
    marks = "" if is_narrow else " ".join(f"{key}={value}" for key, value in row.metadata.items())
    marks = visible(clipped(marks, min(cell_len(marks), room // 3)) if marks else "", newline=False)
    model = visible(clipped(row.model or "—", 14 if is_narrow else min(24, room // 4)), newline=False)
    left = room - cell_len(time) - cell_len(model) - cell_len(marks) - 5
    said = clipped(visible(first_words(row), newline=False), max(4, left))
    return Content.assemble(" ", (time, "dim"), " ", model, "  ", said, " ", (marks, "$text-accent"))
