"""Instructions travel under the role that the model wants, or the one that the person chose."""

from __future__ import annotations

import pytest

from tui_chat.wire.messages import Message, Text
from tui_chat.wire.roles import SystemRole, as_sent

SAID = (
    Message("system", (Text("a"),)),
    Message("developer", (Text("b"),), "me"),
    Message("user", (Text("c"),)),
    Message("system", (Text("d"),)),
)


@pytest.mark.parametrize(
    ("model", "role", "sent"),
    [
        ("o3-mini", "auto", "developer developer user developer"),
        ("openai/gpt-5.1", "auto", "developer developer user developer"),
        ("gpt-5-chat", "auto", "system developer user system"),
        ("o1-mini", "auto", "system developer user system"),
        ("gpt-4o", "auto", "system developer user system"),
        ("claude-opus-4", "auto", "system system user system"),
        ("gemini-2.5-pro", "auto", "system system user system"),
        ("", "auto", "system system user system"),
        ("claude-opus-4", "developer", "developer developer user developer"),
        ("o3", "system", "system system user system"),
    ],
)
def test_the_role_fits_the_model_and_the_choice(model: str, role: SystemRole, sent: str) -> None:
    found = as_sent(SAID, model, role)
    assert " ".join(message.role for message in found) == sent
    assert [(message.parts, message.name) for message in found] == [(each.parts, each.name) for each in SAID]
