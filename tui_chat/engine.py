"""Where things happen without waiting for the screen: one thread with its own event loop (law 3).

Desk, turns, network and journals live on it. A screen that stands still, because its terminal is not read or a
person drags a window, does not stop an answer from being received and saved. Disk writes go to one more thread, in
order, so that a slow disk does not hold up the network either; what nothing waits for goes beside them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Engine:
    """An event loop on a daemon thread, its tasks, and its writer thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="yibu-writer")
        self._beside = ThreadPoolExecutor(2, thread_name_prefix="yibu-beside")
        self._thread = Thread(target=self._run, name="yibu-engine", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the engine, from any other thread; its result comes through the future."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task from within the engine. The engine keeps hold of it until it is done."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call on the writer thread, after all that were asked for before it."""
        return await self._loop.run_in_executor(self._writer, lambda: work(*args, **kwargs))

    async def beside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call on a thread beside the writer: for what may take long and has no order."""
        return await self._loop.run_in_executor(self._beside, lambda: work(*args, **kwargs))

    def later(self, delay_s: float, work: Callable[[], object]) -> asyncio.TimerHandle:
        """Call `work` on the engine after a delay, from within the engine."""
        return self._loop.call_later(delay_s, work)

    def close(self, timeout_s: float = 5.0) -> None:
        """End what still runs, finish the writes that were asked for, stop the threads."""
        if not self._thread.is_alive():
            return
        self.submit(self._end()).result(timeout_s)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout_s)
        self._writer.shutdown(wait=True)
        self._beside.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _end(self) -> None:
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
