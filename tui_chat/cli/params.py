"""`yibu-chat params`: the table of request parameters that `--set` takes."""

from __future__ import annotations

import json
from argparse import Namespace

from tui_chat.wire.params import PARAMS, Choice, Flag, Integer, Kind, Number
from tui_chat.words import t


def run(options: Namespace) -> int:
    """Print name, what it takes, and what it is for, or a JSON list."""
    rows = [
        {
            "name": param.name,
            "takes": takes(param.kind),
            "default": param.default or None,
            "help": t(f"param.{param.name}.help"),
        }
        for param in PARAMS
    ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    name_width = max(len(str(row["name"])) for row in rows)
    takes_width = max(len(str(row["takes"])) for row in rows)
    for row in rows:
        print(f"{row['name']:<{name_width}}  {row['takes']:<{takes_width}}  {row['help']}")
    return 0


def takes(kind: Kind) -> str:
    """What a kind of parameter takes, as one short expression: `0…2`, `≥ 1`, `on | off`, `low | high`."""
    match kind:
        case Number(low, high):
            return f"{low:g}…{high:g}"
        case Integer(low, None):
            return f"≥ {low}"
        case Integer(low, high):
            return f"{low}…{high}"
        case Flag():
            return "on | off"
        case Choice(options):
            return " | ".join(options)
