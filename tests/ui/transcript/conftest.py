"""What the tests of the transcript share: styles to lay out with, and a measure of how work grows."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from rich.style import Style

from tui_chat.ui.transcript.rows import STYLE_KEYS, Styles


@pytest.fixture(scope="session")
def styles() -> Styles:
    """A style for each key, all different: a wrong key shows."""
    return Styles({key: Style.parse(f"color({at})") for at, key in enumerate(STYLE_KEYS, 1)})


@pytest.fixture(scope="session")
def cpu_ratio() -> Callable[[Callable[[str], object], str, str], float]:
    """How much longer, in CPU time, a function takes for a larger text: the best of several runs of each."""

    def ratio(work: Callable[[str], object], small: str, large: str) -> float:
        def best(text: str) -> float:
            times = []
            for _ in range(3):
                start = time.process_time()
                work(text)
                times.append(time.process_time() - start)
            return max(min(times), 1e-5)

        best(small)
        return best(large) / best(small)

    return ratio
