"""Answers that were to be JSON: what is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_chat.chat.node import Finish, Node
from tui_chat.chat.structured import as_csv, path_of, rows_of, value_in, verdict_of
from tui_chat.wire.messages import Part, Refusal, Text, ToolCall

SCHEMA = {
    "type": "object",
    "properties": {
        "people": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
                "required": ["name", "age"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["people"],
}
FORMAT: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "people", "schema": SCHEMA}}


def node(*parts: Part, format: object = FORMAT, finish: Finish = "stop") -> Node:
    return Node("n", None, "assistant", parts, values={"response_format": format}, finish=finish)  # type: ignore[dict-item]


def test_an_answer_that_fits_is_valid_by_its_schema() -> None:
    verdict = verdict_of(node(Text('{"people": [{"name": "王芳", "age": 31}]}')))
    assert verdict is not None and verdict.is_valid and verdict.schema == "people"
    assert verdict.value == {"people": [{"name": "王芳", "age": 31}]}


def test_each_violation_has_its_path() -> None:
    verdict = verdict_of(node(Text('{"people": [{"name": 3, "age": -1}, {"name": "a", "age": 2, "odd key": 1}]}')))
    assert verdict is not None and [violation.path for violation in verdict.violations] == [
        "$.people[0].age",
        "$.people[0].name",
        "$.people[1]",
    ]
    assert all(violation.reason for violation in verdict.violations)


@pytest.mark.parametrize(
    ("text", "key", "is_json"),
    [
        ("Sorry, no.", "structured.not_json", False),
        ('{"people": [', "structured.not_json", False),
        ('```json\n{"people": []}\n```', "structured.fenced", True),
        ('{"people": [], "people": []}', "structured.loose", True),
        ("[" * 100_000, "structured.not_json", False),
    ],
)
def test_what_is_no_plain_json_says_so(text: str, key: str, is_json: bool) -> None:
    verdict = verdict_of(node(Text(text)))
    assert verdict is not None and verdict.is_json is is_json
    assert [violation.key for violation in verdict.violations] == [key]


def test_any_object_will_do_where_no_schema_was_given() -> None:
    object_, list_ = (verdict_of(node(Text(text), format={"type": "json_object"})) for text in ('{"a": 1}', "[1]"))
    assert object_ is not None and object_.is_valid and object_.schema == ""
    assert list_ is not None and [violation.key for violation in list_.violations] == ["structured.no_object"]


def test_a_schema_that_leads_nowhere_is_a_violation_not_a_crash_and_nothing_is_fetched() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"$ref": "http://127.0.0.1:9/x"}}}
    verdict = verdict_of(node(Text("{}"), format=schema))
    assert verdict is not None and len(verdict.violations) == 1 and verdict.violations[0].path == "$"


@pytest.mark.parametrize(
    "made",
    [
        node(Refusal("I can't help with that.")),
        node(Text("half {"), finish="length"),
        node(Text("half {"), finish="stopped"),
        node(Text("x"), ToolCall("1", "f")),
        node(Text("x"), format={"type": "text"}),
        node(Text("x"), format=None),
        node(),
    ],
)
def test_what_was_never_to_be_whole_json_is_not_judged(made: Node) -> None:
    assert verdict_of(made) is None


def test_a_list_of_flat_objects_is_a_table_wherever_it_is_the_only_list() -> None:
    rows = [{"a": 1, "b": "x"}, {"a": None, "c": True}]
    assert rows_of(rows) == (["a", "b", "c"], rows) == rows_of({"rows": rows, "count": 2})
    for value in ([], [1], {"a": 1}, [{"a": {"b": 1}}], {"x": rows, "y": rows}, [{}], "x", None):
        assert rows_of(value) is None


def test_csv_quotes_and_makes_no_formulas() -> None:
    table = as_csv(
        ["=a", "b"], [{"=a": "=SUM(A1)", "b": 'say "hi",\nyou'}, {"=a": -1, "b": "-1"}, {"=a": "+x", "b": None}]
    )
    assert table == '\'=a,b\n\'=SUM(A1),"say ""hi"",\nyou"\n-1,-1\n\'+x,\n'


def test_paths_are_written_as_people_write_them() -> None:
    assert path_of(["a", 0, "b c", "d"]) == '$.a[0]["b c"].d'


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_what_is_json_is_found_in_a_text_and_in_a_fence(value: Any) -> None:
    import json

    text = json.dumps(value, ensure_ascii=False)
    assert value_in(text) == (value, True) == value_in(f"```json\n{text}\n```\n")


@given(JSON, st.dictionaries(st.sampled_from(["type", "properties", "items", "$ref", "required", "enum"]), JSON))
def test_no_schema_and_no_answer_brings_it_down(value: Any, schema: dict[str, Any]) -> None:
    import json

    format = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    verdict_of(node(Text(json.dumps(value)), format=format))
