"""A parameter that was refused: the exact `--set` to leave out is said on stderr, and it is remembered."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run
from tests.gateway.answers import json_answer
from tests.gateway.server import FakeGateway
from tui_chat.store.places import places
from tui_chat.store.refusals import recall

MAX = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."


def refused(message: str, param: str | None) -> object:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": "unsupported_parameter"}
    return json_answer({"error": error}, status=400)


@pytest.mark.parametrize(
    ("message", "param", "typed", "said"),
    [
        ("Unsupported parameter: 'stop'", "stop", "stop=END,a b", "Ask again without --set 'stop=END,a b'"),
        (MAX, None, "max_tokens=9", "Ask again with --set max_completion_tokens=9 in place of --set max_tokens=9"),
        ("unknown field 'think'", None, 'extra_body={"think":1}', 'Ask again without "think" (extra_body)'),
    ],
)
def test_what_to_leave_out_is_said(
    run: Run, keyed: FakeGateway, message: str, param: str | None, typed: str, said: str
) -> None:
    keyed.script(refused(message, param))  # type: ignore[arg-type]
    ended = run("ask", "-m", "o3", "--no-save", "--set", typed, "--set", "seed=1", "hello")
    assert ended.code == 1
    assert said in ended.err
    assert len(keyed.chats) == 1  # never asked again in silence
    assert set(recall(places())["o3"]) <= {"stop", "max_tokens", "think"}


def test_a_refusal_that_names_nothing_says_nothing_more(run: Run, keyed: FakeGateway) -> None:
    keyed.script(json_answer({"error": {"message": "Invalid request", "code": None}}, status=400))
    ended = run("ask", "-m", "o3", "--no-save", "--json", "--set", "seed=1", "hello")
    assert (ended.code, json.loads(ended.out)["error"]["key"], recall(places())) == (1, "bad_request", {})
    assert "--set" not in ended.err
