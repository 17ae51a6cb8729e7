import asyncio
import threading
from collections.abc import Iterator

import pytest

from tui_chat.engine import Engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def test_work_runs_on_a_thread_of_its_own_and_gives_its_result(engine):
    async def where() -> str:
        return threading.current_thread().name

    assert engine.submit(where()).result(5) == "yibu-engine"


def test_what_fails_there_is_raised_here(engine):
    async def fail() -> None:
        raise ValueError("there")

    with pytest.raises(ValueError, match="there"):
        engine.submit(fail()).result(5)


def test_writes_are_done_in_the_order_they_were_asked_for(engine):
    done: list[int] = []

    async def write_all() -> None:
        await asyncio.gather(*(engine.write(done.append, number) for number in range(50)))

    engine.submit(write_all()).result(5)
    assert done == list(range(50))


def test_a_slow_write_does_not_hold_up_the_loop(engine):
    go = threading.Event()

    async def both() -> str:
        slow = engine.spawn(engine.write(go.wait, 10))
        await asyncio.sleep(0)
        go.set()
        await slow
        return "free"

    assert engine.submit(both()).result(5) == "free"


def test_closing_cancels_what_still_runs_and_can_be_done_twice():
    engine = Engine()
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.set()

    async def begin() -> None:
        engine.spawn(forever())
        await asyncio.sleep(0)

    engine.submit(begin()).result(5)
    engine.close()
    assert ended.is_set()
    engine.close()


def test_later_is_called_on_the_engine(engine):
    called = threading.Event()

    async def ask() -> None:
        engine.later(0.001, called.set)

    engine.submit(ask()).result(5)
    assert called.wait(5)
