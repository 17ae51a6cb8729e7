"""`yibu-chat tools`: what a model can be given to call, what each can do at worst, and what it costs to offer."""

from __future__ import annotations

import json
from argparse import Namespace

from tui_chat.cli import sentence
from tui_chat.cli.servers import as_json, next_step, start_servers
from tui_chat.wiring import House
from tui_chat.words import t


def run(options: Namespace) -> int:
    """Print name, danger, weight, source and purpose of each tool and what is wrong with others, or JSON."""
    house = House(lambda _: None)
    try:
        states = start_servers(house)
        box = house.toolbox()
    finally:
        house.close()
    if options.json:
        tools = [
            {
                "name": tool.name,
                "description": tool.description,
                "danger": tool.danger,
                "source": tool.source or None,
                "weight_tokens": tool.weight_tokens,
                "manual": tool.run is None,
                "parameters": dict(tool.parameters),
            }
            for tool in box.tools.values()
        ]
        problems = [{"key": problem.key.removeprefix("error."), "says": sentence(problem)} for problem in box.problems]
        servers = [as_json(state) for state in states]
        print(json.dumps({"tools": tools, "problems": problems, "servers": servers}, ensure_ascii=False))
        return 0
    rows = [
        (
            tool.name,
            t(f"toolbox.danger.{tool.danger}"),
            t("cli.tools.weight", tokens=tool.weight_tokens),
            tool.source or t("cli.tools.own"),
            tool.description.partition("\n")[0],
        )
        for tool in box.tools.values()
    ]
    if not rows:
        print(t("cli.tools.none"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    for row in rows:
        print("  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[4]]))
    for state in states:
        print("  ".join(filter(None, (f"MCP {state.name}", state.in_words, next_step(state)))))
    for problem in box.problems:
        print(t("cli.tools.problem", says=sentence(problem)))
    return 0
