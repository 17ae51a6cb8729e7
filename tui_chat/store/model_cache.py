"""Which models did the gateway offer this key last time: shown at once, also when a refresh fails.

Lists differ from key to key, so each is kept under a hash of key and address; the key itself is not in the file.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import asdict

from tui_chat.store.json_cache import newest, read_cache, write_cache
from tui_chat.store.places import Places
from tui_chat.wire.gateway import Model

if TYPE_CHECKING:
    from tui_chat.wire.client import Endpoint

_LIMIT_BYTES = 64 * 1024 * 1024
_LISTS = 20


class Remembered(Struct, frozen=True):
    """A list of models as the gateway gave it once."""

    models: tuple[Model, ...]
    time_s: float
    """When, in seconds since 1970."""


def remembered(places: Places, endpoint: Endpoint) -> list[Model]:
    """The last list for this endpoint, [] where there is none."""
    found = recall(places, endpoint)
    return list(found.models) if found is not None else []


def recall(places: Places, endpoint: Endpoint) -> Remembered | None:
    """The last list for this endpoint with its time, None where there is none."""
    match read_cache(places.models_cache, _LIMIT_BYTES).get(_name(endpoint)):
        case {"time_s": float() | int() as time_s, "models": list(rows)}:
            models = (_model(row) for row in rows)
            return Remembered(tuple(model for model in models if model is not None), float(time_s))
    return None


def remember(places: Places, endpoint: Endpoint, models: list[Model]) -> None:
    """Keep a list; where that can't be done, nothing is lost but time."""
    lists = read_cache(places.models_cache, _LIMIT_BYTES)
    name = _name(endpoint)
    lists.pop(name, None)
    lists[name] = {"time_s": time.time(), "models": [asdict(model) for model in models]}
    write_cache(places.models_cache, newest(lists, _LISTS))


def _model(row: object) -> Model | None:
    match row:
        case {"id": str(id), "owned_by": str(owned_by), "endpoint_types": list(kinds)} if id:
            return Model(id, owned_by, tuple(str(kind) for kind in kinds))
    return None


def _name(endpoint: Endpoint) -> str:
    return hashlib.sha256(f"{endpoint.base_url}\n{endpoint.api_key}".encode(errors="replace")).hexdigest()[:32]
