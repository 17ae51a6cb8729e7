"""How is a small table kept that can be found out again? As one JSON file in the cache folder; losing it costs time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tui_chat.disk import make_folder, read_bounded, replace_file


def read_cache(path: Path, limit_bytes: int) -> dict[str, object]:
    """What was written, {} where there is nothing or it can't be read."""
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(read_bounded(path, limit_bytes))
        if isinstance(found, dict):
            return found
    return {}


def write_cache(path: Path, content: Mapping[str, object]) -> None:
    """Keep this; where that can't be done, nothing is lost but time."""
    with suppress(OSError, ValueError):
        make_folder(path.parent)
        replace_file(path, json.dumps(dict(content)).encode())


def newest(rows: Mapping[str, object], count: int) -> dict[str, object]:
    """The last `count` of them."""
    return dict(list(rows.items())[-count:])
