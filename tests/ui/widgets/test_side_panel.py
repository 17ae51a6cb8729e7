"""Three panels in one place, and the keys that work in them."""

from __future__ import annotations

import pytest
from textual.widgets import ContentSwitcher, Input
from textual.widgets._tabs import Underline

from tests.ui.bare_stage import shows, staged
from tests.waiting import eventually
from tui_chat.ui import keys
from tui_chat.ui.widgets.side_panel import SidePanel
from tui_chat.ui.widgets.tools_panel import ToolsPanel
from tui_chat.words import t


@pytest.mark.parametrize("name", ["model", "parameters", "tools"])
async def test_a_panel_that_is_asked_for_shows_and_has_the_keyboard(name, language):
    panel = SidePanel()
    async with staged(panel) as (app, pilot):
        panel.show_tab(name)
        await pilot.pause()
        await eventually(lambda: panel.query_one(ContentSwitcher).current == f"panel-{name}")
        assert app.focused is not None
        assert panel.query_one(f"#panel-{name}") in app.focused.ancestors_with_self
        assert all(shows(app, t(f"panel.{each}")) for each in ("model", "parameters", "tools"))
        assert panel.size.width == 32
        line, tab = panel.query_one(Underline), panel.query_one(f"#tab-{name}").virtual_region
        await eventually(lambda: line.highlight_start <= tab.x + 1 and line.highlight_end >= tab.right - 1 > 0)


async def test_tabs_can_be_clicked_and_escape_leaves():
    panel = SidePanel()
    async with staged(panel) as (app, pilot):
        await pilot.click("#tab-tools")
        await eventually(lambda: panel.query_one(ContentSwitcher).current == "panel-tools")
        await eventually(lambda: shows(app, t("toolbox.loading")))
        panel.query_one(ToolsPanel).focus()
        await pilot.press("escape")
        await eventually(lambda: len(app.told(SidePanel.Left)) == 1)


async def test_escape_clears_a_search_before_it_leaves():
    panel = SidePanel()
    async with staged(panel) as (app, pilot):
        panel.show_tab("model")
        await pilot.press("x", "escape")
        assert panel.models.query_one(Input).value == ""
        assert not app.told(SidePanel.Left)
        await pilot.press("escape")
        await eventually(lambda: app.told(SidePanel.Left))


def test_no_key_of_a_panel_or_list_is_taken_by_one_that_acts_everywhere():
    taken = {key for row in keys.KEYS if row.priority and row.where in ("app", "chat") for key in row.keys.split(",")}
    mine = {
        key: row.id
        for row in keys.KEYS
        if row.where in ("chats", "models", "parameters", "panel")
        for key in row.keys.split(",")
    }
    assert {key: id for key, id in mine.items() if key in taken} == {}


def test_no_key_is_the_same_byte_as_another_that_is_needed():
    same_bytes = {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+left_square_bracket"}
    assert [row.id for row in keys.KEYS if same_bytes & set(row.keys.split(","))] == []
