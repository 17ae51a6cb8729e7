"""How does text get onto the person's clipboard? Two ways at once, and neither promises more than it knows.

OSC 52 asks the terminal, which also works through ssh, but never answers whether it did. A native tool answers, but
only where one is installed and the clipboard is this machine's.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Mapping

from tui_chat.attach.clipboard import Outcome
from tui_chat.words import t

OSC52_LIMIT_BYTES = 74_000
"""Base64 that terminals take in one sequence, at most; many cut or drop longer ones."""


def osc52(text: str, env: Mapping[str, str] = os.environ) -> str:
    """The sequence that asks the terminal to take `text`, "" where it is too long for that.

    Inside tmux it is wrapped, so that tmux hands it on to the terminal outside; screen likewise.
    """
    content = b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if len(content) > OSC52_LIMIT_BYTES:
        return ""
    sequence = f"\x1b]52;c;{content}\x07"
    if env.get("TMUX"):
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\{sequence}"
    if env.get("TERM", "").startswith("screen"):
        return f"\x1bP{sequence}\x1b\\"
    return sequence


def what_was_done(text: str, *, by_terminal: bool, outcome: Outcome | None) -> str:
    """What to tell the person: how much, and which way it really went."""
    characters = len(text)
    if outcome is not None and outcome.result == "done":
        return t("ui.copy.tool", characters=characters, tool=outcome.tool)
    if by_terminal:
        return t("ui.copy.terminal", characters=characters)
    return t("ui.copy.failed", characters=characters)
