"""What if a dialog is answered and nobody waits for the answer any more, or it is answered twice?

Whoever asked may have been given up meanwhile, with its screen or for a later one of its kind. Textual gives the
answer to the future all the same, which refuses it, and the program ends of that. Here such an answer is let go.

A second Enter or click may be on its way when the first one closes the dialog. Textual closes a screen for each of
them, whichever is on top then: the chat. Here a screen closes itself and nothing else.

A key may close a dialog that is still being put together. Textual takes its parts away, then tells it that it is there;
that it does not find them means nothing.
"""

from __future__ import annotations

from typing import Any

from textual._context import active_message_pump
from textual.await_complete import AwaitComplete
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import ResultCallback, Screen
from textual.worker import WorkerFailed


def was_given_up(error: Exception) -> bool:
    """Whether all that is wrong is that the widget where it happened is being taken away: its parts are gone."""
    node = active_message_pump.get(None)
    cause = error.error if isinstance(error, WorkerFailed) else error
    if not isinstance(cause, NoMatches) or not isinstance(node, DOMNode):
        return False
    return any(getattr(each, "_pruning", False) for each in node.ancestors_with_self)


def let_late_answers_go() -> None:
    """Once a process; a second call does nothing."""
    callback: Any = ResultCallback
    screen: Any = Screen
    if getattr(callback, "_lets_go", False):
        return
    deliver, dismiss = callback.__call__, screen.dismiss

    def answered(self: Any, result: Any) -> None:
        if self.future is not None and self.future.done():
            self.future = None
        deliver(self, result)

    def dismissed(self: Any, result: Any = None) -> AwaitComplete:
        if self not in self.app.screen_stack:
            return AwaitComplete()
        while self.app.screen is not self:  # what stands over it was asked on its behalf
            self.app.pop_screen()
        await_pop: AwaitComplete = dismiss(self, result)
        return await_pop

    callback.__call__, screen.dismiss = answered, dismissed
    callback._lets_go = True
