"""`yibu-chat balance`: what is left on the key; with `--log` what it was spent on, by the gateway's own log."""

from __future__ import annotations

import json
from argparse import Namespace

from tui_chat.chat.prices import balance_long, dollars
from tui_chat.cli.prices import cells
from tui_chat.errors import WireError
from tui_chat.wire.balance import Balance
from tui_chat.wire.charges import Charge
from tui_chat.wiring import House
from tui_chat.words import t


def run(options: Namespace) -> int:
    """Print a sentence, or a JSON object."""
    house = House(lambda event: None)
    try:
        if house.find_connection() is None:
            raise WireError("error.key_missing")
        if options.log:
            return _print_log(house.engine.submit(house.charges()).result(), as_json=options.json)
        balance = house.engine.submit(house.balance()).result()
    finally:
        house.close()
    if options.json:
        print(json.dumps(_as_json(balance), ensure_ascii=False))
    else:
        print(t("money.free") if balance is None else balance_long(balance))
    return 0


def _print_log(charges: tuple[Charge, ...], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps([_charge(each) for each in charges], ensure_ascii=False))
        return 0
    if not charges:
        print(t("charge.empty"))
        return 0
    heads = [t(f"charge.{name}") for name in ("time", "model", "in", "out", "price", "request")]
    rows = [heads]
    for each in charges:
        time = f"{each.time.astimezone():%Y-%m-%d %H:%M:%S}" if each.time is not None else "—"
        price = dollars(each.usd) if each.kind == "use" else f"{dollars(each.usd)} {t(f'charge.kind_{each.kind}')}"
        tokens = [str(each.prompt_tokens), str(each.completion_tokens)]
        rows.append([time, each.model or "—", *tokens, price, each.request_id or "—"])
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _charge(charge: Charge) -> dict[str, object]:
    return {
        "request_id": charge.request_id or None,
        "kind": charge.kind,
        "model": charge.model or None,
        "usd": charge.usd,
        "prompt_tokens": charge.prompt_tokens,
        "completion_tokens": charge.completion_tokens,
        "seconds": charge.seconds,
        "time": charge.time.isoformat() if charge.time is not None else None,
        "group": charge.group or None,
    }


def _as_json(balance: Balance | None) -> dict[str, object]:
    """The object; null where a thing is not known or has no limit, all of it where answers cost nothing (`free`)."""
    if balance is None:
        fields = ("remaining", "used", "unlimited", "unit", "scope", "expires")
        return {"free": True, **dict.fromkeys(fields)}
    return {
        "free": False,
        "remaining": balance.remaining,
        "used": balance.used,
        "unlimited": balance.unlimited,
        "unit": balance.unit or None,
        "scope": balance.scope,
        "expires": balance.expires.isoformat() if balance.expires is not None else None,
    }
