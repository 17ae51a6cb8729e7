"""One row of the settings."""

from __future__ import annotations

from tests.ui.bare_stage import shows, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.setting_row import SettingRow


async def test_a_complaint_takes_the_place_of_the_note_and_gives_it_back():
    row = SettingRow("x", "Label", LineInput(placeholder="value"), "from [b]somewhere[/b]")
    async with staged(row, (60, 10)) as (app, _):
        await eventually(lambda: shows(app, "Label value") and shows(app, "from [b]somewhere[/b]"))
        row.complain("It is wrong.")
        await eventually(lambda: shows(app, "It is wrong.") and not shows(app, "somewhere"))
        row.complain("")
        await eventually(lambda: shows(app, "from [b]somewhere[/b]") and not row.has_class("-wrong"))


async def test_without_anything_to_say_it_is_one_row():
    row = SettingRow("x", "Label", LineInput(placeholder="value"))
    async with staged(row, (60, 10)):
        assert row.size.height == 1
        row.say("understood")
        await eventually(lambda: row.size.height == 2)
