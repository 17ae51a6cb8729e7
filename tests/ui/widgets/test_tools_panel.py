"""The panel of tools while there are none."""

from __future__ import annotations

from tests.ui.bare_stage import shows, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.tools_panel import ToolsPanel
from tui_chat.words import t


async def test_it_says_what_will_stand_here(language):
    async with staged(ToolsPanel(), (30, 20)) as (app, _):
        await eventually(lambda: shows(app, t("tools.none")) and shows(app, t("tools.none_help")))
