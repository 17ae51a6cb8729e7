"""What did it cost, and what can be done now? The row at the bottom: tokens and speed left, keys right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content
from textual.widget import Widget


class Hint(NamedTuple):
    """One key that works where the focus is."""

    key: str
    label: str
    action: str
    """What a click on it does, with its namespace."""


class FootLine(Widget):
    """One row. The keys have the room first; of the numbers the last ones go where it is narrow."""

    DEFAULT_CSS = "FootLine { height: 1; width: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._numbers: tuple[str, ...] = ()
        self._hints: tuple[Hint, ...] = ()

    def show_numbers(self, numbers: Sequence[str]) -> None:
        """Show these, the most important first."""
        if tuple(numbers) != self._numbers:
            self._numbers = tuple(numbers)
            self.refresh()

    def show_hints(self, hints: Sequence[Hint]) -> None:
        """Show these, the most important first; the last, which leads out or to help, is always there."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self.refresh()

    def render(self) -> Content:
        """Both halves, as much of them as fits."""
        width = self.size.width
        *others, last = [_hint(hint) for hint in self._hints] or [Content()]
        fitting = _fitting(others, width - last.cell_length - 2, 2)
        hints = Content("  ").join([fitting, last]) if fitting else last
        numbers = [Content.styled(number, "dim") for number in self._numbers]
        left = _fitting(numbers, width - hints.cell_length - 2, 2)
        gap = " " * max(0, width - left.cell_length - hints.cell_length)
        return Content.assemble(left, gap, hints)


def _hint(hint: Hint) -> Content:
    markup = f"[@click={hint.action}][b]$key[/] [dim]$label[/][/]"
    return Content.from_markup(markup, key=hint.key, label=hint.label)


def _fitting(pieces: list[Content], room: int, apart: int) -> Content:
    """As many of the pieces, from the first on, as fit into `room` cells."""
    taken: list[Content] = []
    used = 0
    for piece in pieces:
        needed = piece.cell_length + (apart if taken else 0)
        if used + needed > room:
            break
        taken.append(piece)
        used += needed
    return Content(" " * apart).join(taken)
