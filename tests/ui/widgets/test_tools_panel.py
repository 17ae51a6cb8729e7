"""The panel of tools: what each row says, in both languages and at every size, with few widgets."""

from __future__ import annotations

import pytest

from tests.ui.bare_stage import screen_text, shows, staged
from tests.ui.tool_material import tool
from tests.waiting import eventually
from tui_chat.errors import ToolError
from tui_chat.tools.approval import Allowance
from tui_chat.ui.tool_rows import DANGERS, Offer, choices, hides_something, rows, summary, turned
from tui_chat.ui.widgets.tools_panel import ToolList, ToolsPanel
from tui_chat.words import t

OFFER = Offer(
    (
        tool("clock", "harmless"),
        tool("read_file", "reads"),
        tool("write_file", "writes"),
        tool("run_command_in_a_shell_with_a_long_name"),
        tool("mine", "network", source="/home/x/tools/mine.toml"),
        tool("far__search", "network", source="MCP far", run=None),
    ),
    on=("clock", "read_file", "gone"),
    choice="clock",
    parallel=False,
    folders=("/home/x/src",),
    allowances=(Allowance("shell", ("git", "log"), folder="/home/x"),),
    problems=(ToolError("error.internal", what="own.toml"),),
    ready=True,
)


@pytest.mark.parametrize("width", [24, 30, 60])
def test_every_row_is_as_wide_as_the_list(width: int, language: str) -> None:
    made = rows(OFFER, width)
    assert all(row.cell_length <= width for _, row in made)
    ids = [id for id, _ in made if id is not None]
    assert len(ids) == len(set(ids)) == 6 + 2 + 1 + 1 + 1 + 1 + 1
    for danger in DANGERS:
        assert t(f"toolbox.danger.{danger}") in "\n".join(row.plain for _, row in made)


async def test_it_shows_switch_source_danger_weight_folders_allowances_and_problems(language: str) -> None:
    panel = ToolsPanel()
    async with staged(panel, (32, 50)) as (app, pilot):
        panel.show(OFFER)
        await pilot.pause()
        await eventually(lambda: shows(app, "clock"))
        text = screen_text(app)
        assert "● clock" in text and "○ write_file" in text and "/home/x/src" in text and "git log" in text
        assert t("toolbox.problems") in text and "mine.toml" in text and "‹ clock ›" in text
        assert shows(app, summary(OFFER)) and str(OFFER.tools[0].weight_tokens) in text
        assert len(panel.query("*")) <= 8  # lines, not widgets


async def test_the_cursor_stays_on_its_row_and_explains_it() -> None:
    panel = ToolsPanel()
    async with staged(panel, (32, 50)) as (app, pilot):
        panel.show(OFFER)
        panel.focus_list()
        await pilot.press("down", "down")
        await eventually(lambda: shows(app, "Changes your files; asks each time."))
        panel.show(Offer(OFFER.tools, on=("write_file",), ready=True))
        await pilot.pause()
        assert panel.list.cursor_id == "tool:write_file" and "● write_file" in screen_text(app)
        await pilot.press("space", "enter")
        await eventually(lambda: app.told(ToolsPanel.SheetAsked))
        assert [(told.name, told.on) for told in app.told(ToolsPanel.Switched)] == [("write_file", False)]


async def test_only_what_is_there_is_offered_to_be_taken_back() -> None:
    panel = ToolsPanel()
    async with staged(panel, (32, 50)) as (_, pilot):
        for offer, expected in ((OFFER, ["choice", "parallel", "folder:0", "allowed:0"]), (Offer(OFFER.tools), [])):
            panel.show(offer)
            panel.focus_list()
            offered = []
            for at, (id, _) in enumerate(rows(offer, 30)):
                if id is not None:
                    panel.list.highlighted = at
                    await pilot.pause()
                    if "d" in panel.list.screen.active_bindings:
                        offered.append(id)
            assert offered == expected


async def test_a_key_that_was_quicker_than_the_list_does_nothing() -> None:
    panel = ToolsPanel()
    async with staged(panel, (32, 50)) as (app, pilot):
        panel.show(OFFER)
        for id in ("folder:0", "folder:1", "allowed:1"):
            panel.list.post_message(ToolList.Asked("remove", id))
        await eventually(lambda: app.told(ToolsPanel.FolderRemoved))
        await pilot.pause()
        assert app.is_running and len(app.told(ToolsPanel.FolderRemoved)) == 1
        assert not app.told(ToolsPanel.Revoked)


def test_values_turn_round() -> None:
    values = choices(OFFER)
    assert values == [None, "none", "auto", "required", "clock", "read_file"]
    assert turned(values, None, -1) == "read_file" and turned(values, "read_file", 1) is None
    assert choices(Offer(choice="gone")) == [None, "none", "auto", "required", "gone"]


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        ("Reads.\n\n  - a\n  - b", False),
        ("读取文件——“引号”…", False),
        ("a\u200bb", True),
        ("a\u202eb", True),
        ("x\U000e0041", True),
    ],
)
def test_hidden_characters_are_told_from_layout(text: str, hides: bool) -> None:
    assert hides_something(text) is hides
