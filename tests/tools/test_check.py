"""No call runs on a guess: what is broken, unknown, wrong, doubled or too large is refused, with reasons."""

import json
import random
import time
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from tests.long_form import long_form
from tui_chat import words
from tui_chat.errors import ToolError
from tui_chat.tools.box import BUILT_IN, Box
from tui_chat.tools.check import LIMIT_BYTES, checked, complaint, require_schema
from tui_chat.tools.tool import Arguments, Outcome, Surroundings, Tool
from tui_chat.wire.messages import ToolCall

BOX = Box().plus(BUILT_IN)


def refusal(name: str, arguments: str, box: Box = BOX, seen: tuple[str, ...] = ()) -> ToolError:
    with pytest.raises(ToolError) as caught:
        checked(box, ToolCall("call_1", name, arguments), seen)
    for language in words.LANGUAGES:
        words.speak(language)
        assert words.t(f"{caught.value.key}.says", **caught.value.facts)
    words.speak("en")
    return caught.value


def test_a_good_call_comes_out_as_it_was_meant():
    call = checked(BOX, ToolCall("1", "calculate", ' {"expression": "1+1"}\n'))
    assert (call.tool.name, call.arguments) == ("calculate", {"expression": "1+1"})
    for nothing in ("", "  ", "{}"):
        assert checked(BOX, ToolCall("1", "current_time", nothing)).arguments == {}


@pytest.mark.parametrize(
    ("name", "arguments", "key"),
    [
        ("no_such", "{}", "tool_unknown"),
        ("", "{}", "tool_unknown"),
        ("Calculate", "{}", "tool_unknown"),
        ("calculate\u200b", "{}", "tool_unknown"),
        ("calculate", '{"expression": "1', "param_json"),
        ("calculate", '{"expression": "1"} {"expression": "2"}', "param_json"),
        ("calculate", "{'expression': '1'}", "param_json"),
        ("calculate", '{"expression": "1", "expression": "2"}', "param_twice"),
        ("calculate", '{"expression": NaN}', "param_json_constant"),
        ("calculate", "[" * 100_000, "param_json_size"),
        ("calculate", '{"expression":' + "[" * 50 + "]" * 50 + "}", "param_json_depth"),
        ("calculate", '{"expression": 1' + "0" * 5000 + "}", "param_json_size"),
        ("calculate", "null", "call_object"),
        ("calculate", '"1+1"', "call_object"),
        ("calculate", '[{"expression": "1"}]', "call_object"),
        ("calculate", "{}", "call_wrong"),
        ("calculate", '{"expression": 3}', "call_wrong"),
        ("calculate", '{"expression": null}', "call_wrong"),
        ("calculate", '{"expression": "1", "also": 2}', "call_wrong"),
        ("calculate", '{"expression": "\\ud800"}', "call_text"),
        ("calculate", '{"expression": "' + "1" * LIMIT_BYTES + '"}', "call_large"),
        ("calculate", '{"expression": "' + "中" * 400_000 + '"}', "call_large"),
        ("read_file", '{"path": "x", "first_line": 0}', "call_wrong"),
        ("read_file", '{"path": "x", "first_line": "1"}', "call_wrong"),
        ("read_file", '{"path": "x", "first_line": 1.5}', "call_wrong"),
        ("read_file", '{"path": "x", "first_line": true}', "call_wrong"),
        ("read_file", '{"path": ["x"]}', "call_wrong"),
    ],
)
def test_what_is_wrong_with_a_call_is_named(name: str, arguments: str, key: str):
    error = refusal(name, arguments)
    assert error.key == f"error.{key}"
    assert all(len(str(fact)) < 1100 for fact in error.facts.values())


def test_an_id_runs_once():
    assert refusal("current_time", "{}", seen=("call_0", "call_1")).key == "error.call_twice"


def test_a_tool_that_is_not_switched_on_is_not_there():
    error = refusal("shell", '{"command": "id"}', BOX.only({"calculate"}))
    assert (error.key, error.facts["names"]) == ("error.tool_unknown", "calculate")


def test_the_place_of_a_wrong_value_is_told():
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}
    assert complaint(schema, {"a": [1, "x"]}) == ("/a/1", "'x' is not of type 'integer'")
    assert complaint(schema, {"a": [1]}) is None


def stranger(schema: Mapping[str, object]) -> Box:
    async def run(arguments: Arguments, around: Surroundings) -> Outcome:
        return Outcome("")

    return Box({"far__tool": Tool("far__tool", "x", schema, "network", run, source="MCP far")})


def test_a_strangers_schema_can_neither_hold_us_up_nor_reach_out():
    evil: dict[str, Any] = {
        "type": "object",
        "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}},
        "patternProperties": {"^(b+)+$": {"type": "string"}},
        "additionalProperties": False,
    }
    started = time.process_time()
    text = json.dumps({"a": "a" * 40 + "!", "b" * 40 + "!": "x"})
    assert checked(stranger(evil), ToolCall("1", "far__tool", text)).arguments
    many = {"type": "object", "properties": {"a": {"type": "array", "uniqueItems": True}}}
    items = [{"n": number} for number in range(20_000)]
    assert complaint(many, {"a": items}) is None
    assert complaint(many, {"a": [*items, {"n": 0}]}) is not None
    assert time.process_time() - started < 3
    for schema in ({"$ref": "https://example.com/x"}, {"$ref": "#/nowhere"}, {"$ref": "file:///etc/passwd"}):
        error = refusal("far__tool", "{}", stranger({"type": "object", **schema}))
        assert error.key == "error.tool_schema"


@pytest.mark.parametrize(
    "schema", [{"type": 3}, {"properties": []}, {"required": 3}, {"enum": 3}, {"$schema": 3}, {"$ref": "#"}]
)
def test_a_schema_that_is_none_refuses_every_call(schema: dict[str, object]):
    error = refusal("far__tool", '{"a": 1}', stranger(schema))
    assert error.key in ("error.tool_schema", "error.call_wrong")


@pytest.mark.parametrize(
    "schema", [None, [], 3, {}, {"type": "array"}, {"type": "object", "properties": {"a": {"type": "x"}}}]
)
def test_what_cannot_be_parameters_is_refused_beforehand(schema: object):
    with pytest.raises(ToolError) as caught:
        require_schema(schema)
    assert caught.value.key == "error.tool_schema"
    require_schema({"type": "object"})


def broken(chance: random.Random, tool: Tool) -> str:
    """Arguments as broken models write them."""
    properties = list(tool.parameters["properties"])  # type: ignore[call-overload]
    values: list[Any] = [
        "x",
        "",
        0,
        -1,
        1.5,
        True,
        None,
        [],
        {},
        [["x"]],
        {"a": {}},
        "\ud800",
        "x" * 50,
        10**30,
        "../../x",
    ]
    given = {name: chance.choice(values) for name in properties if chance.random() < 0.7}
    if chance.random() < 0.2:
        given[chance.choice(["__class__", "self", "surroundings", "", "arguments"])] = chance.choice(values)
    text = json.dumps(given)
    for _ in range(chance.randint(0, 3)):
        at = chance.randint(0, len(text))
        match chance.randint(0, 4):
            case 0:
                text = text[:at]
            case 1:
                text = text[:at] + chance.choice('{}[]",:\\ \n0e-\0\u202e\ud800tN') + text[at:]
            case 2:
                text = text[:at] + text[at + 1 :]
            case 3:
                text += text
            case _:
                text = json.dumps(text)
    return text


def test_broken_calls_never_crash_and_never_run():
    """Each either fits its schema or is refused in words; nothing is run to find out."""
    chance = random.Random(43)
    ran: list[str] = []

    def armed(tool: Tool) -> Tool:
        async def run(arguments: Arguments, around: Surroundings) -> Outcome:
            ran.append(tool.name)
            return Outcome("")

        return replace(tool, run=run, look=None)

    box = Box().plus(armed(tool) for tool in BUILT_IN)
    names = [*box.tools, *box.tools, "", "no_such", "calculate ", "\ud800", "x" * 9999]
    refused = fitting = 0
    for number in range(long_form("TOOL_CALLS", 300)):
        name = chance.choice(names)
        text = broken(chance, box.tools.get(name, BUILT_IN[0]))
        seen = ("twice",) if chance.random() < 0.1 else ()
        try:
            call = checked(box, ToolCall("twice" if seen else str(number), name, text), seen)
        except ToolError as error:
            refused += 1
            sentence = words.t(f"{error.key}.says", **error.facts)
            assert 5 < len(sentence) < 1500
            sentence.encode()
        else:
            fitting += 1
            assert complaint(call.tool.parameters, call.arguments) is None
            assert json.loads(text or "{}") == call.arguments
    assert ran == []
    assert refused > fitting > 0
