"""The whole program in a real terminal with the real small model: nothing scripted anywhere.

What such a model says is its own affair; what is asked of it, kept of it and shown of it is ours.
"""

import sys
import tomllib
from pathlib import Path

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

    def answers(count: int) -> list[dict]:
        """The answers on disk, once there are at least so many."""
        try:
            texts = [file.read_text("utf-8") for file in (home / "sessions").glob("*.toml")]
            nodes = [node for text in texts for node in tomllib.loads(text).get("node", [])]
        except (FileNotFoundError, tomllib.TOMLDecodeError):  # looked at while it was renamed or written
            return []
        found = [node for node in nodes if node["role"] == "assistant"]
        return found if len(found) >= count else []

    def stop_in_mid_answer(program: TerminalProgram, known: int) -> list[dict]:
        """Stop the answer after the `known` ones; where the model had ended it by itself, ask again."""
        for count in range(known + 1, known + 9):
            eventually_in_thread(lambda count=count: partials() or answers(count), 60)
            program.press("escape")
            found = eventually_in_thread(lambda count=count: answers(count), 30)
            if found[-1]["finish"] == "stopped":
                return found
            program.press("ctrl+r")
        raise AssertionError("the model ended each answer before it could be stopped")

    def partials() -> list[Path]:
        return list((home / "sessions").glob("*.partial"))

    with start() as program:
        program.wait_for("Type here", 30)
        program.wait_for("fast, small, often wrong", 30)
        for number, question in enumerate(("Say hello.", "Name a fruit."), 1):
            program.say(question)
            eventually_in_thread(lambda number=number: answers(number), 90)
        program.say("Write a very long story about a whale.")
        found = stop_in_mid_answer(program, 2)
        stopped = found[-1]
        assert stopped["parts"][0]["text"]
        program.wait_for("Stopped", 20)
        program.press("ctrl+r")
        found = stop_in_mid_answer(program, len(found))
        versions = [node for node in found if node["parent"] == stopped["parent"]]
        assert len(versions) >= 2
        program.wait_for(f"{len(versions)}/{len(versions)}", 20)
        quit_(program)

    counts = [node["usage"]["prompt_tokens"] for node in found[:2]]
    assert counts[0] < counts[1]  # each turn carries those before it
    assert all(node["model"].startswith("SmolLM2") for node in found)

    with start("-c") as program:
        program.wait_for("Write a very long story", 30)
        program.wait_for(f"{len(versions)}/{len(versions)}", 30)
        program.press("escape")
        program.wait_for("d delete")
        program.press("left")
        program.wait_for(f"{len(versions) - 1}/{len(versions)}", 20)
        quit_(program)


def quit_(program: TerminalProgram) -> None:
    program.press("ctrl+q")
    assert program.wait_exit(20) == 0
    assert program.restored
