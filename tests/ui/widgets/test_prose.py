"""Our own sentences, broken by the rules of the transcript."""

from __future__ import annotations

from textual.content import Content

from tests.ui.bare_stage import screen_text, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.prose import Prose


async def test_no_line_begins_with_a_closing_mark():
    prose = Prose("等模型能调用工具时，每个工具都会带着开关列在这里；没有你的许可，什么都不会运行。" * 3)
    for width in range(8, 60, 7):
        async with staged(prose := Prose(prose.text), (width, 40)) as (app, _):
            rows = screen_text(app).splitlines()
            assert not [row for row in rows if row[:1] in "，。；" and row]
            assert "".join(rows) == prose.text


async def test_it_is_as_high_as_its_text_and_grows_with_it():
    prose = Prose("one two three")
    async with staged(prose, (20, 10)):
        assert prose.size.height == 1
        prose.update("one two three four five six")
        await eventually(lambda: prose.size.height == 2)
        prose.update(Content.styled("a\n\nb", "bold"))
        await eventually(lambda: prose.size.height == 3)
        prose.update("")
        await eventually(lambda: prose.size.height == 0)


async def test_markup_is_text():
    async with staged(Prose("[red]no[/red] [@click=app.quit]x[/]"), (60, 5)) as (app, _):
        assert "[red]no[/red] [@click=app.quit]x[/]" in screen_text(app)
