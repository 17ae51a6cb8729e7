"""Under which role do instructions travel: `system`, or `developer` where the model wants that?

OpenAI's reasoning models take instructions as `developer` and convert `system`; a request that holds both may be
refused. Converters for other families know `system` alone. Source: chat-completions messages; the gateway's notes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from tui_chat.wire import families
from tui_chat.wire.messages import Message

SystemRole = Literal["auto", "system", "developer"]


def wants_developer(model: str) -> bool:
    """OpenAI's reasoning models, but for the first ones, which knew neither role well."""
    return families.thinks(model) and not families.bare(model).startswith(("o1-mini", "o1-preview"))


def as_sent(messages: Iterable[Message], model: str, role: SystemRole = "auto") -> tuple[Message, ...]:
    """The messages with instructions under the role they are to travel as.

    Args:
        messages: as they stand in the chat.
        model: the model that is asked.
        role: "system" and "developer": so whatever the model; "auto": as the model wants it. Then `developer` messages
            stay what they are for OpenAI's other models, which know both, and become `system` for everybody else's.
    """
    wanted: dict[str, Literal["system", "developer"]] = {}
    if role == "auto":
        if wants_developer(model):
            wanted = {"system": "developer"}
        elif not families.is_openai_name(model):
            wanted = {"developer": "system"}
    else:
        wanted = {"system": role, "developer": role}
    return tuple(
        replace(each, role=wanted[each.role]) if wanted.get(each.role, each.role) != each.role else each
        for each in messages
    )
