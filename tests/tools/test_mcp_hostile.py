"""Servers that die, hang, flood and lie: each ends in a clear state, nothing of it is left, and the engine goes on."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.extras import needs_mcp
from tests.tools.mcp_stage import Stage, alive, hostile
from tests.waiting import eventually_in_thread
from tui_chat.errors import ToolError
from tui_chat.tools import mcp_pipe
from tui_chat.tools.mcp_asking import MOST_TOOLS
from tui_chat.tools.mcp_plan import ServerPlan
from tui_chat.words import sentences, t

pytestmark = [
    needs_mcp,
    pytest.mark.skipif(sys.platform == "win32", reason="the hostile server uses signals and fork"),
]

Made = Callable[[ServerPlan], Stage]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Stages with one server each, confirmed; afterwards nothing may be left of them."""
    monkeypatch.setattr(mcp_pipe, "PATIENCE_S", 0.3)
    stages: list[Stage] = []

    def make(plan: ServerPlan) -> Stage:
        stage = Stage(tmp_path, plan)
        stages.append(stage)
        stage.do(stage.servers.confirm(stage.servers.launch(plan.name)))
        return stage

    yield make
    for stage in stages:
        pids = children()
        stage.close()
        eventually_in_thread(lambda pids=pids: not any(alive(pid) for pid in pids), what="the servers' ends")


OTHERS: set[int] = set()
"""Processes that other tests of this run have started and share, such as the real local model's server."""


@pytest.fixture(autouse=True)
def own_processes() -> None:
    OTHERS.clear()
    OTHERS.update(children())


def children() -> list[int]:
    """Processes that run the hostile server for this test."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    pids = {int(pid) for task in tasks.glob("*/children") for pid in task.read_text().split()}
    return sorted(pids - OTHERS)


def start_fails(stage: Stage) -> ToolError:
    with pytest.raises(ToolError) as caught:
        stage.do(stage.servers.start("bad"))
    return said(stage, caught.value)


def call_fails(stage: Stage, tool: str = "bad__fine") -> ToolError:
    stage.begin("bad")
    with pytest.raises(ToolError) as caught:
        stage.run(tool)
    return said(stage, caught.value)


def said(stage: Stage, error: ToolError) -> ToolError:
    """The error has words in both languages, and the engine still answers."""
    for language in ("en", "zh"):
        assert sentences(language)[f"{error.key}.says"].format(**error.facts)
    assert stage.servers.names == ("bad",)
    stage.do(stage.engine.write(lambda: None), 5)
    return error


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        ("exits", "error.mcp_exit"),
        ("killed", "error.mcp_signal"),
        ("closes_output", "error.mcp_closed"),
        ("floods_text", "error.mcp_noise"),
        ("binary", "error.mcp_noise"),
        ("floods_messages", "error.mcp_flood"),
        ("endless_line", "error.mcp_line"),
        ("no_handshake", "error.mcp_protocol"),
        ("odd_words", "error.mcp_refused"),
        ("bad_list", "error.mcp_protocol"),
    ],
)
def test_a_server_that_fails_to_start(made: Made, mode: str, key: str):
    stage = made(hostile(mode))
    assert start_fails(stage).key == key
    state = stage.servers.state("bad")
    assert (state.phase, state.tools) == ("stopped", 0)
    assert state.error is not None and state.error.key == key
    if mode == "exits":
        assert t(state.key, **state.facts) == t("mcp.state.exit", code=3)
        assert state.stderr == "no licence\n"
    if mode == "killed":
        assert t(state.key, **state.facts) == t("mcp.state.signal", signal="SIGKILL")


@pytest.mark.parametrize("mode", ["silent", "deaf"])
def test_a_server_that_says_nothing_is_ended_at_its_deadline(made: Made, mode: str):
    stage = made(hostile(mode, start_s=0.3))
    assert start_fails(stage).key == "error.mcp_slow_start"
    assert stage.servers.state("bad").phase == "stopped"
    eventually_in_thread(lambda: children() == [])


def test_a_program_that_is_not_there_or_needs_what_is_not_set(made: Made, monkeypatch: pytest.MonkeyPatch):
    assert start_fails(made(ServerPlan("bad", ("no-such-program-anywhere",)))).key == "error.mcp_program"
    assert start_fails(made(ServerPlan("bad", ("/etc/passwd",)))).key == "error.mcp_start"
    assert start_fails(made(ServerPlan("bad", ("true",), {"A": "${YIBU_NOT_SET}"}))).key == "error.mcp_variable"
    monkeypatch.setenv("YIBU_API_KEY", "sk-canary")
    assert start_fails(made(ServerPlan("bad", ("true",), {"A": "${YIBU_API_KEY}"}))).key == "error.mcp_own_key"
    assert start_fails(made(ServerPlan("bad", url="http://127.0.0.1:9/mcp"))).key == "error.mcp_unreachable"


def test_a_file_of_the_working_folder_starts_nothing(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "strangers"
    folder.mkdir()
    for name in ("settings.toml", ".mcp.json", "mcp.json", ".env"):
        (folder / name).write_text('[mcp.evil]\ncommand = ["touch", "owned"]\n')
    (folder / "server").write_text("#!/bin/sh\ntouch owned\n")
    (folder / "server").chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    for program in ("server", "./server"):
        assert start_fails(made(ServerPlan("bad", (program,)))).key == "error.mcp_program"
    assert not (folder / "owned").exists()


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        ("dies_in_call", "error.mcp_exit"),
        ("grandchild", "error.mcp_exit"),
        ("floods_in_call", "error.mcp_noise"),
        ("large_answer", "error.mcp_line"),
    ],
)
def test_a_server_that_ends_in_a_call(made: Made, mode: str, key: str):
    stage = made(hostile(mode))
    assert call_fails(stage).key == key
    state = stage.servers.state("bad")
    assert state.phase == "stopped"
    assert stage.servers.tools() == ()
    if mode == "dies_in_call":
        assert state.stderr == "out of cheese\n"
    # It can be started anew, and what was approved still is.
    stage.do(stage.servers.restart("bad"))
    assert stage.servers.state("bad").phase == "running"
    assert [tool.name for tool in stage.servers.tools()] == ["bad__fine"]


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        ("hangs_in_call", "error.mcp_slow_call"),
        ("wrong_id", "error.mcp_slow_call"),
        ("wrong_result", "error.mcp_protocol"),
        ("changes_always", "error.mcp_tool_changed"),
    ],
)
def test_a_call_that_fails_leaves_the_server_running(made: Made, mode: str, key: str):
    stage = made(hostile(mode, call_s=0.4 if key.endswith("slow_call") else 10.0))
    assert call_fails(stage).key == key
    assert stage.servers.state("bad").phase == "running"


@pytest.mark.parametrize("mode", ["banner", "complains", "asks_back", "half_pairs"])
def test_a_server_that_is_merely_odd_works(made: Made, mode: str):
    stage = made(hostile(mode))
    stage.begin("bad")
    outcome = stage.run("bad__fine")
    assert outcome.text == {"asks_back": "asked", "half_pairs": "a�b"}.get(mode, "done")
    if mode == "complains":
        eventually_in_thread(lambda: stage.servers.state("bad").stderr.endswith("the last complaint\n"))
        assert len(stage.servers.state("bad").stderr) == 64 * 1024


def test_a_server_that_ignores_term_is_ended_all_the_same(made: Made):
    stage = made(hostile("stubborn"))
    stage.begin("bad")
    (pid,) = children()
    stage.do(stage.servers.stop("bad"))
    assert not alive(pid)
    assert stage.servers.state("bad").phase == "idle"


def test_stopping_while_it_starts_ends_it(made: Made):
    stage = made(hostile("silent"))
    starting = stage.engine.submit(stage.servers.start("bad"))
    eventually_in_thread(lambda: len(children()) == 1)
    stage.do(stage.servers.stop("bad"))
    with pytest.raises(ToolError):
        starting.result(5)
    assert stage.servers.state("bad").phase == "idle"
    assert children() == []


def test_the_engine_ends_servers_that_nobody_stopped(tmp_path: Path):
    stage = Stage(tmp_path, hostile("banner"))
    stage.begin("bad")
    (pid,) = children()
    stage.engine.close()
    eventually_in_thread(lambda: not alive(pid))


def test_definitions_that_can_not_be_used_are_left_out_and_flagged(made: Made):
    stage = made(hostile("odd_tools"))
    stage.do(stage.servers.start("bad"))
    found = {one.name: one for one in stage.servers.definitions("bad")}
    assert [problem.key for problem in stage.servers.state("bad").problems] == [
        "error.mcp_tool_twice",
        "error.mcp_tool_schema",
        "error.mcp_tool_large",
    ]
    assert {name: one.flags for name, one in found.items() if one.flags} == {
        "bad__long": ("long",),
        "bad__hidden": ("hidden",),
    }
    assert len({name for name in found if name.startswith("bad__same_")}) == 2
    assert all(len(name) <= 64 for name in found)


@pytest.mark.parametrize("mode", ["endless_list", "same_cursor"])
def test_a_list_without_end_is_cut(made: Made, mode: str):
    stage = made(hostile(mode))
    stage.do(stage.servers.start("bad"))
    assert len(stage.servers.definitions("bad")) == (MOST_TOOLS if mode == "endless_list" else 0)
    assert [problem.key for problem in stage.servers.state("bad").problems] == ["error.mcp_too_many"]


@pytest.mark.skipif("YIBU_FAULTS_MCP" not in os.environ, reason="minutes long; set YIBU_FAULTS_MCP=1")
def test_killed_at_any_moment_a_hundred_times_nothing_is_left(made: Made):
    stage = made(hostile("banner"))
    stage.begin("bad")
    ends: dict[str, int] = {}
    for turn in range(100):
        if stage.servers.state("bad").phase != "running":
            stage.do(stage.servers.start("bad"))
        (pid,) = children()
        tool = stage.tool("bad__fine")
        assert tool.run is not None
        calling = stage.engine.submit(tool.run({}, stage.surroundings))  # type: ignore[arg-type]
        time.sleep(turn % 10 / 2000)
        os.kill(pid, signal.SIGKILL)
        try:
            ends[calling.result(10).text] = ends.get(calling.result().text, 0) + 1
        except ToolError as error:
            ends[error.key] = ends.get(error.key, 0) + 1
        eventually_in_thread(lambda: stage.servers.state("bad").phase == "stopped")
        eventually_in_thread(lambda: children() == [])
    assert sum(ends.values()) == 100
    assert set(ends) <= {"done", "error.mcp_signal"}, ends
