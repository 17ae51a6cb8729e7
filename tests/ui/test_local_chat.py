"""The embedded model answers in the chat: it is started, labelled, gone on with and ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.server import FakeGateway
from tests.ui.whole_app import on_stage
from tui_chat.ui.app import TuiOptions


async def test_the_local_model_is_started_labelled_and_ended(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    from textual.screen import ModalScreen

    from tui_chat.ui.screens import local_start

    class Server:
        base_url, api_key, model, closed = gateway.base_url, "sk-local", "SmolLM2-135M-Instruct", False

        def close(self) -> None:
            self.closed = True

    server = Server()

    class Start(ModalScreen[object]):
        def __init__(self, folder: Path, model: Path | None) -> None:
            super().__init__()
            assert folder.name == "local-models" and model == Path("/my.gguf")

        def on_mount(self) -> None:
            self.dismiss(server)

    monkeypatch.setattr(local_start, "LocalStartScreen", Start)
    async with on_stage(gateway, options=TuiOptions(local=True, local_model="/my.gguf")) as stage:
        await stage.settled(lambda: stage.app.screen is stage.chat and "SmolLM2-135M-Instruct" in stage.shown())
        await stage.settled(lambda: "fast, small, often wrong" in stage.shown().splitlines()[0])
        await stage.say("hello")
        assert gateway.chats[0].headers["authorization"] == "Bearer sk-local"
        assert not server.closed
    assert server.closed


@pytest.mark.parametrize("kept", [True, False], ids=["on this computer", "gone"])
async def test_a_chat_with_the_local_model_goes_on_with_it(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    """Who has no key and continues such a chat is not asked for one."""
    from tui_chat import local
    from tui_chat.ui.chat import connecting
    from tui_chat.ui.screens.welcome import WelcomeScreen

    class Server:
        base_url, api_key, model = gateway.base_url, "sk-local", local.DEFAULT.name

        def close(self) -> None: ...

    monkeypatch.setattr(connecting, "local_model_available", lambda: (True, ""))
    monkeypatch.setattr(local, "find", lambda folder: folder / "model.gguf" if kept else None)
    monkeypatch.setattr(local, "start", lambda *given: Server())
    async with on_stage(gateway, options=TuiOptions(model=local.DEFAULT.name)) as stage:
        await stage.say("hello")
    async with on_stage(gateway, key="", options=TuiOptions(last=True)) as stage:
        if kept:
            await stage.settled(lambda: stage.app.chat_screen is not None and len(stage.path) == 2)
            await stage.settled(lambda: stage.house.connection is not None)
            await stage.say("again")
            assert gateway.chats[1].headers["authorization"] == "Bearer sk-local" and len(stage.path) == 4
        else:
            await stage.settled(lambda: isinstance(stage.app.screen, WelcomeScreen))
