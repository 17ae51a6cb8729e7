"""`yibu-chat balance`: what is left on the key."""

from __future__ import annotations

import json
from argparse import Namespace

from tui_chat.chat.prices import balance_long
from tui_chat.errors import WireError
from tui_chat.wire.balance import Balance
from tui_chat.wiring import House
from tui_chat.words import t


def run(options: Namespace) -> int:
    """Print a sentence, or a JSON object."""
    house = House(lambda event: None)
    try:
        if house.find_connection() is None:
            raise WireError("error.key_missing")
        balance = house.engine.submit(house.balance()).result()
    finally:
        house.close()
    if options.json:
        print(json.dumps(_as_json(balance), ensure_ascii=False))
    else:
        print(t("money.free") if balance is None else balance_long(balance))
    return 0


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
