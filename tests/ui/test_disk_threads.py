"""Does the screen ever wait for the disk? What the store does happens on other threads than the one that draws."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.gateway.answers import DONE, Hold, sse
from tests.gateway.server import FakeGateway
from tests.gateway.upstreams import openai
from tests.ui.whole_app import on_stage
from tui_chat.store.journal import SessionJournal
from tui_chat.store.partial import Sidecar
from tui_chat.store.sessions import Library
from tui_chat.ui.widgets.chat_list import ChatList

WORK: tuple[tuple[Any, str], ...] = (
    (os, "fsync"),
    (SessionJournal, "append"),
    (Sidecar, "keep"),
    (Sidecar, "forget"),
    (Library, "create"),
    (Library, "open"),
    (Library, "summaries"),
    (Library, "change"),
    (Library, "trash"),
)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[threading.Thread]]:
    """On which threads each piece of work was done."""
    seen: dict[str, set[threading.Thread]] = {}

    def noting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def work(*args: Any, **kwargs: Any) -> Any:
            seen.setdefault(name, set()).add(threading.current_thread())
            return real(*args, **kwargs)

        return work

    for home, name in WORK:
        monkeypatch.setattr(home, name, noting(name, getattr(home, name)))
    return seen


async def test_the_thread_that_draws_never_waits_for_the_disk(
    gateway: FakeGateway, threads: dict[str, set[threading.Thread]]
) -> None:
    gateway.script(sse(openai({"content": "one "}), Hold(), openai({"content": "two"}), openai({}, "stop"), DONE))
    async with on_stage(gateway) as stage:
        await stage.write("the first chat")
        await stage.press("enter")
        await stage.settled(lambda: "keep" in threads, "the growing answer is kept")
        gateway.open()
        await stage.settled(lambda: stage.idle and stage.texts[-1] == "one two")
        first = stage.chat.chat
        await stage.press("ctrl+n")
        await stage.settled(lambda: stage.chat.chat != first)
        chats = stage.chat_list
        assert chats is not None
        chats.post_message(ChatList.PinAsked(first))
        await stage.settled(lambda: "change" in threads, "a chat that is not open is pinned")
        chats.post_message(ChatList.Opened(first))
        await stage.settled(lambda: stage.chat.chat == first and "open" in threads)
        chats.post_message(ChatList.DeleteAsked(first))
        await stage.settled(lambda: "trash" in threads, "it goes to the trash")
    assert threads.keys() == {name for _, name in WORK}
    assert {name for name, found in threads.items() if threading.current_thread() in found} == set()
