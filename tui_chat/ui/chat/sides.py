"""How do the sides share the screen with the conversation? Beside it where there is room for that, else over it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from tui_chat.ui.chat.room import Room
from tui_chat.ui.widgets.chat_list import ChatList

if TYPE_CHECKING:
    from tui_chat.ui.widgets.side_panel import SidePanel

WIDE = 100
"""From this width on both sides have a place of their own; below it one at a time lies over the conversation."""


class Sides:
    """The list of chats and the side panels."""

    def __init__(self, room: Room) -> None:
        self.room = room

    @property
    def is_wide(self) -> bool:
        """Whether they stand beside the conversation rather than over it."""
        return self.room.width >= WIDE

    @property
    def chats(self) -> ChatList | None:
        """The list, while it is there."""
        return self.room.find(ChatList)

    @property
    def panel(self) -> SidePanel | None:
        """The side panels, once they were asked for."""
        panel: SidePanel | None = self.room.find_late("SidePanel")
        return panel

    def fold(self, but: Widget | None = None) -> None:
        """On a narrow screen the conversation comes first again, or this side."""
        if not self.is_wide:
            for side in (self.chats, self.panel):
                if side is not None and side is not but:
                    side.display = False

    def fold_and_write(self, _: object = None) -> None:
        """Back to writing."""
        self.fold()
        self.room.focus_writing()

    def toggle(self, side: Widget | None, setting: str, unfold: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Fold a side away, or `unfold` it and go there; remember under `setting` whether it is wanted."""
        shown = side is None or not side.display
        if side is not None and not shown:
            side.display = False
            self.room.focus_writing()
        else:
            self.room.bring_in(unfold)
        if self.is_wide:  # what is folded for want of room says nothing of what the person wants
            self.room.start(self.room.in_thread, self.room.house.change_setting, setting, shown)
