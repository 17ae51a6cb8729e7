"""Who may look into this process? Nobody: a key stands in its memory, and maybe in its environment."""

from __future__ import annotations

import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4


def close_memory() -> bool:
    """Keep other processes of the same user out of memory and environment, and out of core dumps; whether it worked.

    What a program of ours starts is another process and stays as open as any. Linux only: elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return False
    with suppress(ImportError, OSError, AttributeError, ValueError):
        import ctypes

        return bool(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    return False
