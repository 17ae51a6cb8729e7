"""On what terms does the next message go? What is in force for a chat, with what was just set in the panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.timer import Timer

from tui_chat.chat.events import Changed
from tui_chat.chat.tree import HeadChanged
from tui_chat.errors import ChatError
from tui_chat.wire.params import Values

if TYPE_CHECKING:
    from tui_chat.ui.chat.room import Room

HEAD_AFTER_S = 0.6
"""What is typed into the panels counts once the person pauses: each letter would be a record of its own in the file."""


class Terms:
    """Parameters, system prompt and tools of the chat on screen."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._set: dict[str, dict[str, Any]] = {}
        """What was set and is not told to the engine yet, by chat."""
        self._being_told: list[tuple[str, dict[str, Any]]] = []
        """What the engine is being told, by chat."""
        self._timer: Timer | None = None

    @property
    def values(self) -> Values:
        """Its parameters."""
        values: Values = self._now("values")
        return values

    @property
    def system(self) -> str:
        """Its system prompt."""
        return str(self._now("system"))

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools that are on, by name."""
        return tuple(self._now("tools"))

    def _now(self, name: str) -> Any:
        assert self._room.talk is not None
        now = self._room.chat
        for chat, fields in ((now, self._set.get(now, {})), *reversed(self._being_told)):
            if chat == now and name in fields:
                return fields[name]
        return getattr(self._room.talk.head, name)

    @property
    def is_told(self) -> bool:
        """Whether the engine knows all that was set."""
        return not (self._set or self._being_told)

    def set(self, **fields: object) -> None:
        """Set some of it for the chat on screen; the engine is told soon."""
        self._set.setdefault(self._room.chat, {}).update(fields)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._room.later(HEAD_AFTER_S, self.tell)

    async def tell(self) -> None:
        """Tell the engine now what was set."""
        while self._set:  # one by one: whoever waits for this may be given up
            chat, fields = told = self._set.popitem()
            refusal: ChatError | None = None
            self._being_told.append(told)
            try:
                await self._room.engine_now(self._room.house.desk.set_head, chat, **fields)
            except ChatError as error:
                refusal = error
            finally:
                self._being_told.remove(told)
            if refusal is not None:  # it must not stand in the way of what is asked for now
                self._room.complain(refusal)
                self._room.follow()
            elif (talk := self._room.talk) is not None and talk.id == chat:
                talk.apply(Changed(chat, HeadChanged(fields)))  # the word of it comes a moment later
