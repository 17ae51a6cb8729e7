from __future__ import annotations

from tests.ui.transcript.stage import Chat, Stage, entry, screen_rows
from tests.waiting import eventually
from tui_chat.ui.transcript.view import Transcript


async def test_what_is_filled_while_it_is_hidden_is_there_when_it_is_shown() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        transcript = app.transcript
        transcript.display = False
        await pilot.pause()
        chat = Chat(10)
        transcript.show(chat.outlines, chat.load)
        transcript.append(entry("last", "the very last word"))
        await pilot.pause()
        transcript.reveal()
        await eventually(lambda: any("the very last word" in row for row in screen_rows(transcript)))
        assert transcript.at_end
        assert transcript.scroll_y == transcript.max_scroll_y == transcript.document.total - 20


async def test_a_conversation_can_be_opened_at_its_start() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        chat = Chat(10)
        app.transcript.show(chat.outlines, chat.load, at_end=False)
        await pilot.pause()
        assert app.transcript.top == 0
        assert not app.transcript.at_end
        assert len(set(chat.loaded)) < 10


async def test_who_scrolls_back_to_the_end_follows_again() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        transcript = app.transcript
        chat = Chat(10)
        transcript.show(chat.outlines, chat.load)
        await pilot.pause()
        transcript.scroll_relative(y=-7, animate=False)
        assert not transcript.at_end
        transcript.scroll_relative(y=7, animate=False)
        assert transcript.at_end
        await pilot.pause()
        assert len(app.noted(Transcript.EndReached)) == 1
        transcript.append(entry("new", "something new"))
        assert any("something new" in row for row in screen_rows(transcript))


async def test_a_short_conversation_has_nothing_to_scroll() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        app.transcript.append(entry("a", "short"))
        await pilot.pause()
        assert app.transcript.max_scroll_y == 0
        app.transcript.scroll_relative(y=-3, animate=False)
        assert app.transcript.at_end


async def test_every_place_of_the_scroll_bar_shows_exact_rows() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        transcript = app.transcript
        chat = Chat(200)
        transcript.show(chat.outlines, chat.load)
        await pilot.pause()
        for part in range(11):
            transcript.scroll_to(y=transcript.max_scroll_y * part // 10, animate=True)
            total = transcript.document.total
            rows = screen_rows(transcript)
            assert transcript.document.total == total, "painting corrects nothing any more"
            assert sum(bool(row) for row in rows) > 10
        assert transcript.at_end


async def test_who_is_at_the_end_stays_there_when_what_covered_it_goes() -> None:
    app = Stage()
    async with app.run_test(size=(60, 15)) as pilot:
        transcript, chat = app.transcript, Chat(10)
        transcript.styles.height = 1  # a card takes all the rest
        await pilot.pause()
        transcript.show(chat.outlines, chat.load)
        for number in range(6):  # what was never in view has an estimated height
            table = "| a | b |\n|---|---|\n" + "| 1 | a longer cell than before |\n" * number
            transcript.append(entry(f"new{number}", table))
            await pilot.pause()
        transcript.styles.height = 12
        await eventually(lambda: transcript.size.height == 12)
        await pilot.pause()
        assert transcript.at_end and transcript.scroll_y == transcript.max_scroll_y
