"""Lists and words without any room end nothing, nor does a click on a row that is gone."""

from __future__ import annotations

import subprocess
import sys

NO_ROOM = """
import asyncio
from rich import _wrap
from rich.style import Style
from rich.text import Text
from rich.console import Console
from textual.app import App
from textual.events import Click
from textual.widgets import OptionList
from tui_chat.ui.no_room import bear_no_room

bear_no_room()
chop, move = _wrap.chop_cells, OptionList._move_page
bear_no_room()
assert (_wrap.chop_cells, OptionList._move_page) == (chop, move)
for width in (0, 1, 2, 3):
    pieces = _wrap.chop_cells("a多b多", width)
    assert "".join(pieces) == "a多b多" and all(pieces), pieces


class Tiny(App):
    CSS = "OptionList { height: 1; width: 0; border: none; padding: 0; }"

    def compose(self):
        yield OptionList("one", "two", "three")


async def main():
    async with Tiny().run_test(size=(20, 5)) as pilot:
        await pilot.press("pagedown", "pageup", "down", "pagedown")
        lines = pilot.app.query_one(OptionList)
        for option in (1, 9):  # the second was there when it was drawn
            drawn = Style(meta={"option": option})
            lines.post_message(Click(lines, 0, 0, 0, 0, 1, False, False, False, style=drawn))
        await pilot.pause()
        assert lines.highlighted == 1
        assert pilot.app.is_running


asyncio.run(main())
print("ok")
"""


def test_neither_a_page_nor_a_word_needs_room() -> None:
    # In a process of its own: what it puts in stays for good.
    done = subprocess.run([sys.executable, "-c", NO_ROOM], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("ok", "")
