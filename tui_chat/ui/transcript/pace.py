"""How often is what arrives drawn? At once, or when the last picture has stood for a while.

Until then deltas are only noted down; once a frame as many as fit are written.
A frame costs the same however long the answer is and whatever it says: text is written in mouthfuls until the time
for that is up. Frames are never more than a quarter of the time, so keys are answered while a thousand deltas a second
arrive.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_chat.ui.transcript.live import Voice

FRAME_S = 1 / 25
"""The eye does not tell twenty frames a second from thirty; a terminal and a processor do. A little less than a stream
is left to gather (`wire/line.py`), so that what has gathered is drawn when it comes."""
RUSH, RUSH_S = 1_000, 1 / 15
"""So many characters in one frame are read by nobody: the next one comes later."""
BITE = 16_000
"""Characters written in one frame, at most."""
MOUTHFUL, GULP = 2_000, 8_000
"""Characters written between two looks at the clock; and where nothing more will come."""
WRITING_S = 0.01
"""When so much of a frame is gone, what is left waits for the next; what it takes to lay out a screen comes on top."""


class Inbox:
    """Deltas that were not drawn yet, oldest first."""

    def __init__(self) -> None:
        # What follows in the same voice is one item: a key, a voice, and the texts as they came.
        self._waiting: deque[tuple[str, Voice, list[str]]] = deque()
        self._offset = 0
        self._began = 0.0
        self._took_s = 0.0
        self._due = 0.0
        self._said = 0
        """Characters written in this frame."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, key: str, voice: Voice, text: str) -> None:
        """Note down what was said; cheap."""
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last[0] == key and last[1] == voice:
            last[2].append(text)
        else:
            self._waiting.append((key, voice, [text]))

    def bites(self, *, hurry: bool = False) -> Iterator[tuple[str, Voice, str]]:
        """One frame's worth in mouthfuls, at least one: `BITE` characters in all, or what there is time for.

        Args:
            hurry: nothing more will come, so only the time counts.
        """
        left = BITE
        first = True
        while self._waiting and left > 0 and (first or perf_counter() - self._began < WRITING_S):
            first = False
            key, voice, texts = self._waiting[0]
            if len(texts) > 1:
                texts[:] = ["".join(texts)]
            most = GULP if hurry else min(MOUTHFUL, left)
            text = texts[0][self._offset : self._offset + most]
            left -= 0 if hurry else len(text)
            self._said += len(text)
            self._offset += len(text)
            if self._offset >= len(texts[0]):
                self._waiting.popleft()
                self._offset = 0
            yield key, voice, text

    def waits(self, key: str) -> int:
        """How many characters of that entry were not drawn yet."""
        waiting = sum(len(text) for item in self._waiting if item[0] == key for text in item[2])
        return waiting - (self._offset if self._waiting and self._waiting[0][0] == key else 0)

    def drop(self, key: str) -> None:
        """Forget what waits for that entry: its final form is here."""
        first = self._waiting[0] if self._waiting else None
        self._waiting = deque(item for item in self._waiting if item[0] != key)
        if not self._waiting or self._waiting[0] is not first:
            self._offset = 0

    # pacing

    def begin_frame(self) -> None:
        """A frame is being drawn."""
        self._said = 0
        self._began = perf_counter()

    def end_frame(self) -> None:
        """It is drawn."""
        ended = perf_counter()
        self._took_s = ended - self._began
        self._due = ended + self.delay_s

    @property
    def delay_s(self) -> float:
        """How long one stands before the next."""
        return max(RUSH_S if self._said >= RUSH else FRAME_S, 3 * self._took_s)

    @property
    def due_in_s(self) -> float:
        """How long to wait with the next one from now on."""
        return max(0.0, self._due - perf_counter())
