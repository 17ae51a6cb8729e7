"""Schema, probabilities and several answers from the real small model, in a real terminal. Nothing is scripted."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.long_form import long_form
from tests.real_model import place_real_model, real_model
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually_in_thread

pytestmark = [
    needs_pty,
    pytest.mark.skipif(not long_form("LOCAL_ANSWERS", 0), reason="long form: YIBU_FAULTS_LOCAL_ANSWERS=1"),
]
SCHEMA = {
    "type": "object",
    "properties": {"name": {"enum": ["cat", "dog"]}, "age": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module", autouse=True)
def fetched() -> None:
    real_model()


def start(own_home: Path, *values: str) -> tuple[TerminalProgram, Callable[[int], list[dict[str, Any]]]]:
    """The program with these parameters, and its answers on disk once there are so many."""
    home = own_home / "yibu-chat"
    place_real_model(home / "cache" / "local-models")

    def answers(count: int) -> list[dict[str, Any]]:
        try:
            texts = [file.read_text("utf-8") for file in (home / "sessions").glob("*.toml")]
            nodes = [node for text in texts for node in tomllib.loads(text).get("node", [])]
        except (FileNotFoundError, tomllib.TOMLDecodeError):  # looked at while it was written
            return []
        found = [node for node in nodes if node["role"] == "assistant"]
        return found if len(found) >= count else []

    settings = [piece for value in values for piece in ("--set", value)]
    command = [sys.executable, "-m", "tui_chat", "--local", *settings]
    return TerminalProgram(command, columns=110, rows=36, env={"LANG": "en_US.UTF-8"}), answers


def text_of(node: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in node["parts"])


def quit_(program: TerminalProgram) -> None:
    program.press("ctrl+q")
    assert program.wait_exit(20) == 0
    assert program.restored


def test_an_answer_keeps_to_its_schema_and_is_shown_as_a_tree(own_home: Path) -> None:
    program, answers = start(own_home, f"response_format={json.dumps(SCHEMA)}", "max_completion_tokens=60")
    with program:
        program.wait_for("fast, small, often wrong", 30)
        program.say("A pet as JSON.")
        (answer,) = eventually_in_thread(lambda: answers(1), 60)
        assert set(json.loads(text_of(answer))) == {"name", "age"}
        program.wait_for("Valid by the schema", 20)
        program.press("escape")
        program.wait_for("d delete", 20)
        program.type("T")
        program.wait_for("The answer as JSON", 20)
        program.wait_for("age", 20)
        program.press("escape")
        quit_(program)


def test_two_answers_come_one_is_picked_and_looked_at_by_its_probabilities(own_home: Path) -> None:
    program, answers = start(
        own_home, "n=2", "logprobs=on", "top_logprobs=4", "max_completion_tokens=12", "temperature=1.5"
    )
    with program:
        program.wait_for("fast, small, often wrong", 30)
        program.say("Say hello.")
        program.wait_for("Answers side by side", 30)
        first, second = eventually_in_thread(lambda: answers(2), 60)
        assert first["parent"] == second["parent"] and first["logprobs"] and second["logprobs"]
        program.press("tab", "enter")
        program.wait_for("2/2", 30)
        program.press("escape")
        program.wait_for("d delete", 20)
        program.type("H")
        program.wait_for("How likely was each token?", 20)
        program.wait_for("bytes ", 20)
        program.press("right", "enter")  # go on from the token that might have come second
        eventually_in_thread(lambda: answers(3), 60)
        program.wait_for("3/3", 30)
        third = answers(3)[2]
        assert third["parent"] == first["parent"] and third.get("values", {}).get("n") is None
        quit_(program)
