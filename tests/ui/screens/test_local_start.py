"""Getting the embedded model: asked first, in sight, called off, failed, done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import ProgressBar

from tests.ui.bare_stage import NOTHING, SIZES, answered, shows, staged
from tests.waiting import eventually
from tui_chat import local
from tui_chat.errors import LocalModelError
from tui_chat.local import Progress
from tui_chat.ui.screens.local_start import LocalStartScreen
from tui_chat.words import t


class Server:
    """Stands for one that runs."""

    closed = False

    def close(self) -> None:
        self.closed = True


class Starting:
    """A start whose course the test decides; runs where `local.start` runs, on the screen's worker thread."""

    def __init__(self) -> None:
        self.calls: list[tuple[Path | None, Path]] = []
        self.progress: Callable[[Progress], None] = lambda progress: None
        self.proceed = threading.Event()
        self.error: LocalModelError | None = None
        self.heeds_cancel = True
        self.server = Server()

    def __call__(
        self,
        model: Path | None,
        cache_folder: Path,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Any:
        self.calls.append((model, cache_folder))
        self.progress = progress
        while not self.proceed.wait(0.005):
            if cancelled() and self.heeds_cancel:
                raise LocalModelError("error.local_cancelled")
        if self.error is not None:
            raise self.error
        return self.server


@pytest.fixture
def starting():
    start = Starting()
    yield start
    start.proceed.set()  # no thread stays behind


def offered(folder: Path) -> str:
    default = local.DEFAULT
    facts = {"name": default.name, "licence": default.licence, "megabytes": default.wheel_mb}
    return t("local.offer", **facts, folder=str(folder))


async def test_nothing_is_fetched_before_it_is_agreed_to(tmp_path, starting, language):
    async with staged(LocalStartScreen(tmp_path, start=starting)) as (app, pilot):
        await eventually(lambda: shows(app, offered(tmp_path)))
        assert starting.calls == []
        await pilot.press("escape")
        assert await answered(app) is None
        assert starting.calls == []


async def test_agreed_to_it_shows_how_far_it_is_and_gives_the_server(tmp_path, starting, chinese):
    async with staged(LocalStartScreen(tmp_path, start=starting)) as (app, pilot):
        await pilot.press("enter")
        await eventually(lambda: starting.calls == [(None, tmp_path)])
        starting.progress(Progress("download", 40_000_000, 80_000_000))
        stage = t("local.stage_bytes", stage=t("local.stage_download"), done_mb=40, total_mb=80)
        await eventually(lambda: shows(app, stage))
        assert shows(app, t("local.fetching", name=local.DEFAULT.name))
        assert app.screen.query_one(ProgressBar).percentage == 0.5
        starting.progress(Progress("load"))
        await eventually(lambda: shows(app, t("local.stage_load")))
        assert shows(app, t("local.starting", name=local.DEFAULT.name))
        assert app.screen.query_one(ProgressBar).percentage is None
        starting.proceed.set()
        assert await answered(app) is starting.server
        assert not starting.server.closed


async def test_a_model_of_ones_own_starts_without_a_question(tmp_path, starting):
    model = tmp_path / "my.gguf"
    async with staged(LocalStartScreen(tmp_path, model, start=starting)) as (app, _):
        await eventually(lambda: starting.calls == [(model, tmp_path)])
        await eventually(lambda: shows(app, t("local.starting", name="my.gguf")))
        starting.proceed.set()
        assert await answered(app) is starting.server


async def test_a_model_that_is_here_already_starts_without_a_question(tmp_path, starting, monkeypatch):
    monkeypatch.setattr(local, "find", lambda cache_folder: cache_folder / "here.gguf")
    async with staged(LocalStartScreen(tmp_path, start=starting)) as (app, _):
        starting.proceed.set()
        assert await answered(app) is starting.server


@pytest.mark.parametrize("by", ["escape", "enter", "click"])
async def test_it_can_be_called_off(tmp_path, starting, by):
    async with staged(LocalStartScreen(tmp_path, tmp_path / "m.gguf", start=starting)) as (app, pilot):
        await eventually(lambda: starting.calls)
        await (pilot.click("#cancel") if by == "click" else pilot.press(by))
        assert await answered(app) is None


async def test_a_server_that_comes_up_after_all_is_closed(tmp_path, starting, chinese):
    starting.heeds_cancel = False
    async with staged(LocalStartScreen(tmp_path, tmp_path / "m.gguf", start=starting)) as (app, pilot):
        await eventually(lambda: starting.calls)
        await pilot.press("escape")
        await eventually(lambda: shows(app, t("local.stopping")))
        assert app.result is NOTHING
        starting.proceed.set()
        assert await answered(app) is None
        assert starting.server.closed


async def test_a_failure_says_what_is_wrong_and_can_be_tried_again(tmp_path, starting, chinese):
    starting.error = LocalModelError("error.local_network", reason="no route [b]x")
    starting.proceed.set()
    async with staged(LocalStartScreen(tmp_path, tmp_path / "m.gguf", start=starting), (80, 30)) as (app, pilot):
        await eventually(lambda: shows(app, t("error.local_network.says", reason="no route [b]x")))
        assert shows(app, t("error.local_network.advice"))
        starting.error = None
        await pilot.click("#go")
        assert await answered(app) is starting.server
        assert len(starting.calls) == 2


async def test_a_failure_can_be_left(tmp_path, starting):
    starting.error = LocalModelError("error.local_extra")
    starting.proceed.set()
    async with staged(LocalStartScreen(tmp_path, tmp_path / "m.gguf", start=starting)) as (app, pilot):
        await eventually(lambda: shows(app, t("error.local_extra.advice")))
        await pilot.press("enter")
        assert await answered(app) is None


async def test_when_the_program_ends_meanwhile_nothing_is_left_running(tmp_path, starting):
    starting.heeds_cancel = False
    async with staged(LocalStartScreen(tmp_path, tmp_path / "m.gguf", start=starting)) as (app, _):
        await eventually(lambda: starting.calls)
        screen = app.screen
        await app.pop_screen()
        starting.proceed.set()
        await eventually(lambda: starting.server.closed)
        assert not screen.is_attached


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_its_buttons_can_be_seen_at_every_size(tmp_path, starting, size, language):
    long_folder = tmp_path / ("very-long-folder-name/" * 8)
    async with staged(LocalStartScreen(long_folder, start=starting), size) as (app, _):
        for button in app.screen.query("Button"):
            await eventually(lambda seen=button: seen.region in app.screen.region and seen.region.height == 1)
