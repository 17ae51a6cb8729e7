"""What if a dialog is answered and nobody waits for the answer any more?

Whoever asked may have been given up meanwhile, with its screen or for a later one of its kind. Textual gives the
answer to the future all the same, which refuses it, and the program ends of that. Here such an answer is let go.
"""

from __future__ import annotations

from typing import Any

from textual.screen import ResultCallback


def let_late_answers_go() -> None:
    """Once a process; a second call does nothing."""
    callback: Any = ResultCallback
    if getattr(callback, "_lets_go", False):
        return
    deliver = callback.__call__

    def answered(self: Any, result: Any) -> None:
        if self.future is not None and self.future.done():
            self.future = None
        deliver(self, result)

    callback.__call__ = answered
    callback._lets_go = True
