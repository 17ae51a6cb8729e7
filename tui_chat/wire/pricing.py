"""What does a model cost? The rows of a gateway's price list, in US dollars; nothing is asked here.

A list prices in ratios: 1 is one unit of quota a token, which is 2 dollars a million tokens where the site does not say
other. A model is found by its exact id or not at all: a guessed price would be a wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from tui_chat.errors import WireError
from tui_chat.wire.balance import QUOTA_PER_USD, number

Kind = Literal["tokens", "call", "tiered", "unknown"]
"""By tokens, by call, in tiers that only the gateway can work out, or listed in a way that can't be read."""


class Price(Struct, frozen=True):
    """One row: what a model costs before the ratio of a group."""

    model: str
    kind: Kind
    model_ratio: float = 0.0
    """Quota for one token of a question."""
    completion_ratio: float = 1.0
    """How many times as much one of the answer is."""
    cache_ratio: float = 1.0
    create_cache_ratio: float = 1.0
    audio_ratio: float | None = None
    """None: sound is counted as text."""
    audio_completion_ratio: float = 1.0
    image_ratio: float | None = None
    call_usd: float = 0.0


class PriceList(Struct, frozen=True):
    """All prices of one gateway."""

    prices: Mapping[str, Price] = field(default_factory=dict)
    """By model id."""
    group_ratio: Mapping[str, float] = field(default_factory=dict)
    """Factor by group. No endpoint tells which group a key is in."""
    quota_per_usd: float = QUOTA_PER_USD

    def find(self, model: str) -> Price | None:
        """The price of exactly this model; None where the list has none."""
        return self.prices.get(model)

    def ratio_of(self, group: str) -> float:
        """The factor of a group; 1, the base price, where none is named or the list does not know it."""
        return self.group_ratio.get(group, 1.0)

    def per_million(self, price: Price, group: str = "") -> tuple[float, float, float]:
        """Dollars for a million tokens in, out, and read from the cache; of a price by tokens."""
        given = price.model_ratio * self.ratio_of(group) * 1_000_000 / self.quota_per_usd
        return given, given * price.completion_ratio, given * price.cache_ratio


def read_prices(payload: Mapping[str, object], quota_per_usd: float = QUOTA_PER_USD) -> PriceList:
    """The list of a `GET /api/pricing` answer. A model with rows that contradict each other has no price.

    Raises:
        WireError: "error.prices_unknown" where it is no price list.
    """
    rows = payload.get("data")
    if rows is None and payload.get("success") is True:
        rows = []
    if not isinstance(rows, list):
        raise WireError("error.prices_unknown")
    groups = payload.get("group_ratio")
    ratios = {
        name: ratio
        for name, value in (groups.items() if isinstance(groups, Mapping) else ())
        if isinstance(name, str) and (ratio := number(value)) is not None and ratio >= 0
    }
    prices: dict[str, Price] = {}
    for row in rows:
        model = row.get("model_name") if isinstance(row, Mapping) else None
        if isinstance(model, str) and model:
            price = _price(model, row)
            prices[model] = price if prices.get(model, price) == price else Price(model, "unknown")
    return PriceList(prices, ratios, quota_per_usd)


def _price(model: str, row: Mapping[str, object]) -> Price:
    if row.get("billing_mode") == "tiered_expr" or row.get("billing_expr"):
        return Price(model, "tiered")

    def ratio(name: str, default: float) -> float:
        value = number(row.get(name))
        return default if value is None or value < 0 else value

    if row.get("quota_type") == 1:
        return Price(model, "call", call_usd=ratio("model_price", 0.0))
    base = number(row.get("model_ratio"))
    if base is None or base < 0:
        return Price(model, "unknown")
    return Price(
        model,
        "tokens",
        model_ratio=base,
        completion_ratio=ratio("completion_ratio", 1.0),
        cache_ratio=ratio("cache_ratio", 1.0),
        create_cache_ratio=ratio("create_cache_ratio", 1.0),
        audio_ratio=ratio("audio_ratio", 1.0) if number(row.get("audio_ratio")) is not None else None,
        audio_completion_ratio=ratio("audio_completion_ratio", 1.0),
        image_ratio=ratio("image_ratio", 1.0) if number(row.get("image_ratio")) is not None else None,
    )
