"""`yibu-chat params`: the table of request parameters that `--set` takes."""

from __future__ import annotations

import json
from argparse import Namespace

from tui_chat.wire.params import PARAMS
from tui_chat.words import t


def run(options: Namespace) -> int:
    """Print name, what it takes, and what it is for, or a JSON list."""
    rows = [
        {
            "name": param.name,
            "takes": param.kind.takes,
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
