"""No record shows a secret that it holds, whoever asks it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.pretty import pretty_repr

from tui_chat.discreet import Discreet
from tui_chat.store.keys import FoundKey
from tui_chat.tools.mcp_plan import ServerPlan
from tui_chat.tools.tool import Brought, Surroundings
from tui_chat.ui.screens.welcome import WelcomeResult
from tui_chat.wire.client import Endpoint
from tui_chat.wire.exchange import Exchange
from tui_chat.wire.proxy import ProxyChoice

SECRET = "sk-canary"
HOLDING = [
    FoundKey("YIBU_API_KEY", SECRET),
    ServerPlan("server", env={"TOKEN": SECRET}, headers={"Authorization": SECRET}),
    Surroundings(Path(), environment={"TOKEN": SECRET}, proxies={"https_proxy": f"http://me:{SECRET}@host"}),
    Brought(SECRET.encode()),
    WelcomeResult("key", "https://host/v1", SECRET),
    Endpoint("https://host/v1", SECRET),
    Exchange(1, "m", headers=(("authorization", SECRET),), body=(SECRET.encode(),)),
    ProxyChoice(f"http://me:{SECRET}@host", "HTTPS_PROXY"),
]


@pytest.mark.parametrize("record", HOLDING, ids=lambda record: type(record).__name__)
def test_a_secret_is_not_shown(record: Discreet) -> None:
    assert SECRET not in repr(record) + pretty_repr(record) + f"{record}"
    assert repr(record).startswith(type(record).__name__ + "(")


def test_each_discreet_record_is_tried() -> None:
    assert set(Discreet.__subclasses__()) == {type(record) for record in HOLDING}
