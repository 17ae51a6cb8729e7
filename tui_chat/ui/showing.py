"""How do events become changes of the transcript?

One by one, such that the result is what showing the conversation anew would give (law 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tui_chat.chat.events import Changed, Event, Grew, Restarted, TurnEnded, TurnStarted
from tui_chat.chat.node import Node
from tui_chat.chat.tree import CallStarted, HeadChanged, NodeAdded
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

    def replace(self, entry: Entry) -> None:
        """An entry says something else now."""


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
        self._keys = self.talk.shown
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
            growing=running is not None and (running.id == key or key in self.talk.beside),
            price=self._price_of(node),
            standing=self.talk.standing(key),
        )

    def again(self) -> None:
        """Say anew what stands beside the messages: the prices are known now, or other ones. Nothing moves."""
        self._follow()

    def tell(self, event: Event) -> None:
        """Take in an event of this chat and change the page accordingly."""
        running = self.talk.running.id if self.talk.running is not None else None
        before = self.talk.live()
        self.talk.apply(event)
        match event:
            case TurnStarted(_, node):
                if self.talk.shown[:-1] != self._keys:
                    # With the new answer, so that a cursor on the one it stands for goes over to it.
                    self._page.update_path(self._outlines(self.talk.shown), self.entry)
                self._page.begin(self.entry(node.id))
                self._keys = self.talk.shown
            case Grew(_, id) if id in self.talk.beside:
                pass  # it has a page of its own
            case Grew(_, id, text, reasoning):
                self._page.grow(id, text=text, reasoning=reasoning)
            case Restarted(_, id):
                self._page.begin(self.entry(id))
            case Changed(_, NodeAdded(node)) if node.id in self.talk.beside:
                pass  # which of them is shown is told when all are there
            case Changed(_, NodeAdded(node)) if node.id != running:
                self._added(node.id)
            case Changed(_, NodeAdded() | HeadChanged() | CallStarted()):
                pass  # the answer is settled when its turn ends
            case Changed():
                self._follow()
            case TurnEnded(_, id, kept=kept):
                if kept:
                    self._page.settle(self.entry(id))
                if self.talk.shown != self._keys:
                    self._follow()
            case _:
                pass
        self._show_calls(before)

    def _added(self, id: str) -> None:
        keys, caller = self.talk.shown, self.talk.caller(id)
        if keys == self._keys and caller in keys:
            self._page.replace(self.entry(caller))
        elif keys == [*self._keys, id]:
            self._page.append(self.entry(id))
            self._keys = keys
        else:
            self._follow()

    def _show_calls(self, before: dict[str, object]) -> None:
        """Show messages anew whose calls stand otherwise than they did."""
        now = self.talk.live()
        running = self.talk.running.id if self.talk.running is not None else None
        for id in {*before, *now}:
            if before.get(id) != now.get(id) and id in self._keys and id != running:
                self._page.replace(self.entry(id))

    def _follow(self) -> None:
        """Show the path as it is now."""
        self._keys = self.talk.shown
        self._page.update_path(self._outlines(self._keys), self.entry)

    def _outlines(self, keys: list[str]) -> list[Outline]:
        running = self.talk.running.id if self.talk.running is not None else None
        link = self.talk.conversation.link
        return [Outline(key, 0 if key == running else link(key).size) for key in keys]
