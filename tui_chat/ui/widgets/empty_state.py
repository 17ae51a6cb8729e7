"""What can I do here? A chat without a message: a greeting and three prompts that can be picked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_chat.ui import keys


class EmptyState(Widget):
    """Calm and centred. Up and down choose a prompt, Enter or a click picks it."""

    DEFAULT_CSS = """
    EmptyState { width: 1fr; height: 1fr; align: center middle; }
    EmptyState OptionList { width: auto; max-width: 100%; height: auto; border: none; background: transparent; }
    EmptyState OptionList:focus { border: none; }
    EmptyState OptionList > .option-list--option-disabled { color: $text; }
    EmptyState OptionList:blur > .option-list--option-highlighted { background: transparent; color: $text; }
    """
    BINDINGS = keys.bindings("panel")

    @dataclass
    class Picked(Message):
        """A prompt was picked; the person may still change it."""

        prompt: str

    class Left(Message):
        """To the composer."""

    def __init__(self, greeting: str, prompts: Sequence[str], note: str = "") -> None:
        super().__init__()
        self._greeting, self._prompts, self._note = greeting, tuple(prompts), note

    def compose(self) -> ComposeResult:
        """The greeting stands in the list as a row that can't be chosen: one widget less."""
        options = [Option(Content.styled(self._greeting, "bold"), disabled=True), Option("", disabled=True)]
        options += [Option(Content.assemble(("›  ", "$primary"), prompt)) for prompt in self._prompts]
        if self._note:
            options += [Option("", disabled=True), Option(Content.styled(self._note, "dim"), disabled=True)]
        yield OptionList(*options)

    def on_mount(self) -> None:
        """Who comes here by key stands on the first prompt."""
        self.query_one(OptionList).highlighted = 2

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say which prompt it was."""
        event.stop()
        self.post_message(self.Picked(self._prompts[event.option_index - 2]))

    def action_leave(self) -> None:
        """Back to the composer."""
        self.post_message(self.Left())
