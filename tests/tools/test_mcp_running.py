"""A server on its way is known to be so, is waited for, and can be stopped before it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.extras import needs_mcp
from tests.tools.mcp_stage import Stage, plain
from tests.waiting import eventually_in_thread
from tui_chat.errors import ToolError

pytestmark = needs_mcp
ADD = ("plain__add", "clock")


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


@pytest.fixture
def stage(tmp_path: Path, gate: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, plain(gate=gate))
    stage.do(stage.servers.confirm(stage.servers.launch("plain")))
    yield stage
    stage.close()


def phase(stage: Stage) -> str:
    return stage.servers.state("plain").phase


def test_it_is_on_its_way_from_the_first_moment_and_waited_for(stage: Stage, gate: Path) -> None:
    async def begun() -> tuple[tuple[str, ...], str]:
        stage.servers._begin("plain")
        return stage.servers.starting(ADD), phase(stage)

    assert stage.servers.starting(ADD) == ()
    assert stage.do(begun()) == (("plain",), "starting")
    assert stage.servers.starting(("clock", "other__add")) == ()
    waiting = stage.engine.submit(stage.servers.until_started(("plain", "other")))
    assert not waiting.done()
    gate.touch()
    waiting.result(20)
    assert phase(stage) == "running" and stage.servers.starting(ADD) == ()
    stage.do(stage.servers.until_started(("plain",)))  # nothing to wait for


def test_who_waits_hears_of_a_failure_too(stage: Stage) -> None:
    starting = stage.engine.submit(stage.servers.start("plain"))
    eventually_in_thread(lambda: stage.servers.starting(ADD) == ("plain",), what="it is on its way")
    waiting = stage.engine.submit(stage.servers.until_started(("plain",)))
    stage.do(stage.servers.stop("plain"))
    waiting.result(20)
    assert isinstance(starting.exception(20), ToolError) and stage.servers.starting(ADD) == ()


def test_a_stop_before_anything_runs_is_a_stop(stage: Stage, gate: Path) -> None:
    gate.touch()

    async def begun_and_stopped() -> None:
        stage.servers._begin("plain")
        await stage.servers.stop("plain")

    stage.do(begun_and_stopped())
    stage.do(stage.servers._engine.write(lambda: None))  # what was asked of the disk by then is over
    stage.do(stage.servers.until_started(("plain",)))
    assert phase(stage) == "idle"
    stage.do(stage.servers.restart("plain"))
    assert phase(stage) == "running"
