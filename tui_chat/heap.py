"""How does memory that is free again go back to the system? The C library of Linux keeps it unless it is asked.

Answers, pictures and pages of a long evening are made and forgotten between things that stay. Without this the program
would hold a third more than it uses.
"""

from __future__ import annotations

import sys
from typing import Any

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""Parameters of `mallopt`, from glibc's malloc.h."""
_LARGE_BYTES = 128 * 1024


def settle() -> None:
    """Give large pieces back as soon as they are free, and let threads share their store. Once a process."""
    if (library := _c_library()) is not None:
        library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)  # glibc raises it by itself, up to 32 MB, unless it is set
        library.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give back what is free now. Takes milliseconds; not for the screen's thread."""
    if (library := _c_library()) is not None:
        library.malloc_trim(0)


def _c_library() -> Any:
    """The C library where it is one that can be asked, else None."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
