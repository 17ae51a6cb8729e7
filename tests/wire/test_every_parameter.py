"""Every parameter of the API's document: in the table, in the panel's rows, typed, kept, sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.wire.request_schema import REQUEST
from tests.wire.samples import SETTINGS, TYPED
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import HeadChanged
from tui_chat.cli import arguments
from tui_chat.errors import UsageError
from tui_chat.store import toml_text
from tui_chat.store.choices import ParamValues
from tui_chat.store.records import change_record, head_record, node_record, read_change, read_head, read_node
from tui_chat.ui.parameter_rows import ROWS
from tui_chat.wire import params
from tui_chat.wire.messages import Message, Text
from tui_chat.wire.request import Request, ToolDefinition, encode

# The headings of the document's part "请求体参数", in its order.
DOCUMENTED = [
    "messages",
    "model",
    "store",
    "reasoning_effort",
    "metadata",
    "modalities",
    "prediction",
    "audio",
    "temperature",
    "top_p",
    "n",
    "stop",
    "max_tokens",
    "max_completion_tokens",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "user",
    "service_tier",
    "stream_options",
    "response_format",
    "seed",
    "tools",
    "functions",
    "tool_choice",
    "function_call",
    "parallel_tool_calls",
    "stream",
    "top_logprobs",
    "web_search_options",
]
ELSEWHERE = {"messages", "model", "tools"}
"""What is no row of the table: the conversation, the model panel, the tools panel."""
NAMES = [name for name in DOCUMENTED if name not in ELSEWHERE]
NEEDS = {"function_call": {"functions": True}}


TOOLS = (ToolDefinition("clock", "Tells the time.", {"type": "object", "properties": {}}),)


def body(values: params.Values, tools: tuple[ToolDefinition, ...] = TOOLS) -> dict[str, Any]:
    messages = (Message("user", (Text("Answer in JSON."),)),)
    return json.loads(json.dumps(encode(Request("gpt-4.1", messages, values, tools), lambda _: b""), allow_nan=False))


def typed(settings: dict[str, str]) -> dict[str, params.Value]:
    return dict(params.parse_assignment(f"{name}={text}") for name, text in settings.items())


@pytest.mark.parametrize("name", NAMES)
def test_each_is_in_the_table_the_panel_set_the_file_and_the_request(name: str) -> None:
    typed_name, value = params.parse_assignment(f"{name}={TYPED[name]}")  # what `--set` reads
    assert typed_name == name and params.BY_NAME[name].name == name
    assert {row.name.partition(".")[0] for row in ROWS} >= {name}
    kept = toml_text.parse(head_record(Head("c", values={name: value})))["session"]
    assert read_head(kept, "c").values == {name: value}
    sent = body({name: value, **NEEDS.get(name, {})})
    assert "stream" not in sent and body({})["stream"] is True if name == "stream" else name in sent
    bare = body({})
    assert name == "stream" or sent[name] != bare.get(name) or name == "stream_options"


def test_those_that_are_no_row_have_a_place_of_their_own_and_travel() -> None:
    assert set(DOCUMENTED) - set(params.BY_NAME) == ELSEWHERE
    sent = body({})
    assert sent["model"] == "gpt-4.1" and sent["messages"] and sent["tools"]
    head = Head("c", model="gpt-4.1", tools=("clock",))
    assert read_head(toml_text.parse(head_record(head))["session"], "c") == head
    asked = arguments.parse(["ask", "-m", "gpt-4.1", "--tools", "clock", "hello"])
    assert (asked.model, asked.tools, asked.prompt) == ("gpt-4.1", [("clock",)], ["hello"])


def test_the_usage_of_a_stream_is_asked_for_unless_it_is_turned_off() -> None:
    assert [body(typed({"stream_options": word}))["stream_options"] for word in ("on", "off")] == [
        {"include_usage": True},
        {"include_usage": False},
    ]
    assert body({})["stream_options"] == {"include_usage": True}
    assert "stream_options" not in body(typed({"stream_options": "on", "stream": "off"}))


def test_the_old_form_has_no_tools_and_the_new_one_no_functions() -> None:
    assert "functions" not in body({}) and "function_call" not in body(typed({"function_call": "clock"}))
    old = body(typed({"functions": "on", "function_call": "clock", "tool_choice": "none"}))
    assert old["functions"] == [
        {"name": "clock", "description": "Tells the time.", "parameters": {"type": "object", "properties": {}}}
    ]
    assert old["function_call"] == {"name": "clock"} and not {"tools", "tool_choice"} & old.keys()
    assert "function_call" not in body(typed({"functions": "on", "function_call": "auto"}), ())


def test_the_samples_cover_the_table() -> None:
    assert set(TYPED) == set(params.BY_NAME)
    assert len(SETTINGS) >= 40


@pytest.mark.parametrize("name", TYPED)
def test_each_is_shown_as_it_is_typed_and_checked_as_it_is_kept(name: str) -> None:
    value = params.parse(name, TYPED[name])
    again = params.parse(name, params.show(value))
    assert again == value and repr(again) == repr(value)
    assert repr(params.checked({name: value})) == repr({name: value})
    kind = params.BY_NAME[name].kind
    if hasattr(kind, "lines"):
        assert kind.from_lines(name, kind.lines(value)) == value


@pytest.mark.parametrize("name", TYPED)
def test_each_survives_a_chat_file_and_the_settings(name: str) -> None:
    values = typed({name: TYPED[name]})
    head = Head("c", values=values)
    assert read_head(toml_text.parse(head_record(head))["session"], "c").values == values  # type: ignore[index]
    node = Node("n", None, "assistant", (), values=values)
    found: Any = toml_text.parse(node_record(node, 1))
    assert read_node(found["node"][0]).values == values
    found = toml_text.parse(change_record(HeadChanged({"values": values}), 2, node.time))
    assert read_change(found["change"][0]) == HeadChanged({"values": values})
    assert ParamValues().checked(values, "values", "settings.toml") == values


def test_all_at_once_survive_a_chat_file() -> None:
    values = typed(TYPED)
    assert read_head(toml_text.parse(head_record(Head("c", values=values)))["session"], "c").values == values  # type: ignore[index]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: ",".join(settings)[:60] or "nothing")
def test_what_is_sent_is_what_the_document_describes(settings: dict[str, str]) -> None:
    violations = [error.message for error in Draft202012Validator(REQUEST).iter_errors(body(typed(settings)))]
    assert violations == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 3},
        {"functions": []},
        {"stop": ["a"] * 5},
        {"stream": True, "x": 1},
        {"audio": {"voice": "alloy"}},
        {"n": 0},
    ],
)
def test_the_schema_would_notice(wrong: dict[str, Any]) -> None:
    assert not Draft202012Validator(REQUEST).is_valid({**body({}), **wrong})


def test_the_raw_body_is_merged_at_the_top_and_headers_are_no_part_of_it() -> None:
    sent = body(typed({"extra_body": TYPED["extra_body"], "extra_headers": TYPED["extra_headers"], "top_p": "0.5"}))
    assert sent["enable_thinking"] is False and sent["top_k"] is None and sent["top_p"] == 0.5
    assert sent["extra_body"]["google"]["thinking_config"] == {"thinking_budget": 0}
    assert "extra_headers" not in sent
    assert params.headers(typed({"extra_headers": "X-Title=yibu"})) == {"X-Title": "yibu"}


def test_a_chat_written_before_there_were_so_many_still_opens() -> None:
    found: Any = toml_text.parse(
        b'[session]\nformat = 1\nid = "c"\nmodel = "m"\n[session.values]\ntemperature = 0.5\nmax_tokens = 9\n'
        b'stream = false\nreasoning_effort = "low"\nfrom_elsewhere = "x"\n'
    )
    values = read_head(found["session"], "c").values
    assert values == {
        "temperature": 0.5,
        "max_tokens": 9,
        "stream": False,
        "reasoning_effort": "low",
        "from_elsewhere": "x",
    }
    assert {name: body(values)[name] for name in ("temperature", "max_tokens", "reasoning_effort")}
    assert "from_elsewhere" not in body(values)


@pytest.mark.parametrize("name", ["tool_choice", "parallel_tool_calls"])
def test_what_is_about_tools_travels_only_with_tools(name: str) -> None:
    values = typed({name: TYPED[name]})
    assert name in body(values) and name not in body(values, ())
    assert name in body({**values, "extra_body": {"tools": [{"type": "function"}]}}, ())


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("none", "none"),
        ("AUTO", "auto"),
        (" required ", "required"),
        ("clock", {"type": "function", "function": {"name": "clock"}}),
        ("Files__Read-1", {"type": "function", "function": {"name": "Files__Read-1"}}),
    ],
)
def test_a_choice_of_tools_is_a_word_or_a_function(written: str, sent: object) -> None:
    assert body(typed({"tool_choice": written}))["tool_choice"] == sent


@pytest.mark.parametrize("written", ["", "two words", "x" * 65, "{}"])
def test_a_choice_of_tools_is_nothing_else(written: str) -> None:
    with pytest.raises(UsageError):
        params.parse("tool_choice", written)


def test_a_choice_in_the_raw_body_counts() -> None:
    raw = {"tool_choice": {"type": "allowed_tools"}}
    assert body({"tool_choice": "none", "extra_body": raw})["tool_choice"] == raw["tool_choice"]
