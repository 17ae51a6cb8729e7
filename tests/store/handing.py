"""Run by test_handover: one of two processes that talk in the same chat, each asking for it and handing it over."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator

from tui_chat.chat.desk import Desk
from tui_chat.chat.events import Event, NotSaved, TurnEnded
from tui_chat.engine import Engine
from tui_chat.errors import StoreError, UsageError
from tui_chat.store.blobs import Blobs
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.wire.delta import Delta
from tui_chat.wire.messages import Text
from tui_chat.wire.request import Request

LOOK_EVERY_S = 0.001
SURE_TURNS = 3
"""So often each waits after its first words until the other asks."""


async def answer(request: Request) -> AsyncGenerator[Delta, None]:
    yield Delta(text="heard", finish_reason="stop")


async def talk(desk: Desk, library: Library, chat: str, texts: list[str], events: list[Event]) -> int:
    """Say all the texts, letting go of the chat whenever the other wants it; how often it was had."""
    turns = 0
    while texts:
        library.ask(chat)
        if not library.is_free(chat) or (await desk.open_anew(chat)).read_only is not None:
            await asyncio.sleep(LOOK_EVERY_S)
            continue
        turns += 1
        asker: StoreError | None = None
        while texts and asker is None:
            before = sum(isinstance(event, TurnEnded) for event in events)
            await desk.send(chat, (Text(texts.pop(0)),))
            asker = library.asker(chat)
            if asker is not None:
                try:
                    await desk.hand_over(chat, asker)
                except UsageError:  # it is being answered
                    asker = None
            while sum(isinstance(event, TurnEnded) for event in events) == before:
                await asyncio.sleep(LOOK_EVERY_S)
            asker = asker or library.asker(chat)
            while turns <= SURE_TURNS and asker is None:
                await asyncio.sleep(LOOK_EVERY_S)
                asker = library.asker(chat)
        if asker is not None:
            await desk.hand_over(chat, asker)
        await desk.close(chat)
    return turns


def main(home: str, chat: str, count: int, name: str) -> None:
    at, engine, events = places({"YIBU_CHAT_HOME": home}), Engine(), list[Event]()
    library = Library(at)
    desk = Desk(
        ask=answer,
        shelf=library,
        blobs=Blobs(at.blobs),
        engine=engine,
        emit=events.append,
        continue_prompt=lambda: "",
    )
    texts = [f"{name}{number}" for number in range(count)]
    turns = engine.submit(talk(desk, library, chat, texts, events)).result()
    engine.close()
    unsaved = [event.key for event in events if isinstance(event, NotSaved)]
    print(json.dumps({"turns": turns, "unsaved": unsaved}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
