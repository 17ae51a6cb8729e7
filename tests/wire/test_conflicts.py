"""What will not go together is said; what goes together is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire.samples import FORMAT, SCHEMA, TYPED
from tui_chat import words
from tui_chat.wire import params
from tui_chat.wire.conflicts import conflicts
from tui_chat.wire.messages import Message, Text, TextFile

LOOSE = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {"properties": {"a": {}}}}}
AUDIO = {"voice": "alloy", "format": "pcm16"}
PREDICTION = {"type": "content", "content": "x"}


def said(values: dict[str, Any], model: str = "", *texts: str, **more: Any) -> list[tuple[str, str]]:
    messages = [Message("user", (Text(text),)) for text in texts]
    return [(found.name, found.key.removeprefix("conflict.")) for found in conflicts(values, model, messages, **more)]


@pytest.mark.parametrize(
    ("values", "model", "expected"),
    [
        ({"temperature": 0.5, "top_p": 0.5}, "", [("top_p", "one_of_both")]),
        ({"max_tokens": 1, "max_completion_tokens": 2}, "", [("max_tokens", "both_limits")]),
        ({"top_logprobs": 3}, "", [("top_logprobs", "needs")]),
        ({"top_logprobs": 3, "logprobs": False}, "", [("top_logprobs", "needs")]),
        ({"top_logprobs": 3, "logprobs": True}, "", []),
        ({"audio": AUDIO}, "", [("audio", "audio_without_modalities")]),
        ({"audio": AUDIO, "modalities": ["text"]}, "", [("audio", "audio_without_modalities")]),
        ({"modalities": ["text", "audio"]}, "", [("modalities", "modalities_without_audio")]),
        ({"modalities": ["text", "audio"], "audio": AUDIO}, "gpt-4o-audio-preview", []),
        ({"modalities": ["text", "audio"], "audio": AUDIO}, "gpt-4.1", [("modalities", "refused")]),
        (
            {"modalities": ["text", "audio"], "audio": {"voice": "echo", "format": "wav"}},
            "",
            [("audio", "audio_stream")],
        ),
        ({"modalities": ["text", "audio"], "audio": {"voice": "echo", "format": "wav"}, "stream": False}, "", []),
        ({"logprobs": True, "modalities": ["text", "audio"], "audio": AUDIO}, "", [("logprobs", "not_with")]),
        ({"metadata": {"a": "b"}}, "", [("metadata", "metadata_unstored")]),
        ({"metadata": {"a": "b"}, "store": True}, "", []),
        ({"user": "a", "safety_identifier": "b"}, "", [("user", "deprecated")]),
        ({"prediction": PREDICTION, "logprobs": True}, "gpt-4o", [("prediction", "not_with")]),
        ({"prediction": PREDICTION, "presence_penalty": 0.1, "max_completion_tokens": 5}, "gpt-4.1",
         [("prediction", "not_with")] * 2),
        ({"prediction": PREDICTION, "presence_penalty": -0.1}, "gpt-4o-mini", []),
        ({"prediction": PREDICTION, "extra_body": {"tools": [1]}}, "", [("prediction", "not_with")]),
        ({"prediction": PREDICTION}, "o3", [("prediction", "refused")]),
        ({"temperature": 0.5}, "o3-mini", [("temperature", "refused")]),
        ({"temperature": 0.5}, "openai/gpt-5", [("temperature", "refused")]),
        ({"temperature": 1.0, "presence_penalty": 0.0}, "gpt-5", []),
        ({"temperature": 0.5}, "gpt-5-chat-latest", []),
        ({"temperature": 0.5, "reasoning_effort": "none"}, "gpt-5.1", []),
        ({"temperature": 0.5, "reasoning_effort": "low"}, "gpt-5.2", [("temperature", "refused")]),
        ({"temperature": 0.5}, "gpt-4.1", []),
        ({"temperature": 1.5}, "claude-sonnet-4-5", [("temperature", "claude_temperature")]),
        ({"stop": ["a"]}, "o4-mini", [("stop", "refused")]),
        ({"stop": ["a"]}, "o1", []),
        ({"max_tokens": 5}, "o1", [("max_tokens", "refused")]),
        ({"reasoning_effort": "high"}, "gpt-4o", [("reasoning_effort", "refused")]),
        ({"reasoning_effort": "xhigh"}, "o3", [("reasoning_effort", "effort")]),
        ({"reasoning_effort": "none"}, "gpt-5-mini", [("reasoning_effort", "effort")]),
        ({"reasoning_effort": "minimal"}, "gpt-5.1", [("reasoning_effort", "effort")]),
        ({"reasoning_effort": "minimal"}, "gpt-5", []),
        ({"verbosity": "low"}, "gpt-4.1", [("verbosity", "refused")]),
        ({"web_search_options": {}}, "gpt-4.1", [("web_search_options", "refused")]),
        ({"web_search_options": {}}, "gpt-4o-search-preview", []),
        ({"seed": 1}, "claude-3", [("seed", "dropped")]),
        ({"seed": 1, "logprobs": True}, "gemini-2.5-pro", [("logprobs", "dropped")]),
        ({"response_format": FORMAT}, "deepseek-chat", [("response_format", "only_json_object")]),
        ({"response_format": FORMAT}, "claude-3", [("response_format", "dropped")]),
        ({"response_format": LOOSE}, "gpt-4.1", [("response_format", "strict_schema")]),
        ({"parallel_tool_calls": True}, "", [("parallel_tool_calls", "no_tools")]),
        ({"parallel_tool_calls": True, "extra_body": {"tools": [1]}}, "", []),
        ({"stream": False, "seed": 3, "store": True}, "some-model", []),
        ({}, "o1", []),
    ],
)  # fmt: skip
def test_it_is_said_at_its_field(values: dict[str, Any], model: str, expected: list[tuple[str, str]]) -> None:
    assert said(values, model) == expected


def test_a_json_object_wants_the_word() -> None:
    values = {"response_format": {"type": "json_object"}}
    assert said(values, "", "hello") == [("response_format", "json_unsaid")]
    assert said(values, "", "hello", "answer in Json please") == []
    assert said({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}}) == []
    file = Message("user", (TextFile("b", "data.json"),))
    assert conflicts(values, "", lambda: [file]) == []


def test_messages_are_looked_at_only_where_it_matters() -> None:
    def never() -> list[Message]:
        raise AssertionError("a long chat was read for nothing")

    assert conflicts({"temperature": 0.5}, "gpt-4.1", never) == []


def test_tools_make_parallel_calls_sensible() -> None:
    assert said({"parallel_tool_calls": True}, tools=True) == []


def test_nothing_stands_between_a_value_and_the_request() -> None:
    values = dict(params.parse_assignment(f"{name}={typed}") for name, typed in TYPED.items())
    del values["functions"], values["function_call"]  # another form of the same: in it the newer ones have no place
    found = conflicts(values, "o3")
    assert len(found) > 10
    for name in {conflict.name for conflict in found} & {param.name for param in params.PARAMS if param.in_body}:
        assert params.encode(values, tools=True)[name] == values[name]


def test_every_conflict_can_be_said_in_each_language() -> None:
    values = dict(params.parse_assignment(f"{name}={typed}") for name, typed in TYPED.items())
    for model in ("o3", "gpt-4.1", "claude-3", "gemini-3", "deepseek-chat", "gpt-5.1", ""):
        for conflict in conflicts(values, model):
            for language in words.LANGUAGES:
                assert words.sentences(language)[conflict.key].format_map(conflict.facts)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"stream_options": True}, []),
        ({"stream_options": False}, [("stream_options", "conflict.usage_off")]),
        ({"stream_options": True, "stream": False}, [("stream_options", "conflict.needs")]),
        ({"function_call": "auto"}, [("function_call", "conflict.needs")]),
        ({"function_call": "auto", "functions": True}, []),
        ({"functions": True, "tool_choice": "auto"}, [("tool_choice", "conflict.not_with")]),
    ],
)
def test_what_belongs_to_a_stream_and_to_the_old_form(values: params.Values, found: list[tuple[str, str]]) -> None:
    assert [(each.name, each.key) for each in conflicts(values, "gpt-4.1", tools=True)] == found
