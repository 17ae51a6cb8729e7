"""What must not be overlooked? Lines above the transcript that stay until the matter is settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from textual.content import Content
from textual.widgets import Static

from tui_chat.ui.gate import visible


class Line(NamedTuple):
    """One matter."""

    level: Literal["error", "warning", "info"]
    text: str


_MARKS = {"error": "✕", "warning": "!", "info": "i"}
_STYLES = {"error": "$text-error", "warning": "$text-warning", "info": "dim"}


class Banner(Static):
    """Takes no room while there is nothing to say."""

    DEFAULT_CSS = "Banner { height: auto; max-height: 6; padding: 0 2; display: none; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Say this."""
        if tuple(lines) == self.lines:
            return
        self.lines = tuple(lines)
        rows = [Content.styled(f"{_MARKS[level]} {visible(text)}", _STYLES[level]) for level, text in lines]
        self.display = bool(rows)
        self.update(Content("\n").join(rows))
