"""What the desk asks of whoever keeps chats: the seam between what happens and what is kept.

The store implements these; a temporary chat has a journal that keeps nothing. All calls may block on the disk, so
the desk makes them on its writer thread, one chat's calls in order.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import Change, Conversation
from tui_chat.errors import ChatError


class Journal(Protocol):
    """Where the changes of one chat are kept."""

    def append(self, change: Change) -> None:
        """Put one change on disk; when this returns it is safe there.

        Raises:
            StoreError: it is not on disk; what was there before is whole.
        """

    def grow(self, node: Node) -> None:
        """Have a growing answer outlive this process as it stands (called every few KB); raises StoreError."""

    def secure(self) -> None:
        """Have what `grow` kept outlive the machine: may take long, and may be called from another thread meanwhile.

        Raises:
            StoreError: it is not on disk.
        """

    def settle(self) -> None:
        """The growing answer is kept as a node, or was given up: forget its sidecar."""

    def close(self) -> None:
        """Let go of the file and its lock."""


class Unkept:
    """The journal of a temporary chat: it keeps nothing."""

    def append(self, change: Change) -> None:
        """Keep nothing."""

    def grow(self, node: Node) -> None:
        """Keep nothing."""

    def secure(self) -> None:
        """Keep nothing."""

    def settle(self) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Keep nothing."""


class Opened(Struct, frozen=True):
    """A chat that was opened."""

    conversation: Conversation
    journal: Journal
    read_only: ChatError | None = None
    """Why nothing can be written to it (open in another window, newer format, damaged), or None."""
    notes: tuple[ChatError, ...] = ()
    """What the person should know of it, such as a torn tail that was recovered."""


class Shelf(Protocol):
    """Where chats stand."""

    def create(self, head: Head) -> Journal:
        """Begin the file of a new chat; raises StoreError."""

    def open(self, chat: str) -> Opened:
        """Open a chat by its id; raises StoreError where there is none or it can't be read."""


class BlobStore(Protocol):
    """Where attachment bytes stand."""

    def keep(self, content: bytes) -> str:
        """Store bytes; returns their SHA-256 in hex. Raises StoreError."""

    def load(self, sha256: str) -> bytes:
        """The bytes; raises AttachError where they are gone."""
