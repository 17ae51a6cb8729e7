"""Refusals in the words of many servers: the parameter they name is found, and nothing else is."""

from __future__ import annotations

import json

import pytest

from tui_chat.wire.catalogue import explain
from tui_chat.wire.remedy import Remedy, remedy_for

ALL = {
    "temperature": 0.2,
    "top_p": 0.5,
    "max_tokens": 100,
    "logprobs": True,
    "top_logprobs": 3,
    "presence_penalty": 0.5,
    "reasoning_effort": "high",
    "response_format": {"type": "json_object"},
    "extra_body": {"thinking_budget": 7, "top_k": 3},
}

SAID = [
    ("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
     "max_tokens", Remedy(("max_tokens",), "max_completion_tokens")),
    ("Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
     "temperature", Remedy(("temperature",), only_value=True)),
    ("Unsupported parameter: 'top_p' is not supported with this model.", None, Remedy(("top_p",))),
    ("Unrecognized request argument supplied: reasoning_effort", None, Remedy(("reasoning_effort",))),
    ("Unknown parameter: 'response_format.schema'.", "response_format.schema", Remedy(("response_format",))),
    ('[{"type":"extra_forbidden","loc":["body","top_logprobs"],"msg":"Extra inputs are not permitted"}]', None,
     Remedy(("top_logprobs",))),
    ("property 'logprobs' is unsupported", None, Remedy(("logprobs",))),
    ("Argument not supported on this model: presencePenalty", None, Remedy(("presence_penalty",))),
    ("`temperature` and `top_p` cannot both be specified for this model. Please use only one.", None,
     Remedy(("top_p",))),
    ("The model does not support the following parameters: temperature, presence_penalty", None,
     Remedy(("temperature", "presence_penalty"))),
    ("json: unknown field \"thinking_budget\"", None, Remedy(("thinking_budget",))),
    ("该模型不支持参数 top_p，请改用 temperature", None, Remedy(("top_p",))),
    ("Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': Cannot find field.", None,
     Remedy(("top_k",))),
]  # fmt: skip


def failure(message: str, param: str | None = None, status: int = 400, code: str | None = None):
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return explain(status, {}, json.dumps({"error": error}).encode(), model="gpt-5")


@pytest.mark.parametrize(("message", "param", "remedy"), SAID)
@pytest.mark.parametrize("status", [400, 422])
def test_the_parameter_is_found(message: str, param: str | None, remedy: Remedy, status: int) -> None:
    error = failure(message, param, status)
    assert remedy_for(ALL, error.key, error.facts) == remedy


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("Unsupported parameter: 'seed' is not supported with this model.", 400),  # was not sent
        ("Invalid type for 'messages[0].content'.", 400),
        ("The temperature is rising; overloaded", 503),
        ("Incorrect API key provided", 401),
        ("You exceeded your current quota; temperature is not supported", 429),
        ("stream_options is not supported by this server", 400),
        ("", 400),
    ],
)
def test_what_names_nothing_that_was_sent_has_no_remedy(message: str, status: int) -> None:
    error = failure(message, status=status)
    assert remedy_for(ALL, error.key, error.facts) is None


def test_one_letter_is_a_name_only_where_it_is_marked_as_one() -> None:
    values = {"extra_body": {"n": 2}}
    assert remedy_for(values, *_facts("not supported: 'n'")) == Remedy(("n",))
    assert remedy_for(values, *_facts("an n is not supported")) is None


def test_the_cure_takes_out_what_was_refused_and_nothing_else() -> None:
    assert Remedy(("max_tokens",), "max_completion_tokens").cure({"max_tokens": 5, "seed": 1}) == {
        "max_completion_tokens": 5,
        "seed": 1,
    }
    assert Remedy(("top_k",)).cure(ALL)["extra_body"] == {"thinking_budget": 7}
    assert Remedy(("thinking_budget", "top_k", "top_p")).cure({**ALL}).keys() == ALL.keys() - {"extra_body", "top_p"}
    assert Remedy(("top_k", "temperature")).refused(ALL) == {"top_k": "3", "temperature": "0.2"}
    assert ALL["extra_body"] == {"thinking_budget": 7, "top_k": 3}


def test_the_other_name_of_a_limit_is_offered_both_ways() -> None:
    error = failure("Unknown parameter: 'max_completion_tokens'.", "max_completion_tokens")
    assert remedy_for({"max_completion_tokens": 9}, error.key, error.facts) == Remedy(
        ("max_completion_tokens",), "max_tokens"
    )
    both = {"max_completion_tokens": 9, "max_tokens": 8}
    assert remedy_for(both, error.key, error.facts) == Remedy(("max_completion_tokens",))


def _facts(message: str):
    error = failure(message)
    return error.key, error.facts
