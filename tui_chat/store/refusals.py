"""Which parameters did a model refuse before? Remembered by model, said beside the field, never acted on by itself.

It is a cache: what is lost is found out again, and a person can have any of it forgotten, since models change.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import asdict

from tui_chat.store.json_cache import read_cache, write_cache
from tui_chat.store.places import Places

_LIMIT_BYTES = 1024 * 1024
_MODELS = 200
_WORDS = 300


class Refusal(Struct, frozen=True):
    """What one model said to one parameter."""

    time_s: float
    """When, in seconds since 1970."""
    words: str = ""
    """The server's own, at most 300 characters."""
    value: str = ""
    """The value that was refused, as typed; "" where the parameter is."""


Refusals = dict[str, dict[str, Refusal]]
"""By model, then by parameter."""


def recall(places: Places) -> Refusals:
    """All that is remembered; what can't be read is not."""
    found: Refusals = {}
    for model, rows in read_cache(places.refusals_cache, _LIMIT_BYTES).items():
        if isinstance(rows, dict):
            known = {name: refusal for name, row in rows.items() if (refusal := _refusal(row)) is not None}
            if known:
                found[model] = known
    return found


def remember(places: Places, model: str, refused: Mapping[str, str], words: str = "") -> Refusals:
    """Keep that `model` refused these parameters; values are "" where any would be. Returns all that is known now."""
    known = recall(places)
    rows = known.pop(model, {})
    rows |= {name: Refusal(time.time(), words[:_WORDS], value) for name, value in refused.items()}
    known[model] = rows
    known = dict(list(known.items())[-_MODELS:])
    _write(places, known)
    return known


def forget(places: Places, model: str, name: str) -> Refusals:
    """Know nothing of it any more; returns what is left."""
    known = recall(places)
    known.get(model, {}).pop(name, None)
    known = {other: rows for other, rows in known.items() if rows}
    _write(places, known)
    return known


def _write(places: Places, known: Refusals) -> None:
    content = {model: {name: asdict(row) for name, row in rows.items()} for model, rows in known.items()}
    write_cache(places.refusals_cache, content)


def _refusal(row: object) -> Refusal | None:
    match row:
        case {"time_s": int() | float() as time_s, "words": str(words), "value": str(value)}:
            return Refusal(float(time_s), words[:_WORDS], value)
    return None
