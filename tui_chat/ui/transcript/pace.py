"""How often is what arrives drawn? Deltas are only noted down; once a frame as many as fit are written.

A frame costs the same however long the answer is, and it is never more than a quarter of the time, so keys are
answered while a thousand deltas a second arrive.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_chat.ui.transcript.live import Voice

FRAME_S = 1 / 20
"""The eye does not tell twenty frames a second from thirty; a terminal and a processor do."""
BITE, LEAST_BITE = 16_000, 4_000
"""Characters written in one frame, at most; fewer while frames take long."""
LONG_S, SHORT_S = 0.03, 0.01
"""A frame that takes longer is felt; one that takes less could do more."""


class Inbox:
    """Deltas that were not drawn yet, oldest first."""

    def __init__(self) -> None:
        # What follows in the same voice is one item: a key, a voice, and the texts as they came.
        self._waiting: deque[tuple[str, Voice, list[str]]] = deque()
        self._offset = 0
        self._bite = BITE
        self._began = 0.0
        self._took_s = 0.0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, key: str, voice: Voice, text: str) -> None:
        """Note down what was said; cheap."""
        last = self._waiting[-1] if self._waiting else None
        if last is not None and last[0] == key and last[1] == voice:
            last[2].append(text)
        else:
            self._waiting.append((key, voice, [text]))

    def take(self) -> list[tuple[str, Voice, str]]:
        """One frame's worth, at most `BITE` characters in all."""
        taken: list[tuple[str, Voice, str]] = []
        left = self._bite
        while self._waiting and left > 0:
            key, voice, texts = self._waiting[0]
            if len(texts) > 1:
                texts[:] = ["".join(texts)]
            text = texts[0][self._offset : self._offset + left]
            left -= len(text)
            self._offset += len(text)
            if self._offset >= len(texts[0]):
                self._waiting.popleft()
                self._offset = 0
            taken.append((key, voice, text))
        return taken

    def drop(self, key: str) -> None:
        """Forget what waits for that entry: its final form is here."""
        first = self._waiting[0] if self._waiting else None
        self._waiting = deque(item for item in self._waiting if item[0] != key)
        if not self._waiting or self._waiting[0] is not first:
            self._offset = 0

    # pacing

    def begin_frame(self) -> None:
        """A frame is being drawn."""
        self._began = perf_counter()

    def end_frame(self) -> None:
        """It is drawn."""
        self._took_s = perf_counter() - self._began
        if self._took_s > LONG_S:
            self._bite = max(min(LEAST_BITE, BITE), self._bite // 2)
        elif self._took_s < SHORT_S:
            self._bite = min(BITE, self._bite * 2)

    @property
    def delay_s(self) -> float:
        """How long to wait with the next one."""
        return max(FRAME_S, 3 * self._took_s)
