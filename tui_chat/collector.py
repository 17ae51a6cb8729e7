"""When does Python look for garbage? Hardly ever while the program is brought in: nearly all that is made then stays.

Looking through it again and again takes a tenth of a start, and as much of the opening of a long chat.
"""

from __future__ import annotations

import gc

_USUAL = gc.get_threshold()
_YOUNG_AT_START = 400_000
"""New objects before the youngest are looked through: a start with a chat of 10 000 messages makes about 250 000."""


def rest() -> None:
    """Look seldom from now on; for the start, and for a process that does one thing and ends."""
    gc.set_threshold(_YOUNG_AT_START, *_USUAL[1:])


def resume() -> None:
    """Look as usual again after a `rest`, but not at what is there already: it stays for good."""
    if gc.get_threshold()[0] != _YOUNG_AT_START:
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_USUAL)
