"""What may the half-typed word mean? A short list that floats above the text; the text keeps the focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_chat.ui.gate import visible


class Choice(NamedTuple):
    """One thing it may mean."""

    value: str
    label: str
    note: str = ""
    """Muted, at the right: a key."""


class Completions(OptionList):
    """Takes no room while it is empty. Keys come from the text through `press`."""

    DEFAULT_CSS = """
    Completions { display: none; height: auto; max-height: 8; border: none; padding: 0 2; background: $panel; }
    Completions { scrollbar-size-vertical: 1; scrollbar-color: $foreground 25%; scrollbar-background: $foreground 8%; }
    Completions > .option-list--option-highlighted { background: $primary-muted; color: $text; }
    Completions:ansi > .option-list--option-highlighted { text-style: reverse; }
    """
    can_focus = False

    @dataclass
    class Chosen(Message):
        """This one."""

        value: str

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._choices: tuple[Choice, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return bool(self._choices)

    def show(self, choices: Sequence[Choice]) -> None:
        """Offer these, the first one marked; none closes the list."""
        if tuple(choices) == self._choices:
            return
        self._choices = tuple(choices)
        self.clear_options()
        widest = min(60, max((cell_len(choice.label) for choice in choices), default=0))
        for choice in choices:
            label = visible(choice.label, newline=False)
            gap = " " * (max(0, widest - cell_len(label)) + 3) if choice.note else ""
            self.add_option(Option(Content.assemble(label, gap, (choice.note, "dim"))))
        self.display = bool(choices)
        if choices:
            self.highlighted = 0

    def press(self, key: str) -> None:
        """One of up, down, enter, tab, escape."""
        if key == "up":
            self.action_cursor_up()
        elif key == "down":
            self.action_cursor_down()
        elif key == "escape":
            self.show(())
        elif self.highlighted is not None:
            self._choose(self.highlighted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self._choose(event.option_index)

    def _choose(self, index: int) -> None:
        value = self._choices[index].value
        self.show(())
        self.post_message(self.Chosen(value))
