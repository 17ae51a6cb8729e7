"""MCP servers on the whole screen: started behind the first picture, called in a chat, read from, and ended with it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.extras import needs_mcp
from tests.gateway.server import FakeGateway
from tests.tools.mcp_stage import PLAIN
from tests.ui.bare_stage import shows
from tests.ui.test_tools import asked, call, over, switched_on
from tests.ui.whole_app import Scene, on_stage
from tui_chat.tools.mcp_servers import Servers
from tui_chat.ui.screens.blanks import Blanks
from tui_chat.ui.screens.dialogs import Details
from tui_chat.ui.screens.pick import Pick
from tui_chat.ui.screens.servers import ServersScreen
from tui_chat.ui.speech import home_short
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.tools_panel import ToolsPanel
from tui_chat.wire.messages import TextFile
from tui_chat.words import t

pytestmark = needs_mcp
SETTINGS = f"[mcp.plain]\ncommand = {json.dumps([sys.executable, '-I', '-S', str(PLAIN)])}\n"


def servers_of(stage: Scene) -> Servers:
    assert stage.house.servers is not None
    return stage.house.servers


async def allowed(stage: Scene) -> Servers:
    """What a person allows on the servers' screen, which has tests of its own."""
    await stage.settled(lambda: stage.house.servers is not None)
    servers = servers_of(stage)
    await stage.chat.room.engine(servers.confirm, servers.launch("plain"))
    await stage.chat.room.engine(servers.start, "plain")
    await stage.chat.room.engine(servers.approve, *servers.definitions())
    return servers


async def test_a_server_is_used_in_a_chat_and_starts_by_itself_the_next_time(gateway: FakeGateway) -> None:
    async with on_stage(gateway, settings=SETTINGS) as stage:
        await stage.settled(lambda: any("alt+m" in said for said in stage.toasts), "a word that it waits for a yes")
        servers = await allowed(stage)
        await stage.press("f6")
        await stage.settled(lambda: shows(stage.app, t("toolbox.source_heading", source="MCP server plain")))
        panel = stage.chat.query_one(ToolsPanel)
        panel.post_message(ToolsPanel.ServersAsked("plain"))
        await stage.settled(lambda: isinstance(stage.app.screen, ServersScreen) and shows(stage.app, "● plain"))
        await stage.press("o")  # something to attach, from here
        await stage.settled(lambda: isinstance(stage.app.screen, Pick) and shows(stage.app, "today"))
        await stage.press("enter")
        await stage.settled(lambda: len(stage.chat.composer.enclosures) == 1)
        (enclosure,) = stage.chat.composer.enclosures
        assert isinstance(enclosure.part, TextFile) and "memo://today" in enclosure.notes[0]
        assert stage.house.blobs.load(enclosure.part.blob) == b"water the plants\nfeed the cat"

        await switched_on(stage, "plain__add")
        await call(stage, 'call plain__add {"a": 20, "b": 22}')
        await asked(stage)
        assert shows(stage.app, "MCP server plain")
        await stage.press("y")
        await over(stage)
        assert "sum 42" in stage.texts[-1]
        sent = json.dumps(gateway.chats[0].json, ensure_ascii=False)
        assert "water the plants" in sent and "Add two numbers." in sent and "plain__die" not in sent

    assert servers.state("plain").phase == "idle"
    async with on_stage(gateway, settings=SETTINGS) as stage:
        await stage.settled(lambda: stage.house.servers is not None)
        await stage.settled(lambda: servers_of(stage).state("plain").phase == "running", "it to start by itself")
        assert [tool.name for tool in servers_of(stage).tools()] == ["plain__add", "plain__die"]


async def test_templates_and_what_ends_or_changes_meanwhile(gateway: FakeGateway) -> None:
    async with on_stage(gateway, settings=SETTINGS) as stage:
        await stage.press("alt+t")
        await stage.settled(lambda: t("servers.none_running", key="alt+m") in stage.toasts)
        servers = await allowed(stage)
        await stage.press("alt+t")
        await stage.settled(lambda: isinstance(stage.app.screen, Pick) and shows(stage.app, "greeting"))
        await stage.press("enter")
        await stage.settled(lambda: stage.draft == "Good morning.")
        stage.chat.composer.prompt.put("")
        await stage.press("alt+t")
        await stage.settled(lambda: isinstance(stage.app.screen, Pick))
        await stage.press("down", "enter")
        await stage.settled(lambda: isinstance(stage.app.screen, Blanks) and shows(stage.app, "What is to be read."))
        await stage.press("enter", "enter")  # its first blank must be filled
        await stage.settled(lambda: shows(stage.app, t("servers.template_required")))
        for field, text in zip(stage.app.screen.query(LineInput), ("x = 1", "Rust"), strict=True):
            field.value = text
        await stage.press("tab", "enter")
        await stage.settled(lambda: stage.draft == "Review this Rust:\nx = 1")
        stage.chat.composer.prompt.put("")

        await switched_on(stage, "plain__die")
        await call(stage, "call plain__die {}")
        await asked(stage)
        await stage.press("y")
        await over(stage)
        await stage.settled(
            lambda: any(t("error.mcp_exit.says", server="plain", code=7) in said for said in stage.toasts)
        )
        assert servers.state("plain").stderr == "last words\n"

        file = Path(stage.house.places.settings_file)
        file.write_text("", "utf-8")
        await stage.press("alt+m")
        await stage.settled(lambda: isinstance(stage.app.screen, Details) and shows(stage.app, home_short(str(file))))
        assert servers.names == ()


async def test_a_question_waits_for_a_server_that_is_starting_until_a_key_sends_it(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    settings = f"{SETTINGS}env = {{ PLAIN_GATE = {json.dumps(str(gate))} }}\n"
    gate.touch()
    async with on_stage(gateway, settings=settings) as stage:
        await allowed(stage)
    gate.unlink()
    async with on_stage(gateway, settings=settings) as stage:
        await stage.settled(lambda: stage.house.servers is not None)
        await switched_on(stage, "plain__add")
        waiting = t("ui.live.awaits", names="plain", key="alt+g")
        await stage.write("hello")
        await stage.press("enter")
        await stage.settled(lambda: waiting in stage.shown(), "it to wait")
        assert not gateway.chats
        await stage.press("alt+g")
        await stage.settled(lambda: len(gateway.chats) == 1 and waiting not in stage.shown())
        assert "tools" not in gateway.chats[0].json
        await stage.settled(lambda: any("plain__add" in said for said in stage.toasts), "a word that it went without")
        await stage.settled(lambda: stage.chat.talk is not None and not stage.chat.talk.is_busy)
        await stage.write("and now")
        await stage.press("enter")
        await stage.settled(lambda: waiting in stage.shown(), "it to wait again")
        gate.touch()
        await stage.settled(lambda: len(gateway.chats) == 2)
        assert [tool["function"]["name"] for tool in gateway.chats[1].json["tools"]] == ["plain__add"]
