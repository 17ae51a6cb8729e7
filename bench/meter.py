"""What did a program use? Processor time and memory of a process with everything it started."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.terminal import processes
from tests.terminal.processes import descendants, peak_of_one_mb

_CLOCK_OF_PROCESS = 2  # CPUCLOCK_SCHED, linux/include/linux/posix-timers.h: exact where /proc counts in ticks of 10 ms


def cpu_seconds(pid: int) -> float:
    """User and system time so far, with that of children that ended; 0.0 where the process is gone."""
    if sys.platform != "linux":
        return processes.cpu_seconds(pid)
    return sum(exact_cpu_seconds(one) + waited_cpu_seconds(one) for one in [pid, *descendants(pid)])


def exact_cpu_seconds(pid: int) -> float:
    """Time of all threads of one process by its processor clock; Linux only."""
    try:
        return time.clock_gettime((~pid << 3) | _CLOCK_OF_PROCESS)
    except OSError:
        return 0.0


def waited_cpu_seconds(pid: int) -> float:
    """Time of the children of one process that ended and were waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / 100


def peak_mb(pid: int) -> float:
    """The most memory each process of the tree ever had, summed; what it has now where the system keeps no peak."""
    return sum(peak_of_one_mb(one) for one in [pid, *descendants(pid)])
