"""Tools on the whole screen: calls that wait for a person's word, their cards, the panel. What runs is only noted."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image as pillow
from textual.events import Key

from tests.gateway.server import FakeGateway
from tests.ui.bare_stage import shows
from tests.ui.tool_material import tool
from tests.ui.whole_app import Scene, on_stage
from tui_chat import wiring, words
from tui_chat.tools.approval import Allowance
from tui_chat.tools.box import Box
from tui_chat.tools.tool import Arguments, Brought, Outcome, Preview, Surroundings, Tool
from tui_chat.ui.screens.structured import StructuredScreen
from tui_chat.ui.showing import Showing
from tui_chat.ui.talk import Talk
from tui_chat.ui.transcript.entry import Call
from tui_chat.ui.widgets.deciding import QUIET_S
from tui_chat.ui.widgets.tools_panel import ToolsPanel
from tui_chat.words import t


@dataclass
class Ran:
    """What was run, and a gate that the slow tool waits at."""

    calls: list[Arguments] = field(default_factory=list)
    gate: asyncio.Event | None = None


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ran]:
    """Four tools: one asks, one needs no word, one has no code, one comes from elsewhere."""
    noted = Ran()

    async def run(arguments: Arguments, surroundings: Surroundings) -> Outcome:
        noted.calls.append(arguments)
        if arguments.get("command") == "slow":
            noted.gate = asyncio.Event()
            await noted.gate.wait()
        return Outcome(json.dumps({"ran": arguments}), failed=arguments.get("command") == "bad")

    def look(arguments: Arguments, surroundings: Surroundings) -> Preview:
        argv = tuple(str(arguments["command"]).split())
        return Preview(argv=argv, folder=str(surroundings.folder), runs_program=True, sandbox="bubblewrap")

    tools: tuple[Tool, ...] = (
        tool("shell", run=run, look=look),
        tool("clock", "harmless", run=run, parameters={"type": "object", "properties": {}}),
        tool("ask_me", "harmless", run=None),
        tool(
            "far__search", "network", run=run, source="MCP far", description="Finds things.\u202e hidden" + "x" * 1200
        ),
    )
    monkeypatch.setattr(wiring.House, "toolbox", lambda self: Box().plus(tools))
    yield noted


async def switched_on(stage: Scene, *names: str) -> None:
    await stage.chat.room.engine(stage.house.desk.set_head, stage.chat.chat, tools=names)
    await stage.settled(lambda: talk(stage).head.tools == names)


def talk(stage: Scene) -> Talk:
    assert stage.chat.talk is not None
    return stage.chat.talk


async def call(stage: Scene, *lines: str) -> None:
    await stage.write("\n".join(lines))
    await stage.press("enter")


async def asked(stage: Scene, *, pause: bool = True) -> None:
    """Wait until a call asks and its keys count."""
    await stage.settled(lambda: stage.card is not None and stage.card.has_focus, "a card to ask")
    card = stage.card
    assert card is not None
    await stage.settled(lambda: card.sheet.seen)
    if pause:  # what a person would make of it is tested with the card; here the moment is moved
        card._quiet_from -= QUIET_S


async def use(stage: Scene) -> None:
    """Press the editor's button, once it is no longer drawn as pressed."""
    button = stage.app.screen.query_one("#use")
    await stage.settled(lambda: not button.has_class("-active"))
    button.focus()
    await stage.press("enter")


async def over(stage: Scene) -> None:
    await stage.settled(lambda: not talk(stage).is_busy and "The tools say" in stage.shown(), "the round to end")


async def about(stage: Scene, text: str, *, on_card: bool) -> None:
    """Wait until the card is about this call, or no longer is."""
    card = stage.card
    assert card is not None
    await stage.settled(lambda: (card.display and text in card.sheet.text) is on_card, f"{text} {on_card}")


def cards(stage: Scene) -> list[Call]:
    """The calls as the transcript holds them."""
    document = stage.chat.transcript.document
    return [
        section for slot in document.slots for section in document.entry(slot).sections if isinstance(section, Call)
    ]


def rebuilt(stage: Scene) -> bool:
    """Law 1: what was fed event by event is what the conversation shows anew."""
    showing = stage.chat.room.showing
    assert showing is not None
    document = stage.chat.transcript.document
    fed = {slot.key: document.entry(slot) for slot in document.slots}
    return fed == {key: showing.entry(key) for key in talk(stage).shown}


async def test_a_command_is_allowed_once_and_runs(gateway: FakeGateway, ran: Ran) -> None:
    async with on_stage(gateway) as stage:
        await switched_on(stage, "shell")
        await call(stage, 'call shell {"command": "echo one two"}')
        await asked(stage)
        assert "echo one two" in stage.shown() and "? waits for you" in stage.shown() and rebuilt(stage)
        await stage.press("y")
        await over(stage)
        assert "✓ done" in stage.shown() and stage.card is not None and not stage.card.display
        assert ran.calls == [{"command": "echo one two"}] and rebuilt(stage)
        assert stage.chat.composer.prompt.has_focus
        # the card folds out under the message that called, and is copied with it
        await stage.press("escape", "up", "space")
        await stage.settled(lambda: '"ran": {' in stage.shown())
        await stage.press("c")
        assert '"command": "echo one two"' in stage.copied[-1] and '"ran"' in stage.copied[-1]
        await stage.press("d")
        await stage.settled(lambda: "Let me look" not in stage.shown() and "✓ done" not in stage.shown())
        await stage.press("u")
        await stage.settled(lambda: "✓ done" in stage.shown())


async def test_the_model_reads_what_was_denied_edited_and_typed(gateway: FakeGateway, ran: Ran) -> None:
    async with on_stage(gateway) as stage:
        await switched_on(stage, "shell", "ask_me")
        await call(stage, 'call shell {"command": "rm x"}')
        await asked(stage)
        await stage.press("m")
        await stage.settled(lambda: t("approval.reason_title") in stage.shown())
        await stage.press(*"not mine", "enter")
        await over(stage)
        assert ran.calls == [] and "⊘ denied" in stage.shown() and rebuilt(stage)
        results = [m["content"] for m in gateway.chats[-1].json["messages"] if m["role"] == "tool"]
        assert len(results) == 1 and "not mine" in results[0]
        # other arguments: the card shows what those would do, and asks again
        await call(stage, 'call shell {"command": "rm -rf x"}')
        await asked(stage)
        await stage.press("e")
        await stage.settled(lambda: t("approval.edit_title", tool="shell") in stage.shown())
        area = stage.app.screen.query_one("TextArea")
        area.text = '{"command": 5}'  # type: ignore[attr-defined]
        await stage.settled(lambda: "command" in stage.shown() and t("approval.edit_fits") not in stage.shown())
        await use(stage)
        assert t("approval.edit_title", tool="shell") in stage.shown()  # what does not fit can't be used
        area.text = '{"command": "ls"}'  # type: ignore[attr-defined]
        await stage.settled(lambda: t("approval.edit_fits") in stage.shown())
        await use(stage)
        await stage.settled(lambda: t("approval.edited") in stage.shown())
        await asked(stage)
        await stage.press("y")
        await over(stage)
        assert ran.calls == [{"command": "ls"}] and "edited by you" in stage.shown() and rebuilt(stage)
        # a tool without code
        await call(stage, 'call ask_me {"command": "the weather"}')
        await asked(stage)
        await stage.press("t")
        await stage.settled(lambda: t("approval.type_title", tool="ask_me") in stage.shown())
        await stage.press(*"rain")
        await use(stage)
        await over(stage)
        assert "typed by you" in stage.shown() and rebuilt(stage)
        assert [m["content"] for m in gateway.chats[-1].json["messages"] if m["role"] == "tool"][-1:] == ["rain"]


async def test_several_calls_are_asked_about_one_after_another(gateway: FakeGateway, ran: Ran) -> None:
    async with on_stage(gateway) as stage:
        await switched_on(stage, "shell", "clock")
        await call(stage, *(f'call shell {{"command": "echo {n}"}}' for n in range(3)), "call clock {}")
        for number in range(3):
            await asked(stage)
            await about(stage, f"echo {number}", on_card=True)
            assert f"{number + 1}/4" in stage.shown()
            await stage.press("n" if number == 1 else "y")
            await about(stage, f"echo {number}", on_card=False)
        await over(stage)
        assert {"command": "echo 1"} not in ran.calls and len(ran.calls) == 3
        assert [card.state for card in cards(stage)] == ["done", "denied", "done", "done"] and rebuilt(stage)


async def test_enter_every_20_ms_while_cards_appear_approves_nothing(gateway: FakeGateway, ran: Ran) -> None:
    async with on_stage(gateway) as stage:
        await switched_on(stage, "shell")
        await call(stage, *(f'call shell {{"command": "echo {n}"}}' for n in range(3)))
        presses = 0
        while presses < 60:
            stage.app.post_message(Key("enter", "\r"))
            presses += 1
            await asyncio.sleep(0.02)  # how a key that is held down repeats
        await stage.settled(lambda: stage.card is not None and stage.card.display)
        assert ran.calls == [] and talk(stage).asking
        await stage.chat.room.engine(stage.house.desk.stop, stage.chat.chat)


async def test_what_runs_is_seen_running_and_stops_with_escape(gateway: FakeGateway, ran: Ran) -> None:
    async with on_stage(gateway) as stage:
        await switched_on(stage, "shell")
        await call(stage, 'call shell {"command": "slow"}')
        await asked(stage)
        await stage.press("y")
        await stage.settled(lambda: "running" in stage.shown())
        assert [card.state for card in cards(stage)] == ["running"] and stage.chat.transcript.document.running
        later = Talk(await stage.chat.room.engine(stage.house.desk.open, stage.chat.chat), clock=lambda: 0.0)
        assert later.is_busy and list(later.standing(talk(stage).shown[-1]).running) == ["call_1_0"]
        await stage.press("escape")
        await stage.settled(lambda: not talk(stage).is_busy and "■ stopped" in stage.shown())
        assert rebuilt(stage) and not stage.chat.transcript.document.running


async def test_always_is_listed_and_revoked(gateway: FakeGateway, ran: Ran) -> None:
    async with on_stage(gateway, size=(140, 44)) as stage:
        await switched_on(stage, "shell")
        await call(stage, 'call shell {"command": "git log"}')
        await asked(stage)
        card = stage.card
        assert card is not None and card.matter is not None
        if card.matter.allowance is None:
            pytest.skip("the policy offers no 'always' for this")
        await stage.press("a")
        await over(stage)
        await stage.press("f6")
        await stage.settled(lambda: t("toolbox.allowed") in stage.shown())
        panel = stage.chat.query_one(ToolsPanel)
        given = panel.offer.allowances
        assert len(given) == 1 and isinstance(given[0], Allowance)
        panel.list.highlighted = next(i for i in range(panel.list.option_count)
                                      if panel.list.get_option_at_index(i).id == "allowed:0")  # fmt: skip
        await stage.press("d")
        await stage.settled(lambda: t("toolbox.allowed") not in stage.shown())


async def test_the_panel_switches_values_and_folders(gateway: FakeGateway, ran: Ran, tmp_path: Path) -> None:
    async with on_stage(gateway, size=(140, 50)) as stage:
        await stage.press("f6")
        await stage.settled(lambda: "MCP server far" in stage.shown())
        panel = stage.chat.query_one(ToolsPanel)
        assert panel.list.has_focus and len(panel.query("*")) < 8
        await stage.press("space")
        await stage.settled(lambda: panel.offer.on == ("shell",) and "● shell" in stage.shown())
        # one from elsewhere is shown whole first, with what is hidden in it
        panel.list.highlighted = next(i for i in range(panel.list.option_count)
                                      if panel.list.get_option_at_index(i).id == "tool:far__search")  # fmt: skip
        await stage.press("space")
        await stage.settled(lambda: "⟨U+202E⟩" in stage.shown())
        await stage.settled(lambda: shows(stage.app, "There are hidden characters in this text."))
        assert shows(stage.app, "This is long: 1 221 characters.")
        await stage.press("enter")
        await stage.settled(lambda: "⟨U+202E⟩" not in stage.shown())
        assert panel.offer.on == ("shell",)
        await stage.press("space")
        await stage.settled(lambda: "⟨U+202E⟩" in stage.shown())
        await stage.pilot.click("#switch")
        await stage.settled(lambda: panel.offer.on == ("shell", "far__search"))
        panel.list.highlighted = next(i for i in range(panel.list.option_count)
                                      if panel.list.get_option_at_index(i).id == "choice")  # fmt: skip
        await stage.press("right", "right", "right")
        await stage.settled(lambda: panel.offer.choice == "required")
        await stage.press("down", "left")
        await stage.settled(lambda: panel.offer.parallel is False)
        await stage.settled(
            lambda: talk(stage).head.values == {"tool_choice": "required", "parallel_tool_calls": False}
        )
        assert talk(stage).head.tools == ("shell", "far__search")
        # a folder is granted by typing it, and taken back
        folder = tmp_path / "granted"
        folder.mkdir()
        panel.list.highlighted = panel.list.option_count - 1
        await stage.press("enter")
        await stage.settled(lambda: t("toolbox.folder_title") in stage.shown())
        stage.app.screen.query_one("Input").value = str(folder)  # type: ignore[attr-defined]
        await stage.press("enter")
        await stage.settled(lambda: stage.house.settings.tool_folders == (str(folder),))
        await stage.settled(lambda: panel.offer.folders == (str(folder),))
        panel.list.highlighted = panel.list.option_count - 2
        await stage.press("d")
        await stage.settled(lambda: panel.offer.folders == ())


async def test_after_many_rounds_a_key_lets_it_go_on(
    gateway: FakeGateway, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_chat.chat.exchange.ROUNDS_LIMIT", 2)
    async with on_stage(gateway, size=(120, 60)) as stage:
        await switched_on(stage, "clock")
        await call(stage, "call clock {}", "again")
        await stage.settled(lambda: "2 rounds" in stage.shown() and not talk(stage).is_busy)
        assert rebuilt(stage) and len(ran.calls) == 2
        await stage.press("alt+g")
        await stage.settled(lambda: "4 rounds" in stage.shown() and not talk(stage).is_busy)
        assert rebuilt(stage) and len(ran.calls) == 4
        anew = Talk(await stage.chat.room.engine(stage.house.desk.open, stage.chat.chat))
        assert anew.rounds_asked == 4


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_everything_can_be_decided_in_60_by_15(gateway: FakeGateway, ran: Ran, language: str) -> None:
    words.speak(language)
    async with on_stage(gateway, size=(60, 15), settings=f'language = "{language}"') as stage:
        await switched_on(stage, "shell")
        await call(stage, f'call shell {{"command": "echo {"word " * 300}"}}')
        await stage.settled(lambda: stage.card is not None and stage.card.has_focus)
        card = stage.card
        assert card is not None
        await stage.settled(lambda: t("approval.short.deny") in stage.shown() and not card.sheet.seen)
        shown = "".join(stage.shown().split())
        for choice in ("deny", "reason", "once", "edit", "type"):
            assert "".join(t(f"approval.short.{choice}").split()) in shown, choice
        assert "bubblewrap" in shown
        card._quiet_from -= 1
        await stage.press("y", "end")
        await stage.settled(lambda: card.sheet.seen)
        assert ran.calls == []
        await stage.press("y")
        await stage.settled(lambda: len(ran.calls) == 1 and not talk(stage).is_busy)
        showing = stage.chat.room.showing
        assert isinstance(showing, Showing)


async def test_pictures_and_json_that_tools_give_back_are_shown_saved_and_unfolded(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = io.BytesIO()
    pillow.new("RGB", (40, 20), "teal").save(file, "PNG")
    beds = json.dumps([{"bed": number, "plant": "beans"} for number in range(60)])

    async def draw(arguments: Arguments, surroundings: Surroundings) -> Outcome:
        return Outcome("drawn", brought=(Brought(file.getvalue(), "plot.png"),))

    async def listed(arguments: Arguments, surroundings: Surroundings) -> Outcome:
        return Outcome(beds)

    none = {"type": "object", "properties": {}}
    tools = (
        tool("draw", "harmless", run=draw, parameters=none),
        tool("beds", "harmless", run=listed, parameters=none),
    )
    monkeypatch.setattr(wiring.House, "toolbox", lambda self: Box().plus(tools))
    monkeypatch.chdir(tmp_path)
    async with on_stage(gateway, size=(120, 60)) as stage:
        await switched_on(stage, "draw", "beds")
        await call(stage, "call draw {}", "call beds {}")
        await stage.settled(lambda: len(gateway.chats) == 2 and not talk(stage).is_busy, "the round to end")
        await stage.settled(lambda: "plot.png  40×20" in stage.shown() and "▀▀▀▀" in stage.shown(), "the picture")
        sent = gateway.chats[-1].json["messages"]
        assert [message["role"] for message in sent][-3:] == ["tool", "tool", "user"] and rebuilt(stage)
        assert sent[-1]["content"][-1]["image_url"]["url"].startswith("data:image/png;base64,")
        await stage.press("escape", "up", "space")
        await stage.settled(lambda: "40 more rows" in stage.shown() and "beans" in stage.shown())
        await stage.press("T")
        await stage.settled(lambda: isinstance(stage.app.screen, StructuredScreen))
        await stage.press("escape", "s")
        await stage.settled(lambda: t("media.save_as") in stage.shown())
        await stage.press("enter")
        await stage.settled(lambda: (tmp_path / "plot.png").exists())
        assert (tmp_path / "plot.png").read_bytes() == file.getvalue()
        await stage.press("a")
        await stage.settled(lambda: len(stage.chat.composer.enclosures) == 1)
