"""What did an answer cost, and what will the next question cost at least? Usage × price, in US dollars.

Both are estimates: the gateway charges, and it alone knows the key's group, surcharges and tiers. What a list can't say
is None, never a guess.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui_chat.chat.node import Node
from tui_chat.wire.balance import Balance
from tui_chat.wire.messages import Usage
from tui_chat.wire.pricing import Price, PriceList
from tui_chat.words import t

if TYPE_CHECKING:
    from decimal import Decimal

_SIGNS = {"USD": "$", "CNY": "¥"}
_SMALLEST_DECIMALS = 6
_WIDE_FROM = "\u2e7f"
_ABSURD = 10**15
"""No answer costs as much quota: whoever says so is not to be shown."""


def cost_of(node: Node, prices: PriceList, group: str = "") -> float | None:
    """What an answer cost, in dollars; None for what is no whole answer, or where the list can't say."""
    price = prices.find(node.model) if node.role == "assistant" and node.model else None
    if price is None:
        return None
    if price.kind == "call" and node.finish in ("error", "interrupted", "stopped"):
        return None  # whether a call that broke off is charged is not for us to say
    return cost(node.usage, price, prices, group)


def cost(usage: Usage | None, price: Price, prices: PriceList, group: str = "") -> float | None:
    """What this usage costs at this price, in dollars; None where that can't be told.

    Args:
        usage: the tokens as the gateway counted them.
        price: a row of `prices`.
        prices: the list, for the ratio of the group and what a dollar is in quota.
        group: the key's group, "" for the base price.
    """
    if price.kind == "call":
        amount = price.call_usd * prices.ratio_of(group)
    elif price.kind != "tokens" or usage is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    else:
        amount = min(quota(usage, price, prices.ratio_of(group)), _ABSURD) / prices.quota_per_usd
    return amount if amount < _ABSURD / prices.quota_per_usd else None


def quota(usage: Usage, price: Price, group_ratio: float = 1.0) -> int:
    """The raw quota of a usage at a price by tokens: whole, and at least 1 where anything was used that isn't free."""
    from decimal import ROUND_HALF_UP  # not needed for the first picture

    given, said, cached = (_count(n) for n in (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens))
    heard = spoken = 0
    if price.audio_ratio is not None:
        heard, spoken = _count(usage.prompt_audio_tokens), _count(usage.completion_audio_tokens)
    sound = _exact(price.audio_ratio or 0)
    written = _count(usage.cache_write_tokens)
    seen = _count(usage.prompt_image_tokens) if price.image_ratio is not None else 0
    # Some upstreams count cached tokens beside the prompt, not within it: never below nothing.
    weighed = max(0, given - cached - written - heard - seen) + cached * _exact(price.cache_ratio) + heard * sound
    weighed += written * _exact(price.create_cache_ratio) + seen * _exact(price.image_ratio or 0)
    weighed += max(0, said - spoken) * _exact(price.completion_ratio)
    weighed += spoken * sound * _exact(price.audio_completion_ratio)
    ratio = _exact(price.model_ratio) * _exact(group_ratio)
    rounded = int((weighed * ratio).to_integral_value(ROUND_HALF_UP))
    return max(1, rounded) if ratio and given + said else rounded


def next_question(
    last: Node | None, model: str, prices: PriceList, group: str = "", more_tokens: int = 0
) -> float | None:
    """What the next question costs before a word of it is answered: the conversation so far, read once more.

    Args:
        last: the last answer of the active path.
        model: the model that will be asked.
        prices: the price list.
        group: the key's group, "" for the base price.
        more_tokens: what is being written, by `estimated_tokens`; with it a first question has a price too.
    """
    price = prices.find(model) if model else None
    if price is None or (last is None and not more_tokens):
        return None
    before = 0
    if last is not None:
        usage = last.usage
        if usage is None or usage.prompt_tokens is None or usage.completion_tokens is None:
            return None
        before = usage.prompt_tokens + usage.completion_tokens
    return cost(Usage(before + more_tokens, 0), price, prices, group)


def estimated_tokens(text: str) -> int:
    """About how many tokens a text is: one for four characters, one for each that fills two cells of a terminal."""
    if text.isascii():
        return (len(text) + 3) // 4
    wide = sum(character > _WIDE_FROM for character in text)
    return (len(text) - wide + 3) // 4 + wide


def dollars(amount: float) -> str:
    """An amount to two places that count: "$12.40", "$0.042", "$0.0021"."""
    if amount <= 0:
        return "$0"
    if amount < 10**-_SMALLEST_DECIMALS:
        return f"<${10**-_SMALLEST_DECIMALS:.{_SMALLEST_DECIMALS}f}"
    decimals = 2 if amount >= 1 else min(_SMALLEST_DECIMALS, 1 - math.floor(math.log10(amount)))
    return f"${amount:.{decimals}f}"


def rate(amount: float) -> str:
    """A price of a list, with all its places: "$0.15", "$0.075"."""
    whole, _, places = f"{amount:.6f}".rstrip("0").partition(".")
    return f"${whole}.{places:0<2}"


def money(amount: float, unit: str) -> str:
    """An amount in a unit of `Balance`: "$8.75", "¥12.40", "4 375 000 tokens", "8.75" where the unit is not known."""
    if unit == "tokens":
        return t("money.tokens", count=f"{amount:,.0f}".replace(",", " "))
    sign = _SIGNS.get(unit, unit)
    return f"-{sign}{-amount:.2f}" if amount < 0 else f"{sign}{amount:.2f}"


def balance_short(balance: Balance) -> str:
    """What is left in a word: "$8.75", "unlimited"."""
    return t("money.unlimited") if balance.remaining is None else money(balance.remaining, balance.unit)


def balance_long(balance: Balance) -> str:
    """What is left, what was used and until when, as a sentence."""
    used = money(balance.used, balance.unit)
    if balance.remaining is None:
        said = t("money.balance_unlimited", used=used)
    else:
        said = t("money.balance", left=money(balance.remaining, balance.unit), used=used)
    if balance.expires is None:
        return said
    return f"{said} {t('money.expires', date=f'{balance.expires.astimezone():%Y-%m-%d %H:%M}')}"


def _count(tokens: int | None) -> int:
    return max(0, tokens or 0)


def _exact(ratio: float) -> Decimal:
    """A ratio as the list writes it, so that halves round as the gateway rounds them."""
    from decimal import Decimal

    return Decimal(repr(float(ratio)))
