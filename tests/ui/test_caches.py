"""What the drawing libraries remember is forgotten once it is much, and never while it is little."""

from __future__ import annotations

import functools
from typing import Any

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_chat.ui import caches


def remembered(method: Any) -> int:
    cache: functools._lru_cache_wrapper[object] = method.__func__
    return cache.cache_info().currsize


def test_a_cache_that_grew_large_is_emptied_and_a_small_one_stays() -> None:
    caches.give_back()
    Strip.render_ansi(Style(bold=True), ColorSystem.TRUECOLOR)
    little = remembered(Strip.render_ansi)
    for number in range(2100):
        Segment(f"两个字 {number}").split_cells(3)
    assert remembered(Segment._split_cells) > 2000
    caches.give_back()
    assert (remembered(Segment._split_cells), remembered(Strip.render_ansi)) == (0, little)
    assert little > 0
