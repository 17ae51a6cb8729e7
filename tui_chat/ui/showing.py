"""How do events become changes of the transcript?

One by one, such that the result is what showing the conversation anew would give (law 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tui_chat.chat.events import Changed, Event, Grew, Restarted, TurnEnded, TurnStarted
from tui_chat.chat.node import Node
from tui_chat.chat.tree import HeadChanged, NodeAdded
from tui_chat.ui.entries import Load, entry_of
from tui_chat.ui.talk import Talk
from tui_chat.ui.transcript.document import Load as LoadEntry
from tui_chat.ui.transcript.entry import Entry, Outline


class Page(Protocol):
    """What of the transcript is used here."""

    def show(self, outlines: Sequence[Outline], load: LoadEntry) -> None:
        """Hold a conversation."""

    def update_path(self, outlines: Sequence[Outline], load: LoadEntry) -> None:
        """Hold another path of it, without moving what stays."""

    def append(self, entry: Entry) -> None:
        """Add an entry at the end."""

    def begin(self, entry: Entry) -> None:
        """Add an entry that is being written."""

    def grow(self, key: str, *, text: str = "", reasoning: str = "") -> None:
        """Write on."""

    def settle(self, entry: Entry) -> None:
        """An entry is whole."""


class Showing:
    """Keeps one page in step with one talk."""

    def __init__(self, talk: Talk, page: Page, load_blob: Load, price_of: Callable[[Node], str] = lambda _: "") -> None:
        self.talk = talk
        self._page = page
        self._load_blob = load_blob
        self._price_of = price_of
        self._keys: list[str] = []
        """What the page holds."""

    def show(self) -> None:
        """Fill the page."""
        self._keys = self.talk.path
        running = self.talk.running
        settled = self._keys[:-1] if running is not None else self._keys
        self._page.show(self._outlines(settled), self.entry)
        if running is not None:
            self._page.begin(self.entry(running.id))

    def entry(self, key: str) -> Entry:
        """The entry of a message as it stands; raises KeyError."""
        running = self.talk.running
        node = self.talk.node(key)
        return entry_of(
            node,
            self._load_blob,
            version=self.talk.version(key),
            growing=running is not None and running.id == key,
            price=self._price_of(node),
        )

    def again(self) -> None:
        """Say anew what stands beside the messages: the prices are known now, or other ones. Nothing moves."""
        self._follow()

    def tell(self, event: Event) -> None:
        """Take in an event of this chat and change the page accordingly."""
        running = self.talk.running.id if self.talk.running is not None else None
        self.talk.apply(event)
        match event:
            case TurnStarted(_, node):
                if self.talk.path[:-1] != self._keys:
                    # With the new answer, so that a cursor on the one it stands for goes over to it.
                    self._page.update_path(self._outlines(self.talk.path), self.entry)
                self._page.begin(self.entry(node.id))
                self._keys = self.talk.path
            case Grew(_, id, text, reasoning):
                self._page.grow(id, text=text, reasoning=reasoning)
            case Restarted(_, id):
                self._page.begin(self.entry(id))
            case Changed(_, NodeAdded(node)) if node.id != running:
                self._added(node.id, node.parent)
            case Changed(_, NodeAdded() | HeadChanged()):
                pass  # the answer is settled when its turn ends
            case Changed():
                self._follow()
            case TurnEnded(_, id, kept=kept):
                if kept:
                    self._page.settle(self.entry(id))
                if self.talk.path != self._keys:
                    self._follow()
            case _:
                pass

    def _added(self, id: str, parent: str | None) -> None:
        if parent == (self._keys[-1] if self._keys else None):
            self._page.append(self.entry(id))
            self._keys.append(id)
        else:
            self._follow()

    def _follow(self) -> None:
        """Show the path as it is now."""
        self._keys = self.talk.path
        self._page.update_path(self._outlines(self._keys), self.entry)

    def _outlines(self, keys: list[str]) -> list[Outline]:
        running = self.talk.running.id if self.talk.running is not None else None
        link = self.talk.conversation.link
        return [Outline(key, 0 if key == running else link(key).size) for key in keys]
