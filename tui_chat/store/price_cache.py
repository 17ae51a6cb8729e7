"""What did models cost at this gateway when it was asked last? A price list serves for a day, and shows its time.

Lists are public, so each is kept by the address alone; no key has a part in it.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from tui_chat.store.json_cache import newest, read_cache, write_cache
from tui_chat.store.places import Places
from tui_chat.wire.pricing import Price, PriceList

FRESH_S = 24 * 3600.0
_LIMIT_BYTES = 64 * 1024 * 1024
_LISTS = 10
_NUMBERS = tuple(name for name in Price.__struct_fields__ if name not in ("model", "kind"))


class RememberedPrices(Struct, frozen=True):
    """A price list as the gateway gave it once."""

    prices: PriceList
    time_s: float
    """When, in seconds since 1970."""

    @property
    def fresh(self) -> bool:
        """Whether it is less than a day old; one from the future is not."""
        return 0 <= time.time() - self.time_s < FRESH_S


def recall(places: Places, base_url: str) -> RememberedPrices | None:
    """The last price list of this address, None where there is none."""
    match read_cache(places.prices_cache, _LIMIT_BYTES).get(_name(base_url)):
        case {
            "time_s": int() | float() as time_s,
            "quota_per_usd": int() | float() as quota,
            "group_ratio": dict(ratios),
            "prices": list(rows),
        } if quota > 0:
            groups = {name: float(value) for name, value in ratios.items() if _is_number(value)}
            prices = {price.model: price for row in rows if (price := _price(row)) is not None}
            return RememberedPrices(PriceList(prices, groups, float(quota)), float(time_s))
    return None


def remember(places: Places, base_url: str, prices: PriceList) -> None:
    """Keep a list; where that can't be done, nothing is lost but time."""
    lists = read_cache(places.prices_cache, _LIMIT_BYTES)
    name = _name(base_url)
    lists.pop(name, None)
    lists[name] = {
        "time_s": time.time(),
        "quota_per_usd": prices.quota_per_usd,
        "group_ratio": dict(prices.group_ratio),
        "prices": [asdict(price) for price in prices.prices.values()],
    }
    write_cache(places.prices_cache, newest(lists, _LISTS))


def _price(row: object) -> Price | None:
    match row:
        case {"model": str(model), "kind": ("tokens" | "call" | "tiered" | "unknown") as kind, **rest}:
            numbers: dict[str, Any] = {name: rest[name] for name in _NUMBERS if _is_number(rest.get(name))}
            return Price(model, kind, **numbers)
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name(base_url: str) -> str:
    return hashlib.sha256(base_url.encode(errors="replace")).hexdigest()[:32]
