"""The whole program in a real terminal with the real small model: nothing scripted anywhere.

What such a model says is its own affair; what is asked of it, kept of it and shown of it is ours.
"""

import sys
import tomllib

import pytest

from tests.real_model import place_real_model, real_model
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually_in_thread

pytestmark = needs_pty


@pytest.fixture(scope="module", autouse=True)
def fetched() -> None:
    real_model()


def start(*arguments: str) -> TerminalProgram:
    command = [sys.executable, "-m", "tui_chat", "--local", *arguments]
    return TerminalProgram(command, columns=110, rows=40, env={"LANG": "en_US.UTF-8"})


def test_three_turns_a_stop_a_new_version_and_all_of_it_again_tomorrow(own_home):
    home = own_home / "yibu-chat"
    place_real_model(home / "cache" / "local-models")

    def records() -> list[dict]:
        files = list((home / "sessions").glob("*.toml"))
        return [node for file in files for node in tomllib.loads(file.read_text("utf-8")).get("node", [])]

    def answers(count: int) -> list[dict]:
        found = [node for node in records() if node["role"] == "assistant"]
        return found if len(found) >= count else []

    def stop_in_mid_answer(program: TerminalProgram, count: int) -> dict:
        eventually_in_thread(lambda: list((home / "sessions").glob("*.partial")), 60)
        program.press("escape")
        return eventually_in_thread(lambda: answers(count), 30)[-1]

    with start() as program:
        program.wait_for("Type here", 30)
        program.wait_for("fast, small, often wrong", 30)
        for number, question in enumerate(("Say hello.", "Name a fruit."), 1):
            program.say(question)
            eventually_in_thread(lambda number=number: answers(number), 90)
        program.say("Write a very long story about a whale.")
        stopped = stop_in_mid_answer(program, 3)
        assert stopped["finish"] == "stopped" and stopped["parts"][0]["text"]
        program.wait_for("Stopped", 20)
        program.press("ctrl+r")
        again = stop_in_mid_answer(program, 4)
        assert again["parent"] == stopped["parent"]
        program.wait_for("2/2", 20)
        quit_(program)

    counts = [node["usage"]["prompt_tokens"] for node in answers(4) if "usage" in node]
    assert len(counts) == 2 and counts[0] < counts[1]  # each turn carries those before it
    assert all(node["model"].startswith("SmolLM2") for node in answers(4))

    with start("-c") as program:
        program.wait_for("Write a very long story", 30)
        program.wait_for("2/2", 30)
        program.press("escape")
        program.wait_for("d delete")
        program.press("left")
        program.wait_for("1/2", 20)
        quit_(program)


def quit_(program: TerminalProgram) -> None:
    program.press("ctrl+q")
    assert program.wait_exit(20) == 0
    assert program.restored
