"""Where does a program's time go? Runs a module as a program and looks, by the processor's clock, at what it is doing.

    python bench/sampler.py OUT.json MODULE [ARGUMENT…]

The kernel's profiling timer ticks only while the process computes, so ticks are shares of CPU time, of all threads;
each tick notes the stacks of the threads that are not waiting. POSIX only. What was seen is written at the end, and
whenever SIGUSR1 comes it is begun anew.
"""

from __future__ import annotations

import atexit
import json
import runpy
import signal
import sys
import threading
from collections import Counter
from types import FrameType

EVERY_S = 0.001
WAITING = frozenset(("select", "poll", "wait", "_wait_for_tstate_lock", "get", "acquire", "join", "_worker"))
"""Where a thread stands that has nothing to do."""
DEPTH = 60


class Sampler:
    """Counts stacks, innermost frame first, each frame as "file:function"."""

    def __init__(self, out: str) -> None:
        self._out = out
        self._stacks: Counter[tuple[str, ...]] = Counter()

    def start(self) -> None:
        """Tick from now on, until the program ends."""
        atexit.register(self.save)
        signal.signal(signal.SIGPROF, self._tick)
        signal.signal(signal.SIGUSR1, lambda _number, _frame: self._stacks.clear())
        signal.signal(signal.SIGUSR2, lambda _number, _frame: self.save())
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def save(self) -> None:
        """Write what was seen."""
        with open(self._out, "w", encoding="utf-8") as file:  # noqa: PTH123  # pathlib may be on the way out
            json.dump([[count, *stack] for stack, count in self._stacks.items()], file)

    def _tick(self, _number: int, frame: FrameType | None) -> None:
        own = threading.get_ident()
        frames = [other for ident, other in sys._current_frames().items() if ident != own]
        working = [each for each in (frame, *frames) if each is not None and each.f_code.co_name not in WAITING]
        if working:
            self._stacks[tuple(names(working[0]))] += 1


def names(frame: FrameType | None) -> list[str]:
    """The stack, innermost first."""
    found: list[str] = []
    while frame is not None and len(found) < DEPTH:
        found.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
        frame = frame.f_back
    return found


if __name__ == "__main__":
    sampler = Sampler(sys.argv[1])
    module = sys.argv[2]
    sys.argv[:] = sys.argv[2:]
    sampler.start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
