"""Which code is to be coloured as a whole? A long fence is drawn in chunks; what they are alone is not all of it.

A comment may begin in one chunk and end in another, and how a chunk deep within a fence begins is a guess. So once a
fence is closed and stays in view, it is lexed on a thread, and drawn anew where that gives it other colours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_chat.ui.transcript.block import Block, Fence

Part = tuple["Fence", int]
"""A run of chunks of a fence, which is lexed in one go."""


class Fences:
    """What of the fences that were laid out waits to be lexed as a whole.

    Args:
        ask: called when one more waits: have them lexed soon.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._waiting: list[Part] = []

    def see(self, block: Block) -> None:
        """A chunk is laid out."""
        from tui_chat.ui.transcript.code import run_to_lex

        fence = block.fence
        if fence is not None and (run := run_to_lex(block)) is not None:
            fence.asked.add(run)
            self._waiting.append((fence, run))
            self._ask()

    def take(self, seen: set[Fence]) -> tuple[list[Part], set[Fence]]:
        """What is to be lexed now, and the fences that are not `seen` any more: they wait for their next sight."""
        waiting, self._waiting = self._waiting, []
        gone = {fence for fence, _ in waiting} - seen
        for fence, run in waiting:
            if fence in gone:
                fence.asked.discard(run)
        return [part for part in waiting if part[0] in seen], gone


def lex(parts: list[Part]) -> None:
    """Lex them; for a thread."""
    from tui_chat.ui.transcript.code import lex_run

    for fence, run in parts:
        lex_run(fence, run)
