"""In which order does a field take keys that come together? As they were typed.

Over a slow line many keys come in one read. Textual gives each to the field, which puts in what is text at once; any
other key goes up to the app first, which does what is bound to it when the text behind it is in already: "teh", two
backspaces and "he" would come out as "te". So what a field has bound to a key it does itself, in its turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.events import Key
    from textual.widget import Widget

    _AsWidget = Widget
else:
    _AsWidget = object  # as in `at_once`


class InOrder(_AsWidget):
    """What makes a field do its own keys in their turn; stands before the class of the widget."""

    if TYPE_CHECKING:

        def _restart_blink(self) -> None: ...  # `Input` and `TextArea` have it

    def does_itself(self, key: str) -> bool:
        """Whether this key is not somebody else's before it is the field's."""
        return True

    async def _on_key(self, event: Key) -> None:
        if event.is_printable or not self.does_itself(event.key):
            return
        for node, bindings in self.screen._modal_binding_chain:
            if node is not self:
                continue
            for binding in bindings.key_to_bindings.get(event.key, ()):
                if not binding.priority and await self._does(binding.action):
                    event.stop()
                    event.prevent_default()
                    self._restart_blink()  # as a letter does: who moves the cursor wants to see it
                    return

    async def _does(self, action: str) -> bool:
        try:
            return await self.app.run_action(action, self)
        except Exception:  # noqa: BLE001  # it goes the usual way, on which a mistake is told and ends nothing
            return False
