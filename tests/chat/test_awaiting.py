"""A question does not go without the tools of a server that is still starting; the person knows, and can send it on."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from typing import Any

import pytest

from tests.chat.tools import ToolStage, words
from tests.waiting import eventually_in_thread
from tui_chat.chat import exchange
from tui_chat.chat.desk import Desk
from tui_chat.chat.events import Awaits, TurnEnded, WentWithout

LATE = "slow__look"


class Starting:
    """A server that is on its way until the test says otherwise."""

    def __init__(self) -> None:
        self.up: asyncio.Event | None = None
        self.over = False

    def starting(self, tools: Collection[str]) -> tuple[str, ...]:
        return ("slow",) if LATE in tools and not self.over else ()

    async def until_started(self, names: Collection[str]) -> None:
        assert names == ("slow",)
        self.up = asyncio.Event()
        await self.up.wait()


class Awaiting(ToolStage):
    def __init__(self) -> None:
        self.server = Starting()
        super().__init__()
        self.box = self.box.plus([self.bench.tool("here")])
        self.late = self.bench.tool(LATE)

    def new_desk(self, **more: Any) -> Desk:
        return super().new_desk(servers=lambda: self.server, **more)

    def go(self) -> None:
        """Ask something, and wait until it waits."""
        self.begin(tools=("here", LATE))
        self.scripts = [words("ok"), words("ok")]
        self.say("go")
        eventually_in_thread(lambda: self.server.up is not None, what="it waits")

    def it_starts(self, *, well: bool) -> None:
        self.server.over = True
        if well:
            self.box = self.box.plus([self.late])
        assert self.server.up is not None
        self.engine.submit(self._set(self.server.up)).result(5)

    async def _set(self, event: asyncio.Event) -> None:
        event.set()

    def offered(self, number: int = -1) -> list[str]:
        return [tool.name for tool in self.requests[number].tools]

    def told(self) -> list[Any]:
        return [event for event in self.events if isinstance(event, Awaits | WentWithout)]


@pytest.fixture
def stage() -> Iterator[Awaiting]:
    stage = Awaiting()
    yield stage
    stage.engine.close()


def test_it_is_sent_with_its_tools_once_the_server_has_started(stage: Awaiting) -> None:
    stage.go()
    assert not stage.requests and stage.run(stage.desk.open("chat")).awaited == ("slow",)
    assert stage.run(stage.desk.open("chat")).running is not None
    stage.it_starts(well=True)
    stage.wait_over()
    assert stage.offered() == ["here", LATE]
    assert [(type(event), getattr(event, "servers", None)) for event in stage.told()] == [
        (Awaits, ("slow",)),
        (Awaits, ()),
    ]
    view = stage.run(stage.desk.open("chat"))
    assert view.awaited == () and view.conversation.node(view.conversation.leaf or "").text == "ok"
    stage.say("again")
    stage.wait_over(2)
    assert stage.offered() == ["here", LATE] and len(stage.told()) == 2


def test_where_the_server_fails_it_goes_without_and_that_is_told_once(stage: Awaiting) -> None:
    stage.go()
    stage.it_starts(well=False)
    stage.wait_over()
    assert stage.offered() == ["here"] and stage.told()[-1] == WentWithout("chat", (LATE,))
    stage.say("again")
    stage.wait_over(2)
    assert stage.offered() == ["here"] and len(stage.told()) == 3


def test_the_person_can_send_it_on(stage: Awaiting) -> None:
    stage.go()
    stage.run(stage.desk.go_on("chat"))
    stage.wait_over()
    assert stage.offered() == ["here"] and WentWithout("chat", (LATE,)) in stage.told()


def test_it_waits_for_no_longer_than_its_time(stage: Awaiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "AWAIT_S", 0.01)
    stage.go()
    stage.wait_over()
    assert stage.offered() == ["here"] and WentWithout("chat", (LATE,)) in stage.told()


def test_a_stop_while_it_waits_sends_nothing(stage: Awaiting) -> None:
    stage.go()
    stage.run(stage.desk.stop("chat"))
    (end,) = (event for event in stage.events if isinstance(event, TurnEnded))
    assert (end.finish, end.kept) == ("stopped", False) and not stage.requests
    assert stage.told()[-1] == Awaits("chat", end.node, ())
    stage.it_starts(well=True)
    stage.say("again")
    stage.wait_over(2)
    assert stage.offered() == ["here", LATE]
