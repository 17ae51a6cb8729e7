"""Recording as a person sees it: time, level, kept or thrown away; no device is a sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.attach.microphone import FakeMicrophone
from tests.ui.bare_stage import SIZES, answered, shows, staged
from tests.waiting import eventually
from tui_chat.errors import AttachError
from tui_chat.ui.screens.recorder import RecorderScreen, level_bar, spoken_time
from tui_chat.words import t

LOUD, MINUTE = b"\xff\x3f" * 1200, 24_000 * 60


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_time_and_level_are_seen_and_keeping_gives_the_file(language: str, size: tuple[int, int]) -> None:
    microphone = FakeMicrophone()
    async with staged(RecorderScreen(10_000_000, lambda: microphone), size) as (app, pilot):
        await eventually(lambda: microphone.is_open)
        microphone.hear(bytes(2 * MINUTE))
        microphone.hear(LOUD)
        await eventually(lambda: shows(app, "● 1:00") and shows(app, "█████"))
        assert shows(app, t("record.keep")) and shows(app, t("record.throw_away")) and shows(app, t("record.hint"))
        await pilot.press("enter")
        content = await answered(app)
    assert content[:4] == b"RIFF" and content[44:] == bytes(2 * MINUTE) + LOUD and not microphone.is_open


async def test_esc_throws_it_away() -> None:
    microphone = FakeMicrophone()
    async with staged(RecorderScreen(1000, lambda: microphone)) as (app, pilot):
        await eventually(lambda: microphone.is_open)
        microphone.hear(LOUD)
        await pilot.press("escape")
        assert await answered(app) is None
        await eventually(lambda: not microphone.is_open)


async def test_a_microphone_that_opens_after_it_was_thrown_away_is_let_go() -> None:
    opening, go = threading.Event(), threading.Event()

    class Slow(FakeMicrophone):
        def open(self, heard: Callable[[bytes], None]) -> int:
            opening.set()
            assert go.wait(10)
            return super().open(heard)

    microphone = Slow()
    async with staged(RecorderScreen(1000, lambda: microphone)) as (app, pilot):
        await eventually(opening.is_set)
        await pilot.press("escape")
        assert await answered(app) is None
        await pilot.pause()
        go.set()
        await eventually(lambda: microphone.closed == 1)


async def test_at_the_limit_it_is_kept_by_itself() -> None:
    microphone = FakeMicrophone()
    async with staged(RecorderScreen(1000, lambda: microphone)) as (app, _pilot):
        await eventually(lambda: microphone.is_open)
        microphone.hear(LOUD)
        assert len(await answered(app)) == 1000


@pytest.mark.parametrize("key", ["microphone_extra", "microphone_none", "microphone_library", "microphone_failed"])
async def test_where_nothing_can_be_recorded_that_is_said(key: str) -> None:
    def none() -> FakeMicrophone:
        raise AttachError(f"error.{key}", reason="PortAudio library not found")

    async with staged(RecorderScreen(1000, none)) as (app, pilot):
        await eventually(lambda: shows(app, t(f"error.{key}.says", reason="PortAudio library not found")))
        assert shows(app, t(f"error.{key}.advice")) and not shows(app, t("record.keep"))
        await pilot.press("enter")
        assert await answered(app) is None


async def test_nothing_heard_is_said() -> None:
    microphone = FakeMicrophone()
    async with staged(RecorderScreen(1000, lambda: microphone)) as (app, pilot):
        await eventually(lambda: microphone.is_open)
        await pilot.press("enter")
        await eventually(lambda: shows(app, t("error.microphone_empty.says")))
        await pilot.press("escape")
        assert await answered(app) is None


def test_signs() -> None:
    assert [spoken_time(seconds) for seconds in (0, 7.9, 61, 723)] == ["0:00", "0:07", "1:01", "12:03"]
    assert [level_bar(level, 4) for level in (0, 0.5, 0.53, 1)] == ["····", "██··", "██▏·", "████"]
