"""How much may Rich and Textual remember of what they drew? As much as a few screens need.

They keep up to 16,384 pieces of cut text, styles and places each, for as long as the program runs. An evening of many
chats, sizes and themes fills that with tens of megabytes of which nothing is on screen any more.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from typing import Any

from tui_chat import heap

_MANY = 2000
"""Entries of one cache; a screen full of text makes some hundreds, and makes them again within one picture."""


def give_back() -> None:
    """Forget what has grown large, then give free memory back. Takes milliseconds; not for the screen's thread."""
    for cache in _caches():
        if cache.cache_info().currsize > _MANY:
            cache.cache_clear()
    heap.give_back()


def _caches() -> Iterator[Any]:
    """Functions and methods of both libraries that remember what they answered."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("rich", "textual"):
            for value in list(vars(module).values()):
                own = isinstance(value, type) and value.__module__ == name
                for found in (value, *(vars(value).values() if own else ())):
                    function = getattr(found, "__func__", found)
                    if isinstance(function, functools._lru_cache_wrapper):
                        yield function
