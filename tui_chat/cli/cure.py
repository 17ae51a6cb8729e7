"""What if a model refuses a parameter and nobody is at a screen? Say which `--set` to leave out; it is remembered."""

from __future__ import annotations

import shlex
import sys

from tui_chat.chat.node import Node
from tui_chat.store import refusals
from tui_chat.store.places import Places
from tui_chat.wire.params import BY_NAME
from tui_chat.wire.remedy import remedy_for
from tui_chat.words import t


def say_cure(answer: Node | None, places: Places) -> None:
    """Say on stderr what a failed answer's parameters should lose, where that is what it failed for."""
    if answer is None or answer.failure is None:
        return
    remedy = remedy_for(answer.values, answer.failure.key, answer.failure.facts)
    if remedy is None:
        return
    refused = remedy.refused(answer.values)
    assignments = " ".join(_assignment(name, typed) for name, typed in refused.items())
    other = f"--set {shlex.quote(f'{remedy.instead}={refused[remedy.names[0]]}')}" if remedy.instead else ""
    key = "cli.heal.rename" if remedy.instead else "cli.heal.drop"
    facts = {"model": answer.model, "names": ", ".join(remedy.names), "other": other, "assignments": assignments}
    print(t(key, **facts), file=sys.stderr)
    kept = refused if remedy.only_value else dict.fromkeys(refused, "")
    refusals.remember(places, answer.model, kept, str(answer.failure.facts.get("message") or ""))


def _assignment(name: str, typed: str) -> str:
    if name in BY_NAME:
        return f"--set {shlex.quote(f'{name}={typed}')}"
    return f'"{name}" (extra_body)'
