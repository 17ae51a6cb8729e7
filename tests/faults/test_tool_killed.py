"""Row 44: killed inside tools at any moment, no call is ever run a second time, and the chat tells what is known.

The short form kills a few times; YIBU_FAULTS_TOOL_KILLS=200 is the long one.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.stage import inherited
from tests.gateway.answers import DONE, Answer, sse
from tests.gateway.connection import Recorded
from tests.gateway.server import FakeGateway
from tests.gateway.tool_styles import in_openai_style
from tests.gateway.upstreams import openai
from tests.long_form import long_form
from tests.waiting import eventually_in_thread
from tui_chat.store.places import places
from tui_chat.store.sessions import Library

KILLS = long_form("TOOL_KILLS", 6)
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes that were forked")


def test_row_44_a_desk_killed_inside_tools_runs_no_call_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.tool_killed", str(tmp_path), str(KILLS)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=30 + KILLS)
    found = json.loads(done.stdout)
    print(found)
    assert found["readable"] and found["calls"] > 0
    assert found["twice"] == [] and found["results_twice"] == 0
    assert found["denied_but_ran"] == [] and found["told_but_never_ran"] == []
    assert found["invalid_requests"] == 0
    if KILLS >= 100:
        assert found["ran"] > KILLS // 4 and found["unknown"] > 5 and found["stopped"] > 5


def test_row_44_the_whole_program_killed_inside_a_command_runs_it_once(
    gateway: FakeGateway, own_home: Path, tmp_path: Path
) -> None:
    chance = random.Random(44)
    work = tmp_path / "work"
    work.mkdir()
    ran = work / "ran"
    folder = own_home / "yibu-chat"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(f'tool_folders = ["{work}"]\n', "utf-8")
    calls = 0

    def respond(request: Recorded) -> Answer:
        nonlocal calls
        if request.json["messages"][-1]["role"] == "tool":
            return sse(openai({"content": "ok"}), openai({}, "stop"), DONE)
        calls += 1
        line = f"echo call{calls} >> {ran}; sleep 0.3"
        return in_openai_style((f"call_{calls}", "shell", json.dumps({"command": line})))

    gateway.respond(respond)
    env = inherited(gateway)
    for number in range(max(1, KILLS // 10)):
        more = ["-c"] if number else ["-m", "m"]
        command = [sys.executable, "-m", "tui_chat", "ask", *more, "--tools", "shell", "--allow-tool", "shell", "go"]
        before = ran.read_text().count("\n") if ran.exists() else 0
        with subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work
        ) as child:
            eventually_in_thread(
                lambda n=before: ran.exists() and ran.read_text().count("\n") > n, what="the command runs"
            )
            time.sleep(chance.random() * 0.4)
            child.kill()
            child.wait()
    done = subprocess.run(
        [sys.executable, "-m", "tui_chat", "ask", "-c", "and now?"],
        env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd=work,
    )  # fmt: skip
    lines = ran.read_text().split()
    assert len(lines) == len(set(lines)) > 0
    assert done.returncode == 4, done.stderr  # nobody allowed it this time
    library = Library(places({"YIBU_CHAT_HOME": str(folder)}))
    opened = library.open(library.summaries()[0].id)
    opened.journal.close()
    nodes = [opened.conversation.node(id) for id in opened.conversation.path()]
    said = {node.result.call_id: node.result.decision for node in nodes if node.result is not None}
    assert set(said) == {call.id for node in nodes for call in node.calls}
    assert set(said.values()) <= {"once", "unknown", "denied"}
