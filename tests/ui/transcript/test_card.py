"""The row of a tool call: at every width, in every state; it folds, and what runs counts its seconds."""

from __future__ import annotations

from typing import get_args

import pytest
from textual import on
from textual.color import Color

from tests.ui.transcript.stage import Stage, entry, page_rows, screen_rows
from tests.waiting import eventually
from tui_chat import words
from tui_chat.ui.transcript.card import call_line
from tui_chat.ui.transcript.entry import Call, CallState, More
from tui_chat.ui.transcript.find import Finder
from tui_chat.ui.transcript.looks import Looks
from tui_chat.ui.transcript.view import Transcript

LOOKS = Looks({}, Color(0, 0, 0), 0)


def row(call: Call, cells: int, **more: object) -> str:
    line = call_line(call, cells, LOOKS, folded=True, **more)  # type: ignore[arg-type]
    assert line.cells == cells, (call, cells)
    return "".join(segment.text for segment in line.segments)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("cells", [30, 38, 58, 100])
def test_state_and_time_are_told_at_every_width(language: str, cells: int) -> None:
    words.speak(language)
    for state in get_args(CallState):
        call = Call("读_a_tool_with_a_long_name", "an argument\x1b[2J 参数 " * 9, state, "", "此对话中已允许", 61.5)
        text = row(call, cells)
        assert words.t(f"card.{state}") in text and "\x1b" not in text
        assert state == "running" or "62 s" in text


def test_what_runs_counts_its_seconds() -> None:
    call = Call("shell", "sleep 9", "running", "", since_s=100.0)
    assert "⠋ running 7 s" in row(call, 60, sign="⠋", now_s=107.9) and "0 s" not in row(call, 60, now_s=100.4)


async def test_it_folds_by_key_and_by_click_and_turns_while_it_runs() -> None:
    app = Stage()
    running = Call("shell", "ls", "running", "Arguments\n\n```json\n{}\n```", since_s=0.0)
    done = Call("clock", "", "done", "Result\n\n```\nnoon\n```", seconds=0.2)
    async with app.run_test(size=(80, 24)) as pilot:
        transcript = app.transcript
        transcript.append(entry("a", "Let me look.", running, done))
        await pilot.pause()
        assert transcript.document.running == {"a"} and "noon" not in "\n".join(page_rows(transcript))
        first = next(text for text in screen_rows(transcript) if "shell" in text)
        await eventually(lambda: first != next(text for text in screen_rows(transcript) if "shell" in text))
        transcript.focus()
        await pilot.press("space")
        assert "noon" in "\n".join(page_rows(transcript)) and "json" in "\n".join(page_rows(transcript))
        at = next(y for y, text in enumerate(screen_rows(transcript)) if "clock" in text)
        await pilot.click(transcript, offset=(10, at))
        await pilot.pause()
        assert "noon" not in "\n".join(page_rows(transcript)) and "json" in "\n".join(page_rows(transcript))
        transcript.replace(entry("a", "Let me look.", Call("shell", "ls", "done", running.source, seconds=3.0), done))
        await pilot.pause()
        rows = "\n".join(page_rows(transcript))
        assert "✓ done · 3.0 s" in rows and "json" in rows and not transcript.document.running  # still unfolded


class Picking(Stage):
    """Notes what code is copied."""

    def __init__(self) -> None:
        super().__init__()
        self.picked: list[str] = []

    @on(Transcript.CodePicked)
    def note(self, event: Transcript.CodePicked) -> None:
        self.picked.append(event.code)


async def test_the_rest_of_a_long_card_folds_by_itself_and_with_its_call() -> None:
    app = Picking()
    long = Call("read", "a.txt", "done", "Result\n\n```\nbeginning\n```", seconds=0.2)
    rest = More("412 more lines", "Result\n\n```\nmiddle\n\nneedle\n```", (("beginning", "all of it"),))
    after = Call("clock", "", "done", "Result\n\n```\nnoon\n```")
    async with app.run_test(size=(80, 40)) as pilot:
        transcript = app.transcript
        transcript.append(entry("a", "Let me look.", long, rest, after, "That is all."))
        await pilot.pause()

        def shown() -> list[bool]:
            page = "\n".join(page_rows(transcript))
            return [word in page for word in ("beginning", "412 more lines", "needle", "noon")]

        folded = page_rows(transcript)
        assert shown() == [False] * 4
        at = next(y for y, text in enumerate(folded) if "read" in text)
        assert "clock" in folded[at + 1]  # nothing between two calls
        transcript.focus()
        for expected in ([True, True, False, True], [True] * 4, [False] * 4):
            await pilot.press("space")
            assert shown() == expected
        assert page_rows(transcript) == folded
        await pilot.press("space")
        at = next(y for y, text in enumerate(screen_rows(transcript)) if "412 more lines" in text)
        assert "▸ 412" in screen_rows(transcript)[at]
        await pilot.click(transcript, offset=(10, at))
        assert shown() == [True] * 4
        at = next(y for y, text in enumerate(screen_rows(transcript)) if "beginning" in text)
        await pilot.click(transcript, offset=(screen_rows(transcript)[at].index("copy") + 1, at))
        await eventually(lambda: app.picked == ["all of it"])
        at = next(y for y, text in enumerate(screen_rows(transcript)) if "read" in text)
        await pilot.click(transcript, offset=(10, at))
        assert shown() == [False, False, False, True]
        # what the search finds in it is unfolded
        assert Finder(transcript.document).step("needle", 1, 0)[:2] == (1, 1)
        assert shown()[:3] == [True] * 3
