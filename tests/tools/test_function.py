"""Any function can be a tool: what it returns is told, what it raises is its failure, and it can't hold us up."""

import asyncio
import threading
from pathlib import Path
from typing import Annotated

import pytest

from tests.waiting import eventually
from tui_chat.errors import ToolError
from tui_chat.tools.function import TEXT_LIMIT_CHARACTERS, in_thread, tool_of, whole_numbers
from tui_chat.tools.schema import Limits, schema_of
from tui_chat.tools.tool import Outcome, Surroundings

AROUND = Surroundings(Path("/nowhere"))


async def run(function, /, timeout_s=5.0, **arguments) -> Outcome:
    tool = tool_of(function, "harmless", timeout_s=timeout_s)
    assert tool.run is not None
    return await tool.run(arguments, AROUND)


async def test_what_a_function_returns_is_told():
    def text(x: int) -> str:
        return f"x is {x}"

    async def later(x: int) -> dict[str, object]:
        return {"x": x, "中": None}

    def whole(x: int) -> Outcome:
        return Outcome("no", failed=True)

    def placed(here: Surroundings) -> str:
        return str(here.folder)

    assert (await run(text, x=1)).text == "x is 1"
    assert (await run(later, x=2)).text == '{"x": 2, "中": null}'
    assert (await run(whole, x=2)) == Outcome("no", failed=True)
    assert (await run(placed)).text == str(AROUND.folder)


async def test_half_characters_and_floods_of_text_are_made_fit_to_send():
    def half() -> str:
        return "a\ud800b"

    def flood() -> str:
        return "é" * (TEXT_LIMIT_CHARACTERS + 10)

    assert (await run(half)).text == "a\ufffdb"
    told = await run(flood)
    assert told.text.endswith("[10 more characters were cut off]")
    assert told.cut_bytes == 20


@pytest.mark.parametrize(
    "error", [ValueError("bad\nthing"), KeyError("x"), SystemExit(3), StopIteration(), TimeoutError()]
)
async def test_what_a_function_raises_is_its_failure(error: BaseException):
    def breaks() -> str:
        raise error

    with pytest.raises(ToolError) as caught:
        await run(breaks)
    assert caught.value.key == "error.tool_failed"
    assert "\n" not in str(caught.value.facts["reason"])


async def test_a_function_that_never_returns_is_left_behind():
    release = threading.Event()

    def hangs() -> str:
        release.wait()
        return ""

    with pytest.raises(ToolError) as caught:
        await run(hangs, timeout_s=0.05)
    assert caught.value.key == "error.call_timeout"
    left = [thread for thread in threading.enumerate() if thread.name == "yibu-tool"]
    assert all(thread.daemon for thread in left)
    release.set()
    await eventually(lambda: not any(thread.name == "yibu-tool" for thread in threading.enumerate()))


async def test_a_thread_that_is_no_longer_waited_for_ends_in_silence():
    release = threading.Event()
    task = asyncio.ensure_future(in_thread(release.wait))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    await eventually(lambda: not any(thread.name == "yibu-tool" for thread in threading.enumerate()))


def test_three_point_nought_is_three_where_a_whole_number_is_asked_for():
    def f(
        n: int, x: float, some: list[int], either: int | float, limited: Annotated[int, Limits(ge=1)] = 1
    ) -> None: ...

    given = {"n": 3.0, "x": 3.0, "some": [1.0, 2], "either": 2.0, "limited": 4.0}
    whole = whole_numbers(given, schema_of(f))
    assert [type(whole[name]) for name in ("n", "x", "either", "limited")] == [int, float, float, int]
    assert all(type(item) is int for item in whole["some"])
