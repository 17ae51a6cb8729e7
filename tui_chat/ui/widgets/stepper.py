"""How is one of a few values chosen? By stepping through them; all of them can be seen while it has the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.binding import Binding
from textual.content import Content
from textual.events import Click, Key
from textual.message import Message
from textual.widget import Widget


class Stepper(Widget, can_focus=True):
    """Shows the value that is chosen, or that none is. Arrows, space and clicks step; a letter jumps; Delete unsets."""

    DEFAULT_CSS = """
    Stepper { height: 1; width: 1fr; background: $foreground 8%; pointer: pointer; }
    Stepper:focus { background: $primary 20%; }
    Stepper:ansi, Stepper:ansi:focus { background: ansi_default; }
    Stepper:ansi:focus { text-style: reverse; }
    """
    BINDINGS = [
        Binding("up,right,space", "step(1)", show=False),
        Binding("down,left", "step(-1)", show=False),
        Binding("delete,backspace", "unset", show=False),
    ]

    @dataclass
    class Changed(Message):
        """This value was chosen; None for none."""

        stepper: Stepper
        value: str | None

        @property
        def control(self) -> Stepper:
            """The stepper, for `@on` selectors."""
            return self.stepper

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        value: str | None,
        *,
        id: str | None = None,
        unset: str | None = None,
        start: str = "",
        spread: bool = False,
    ) -> None:
        """Choose among `options`.

        Args:
            options: values and what they are called.
            value: what is chosen; None for none.
            id: of the widget.
            unset: what stands there where none is chosen; None where one always is.
            start: the value that the first step from none leads to; the first where empty.
            spread: show all values side by side, the chosen one marked; for few and short ones.
        """
        super().__init__(id=id)
        self._options, self._value, self._unset = tuple(options), value, unset
        self._start = start
        self._spread = spread

    @property
    def value(self) -> str | None:
        """What is chosen."""
        return self._value

    def show(self, value: str | None) -> None:
        """Show a value without telling of it."""
        self._value = value
        self.refresh()

    def render(self) -> Content:
        """The value; between arrows while it has the keyboard."""
        if self._spread:
            styles = {True: "bold underline", False: "$foreground-muted"}
            return Content("  ").join(
                Content.styled(label, styles[value == self._value]) for value, label in self._options
            )
        label = dict(self._options).get(self._value or "", self._value)
        if self._value is None or label is None:
            shown = Content.styled(self._unset or "–", "$foreground-muted")
        else:
            shown = Content(label)
        return Content.assemble("‹ ", shown, " ›") if self.has_focus else Content.assemble("  ", shown)

    def action_step(self, direction: int) -> None:
        """Choose the next value, or the one before."""
        names = [value for value, _ in self._options]
        if self._value in names:
            self._choose(names[(names.index(self._value) + direction) % len(names)])
        elif names:
            self._choose(self._start if self._start in names else names[0])

    def action_unset(self) -> None:
        """Choose none."""
        if self._unset is not None:
            self._choose(None)

    def on_click(self, event: Click) -> None:
        """Step; on the left arrow backwards. Where all values show, choose the one that was clicked."""
        event.stop()
        if self._spread:
            end = 0
            for value, label in self._options:
                end += cell_len(label) + 2
                if event.x < end:
                    self._choose(value)
                    return
            return
        self.action_step(-1 if event.x <= 1 else 1)

    def on_key(self, event: Key) -> None:
        """A letter leads to the next value that begins with it."""
        if event.character is None or not event.character.isalnum():
            return
        values = list(self._options)
        at = next((place for place, (value, _) in enumerate(values) if value == self._value), -1)
        for value, label in [*values[at + 1 :], *values[: at + 1]]:
            if label.lower().startswith(event.character.lower()) or value.lower().startswith(event.character.lower()):
                event.stop()
                self._choose(value)
                return

    def _choose(self, value: str | None) -> None:
        if value != self._value:
            self.show(value)
            self.post_message(self.Changed(self, value))
