"""`yibu-chat` without a verb: the terminal interface."""

from __future__ import annotations

import sys
from argparse import Namespace

from tui_chat.errors import UsageError


def run(options: Namespace) -> int:
    """Check what was typed, then open the screen."""
    values = {}
    if options.values:
        from tui_chat.cli.asking import typed_values  # brings the wire with it

        values = typed_values(options.values)
    if options.preset:
        from tui_chat.cli.presets import take_preset
        from tui_chat.store.places import places

        values = take_preset(options, places(), values)
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UsageError("error.no_terminal")
    from tui_chat.ui.app import TuiOptions, run_tui

    return run_tui(
        TuiOptions(
            last=options.last,
            model=options.model,
            system=options.system,
            values=values,
            tools=tuple(name for names in getattr(options, "tools", ()) for name in names),
            preset=bool(options.preset),
            local=options.local is not None,
            local_model=options.local or "",
        )
    )
