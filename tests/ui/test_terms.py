"""What was set for a chat counts from the moment it was set, however long the engine takes to hear of it."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable
from typing import Any

import pytest

from tui_chat.chat.desk import View
from tui_chat.chat.node import Head
from tui_chat.chat.tree import Conversation
from tui_chat.errors import ChatError, StoreError
from tui_chat.ui.chat.terms import Terms
from tui_chat.ui.talk import Talk


class SlowRoom:
    """A room whose engine does what it is asked once the test lets it."""

    def __init__(self) -> None:
        self.talk = Talk(View(Conversation(Head("one"))))
        self.go = asyncio.Event()
        self.told: list[tuple[str, dict[str, object]]] = []
        self.refusal: ChatError | None = None
        self.complaints: list[ChatError] = []
        self.shown: list[tuple[str, ...]] = []
        self.terms = Terms(self)  # type: ignore[arg-type]
        self.house = self.desk = self

    @property
    def chat(self) -> str:
        return self.talk.id

    async def set_head(self, chat: str, **fields: object) -> None:
        await self.go.wait()
        if self.refusal is not None:
            raise self.refusal
        self.told.append((chat, fields))

    async def engine_now(self, work: Callable[..., Any], *args: Any, **fields: Any) -> Any:
        return await asyncio.shield(work(*args, **fields))

    def later(self, delay_s: float, work: Callable[[], object]) -> Any:
        return types.SimpleNamespace(stop=lambda: None)  # the tests tell by themselves

    def complain(self, error: ChatError) -> None:
        self.complaints.append(error)

    def follow(self) -> None:
        self.shown.append(self.terms.tools)


@pytest.fixture
async def room() -> SlowRoom:
    return SlowRoom()


async def test_what_is_being_told_is_in_force_already(room: SlowRoom) -> None:
    room.terms.set(tools=("first",))
    telling = asyncio.ensure_future(room.terms.tell())
    await asyncio.sleep(0)
    assert not room.terms.is_told
    room.terms.set(tools=(*room.terms.tools, "second"))  # a second switch before the first one was heard
    room.go.set()
    await telling
    await room.terms.tell()
    assert room.told[-1] == ("one", {"tools": ("first", "second")})
    assert room.terms.is_told and room.terms.tools == room.talk.head.tools == ("first", "second")


async def test_what_is_refused_is_in_force_no_more(room: SlowRoom) -> None:
    room.refusal = StoreError("error.disk_full")
    room.terms.set(tools=("first",))
    room.go.set()
    await room.terms.tell()
    assert room.complaints == [room.refusal] and room.shown == [()]


async def test_whoever_gives_up_waiting_loses_nothing_of_another_chat(room: SlowRoom) -> None:
    room.terms.set(system="of one")
    room.talk = Talk(View(Conversation(Head("two"))))
    room.terms.set(system="of two")
    telling = asyncio.ensure_future(room.terms.tell())
    await asyncio.sleep(0)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    room.go.set()
    await room.terms.tell()
    assert sorted(room.told, key=str) == [("one", {"system": "of one"}), ("two", {"system": "of two"})]
