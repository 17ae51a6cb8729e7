"""What is a part of the chat screen? What it does for a key, what messages of widgets it answers, what it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from tui_chat.chat.events import Event

Answers = Mapping[type[Message] | str, Callable[[Any], object]]
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Part:
    """One question of the chat screen, with all that is remembered for its answer.

    Its three tables are filled in its constructor. An `async def` in them is started, anything else called.
    """

    does: Mapping[str, Callable[[], object]] = _NOTHING
    """What it does for a row of the key table that acts at "chat", by id: `{"chat.find": self.find}`."""
    acts: Mapping[str, Callable[[str], object]] = _NOTHING
    """What it does to a message, by the word that the transcript asks with; called with the message's id, "" for the
    last one, while a chat is open."""
    answers: Answers = _NOTHING
    """The messages of widgets that it answers: by class, or by name (`"ModelPanel.Chosen"`) if imported late."""

    def follow(self) -> None:
        """Something happened in the chat on screen, or around it: show how it is now."""

    def happened(self, event: Event) -> None:
        """The engine told this, of whichever chat; the transcript shows it already."""

    def chat_opened(self) -> None:
        """Another chat is on screen, and the composer is empty; `follow` comes next."""

    async def connected(self) -> None:
        """Someone else answers from now on."""

    def gone(self) -> None:
        """The screen is being left for good."""
