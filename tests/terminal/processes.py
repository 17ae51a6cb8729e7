"""Processes below a process and the time they used: /proc where there is one, else `ps`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROC = Path("/proc")


def table() -> dict[int, tuple[int, float]]:
    """Every process: parent and seconds of user and system time, with those of its children that were waited for."""
    if not (PROC / "self" / "stat").exists():
        return table_by_ps()
    ticks = os.sysconf("SC_CLK_TCK")
    found: dict[int, tuple[int, float]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:  # it ended while we looked
                continue
            fields = stat.rpartition(")")[2].split()  # the name before may hold blanks and brackets
            found[int(folder.name)] = (int(fields[1]), sum(int(field) for field in fields[11:15]) / ticks)
    return found


def table_by_ps() -> dict[int, tuple[int, float]]:
    """The same from `ps`, without children that ended; hundredths of a second."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,time="], capture_output=True, text=True, check=True)
    found: dict[int, tuple[int, float]] = {}
    for line in listing.stdout.splitlines():
        pid, parent, spent = line.split()
        seconds = 0.0
        for field in spent.replace("-", ":").split(":"):
            seconds = seconds * 60 + float(field)
        found[int(pid)] = (int(parent), seconds)
    return found


def descendants(pid: int) -> list[int]:
    """All processes below this one, without it."""
    parents = table()
    below = [pid]
    for one in below:
        below += [child for child, (parent, _seconds) in parents.items() if parent == one]
    return below[1:]


def cpu_seconds(pid: int) -> float:
    """Time used by a process and all below it; 0.0 where it is gone."""
    processes = table()
    return sum(processes[one][1] for one in [pid, *descendants(pid)] if one in processes)


def is_busy(pid: int) -> bool:
    """Whether a thread of this process, or of one below it, runs or waits for a processor; False where unknown."""
    return _has_work(pid) or any(map(_has_work, descendants(pid)))


def _has_work(pid: int) -> bool:
    try:
        stats = [(folder / "stat").read_text() for folder in (PROC / str(pid) / "task").iterdir()]
    except OSError:  # it ended while we looked, or there is no /proc
        return False
    return any(stat.rpartition(")")[2].split()[0] in "RD" for stat in stats)


def peak_of_one_mb(pid: int) -> float:
    """Peak resident memory of one process; what it has now where the system keeps no peak.

    Not `ru_maxrss`: on Linux a program begins with that of the process it was forked from.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return float(shown.stdout.strip() or 0) / 1024
    return next((int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmHWM")), 0.0)
