"""What is left on the key? The gateway's billing answers, read into one small value; nothing is asked here.

The numbers come in the currency the site shows (its `/api/status` tells which), except those of `/api/usage/token/`,
which are raw quota. What an answer leaves out stays unknown: a balance is never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from tui_chat.errors import WireError

QUOTA_PER_USD = 500_000.0
"""Raw quota of one US dollar, unless the site says other."""
_UNLIMITED = 100_000_000.0
"""What stands for a limit where there is none."""
_SYMBOL_CHARACTERS = 8


class Currency(Struct, frozen=True):
    """How the gateway's site shows money."""

    unit: str = ""
    """"USD", "CNY", "tokens" (raw quota), a symbol of the site's own, or "" where it does not say."""
    per_usd: float = 1.0
    """How much of the unit one US dollar is."""
    quota_per_usd: float = QUOTA_PER_USD
    is_own: bool = False
    """A unit of the site's own: its billing answers are in US dollars nevertheless."""


class Balance(Struct, frozen=True):
    """What a key may still spend, and what it has spent."""

    remaining: float | None
    """None where there is no limit."""
    used: float
    unlimited: bool = False
    unit: str = ""
    """As `Currency.unit`."""
    expires: datetime | None = None
    """None: never."""
    scope: Literal["token"] = "token"
    """Whose: by default the key's own quota. The account behind it may hold less."""


def read_status(payload: Mapping[str, object]) -> Currency:
    """The site's currency, from `GET /api/status`; the default for all that it leaves out."""
    data = payload.get("data")
    if not isinstance(data, Mapping):
        return Currency()
    per_unit = number(data.get("quota_per_unit"))
    quota = per_unit if per_unit is not None and per_unit > 0 else QUOTA_PER_USD
    kind = data.get("quota_display_type")
    if not isinstance(kind, str) or not kind:  # older sites only say whether they show money at all
        shows_money = data.get("display_in_currency")
        kind = "" if not isinstance(shows_money, bool) else "USD" if shows_money else "TOKENS"
    match kind.upper():
        case "CNY":
            return Currency("CNY", _rate(data.get("usd_exchange_rate")), quota)
        case "TOKENS":
            return Currency("tokens", quota, quota)
        case "CUSTOM":
            symbol = data.get("custom_currency_symbol")
            shown = "".join(filter(str.isprintable, symbol)).strip() if isinstance(symbol, str) else ""
            if not shown:
                return Currency("USD", 1.0, quota)
            rate = _rate(data.get("custom_currency_exchange_rate"))
            return Currency(shown[:_SYMBOL_CHARACTERS], rate, quota, is_own=True)
        case "USD":
            return Currency("USD", 1.0, quota)
    return Currency(quota_per_usd=quota)


def read_balance(subscription: Mapping[str, object], usage: Mapping[str, object], currency: Currency) -> Balance:
    """The balance of the billing pair: remaining = limit − total usage / 100.

    Args:
        subscription: `GET /dashboard/billing/subscription`.
        usage: `GET /dashboard/billing/usage`; its total is in hundredths.
        currency: how to label it.

    Raises:
        WireError: "error.balance_unknown" where there are no such numbers in them.
    """
    limit, hundredths = number(subscription.get("hard_limit_usd")), number(usage.get("total_usage"))
    if limit is None or hundredths is None:
        raise WireError("error.balance_unknown")
    # In raw quota a real limit may be as high as that: there only the very number that stands for none counts.
    unlimited = limit == _UNLIMITED if currency.unit == "tokens" else limit >= _UNLIMITED
    factor = currency.per_usd if currency.is_own else 1.0
    used = hundredths / 100
    return Balance(
        None if unlimited else (limit - used) * factor,
        used * factor,
        unlimited,
        currency.unit,
        _moment(subscription.get("access_until")),
    )


def read_token_usage(payload: Mapping[str, object], currency: Currency) -> Balance:
    """The balance of `GET /api/usage/token/`, which answers for spent and expired keys too; in raw quota.

    Raises:
        WireError: "error.balance_unknown" where there are no such numbers in it.
    """
    data = payload.get("data")
    table: Mapping[str, object] = data if isinstance(data, Mapping) else {}
    left, used = number(table.get("total_available")), number(table.get("total_used"))
    if left is None or used is None:
        raise WireError("error.balance_unknown")
    unlimited = table.get("unlimited_quota") is True
    factor = currency.per_usd / currency.quota_per_usd
    return Balance(
        None if unlimited else left * factor,
        used * factor,
        unlimited,
        currency.unit or "USD",
        _moment(table.get("expires_at")),
    )


def number(value: object) -> float | None:
    """A finite JSON number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _rate(value: object) -> float:
    rate = number(value)
    return rate if rate is not None and rate > 0 else 1.0


def _moment(value: object) -> datetime | None:
    seconds = number(value)
    if seconds is None or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
