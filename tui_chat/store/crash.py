"""What is kept of a mistake of ours? Where it happened, in one file; no values of variables, and no key.

Tracebacks are pasted into public reports, so nothing in them may be secret. The same holds for those that Python
itself would print from a thread or a finaliser: `quiet_python` has them pass through the same filter.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat import __version__
from tui_chat.disk import make_folder, replace_file
from tui_chat.store.places import Places
from tui_chat.wire.redaction import without_keys

if TYPE_CHECKING:
    from types import TracebackType

_LIMIT_CHARACTERS = 64 * 1024


def keep_crash(places: Places, error: BaseException) -> Path | None:
    """Write down where it happened, over what was there; the file, None where it can't be written."""
    import platform

    told = _told(type(error), error, error.__traceback__)
    facts = f"yibu-chat {__version__}, Python {sys.version.split()[0]}, {platform.platform()}"
    text = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n{facts}\n\n{told}"
    try:
        make_folder(places.crash_file.parent)
        replace_file(places.crash_file, text.encode("utf-8", "replace"))
    except OSError:
        return None
    return places.crash_file


def quiet_python() -> None:
    """Have Python print its own tracebacks without keys, and no log that nobody asked for."""
    sys.excepthook = _print
    threading.excepthook = lambda args: _print(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _print(args.exc_type, args.exc_value, args.exc_traceback)
    root = logging.getLogger()
    if not root.handlers:  # without one, warnings of libraries go to the terminal as they are
        root.addHandler(logging.NullHandler())


def _print(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if sys.stderr is not None and not issubclass(kind, SystemExit):
        with suppress(OSError, ValueError):
            print(_told(kind, error, trace), file=sys.stderr)


def _told(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> str:
    if error is None:
        return kind.__name__
    try:
        lines = traceback.TracebackException(kind, error, trace, limit=-40, capture_locals=False, compact=True).format()
        text = "".join(lines)
    except Exception:  # noqa: BLE001  # an exception whose own words fail must not hide that it happened
        text = kind.__name__
    return without_keys(text)[-_LIMIT_CHARACTERS:]
