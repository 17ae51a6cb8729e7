from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.ui.transcript.stage import Chat, Stage, entry, screen_rows
from tui_chat.ui.transcript.entry import Notice, Thought
from tui_chat.ui.transcript.view import Transcript

ACTIONS = "c copy   y code   e edit   r again   b branch   d delete   i details"


async def fill(pilot: Pilot[None], chat: Chat) -> Transcript:
    transcript = pilot.app.query_one(Transcript)
    transcript.show(chat.outlines, chat.load)
    transcript.focus()
    await pilot.pause()
    return transcript


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.parametrize("size", [(120, 40), (60, 15), (200, 60)])
async def test_the_cursor_walks_over_messages_and_shows_their_heads(size: tuple[int, int]) -> None:
    async with Stage().run_test(size=size) as pilot:
        transcript = await fill(pilot, Chat(12))
        assert transcript.cursor_key == "11"
        for number in range(10, -1, -1):
            await press(pilot, "k")
            assert transcript.cursor_key == str(number)
            slot = transcript.document.slot(str(number))
            assert slot is not None
            top = transcript.document.top(slot) - transcript.top
            assert 0 <= top < size[1] - 1
            assert "c copy" in screen_rows(transcript)[top]
        await press(pilot, "up")
        assert transcript.cursor_key == "0"
        assert transcript.top == 0
        for number in range(1, 12):
            await press(pilot, "down")
            assert transcript.cursor_key == str(number)
        await press(pilot, "j")
        assert transcript.at_end


async def test_all_actions_stand_above_the_head_and_are_gone_without_the_focus() -> None:
    async with Stage().run_test(size=(110, 30)) as pilot:
        transcript = await fill(pilot, Chat(3))
        await press(pilot, "k")
        assert any(ACTIONS in row for row in screen_rows(transcript))
        pilot.app.set_focus(None)
        await pilot.pause()
        assert not any("copy   y code" in row for row in screen_rows(transcript))


async def test_who_writes_on_at_the_end_comes_back_to_what_is_new_there() -> None:
    async with Stage().run_test(size=(100, 30)) as pilot:
        transcript = await fill(pilot, Chat(3))
        transcript.cursor_key = "1"
        pilot.app.screen.set_focus(None)
        await pilot.pause()
        assert transcript.at_end and not transcript.has_focus
        transcript.replace(entry("2", "the same message, changed"))
        assert transcript.cursor_key == "1"
        transcript.append(entry("new", "a question", role="user"))
        transcript.begin(entry("newer", ""))
        transcript.focus()
        await pilot.pause()
        assert transcript.cursor_key == "newer"


async def test_keys_ask_for_the_message_under_the_cursor() -> None:
    app = Stage()
    async with app.run_test(size=(100, 30)) as pilot:
        await fill(pilot, Chat(5))
        keys = ["c", "y", "e", "r", "n", "b", "left", "right", "d", "D", "u", "i", "o"]
        await press(pilot, "k", *keys)
        asked = [(m.action, m.key) for m in app.noted(Transcript.Asked)]  # type: ignore[attr-defined]
        actions = ["copy", "copy_code", "edit", "regenerate", "continue", "branch", "previous_sibling", "next_sibling"]
        actions += ["delete", "delete_branch", "undo", "details", "open"]
        assert asked == [(action, "3") for action in actions]


async def test_escape_gives_up_a_selection_first_and_then_the_page() -> None:
    app = Stage()
    async with app.run_test(size=(100, 30)) as pilot:
        transcript = await fill(pilot, Chat(2))
        transcript.text_select_all()
        await press(pilot, "escape")
        assert transcript.text_selection is None
        assert not app.noted(Transcript.LeftForComposer)
        await press(pilot, "escape")
        await press(pilot, "enter")
        assert len(app.noted(Transcript.LeftForComposer)) == 2


async def test_pages_take_the_cursor_along() -> None:
    async with Stage().run_test(size=(100, 20)) as pilot:
        transcript = await fill(pilot, Chat(20))
        before = screen_rows(transcript)
        await press(pilot, "pageup")
        now = screen_rows(transcript)
        assert [row[12:] for row in now[18:]] == [row[12:] for row in before[:2]]
        for key in ("pageup", "pageup", "pageup", "home", "pagedown", "end"):
            await press(pilot, key)
            slot = transcript.document.slot(transcript.cursor_key)
            assert slot is not None
            assert transcript.document.top(slot) < transcript.top + 20
            assert transcript.document.top(slot) + slot.height > transcript.top
        assert transcript.at_end


async def test_space_folds_and_unfolds_and_the_row_stays_where_it_is() -> None:
    async with Stage().run_test(size=(80, 20)) as pilot:
        transcript = await fill(pilot, Chat(0))
        for number in range(6):
            transcript.append(entry(str(number), Thought("a\n\nlong\n\nthought", 3.14), "the answer\n\n" * 4))
        await pilot.pause()
        await press(pilot, "k", "k")
        slot = transcript.document.slot("4")
        assert slot is not None
        y = transcript.document.top(slot, 2) - transcript.top
        assert screen_rows(transcript)[y].endswith("▸ Reasoning 3.1 s")
        await press(pilot, "space")
        rows = screen_rows(transcript)
        assert rows[y].endswith("▾ Reasoning 3.1 s")
        assert [row.strip(" ▊") for row in rows[y + 1 : y + 6]] == ["a", "", "long", "", "thought"]
        await pilot.click(Transcript, offset=(6, y))
        await pilot.pause()
        assert screen_rows(transcript)[y].endswith("▸ Reasoning 3.1 s")


async def test_a_click_puts_the_cursor_and_heads_can_be_clicked() -> None:
    app = Stage()
    async with app.run_test(size=(100, 30)) as pilot:
        transcript = await fill(pilot, Chat(0))
        transcript.append(entry("a", "See [the docs](https://example.org/docs).", role="user"))
        transcript.append(entry("b", "second", version=(2, 3)))
        await pilot.pause()
        rows = screen_rows(transcript)
        y = next(y for y, row in enumerate(rows) if "See the docs" in row)
        await pilot.click(Transcript, offset=(rows[y].index("See"), y))
        assert transcript.cursor_key == "a"
        await pilot.click(Transcript, offset=(rows[y].index("docs"), y))
        y = next(y for y, row in enumerate(rows) if "‹ 2/3 ›" in row)
        await pilot.click(Transcript, offset=(rows[y].index("‹"), y))
        await pilot.click(Transcript, offset=(rows[y].index("›"), y))
        rows = screen_rows(transcript)
        y = next(y for y, row in enumerate(rows) if "e edit" in row)
        await pilot.click(Transcript, offset=(rows[y].index("edit"), y))
        await pilot.pause()
        assert [m.href for m in app.noted(Transcript.LinkPicked)] == ["https://example.org/docs"]  # type: ignore[attr-defined]
        asked = [(m.action, m.key) for m in app.noted(Transcript.Asked)]  # type: ignore[attr-defined]
        assert asked == [("previous_sibling", "b"), ("next_sibling", "b"), ("edit", "a")]


async def test_a_link_that_calls_itself_an_action_is_only_a_link() -> None:
    app = Stage()
    async with app.run_test(size=(100, 30)) as pilot:
        transcript = await fill(pilot, Chat(0))
        transcript.append(entry("a", "[x](delete) [y](https://e.org/delete)", Notice("error", ("bad", "r again"))))
        await pilot.pause()
        rows = screen_rows(transcript)
        for y, row in enumerate(rows):
            for x in range(4, min(len(row), 40)):
                if not row.startswith("  ▍ assistant") and "copy" not in row:
                    await pilot.click(Transcript, offset=(x, y))
        await pilot.pause()
        assert not app.noted(Transcript.Asked)
        assert "https://e.org/delete" in {m.href for m in app.noted(Transcript.LinkPicked)}  # type: ignore[attr-defined]
