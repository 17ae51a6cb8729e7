"""What must it reach, and does it? The goals, each as a ratio to the bare Textual app of the same run.

The goals were set in seconds on one machine, where the bare app started in 0.18 CPU-s and echoed a key in 6 ms. So a
goal of 0.35 CPU-s says: 1.9 times what the bare app takes to start, on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bench.clients import BARE, OURS, STREAM
from bench.figures import Results

START_S, ECHO_MS = 0.18, 6.0
"""Of the bare app where the goals were set."""
Unit = Literal["start", "echo", "bare", "get_stream", "own", "as it is"]


@dataclass(frozen=True)
class Goal:
    """One thing to be reached.

    Attributes:
        work: what, in words.
        row, figure: where it stands in the results.
        most: the goal in its own unit.
        unit: what it is a ratio to: "start" and "echo" of the bare app (reckoned from `START_S`, `ECHO_MS`), "bare"
            and "get_stream" the same figure of those apps, "own" the same figure of this project's row `than`; "as it
            is" where it does not depend on the machine.
        name: of the unit in which `most` is given.
        than: the row that is compared with, for "own".
    """

    work: str
    row: str
    figure: str
    most: float
    unit: Unit = "start"
    name: str = "CPU-s"
    than: str = ""


GOALS = (
    Goal("start to a usable prompt", "startup", "cpu_s", 1.15, "bare", "× bare"),
    Goal("stream 20 kB", "stream 20", "total_s", 0.35),
    Goal("stream 100 kB", "stream 100", "total_s", 1.0),
    Goal("stream 400 kB", "stream 400", "total_s", 3.5),
    Goal("400 kB against 200 kB", "stream 400", "total_s", 2.2, "own", "×", "stream 200"),
    Goal("10 kB at 100 tokens/s, typing", "everyday", "total_s", 2.0),
    Goal("its key echo, p50", "everyday", "p50_ms", 12, "echo", "ms"),
    Goal("its key echo, p95", "everyday", "p95_ms", 25, "echo", "ms"),
    Goal("key echo at 1 000 deltas/s, p50", "busy", "p50_ms", 20, "echo", "ms"),
    Goal("key echo at 1 000 deltas/s, p99", "busy", "p99_ms", 60, "echo", "ms"),
    Goal("open a chat of 1 000 messages", "open 1000", "cpu_s", 0.10),
    Goal("open a chat of 10 000 messages", "open 10000", "cpu_s", 0.20),
    Goal("memory for those 10 000", "open 10000", "rss_mb", 15, "as it is", "MB"),
    Goal("key press among 10 000", "open 10000", "key_ms", 6, "start", "CPU-ms"),
    Goal("resize among 10 000", "open 10000", "resize_ms", 50, "start", "CPU-ms"),
    Goal("scroll step among 10 000", "open 10000", "scroll_ms", 8, "start", "CPU-ms"),
    Goal("jump among 10 000", "open 10000", "jump_ms", 20, "start", "CPU-ms"),
    Goal("idle with a chat open", "idle", "cpu_percent", 0.3, "as it is", "%"),
    Goal("peak memory with a chat of 100 kB", "stream 100", "peak_mb", 70, "as it is", "MB"),
    Goal("bytes to the terminal for 100 kB", "stream 100", "tty_kb", 0.15, "get_stream", "× get_stream"),
    Goal("`ask` until its request leaves", "ask", "cpu_s", 0.12),
    Goal("search 125 MB in 10 000 chats", "search", "per_125_mb_s", 0.5),
    Goal("list of 10 000 chats", "search", "list_cpu_ms", 50, "start", "CPU-ms"),
    Goal("30 000 events of a stream, to the folded answer", "sse", "per_30000_s", 1.0),
)


@dataclass(frozen=True)
class Verdict:
    """A goal and what came of it, both as ratios to the unit; None where something was not measured."""

    goal: Goal
    most: float
    reached: float | None

    @property
    def met(self) -> bool | None:
        """Whether it is; None where that is not known."""
        return None if self.reached is None else self.reached <= self.most


def judge(results: Results) -> list[Verdict]:
    """Every goal against the figures."""
    return [verdict(goal, results) for goal in GOALS]


def verdict(goal: Goal, results: Results) -> Verdict:
    """One goal against the figures."""
    value = figure(results, goal.row, OURS, goal.figure)
    milli = 1000 if goal.figure.endswith("_ms") else 1
    start = results.get("startup", BARE, "cpu_s")
    unit, most = {
        "start": (start and start * milli, goal.most / (START_S * milli)),
        "echo": (results.get("quiet keys", BARE, "p50_ms"), goal.most / ECHO_MS),
        "bare": (figure(results, goal.row, BARE, goal.figure), goal.most),
        "get_stream": (figure(results, goal.row, STREAM, goal.figure), goal.most),
        "own": (figure(results, goal.than, OURS, goal.figure) if goal.than else None, goal.most),
        "as it is": (1.0, goal.most),
    }[goal.unit]
    return Verdict(goal, most, None if value is None or not unit else value / unit)


def figure(results: Results, row: str, client: str, name: str) -> float | None:
    """A figure of the results, or one reckoned from them: what came with what came after, or for so much of it."""
    if name == "total_s":
        cpu, after = results.get(row, client, "cpu_s"), results.get(row, client, "after_cpu_s")
        return None if cpu is None else cpu + (after or 0.0)
    if name == "per_125_mb_s":
        cpu, size = results.get(row, client, "cpu_s"), results.get(row, client, "MB")
        return None if cpu is None or not size else cpu * 125 / size
    if name == "per_30000_s":
        rate = results.get(row, client, "events_per_cpu_s")
        return None if not rate else 30_000 / rate
    return results.get(row, client, name)
