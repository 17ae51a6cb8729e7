"""`ask -n` and `ask --logprobs`."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.gateway.answers import DONE, sse
from tests.gateway.server import FakeGateway
from tests.ui.test_answers import piece, weighed


def three() -> object:
    texts = [piece(f"answer {index}", index) for index in (1, 0, 2)]
    ends = [piece("", index, finish) for index, finish in enumerate(("stop", "length", "stop"))]
    return sse(*texts, *ends, DONE)


def test_several_answers_follow_each_other(run: Run, keyed: FakeGateway) -> None:
    keyed.script(three())  # type: ignore[arg-type]
    ran = run("ask", "-m", "m", "-n", "3", "hi")
    assert (ran.code, ran.out) == (0, "answer 0\nanswer 1\nanswer 2\n")
    assert ran.err == "Answer 2 of 3:\nAnswer 3 of 3:\n"
    assert keyed.chats[0].json["n"] == 3


def test_json_carries_every_choice_and_every_probability(run: Run, keyed: FakeGateway) -> None:
    one = weighed("Hi", -0.25, ("Ho", -9999.0))
    keyed.script(sse(one, piece("Hey", 1), piece("", 0, "stop"), piece("", 1, "length"), DONE))
    ran = run("ask", "-m", "m", "-n", "2", "--logprobs", "--json", "hi")
    said = json.loads(ran.out)
    body = keyed.chats[0].json
    assert (body["n"], body["logprobs"], body["top_logprobs"]) == (2, True, 5)
    assert said["logprobs"] == one["choices"][0]["logprobs"]
    assert [(each["index"], each["content"], each["finish_reason"]) for each in said["choices"]] == [
        (0, "Hi", "stop"),
        (1, "Hey", "length"),
    ]
    assert said["choices"][0]["logprobs"] == said["logprobs"] and said["choices"][1]["logprobs"] is None


@pytest.mark.parametrize("typed", ["0", "9", "x", "-1"])
def test_a_count_that_can_not_be_is_refused(typed: str, run: Run, keyed: FakeGateway) -> None:
    ran = run("ask", "-m", "m", f"-n{typed}", "hi")
    assert ran.code == 2 and "1" in ran.err and not keyed.chats
