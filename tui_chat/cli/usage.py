"""`yibu-chat usage`: what was used, by the answers that are kept on this computer. Nothing is asked of anybody."""

from __future__ import annotations

import json
from argparse import Namespace

from tui_chat.chat.node import Node
from tui_chat.chat.prices import cost_of, dollars
from tui_chat.cli.prices import cells, plain
from tui_chat.store.usage import Sum, Used, fold
from tui_chat.wiring import House
from tui_chat.words import t

_NONE = "—"


def run(options: Namespace) -> int:
    """Print a table, or JSON with all of it."""
    house = House(lambda event: None)
    try:
        house.find_connection()
        known = house.remembered_prices()
        group = house.settings.price_group

        def cost(node: Node) -> float | None:
            return cost_of(node, known.prices, group) if known is not None else None

        used = fold(house.library.summaries(), cost)
    finally:
        house.close()
    if options.json:
        print(json.dumps(_as_json(used), ensure_ascii=False))
        return 0
    rows = {"day": used.by_day, "chat": used.by_chat, "model": used.by_model}[options.by]()
    if not rows:
        print(t("use.nothing"))
        return 0
    table = [("", *(t(f"use.column.{name}") for name in ("answers", "in", "out", "cost")))]
    table += [_row(plain(" ".join((row.title or row.name or _NONE).split()))[:40], row) for row in rows]
    table.append(_row(t("use.view.all"), used.total))
    widths = [max(cells(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        first, *numbers = (text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True))
        right = ["  " + " " * (len(cell) - len(cell.rstrip())) + cell.rstrip() for cell in numbers]
        print((first + "".join(right)).rstrip())
    return 0


def _row(name: str, row: Sum) -> tuple[str, ...]:
    given, said = row.tokens.get("prompt_tokens"), row.tokens.get("completion_tokens")
    price = _NONE if row.unpriced == row.answers else ("≥ " if row.unpriced else "≈ ") + dollars(row.cost)
    return name, str(row.answers), *(_NONE if n is None else f"{n:,}".replace(",", " ") for n in (given, said)), price


def _as_json(used: Used) -> dict[str, object]:
    """Totals and every row; `cost_usd` is an estimate, null where no price is known."""
    return {
        "total": _sum(used.total),
        "days": [{"day": row.name, **_sum(row)} for row in used.by_day()],
        "chats": [{"chat": row.name, "title": row.title or None, **_sum(row)} for row in used.by_chat()],
        "models": [{"model": row.name, **_sum(row)} for row in used.by_model()],
    }


def _sum(row: Sum) -> dict[str, object]:
    cost = None if row.unpriced == row.answers else round(row.cost, 9)
    return {"answers": row.answers, "usage": row.tokens, "cost_usd": cost, "unpriced": row.unpriced}
