"""What goes along with the message? Chips below the draft, each with its size and a cross to remove it.

What there is to know of them stands in rows of its own under the chips: each sentence names its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui_chat.ui.gate import visible


class Chip(NamedTuple):
    """One thing that goes along."""

    label: str
    note: str = ""
    """What the person should know of it: that it was downscaled."""
    opens: bool = False
    """It is a pasted text: a click opens it back into the draft."""


class Chips(Static):
    """Takes no room while there is none. A click on a cross removes, one on a pasted text opens it."""

    DEFAULT_CSS = """
    Chips { height: auto; max-height: 5; padding: 0 2; display: none; }
    Chips { link-style: none; link-color: $text; link-background: $panel; link-style-hover: bold; }
    """

    @dataclass
    class Removed(Message):
        """The cross of the chip at this place was clicked."""

        index: int

    @dataclass
    class Opened(Message):
        """The pasted text at this place was clicked."""

        index: int

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(self, chips: Sequence[Chip]) -> None:
        """Show these."""
        pieces: list[Content] = []
        notes: list[Content] = []
        for index, chip in enumerate(chips):
            label = visible(chip.label, newline=False)
            mark = "" if label.startswith(("≡", "♪")) else "▣ "
            markup = f"[on $panel]{mark}$label [/]"
            if chip.opens:
                markup = f"[on $panel @click=open({index})]▤ $label [/]"
            markup += f"[on $panel][$text-error @click=remove({index})]✕[/] [/]"
            pieces.append(Content.from_markup(markup, label=label))
            if chip.note:
                notes.append(Content.styled(visible(chip.note, newline=False), "dim"))
        self.display = bool(pieces)
        self.update(Content("\n").join([Content("  ").join(pieces), *notes]))

    def action_remove(self, index: int) -> None:
        """A cross was clicked."""
        self.post_message(self.Removed(index))

    def action_open(self, index: int) -> None:
        """A pasted text was clicked."""
        self.post_message(self.Opened(index))
