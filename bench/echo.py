"""How long does a key take to its echo? Reckoned after the run, from what was written when.

Keys are sent at fixed times, whether or not the one before was answered, and each is measured from the moment it was
due. So a program that stands still for a second is late with every key of that second: no omission is coordinated
with the program's own pauses.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from tests.terminal.emulator import Emulator

COLUMNS, ROWS = 120, 40
BASE = "qzxj"
"""Typed first and not measured: with it in front nothing that is typed can stand in the document by chance."""
LETTERS = "wkvyhgbfpm"
LINE_KEYS = 24
"""So many letters are typed, then taken back one by one: the text never reaches a second line."""


@dataclass(frozen=True)
class Sent:
    """One key: its name, when it was due (`time.monotonic()` seconds), and what the line shows after it."""

    key: str
    due_s: float
    shown: str
    gone: str = ""
    """What must no longer be shown: the line before a character was taken back."""

    def seen(self, screen: str) -> bool:
        """Whether the screen shows what this key did."""
        return self.shown in screen and not (self.gone and self.gone in screen)


def strokes(begin_s: float, every_s: float, count: int) -> Iterator[Sent]:
    """Letters and backspaces by turns of `LINE_KEYS`, at fixed times."""
    line = BASE
    for number in range(count):
        due_s = begin_s + number * every_s
        if (number // LINE_KEYS) % 2 == 0:
            letter = LETTERS[number % len(LETTERS)]
            line += letter
            yield Sent(letter, due_s, line)
        else:
            before, line = line, line[:-1]
            yield Sent("backspace", due_s, line, before)


def delays_ms(sent: Sequence[Sent], pieces: Sequence[tuple[float, bytes]], until_s: float) -> list[float]:
    """Milliseconds from when each key was due until its effect was on the screen.

    Args:
        sent: the keys in order.
        pieces: what the program wrote: `time.monotonic()` and bytes, from its start on.
        until_s: when watching ended: a key not echoed by then counts as echoed then.
    """
    screen = Emulator(COLUMNS, ROWS)
    delays: list[float] = []
    waiting = list(sent)
    for at_s, piece in pieces:
        screen.feed(piece)
        if not waiting or at_s < waiting[0].due_s:
            continue
        text = "\n".join(screen.screen.lines())
        due = bisect_left(waiting, at_s, key=lambda key: key.due_s)
        # Several keys may be echoed by one frame, which shows only what the last of them did.
        last = next((n for n in reversed(range(due)) if waiting[n].seen(text)), -1)
        delays += [(at_s - key.due_s) * 1000 for key in waiting[: last + 1]]
        del waiting[: last + 1]
    return delays + [(until_s - key.due_s) * 1000 for key in waiting]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that is at least as large as this share of them; 0.0 where there are none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0
