"""How is a change of a conversation taken back?"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from tui_chat.errors import ChatError
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.words import t

UNDO_LEVELS = 50


class Undo(Struct, frozen=True):
    """How to take one change back."""

    chat: str
    restore: tuple[str, ...] = ()
    """Messages that were deleted."""
    leaf: str | None = None
    """Where the conversation ended before."""
    head: Mapping[str, object] | None = None
    """What the chat said of itself before, of what was changed."""


class Undoing(Part):
    """The changes that can be taken back."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.acts = {"undo": lambda _: room.start(self._undo)}
        self._undos: list[Undo] = []

    def take_over(self, other: Undoing) -> None:
        """Go on where that of another chat screen was."""
        self._undos = other._undos

    @property
    def count(self) -> int:
        """How many changes can be taken back."""
        return len(self._undos)

    def remember(self, undo: Undo) -> None:
        """Remember how to take a change back."""
        self._undos.append(undo)
        del self._undos[:-UNDO_LEVELS]

    async def _undo(self) -> None:
        if not self._undos or self._undos[-1].chat != self.room.chat:
            self.room.tell(t("ui.undo.nothing"), "warning")
            return
        undo, desk = self._undos.pop(), self.room.house.desk  # at once: pressed again, it means the change before
        try:
            if undo.head is not None:
                await self.room.engine(desk.set_head, undo.chat, **undo.head)
                self.room.tell(t("ui.undo.head"))
                return
            if undo.restore:
                await self.room.engine(desk.restore, undo.chat, undo.restore)
            if not undo.restore or undo.leaf is not None:
                await self.room.engine(desk.choose, undo.chat, undo.leaf)
        except ChatError:
            self._undos.append(undo)
            raise
