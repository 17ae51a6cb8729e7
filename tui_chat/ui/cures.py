"""What helps where a parameter was refused? The remedy of a failed answer, and how it is offered."""

from __future__ import annotations

from tui_chat.chat.node import Node
from tui_chat.ui import keys
from tui_chat.wire.remedy import Remedy, remedy_for
from tui_chat.words import t


def remedy_of(node: Node) -> Remedy | None:
    """What would have to go for this failed answer; None where nothing of it is a parameter's fault."""
    if node.finish != "error" or node.failure is None:
        return None
    return remedy_for(node.values, node.failure.key, node.failure.facts)


def named(remedy: Remedy) -> str:
    """The parameters, by the names of the API."""
    return ", ".join(remedy.names)


def offer(node: Node) -> str:
    """The key that leaves out what was refused, and what it does: "x remove temperature and resend"; "" for none."""
    remedy = remedy_of(node)
    if remedy is None:
        return ""
    label = t("heal.rename" if remedy.instead else "heal.remove", names=named(remedy), other=remedy.instead)
    return f"{keys.shown('transcript.heal')} {label}"
