"""The real local model calls a real tool: small as it is, it does as the conversation before shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.long_form import long_form
from tests.real_model import real_server
from tests.waiting import eventually_in_thread
from tui_chat.chat.events import Event, TurnEnded
from tui_chat.chat.node import Node, new_id
from tui_chat.chat.tree import NodeAdded
from tui_chat.local import LocalServer
from tui_chat.wire.client import Endpoint
from tui_chat.wire.messages import Text, ToolCall, ToolResult
from tui_chat.wiring import Connection, House

pytestmark = pytest.mark.skipif(not long_form("LOCAL_TOOLS", 0), reason="long form: YIBU_FAULTS_LOCAL_TOOLS=1")
SHOWN = (("Paris", "Europe/Paris", "10:05"), ("London", "Europe/London", "09:05"), ("Cairo", "Africa/Cairo", "11:06"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    with real_server(tmp_path / "cache") as started:
        yield started


def test_the_real_model_calls_a_tool_and_answers_with_its_result(server: LocalServer) -> None:
    events: list[Event] = []
    house = House(events.append)
    try:
        house.connect(Connection(Endpoint(server.base_url, server.api_key), "local", server.model))
        head = house.new_head(tools=("current_time",), values={"temperature": 0.0, "max_completion_tokens": 80})
        journal = house.library.create(head)
        parent: str | None = None
        for city, zone, time in SHOWN:
            call = ToolCall(f"call_{city}", "current_time", f'{{"timezone": "{zone}"}}')
            for node in (
                Node(new_id(), None, "user", (Text(f"What time is it in {city}?"),)),
                Node(new_id(), None, "assistant", (call,), finish="tool_calls"),
                Node(new_id(), None, "tool", (ToolResult(call.id, time),)),
                Node(new_id(), None, "assistant", (Text(f"It is {time} in {city}."),), finish="stop"),
            ):
                journal.append(NodeAdded(replace(node, parent=parent)))
                parent = node.id
        journal.close()
        house.engine.submit(house.desk.open(head.id)).result()
        house.engine.submit(house.desk.send(head.id, (Text("What time is it in Tokyo?"),))).result()
        eventually_in_thread(lambda: any(isinstance(e, TurnEnded) and not e.goes_on for e in events), 60)
        tree = house.engine.submit(house.desk.open(head.id)).result().conversation
        said = [tree.node(id) for id in tree.path()][len(SHOWN) * 4 :]
        assert [node.role for node in said] == ["user", "assistant", "tool", "assistant"]
        assert said[1].calls[0].name == "current_time" and "Asia/Tokyo" in said[1].calls[0].arguments
        assert said[2].result is not None and not said[2].result.failed and "Asia/Tokyo" in said[2].result.text
        assert said[3].finish == "stop" and said[3].text

    finally:
        house.close()
