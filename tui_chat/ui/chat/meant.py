"""Which message is meant? The one under the cursor, the last one where there is none."""

from __future__ import annotations

from collections.abc import Callable

from tui_chat.chat.node import Node
from tui_chat.ui.chat.room import Room


def for_message(room: Room, do: Callable[[Node], object]) -> Callable[[str], None]:
    """What does `do` with the message of an id, the last one for ""; where there is none, that is said."""

    def act(key: str) -> None:
        shown = room.talk.shown if room.talk is not None else []
        key = key or (shown[-1] if shown else "")
        if not key or room.talk is None:
            room.refuse_nothing()
            return
        try:
            node = room.talk.node(key)
        except KeyError:  # it went away in the moment the key was pressed
            return
        room.do(do, node)

    return act


def for_answer(room: Room, do: Callable[[Node], object]) -> Callable[[str], None]:
    """The same with the answer of an id, or the one that follows the message; the last one for ""."""

    def act(key: str) -> None:
        assert room.talk is not None
        path = room.talk.path
        after = path[path.index(key) :] if key in path else path[-1:]
        node = next((node for node in map(room.talk.node, after) if node.role == "assistant"), None)
        if node is None:
            room.refuse_nothing()
        else:
            room.do(do, node)

    return act
