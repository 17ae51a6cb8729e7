"""Row 75: a clock that jumps in the middle of a chat changes neither the order of what was said nor any timer."""

import queue
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.stage import environment
from tui_chat.chat.events import Event, TurnEnded
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Text
from tui_chat.wiring import House


@pytest.mark.parametrize("days", [-365, -1 / 24, 800])
def test_row_75_a_clock_that_jumps_changes_neither_order_nor_timers(gateway, own_home, monkeypatch, days):
    jumped = timedelta()
    real_time = time.time

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz or UTC) + jumped

    monkeypatch.setattr("tui_chat.chat.node.datetime", Clock)
    monkeypatch.setattr(time, "time", lambda: real_time() + jumped.total_seconds())
    for name, value in environment(gateway).items():
        monkeypatch.setenv(name, value or "")
    ended: queue.SimpleQueue[TurnEnded] = queue.SimpleQueue()

    def emit(event: Event) -> None:
        if isinstance(event, TurnEnded):
            ended.put(event)

    house = House(emit)
    try:
        house.find_connection()
        head = house.new_head(model="m")
        house.engine.submit(house.desk.new(head)).result()
        for number in range(4):
            jumped = timedelta(days=days * (number % 2))
            house.engine.submit(house.desk.send(head.id, (Text(f"question {number}"),))).result()
            assert ended.get(timeout=30).finish == "stop"
    finally:
        house.close()
    library = Library(places())
    opened = library.open(head.id)
    nodes = [opened.conversation.node(id) for id in opened.conversation.path()]
    opened.journal.close()
    assert opened.read_only is None and not opened.notes
    assert [node.text for node in nodes if node.role == "user"] == [f"question {number}" for number in range(4)]
    assert [node.role for node in nodes] == ["user", "assistant"] * 4
    times = [node.time for node in nodes if node.role == "user"]
    assert abs(times[1] - times[0] - timedelta(days=days)) < timedelta(minutes=5)  # the clock did jump
    assert all(0 <= (node.timing.total_s or 0) < 60 for node in nodes)
    assert [row.id for row in library.summaries()] == [head.id]
