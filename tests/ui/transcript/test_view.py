from __future__ import annotations

import subprocess
import sys
from itertools import count
from random import Random

import pytest
from textual.pilot import Pilot

from tests.ui.transcript.specimens import cuts
from tests.ui.transcript.specimens import document as specimen
from tests.ui.transcript.stage import Chat, Stage, entry, page_rows, screen_rows
from tests.waiting import eventually
from tui_chat.ui.transcript import pace
from tui_chat.ui.transcript.entry import Chip, Entry, Outline, Thought
from tui_chat.ui.transcript.paint import SPINNER
from tui_chat.ui.transcript.view import Transcript

SIZES = [(120, 40), (60, 15), (200, 60)]


async def fill(pilot: Pilot[None], chat: Chat, **more: bool) -> Transcript:
    transcript = pilot.app.query_one(Transcript)
    transcript.show(chat.outlines, chat.load, **more)
    await pilot.pause()
    return transcript


def drawn(transcript: Transcript) -> bool:
    """Whether all that arrived is on the page."""
    return not transcript._inbox


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_conversation_opens_at_its_end_with_a_screenful_loaded(size: tuple[int, int]) -> None:
    chat = Chat(10_000, paragraphs=2)
    async with Stage().run_test(size=size) as pilot:
        transcript = await fill(pilot, chat)
        assert 0 < len(set(chat.loaded)) <= size[1]
        assert transcript.at_end
        rows = screen_rows(transcript)
        assert len(rows) == size[1]
        assert rows[-1] == ""
        assert rows[-2].strip(" ▍")
        assert all(transcript.render_line(y).cell_length == size[0] for y in range(size[1]))


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_jumps_while_scrolling_up_through_what_was_never_opened(size: tuple[int, int]) -> None:
    chat = Chat(300, paragraphs=4)
    async with Stage().run_test(size=size) as pilot:
        transcript = await fill(pilot, chat)
        height = size[1]
        for _ in range(400):
            before, top = screen_rows(transcript), transcript.scroll_y
            transcript.scroll_relative(y=-3, animate=False)
            now = screen_rows(transcript)
            if top >= 3:
                assert now[3:] == before[: height - 3]
        assert not transcript.at_end


async def test_the_wheel_and_the_scroll_bar_scroll_without_a_jump() -> None:
    async with Stage().run_test(size=(100, 30)) as pilot:
        transcript = await fill(pilot, Chat(50))
        before = screen_rows(transcript)
        await pilot._post_mouse_events([_wheel_up()], transcript, (10, 10))
        await eventually(lambda: transcript.top < transcript.max_scroll_y)
        lines = next(n for n in range(1, 10) if screen_rows(transcript)[n:] == before[: 30 - n])
        assert lines >= 1
        transcript.scroll_page_up()
        await pilot.pause()
        assert not transcript.app.animator.is_being_animated(transcript, "scroll_y")


def _wheel_up() -> type:
    from textual.events import MouseScrollUp

    return MouseScrollUp


async def test_who_is_at_the_end_follows_it() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        transcript = await fill(pilot, Chat(5))
        transcript.begin(entry("live"))
        for number in range(60):
            transcript.grow("live", text=f"line {number}\n\n")
        await eventually(lambda: drawn(transcript))
        assert transcript.at_end
        assert any("line 59" in row for row in screen_rows(transcript))
        assert transcript.scroll_y == transcript.max_scroll_y
        assert not app.noted(Transcript.NewBelow)


async def test_who_reads_elsewhere_is_left_in_peace_until_they_come_back() -> None:
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        transcript = await fill(pilot, Chat(5))
        transcript.scroll_relative(y=-30, animate=False)
        await pilot.pause()
        before = screen_rows(transcript)
        transcript.begin(entry("live"))
        transcript.grow("live", reasoning="first a thought\n\n" * 5)
        transcript.grow("live", text="then a word\n\n" * 30)
        await eventually(lambda: drawn(transcript))
        transcript.settle(entry("live", Thought("first a thought\n\n" * 5), "then a word\n\n" * 30))
        transcript.append(entry("more", "and one more"))
        await pilot.pause()
        assert screen_rows(transcript) == before
        assert [message.waiting for message in app.noted(Transcript.NewBelow)] == [True]  # type: ignore[attr-defined]
        badge = transcript.render_lines(transcript.size.region)[-1].text
        assert "↓" in badge
        await pilot.click(Transcript, offset=(badge.index("↓"), 19))
        assert transcript.at_end
        assert "↓" not in transcript.render_lines(transcript.size.region)[-1].text
        await pilot.pause()
        assert app.noted(Transcript.EndReached)


async def test_what_was_streamed_stays_as_it_is_when_it_is_settled() -> None:
    for seed in range(5):
        random = Random(seed)
        # A definition at the very end gives links to what is above; everything else must stay as it was streamed.
        source = specimen(random).replace("]:", "] :") + "\nThe end."
        async with Stage().run_test(size=(90, 30)) as pilot:
            transcript = pilot.app.query_one(Transcript)
            pilot.app.set_focus(None)
            await pilot.pause()
            transcript.append(entry("before", "A question", role="user"))
            transcript.begin(entry("live"))
            for text in cuts(random, source):
                transcript.grow("live", text=text)
                if random.random() < 0.05:
                    await pilot.pause()
            await eventually(lambda: drawn(transcript))  # noqa: B023
            before = said(transcript)
            transcript.settle(entry("live", source))
            await pilot.pause()
            assert said(transcript) == before
            streamed = page_rows(transcript)
            transcript.show([Outline("before", 10), Outline("live", 10)], _two(source).__getitem__)
            assert page_rows(transcript) == streamed


async def test_what_waits_when_an_answer_ends_is_drawn_in_frames_before_it_settles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = count(step=2 * pace.WRITING_S)
    monkeypatch.setattr(pace, "perf_counter", lambda: next(clock))
    async with Stage().run_test(size=(90, 30)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        source = "- an item\n" * 3_000 + "\n```\ncode\n```\nThe end."
        transcript.begin(entry("live"))
        for final in (source, source + " Or not."):
            transcript.grow("live", text=source if final == source else "")
            transcript.settle(entry("live", final))
            assert "live" in transcript.document.growths
            assert transcript.code_blocks("live") == [("", "code")], "what is copied is whole at once"
        frames = 0
        while transcript._inbox:
            transcript._draw_frame()
            frames += 1
        assert frames == 3, "30 000 characters in gulps; the last is taken with the final form"
        assert "live" not in transcript.document.growths
        assert transcript._spinner is None
        assert screen_rows(transcript)[-2].endswith("The end. Or not.")
        streamed = screen_rows(transcript)
        transcript.append(entry("live", final))
        assert screen_rows(transcript) == streamed


@pytest.mark.parametrize("gone", ["replaced", "begun anew", "another path", "another chat"])
async def test_an_answer_that_waits_to_settle_may_go_before(gone: str) -> None:
    async with Stage().run_test(size=(90, 30)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.append(entry("first", "words"))
        transcript.begin(entry("live"))
        transcript.grow("live", text="- an item\n" * 3_000)
        transcript.settle(entry("live", "- an item\n" * 3_000))
        if gone == "replaced":
            transcript.replace(entry("live", "other words"))
        elif gone == "begun anew":
            transcript.begin(entry("live", "other words"))
        elif gone == "another path":
            transcript.update_path([Outline("first", 10)], lambda key: entry(key, "words"))
        else:
            transcript.show([Outline("first", 10)], lambda key: entry(key, "words"))
        while transcript._inbox:
            transcript._draw_frame()
        assert not any("an item" in row for row in screen_rows(transcript))
        assert not transcript._settling
        assert bool(transcript.document.growths) == (gone == "begun anew")


async def test_a_long_fence_is_lexed_as_a_whole_on_a_thread_while_it_is_in_view() -> None:
    lines = ["let a = 1;"] * 40 + ["/* begins"] + ["a = 'b'"] * 70 + ["ends */"] + ["let b = 2;"] * 100
    async with Stage().run_test(size=(90, 30)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.append(entry("a", "\n".join(["```js", *lines, "```"])))
        fence = transcript.document.slots[0].pieces[2].content.fence  # type: ignore[union-attr]
        assert fence is not None
        transcript.move(transcript.document.anchor_of(transcript.document.slots[0], 3))
        await pilot.pause()

        def tones() -> set[object]:
            return {
                s.style.color for y in range(30) for s in transcript.render_line(y) if s.style and s.text.strip(" ▍▊")
            }

        before = tones()
        assert len(before) > 1
        await eventually(lambda: fence.colours and len(tones()) == 1)
        assert len(fence.colours) == len(fence.chunks)


async def test_code_that_rushed_by_is_not_lexed_until_it_is_looked_at_again() -> None:
    async with Stage().run_test(size=(90, 20)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.append(entry("a", "```js\n" + "let a = 1;\n" * 100 + "```\n\n" + "words\n\n" * 50))
        fence = transcript.document.slots[0].pieces[2].content.fence  # type: ignore[union-attr]
        assert fence is not None
        transcript.move(transcript.document.anchor_of(transcript.document.slots[0], 3))
        assert fence.asked == {0}
        transcript.move(None)
        await eventually(lambda: not fence.asked)
        assert not fence.colours
        transcript.move(transcript.document.anchor_of(transcript.document.slots[0], 3))
        await eventually(lambda: screen_rows(transcript) and fence.colours)


def said(transcript: Transcript) -> list[str]:
    """The rows in view that say something, without the growing end."""
    return [row for row in screen_rows(transcript) if row.strip(" ▍") not in ("", *SPINNER)]


def _two(source: str) -> dict[str, Entry]:
    return {"before": entry("before", "A question", role="user"), "live": entry("live", source)}


async def test_the_spinner_turns_only_while_something_grows() -> None:
    async with Stage().run_test(size=(80, 20)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.begin(entry("live"))
        turn = transcript.painter.turn
        await eventually(lambda: transcript.painter.turn > turn)
        transcript.status("live", "12 s")
        assert any(row.endswith("12 s") for row in screen_rows(transcript))
        before = screen_rows(transcript)
        transcript.grow("live", text="words")
        await eventually(lambda: drawn(transcript))
        transcript.settle(entry("live", "words"))
        now = screen_rows(transcript)
        assert transcript._spinner is None
        assert not any("12 s" in row for row in now)
        assert len([row for row in now if row]) == len([row for row in before if row])


async def test_reasoning_folds_when_the_answer_begins() -> None:
    async with Stage().run_test(size=(80, 20)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.begin(entry("live"))
        transcript.grow("live", reasoning="a thought")
        await eventually(lambda: any("a thought" in row for row in screen_rows(transcript)))
        transcript.grow("live", text="the answer")
        await eventually(lambda: any("the answer" in row for row in screen_rows(transcript)))
        assert not any("a thought" in row for row in screen_rows(transcript))
        transcript.settle(entry("live", Thought("a thought", 3.14), "the answer"))
        assert any("▸ Reasoning 3.1 s" in row for row in screen_rows(transcript))


async def test_reasoning_is_not_folded_under_the_eyes_of_its_reader() -> None:
    async with Stage().run_test(size=(80, 10)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.begin(entry("live"))
        transcript.grow("live", reasoning="".join(f"thought {n}\n\n" for n in range(30)))
        await eventually(lambda: drawn(transcript))
        transcript.scroll_relative(y=-20, animate=False)
        before = screen_rows(transcript)
        assert any("thought" in row for row in before)
        transcript.grow("live", text="the answer")
        await eventually(lambda: drawn(transcript))
        assert screen_rows(transcript) == before


@pytest.mark.parametrize("width", [50, 160])
async def test_another_width_keeps_the_row_at_the_top(width: int) -> None:
    async with Stage().run_test(size=(100, 30)) as pilot:
        transcript = await fill(pilot, Chat(40))
        transcript.scroll_relative(y=-200, animate=False)
        await pilot.pause()
        top = transcript.spot_at(0)
        assert top is not None
        piece = top.piece
        await pilot.resize_terminal(width, 25)
        await eventually(lambda: transcript.typesetter.page.width == width)
        now = transcript.spot_at(0)
        assert now is not None
        assert now.piece is piece
        await pilot.resize_terminal(100, 30)
        await eventually(lambda: transcript.typesetter.page.width == 100)
        now = transcript.spot_at(0)
        assert now is not None
        assert now.piece is piece


async def test_another_width_in_a_long_chat_moves_neither_the_reader_nor_the_bar() -> None:
    async with Stage().run_test(size=(104, 30)) as pilot:
        chat = Chat(200)
        transcript = await fill(pilot, chat)
        transcript.move(transcript.document.anchor_of(transcript.document.slots[60]))
        for _ in range(60):
            transcript.move_by(25)
        before = transcript.spot_at(0)
        assert before is not None
        assert not transcript.at_end
        for width in (54, 80, 200, 104):
            share = transcript.top / transcript.document.total
            loads = len(chat.loaded)
            await pilot.resize_terminal(width, 30)
            await eventually(lambda: transcript.typesetter.page.width == width)  # noqa: B023
            now = transcript.spot_at(0)
            assert now is not None
            assert now.piece is before.piece
            assert abs(transcript.top / transcript.document.total - share) < 0.02, "the bar stays where it is"
            assert len(chat.loaded) - loads <= 30, "only what is in view is made anew"


async def test_another_width_keeps_the_end_for_who_follows_it() -> None:
    async with Stage().run_test(size=(100, 30)) as pilot:
        transcript = await fill(pilot, Chat(40))
        last = screen_rows(transcript)[-2]
        await pilot.resize_terminal(70, 20)
        await eventually(lambda: transcript.typesetter.page.width == 70)
        assert transcript.at_end
        assert screen_rows(transcript)[-2].split()[-1] == last.split()[-1]


async def test_replacing_an_entry_above_moves_nothing() -> None:
    async with Stage().run_test(size=(90, 20)) as pilot:
        transcript = await fill(pilot, Chat(10))
        transcript.scroll_relative(y=-40, animate=False)
        before = screen_rows(transcript)
        transcript.replace(entry("0", "short now", role="user"))
        transcript.replace(entry("1", *["a great many paragraphs\n\n" * 50]))
        await pilot.pause()
        assert screen_rows(transcript) == before


async def test_another_path_stays_at_what_both_have() -> None:
    async with Stage().run_test(size=(90, 20)) as pilot:
        chat = Chat(10)
        transcript = await fill(pilot, chat)
        transcript.action_top()
        transcript.scroll_relative(y=5, animate=False)
        before = screen_rows(transcript)
        transcript.update_path(chat.outlines[:5] + chat.outlines[7:], chat.load)
        await pilot.pause()
        assert screen_rows(transcript) == before
        assert [slot.key for slot in transcript.document.slots] == ["0", "1", "2", "3", "4", "7", "8", "9"]


async def test_another_branch_shows_its_first_message_and_takes_the_cursor_along() -> None:
    async with Stage().run_test(size=(90, 20)) as pilot:
        chat = Chat(4)
        transcript = await fill(pilot, chat)
        transcript.focus()
        await pilot.pause()
        assert transcript.cursor_key == "3"
        transcript.update_path([*chat.outlines[:3], Outline("13", 900), Outline("15", 900)], chat.load)
        await pilot.pause()
        assert transcript.cursor_key == "13"
        assert any("assistant" in row for row in screen_rows(transcript)[:2])
        transcript.update_path([], chat.load)
        await pilot.pause()
        assert transcript.cursor_key is None
        assert not any(screen_rows(transcript))


async def test_who_follows_goes_on_following_when_the_path_only_got_longer() -> None:
    async with Stage().run_test(size=(90, 20)) as pilot:
        chat = Chat(6)
        transcript = await fill(pilot, Chat(5))
        transcript.update_path(chat.outlines, chat.load)
        await pilot.pause()
        assert transcript.at_end
        assert transcript.scroll_y == transcript.max_scroll_y


async def test_an_empty_transcript_shows_nothing() -> None:
    async with Stage().run_test(size=(60, 15)) as pilot:
        transcript = await fill(pilot, Chat(0))
        assert not any(screen_rows(transcript))
        transcript.focus()
        await pilot.press("j", "k", "pageup", "home", "end", "space", "c")
        await pilot.pause()
        assert [(m.action, m.key) for m in pilot.app.messages] == [("copy", "")]  # type: ignore[attr-defined]


async def test_text_for_an_entry_that_is_gone_does_no_harm() -> None:
    async with Stage().run_test(size=(60, 15)) as pilot:
        transcript = await fill(pilot, Chat(2))
        transcript.begin(entry("live"))
        transcript.grow("live", text="words")
        transcript.show([], lambda key: entry(key))
        transcript.grow("live", text="words")
        transcript.status("live", "12 s")
        await eventually(lambda: drawn(transcript))
        assert not any(screen_rows(transcript))


async def test_what_changes_is_painted_from_its_first_row_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Stage().run_test(size=(80, 30)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.begin(entry("live"))
        transcript.grow("live", text="one\n\ntwo\n\nthree")
        await eventually(lambda: drawn(transcript))
        refreshed: list[int] = []
        whole: list[object] = []
        real = transcript.refresh_lines
        monkeypatch.setattr(transcript, "refresh_lines", lambda y, n=1: (refreshed.append(y), real(y, n)))
        monkeypatch.setattr(transcript, "refresh", lambda *regions, **more: whole.append(regions) or transcript)
        transcript._write("live", "prose", [" and more\n\nfour"])
        row = next(y for y, text in enumerate(screen_rows(transcript)) if "three and more" in text)
        assert refreshed == [row]
        assert all(regions for regions in whole)


async def test_code_is_given_out_exactly() -> None:
    code = "def f():\n\treturn 1  \n\n# end"
    async with Stage().run_test(size=(80, 30)) as pilot:
        transcript = pilot.app.query_one(Transcript)
        transcript.append(
            entry("a", f"Look:\n\n```python title=x\n{code}\n```\n\n- item\n  ```\n  plain\n  ```", Chip("f"))
        )
        assert transcript.code_blocks("a") == [("python", code), ("", "plain")]
        assert transcript.code_blocks("nobody") == []
        await pilot.pause()
        rows = screen_rows(transcript)
        y = next(y for y, row in enumerate(rows) if row.endswith("copy"))
        await pilot.click(Transcript, offset=(len(rows[y]) - 2, y))
        await pilot.pause()
        picked = pilot.app.noted(Transcript.CodePicked)  # type: ignore[attr-defined]
        assert [(m.key, m.language, m.code) for m in picked] == [("a", "python", code)]


def test_the_first_paint_of_an_empty_transcript_imports_no_parser() -> None:
    program = """
import asyncio, sys
from tests.ui.transcript.stage import Stage, entry, screen_rows
from tui_chat.ui.transcript.view import warm

async def main():
    app = Stage()
    async with app.run_test(size=(80, 20)) as pilot:
        app.transcript.show([], lambda key: entry(key))
        await pilot.pause()
        late = {"markdown_it", "pygments", "PIL", "jsonschema", "h11"}
        assert not late & set(sys.modules), late & set(sys.modules)
        await asyncio.to_thread(warm)
        assert {"markdown_it", "pygments", "PIL"} <= set(sys.modules)
        app.transcript.append(entry("a", "**warm**"))
        assert any("warm" in row for row in screen_rows(app.transcript))

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
