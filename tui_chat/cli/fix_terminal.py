"""`yibu-chat --fix-terminal`: the terminal is usable again after a program in it was killed."""

from __future__ import annotations

import sys
from argparse import Namespace

from tui_chat.errors import UsageError
from tui_chat.ui.terminal_modes import make_sane
from tui_chat.words import t


def run(_options: Namespace) -> int:
    """Put right the terminal that one of the standard streams is."""
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        if stream is not None and stream.isatty():
            make_sane(stream.fileno())
            print(t("cli.terminal_fixed"), file=sys.stderr)
            return 0
    raise UsageError("error.no_terminal")
