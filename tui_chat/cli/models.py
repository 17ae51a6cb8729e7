"""`yibu-chat models`: which models the key may use."""

from __future__ import annotations

import json
from argparse import Namespace

from msgspec.structs import asdict

from tui_chat.errors import WireError
from tui_chat.wiring import House


def run(options: Namespace) -> int:
    """Print one id a line, or a JSON list."""
    house = House(lambda event: None)
    try:
        if house.find_connection() is None:
            raise WireError("error.key_missing")
        models = house.engine.submit(house.models()).result()
    finally:
        house.close()
    models = sorted(models, key=lambda model: model.id.lower())
    if options.json:
        print(json.dumps([asdict(model) for model in models], ensure_ascii=False))
    else:
        for model in models:
            print(model.id)
    return 0
