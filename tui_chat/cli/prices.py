"""`yibu-chat prices`: what models cost at this gateway, by its price list."""

from __future__ import annotations

import json
import sys
import unicodedata
from argparse import Namespace

from tui_chat.chat.prices import rate
from tui_chat.errors import WireError
from tui_chat.wire.pricing import Price, PriceList
from tui_chat.wiring import House
from tui_chat.words import t

_NONE = "—"


def run(options: Namespace) -> int:
    """Print a line a model, or JSON: an object for one model, else a list. "—" where the list can't say."""
    house = House(lambda event: None)
    try:
        if house.find_connection() is None:
            raise WireError("error.key_missing")
        prices = house.engine.submit(house.prices()).result()
    finally:
        house.close()
    if prices is None:
        print(json.dumps({"free": True}) if options.json else t("money.free"))
        return 0
    wanted = [options.model] if options.model else sorted(prices.prices, key=str.lower)
    group = house.settings.price_group
    rows = [(model, prices.find(model)) for model in wanted]
    if options.json:
        listed = [_as_json(model, price, prices, group) for model, price in rows]
        print(json.dumps(listed[0] if options.model else listed, ensure_ascii=False))
        return 0
    _print_table(rows, prices, group)
    if options.model and prices.find(options.model) is None:
        print(t("prices.not_listed", model=plain(options.model)), file=sys.stderr)
    elif group in prices.group_ratio:
        print(t("prices.of_group", group=plain(group), ratio=f"{prices.ratio_of(group):g}"), file=sys.stderr)
    else:
        print(t("prices.base"), file=sys.stderr)
    return 0


def _as_json(model: str, price: Price | None, prices: PriceList, group: str) -> dict[str, object]:
    given, said, cached = _per_million(price, prices, group)
    known = price is not None and price.kind != "unknown"
    return {
        "model": model,
        "kind": price.kind if price is not None and known else None,
        "input_per_million": given,
        "output_per_million": said,
        "cached_per_million": cached,
        "per_call": _per_call(price, prices, group),
        "group": group if group in prices.group_ratio else None,
        "unit": "USD",
    }


def _per_million(price: Price | None, prices: PriceList, group: str) -> tuple[float | None, float | None, float | None]:
    if price is None or price.kind != "tokens":
        return None, None, None
    given, said, cached = (round(amount, 9) for amount in prices.per_million(price, group))
    return given, said, cached


def _per_call(price: Price | None, prices: PriceList, group: str) -> float | None:
    return round(price.call_usd * prices.ratio_of(group), 9) if price is not None and price.kind == "call" else None


def _print_table(rows: list[tuple[str, Price | None]], prices: PriceList, group: str) -> None:
    names = ("model", "input", "output", "cached", "call")
    table = [tuple(t(f"prices.column.{name}") for name in names)]
    for model, price in rows:
        if price is not None and price.kind == "tiered":
            shown = [t("prices.tiered")] * 3 + [_NONE]
        else:
            amounts = (*_per_million(price, prices, group), _per_call(price, prices, group))
            shown = [_NONE if amount is None else rate(amount) for amount in amounts]
        table.append((plain(model), *shown))
    widths = [max(cells(row[column]) for row in table) for column in range(len(names))]
    for row in table:
        print("  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)).rstrip())


def cells(text: str) -> int:
    """Columns a terminal needs for it."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def plain(text: str) -> str:
    """A name from outside, without what could drive a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
