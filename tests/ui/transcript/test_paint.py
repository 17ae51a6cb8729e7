from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style

from tests.ui.transcript.stage import Stage, entry, screen_rows
from tests.waiting import eventually
from tui_chat.ui.transcript.entry import Chip, Notice, Thought
from tui_chat.ui.transcript.paint import BAR, BAR_CURSOR, mark

RED, UNDERLINED = Style(color="red"), Style(underline=True)


@given(
    st.lists(st.text("abc你", min_size=1, max_size=6), max_size=6),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4),
)
def test_marks_change_the_style_of_just_these_characters(texts: list[str], places: list[tuple[int, int]]) -> None:
    spans = [(min(place), max(place), UNDERLINED) for place in places]
    made = mark([Segment(text, RED) for text in texts], spans)
    assert "".join(segment.text for segment in made) == "".join(texts)
    styled = [segment.style for segment in made for _ in segment.text]
    for at, style in enumerate(styled):
        assert style is not None
        assert style.color == RED.color
        assert bool(style.underline) == any(start <= at < end for start, end, _ in spans)


async def test_every_row_of_an_entry_has_the_bar_and_nothing_left_of_it() -> None:
    app = Stage()
    async with app.run_test(size=(60, 40)) as pilot:
        app.set_focus(None)
        transcript = app.transcript
        said = "- a\n  - b\n\n> quoted\n\n```\ncode\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n" + "你好，" * 60
        transcript.append(entry("a", Thought("hm"), said, Chip("f"), Notice("info", ("done",))))
        await pilot.pause()
        rows = screen_rows(transcript)
        said_rows = rows[1 : transcript.document.total - 1]
        assert len(said_rows) > 15
        assert all(row.startswith(f" {BAR}") and row[2:3] in ("", " ") for row in said_rows)
        assert rows[0] == rows[transcript.document.total - 1] == ""
        transcript.focus()
        await eventually(lambda: screen_rows(transcript)[1].startswith(f" {BAR_CURSOR}"))


async def test_painted_rows_are_kept_and_marked_ones_are_not() -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.transcript
        transcript.append(entry("a", "one word"))
        await pilot.pause()
        region = transcript.size.region
        first, second = transcript.render_lines(region), transcript.render_lines(region)
        # Row 0 has the actions of the entry under the cursor, which are never kept.
        assert all(a is b for a, b in zip(first[1:3], second[1:3], strict=True))
        transcript.find("word")
        marked = transcript.render_lines(region)
        assert marked[2] != first[2]
        transcript.find("")
        assert transcript.render_lines(region)[2] == first[2]


async def test_rows_are_cut_to_the_region_asked_for() -> None:
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.transcript
        transcript.append(entry("a", "你好世界 " * 20))
        await pilot.pause()
        whole = transcript.render_lines(transcript.size.region)
        from textual.geometry import Region

        part = transcript.render_lines(Region(7, 2, 20, 3))
        assert [strip.text for strip in part] == [strip.crop(7, 27).text for strip in whole[2:5]]
