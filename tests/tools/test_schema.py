"""A function's hints and docstring are the whole of its schema, and what JSON can't say is refused."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator

from tui_chat.errors import ToolError
from tui_chat.tools.schema import Limits, description_of, schema_of, surroundings_of
from tui_chat.tools.tool import Surroundings


def everything(
    word: str,
    count: Annotated[int, Limits(ge=1, le=9)],
    share: Annotated[float, Limits(gt=0, lt=1)],
    unit: Literal["C", "F"],
    names: Annotated[list[str], Limits(min_length=1, max_length=3)],
    around: Surroundings,
    maybe: str | None = None,
    level: Literal[1, "high"] = 1,
    more: dict[str, int] | None = None,
    anything: Any = None,
    code: Annotated[str, Limits(min_length=2, pattern="^[a-z]+$")] = "ab",
    exact: bool = False,
) -> str:
    """Do everything
    at once.

    A second paragraph.

    Args:
        word: what to say,
            on two lines.
        count (int): how often.
        unit: of temperature: C or F.
        around: not the model's.

    Returns:
        word: never part of a schema.
    """
    return word


def test_every_kind_of_hint_becomes_its_schema():
    schema = schema_of(everything)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"] == {
        "word": {"type": "string", "description": "what to say, on two lines."},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "description": "how often."},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "unit": {"type": "string", "enum": ["C", "F"], "description": "of temperature: C or F."},
        "names": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
        "maybe": {"type": ["string", "null"]},
        "level": {"enum": [1, "high"], "default": 1},
        "more": {"anyOf": [{"type": "object", "additionalProperties": {"type": "integer"}}, {"type": "null"}]},
        "anything": {},
        "code": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$", "default": "ab"},
        "exact": {"type": "boolean", "default": False},
    }
    assert schema["required"] == ["word", "count", "share", "unit", "names"]
    assert schema["additionalProperties"] is False


def test_the_docstring_before_its_sections_is_the_description():
    assert description_of(everything) == "Do everything at once.\n\nA second paragraph."


def test_surroundings_are_not_the_models_to_give():
    assert "around" not in schema_of(everything)["properties"]
    assert surroundings_of(everything) == "around"

    def without(word: str) -> Surroundings:
        raise NotImplementedError(word)

    assert surroundings_of(without) == ""


def test_limits_of_other_packages_count_by_their_names():
    class Between:
        ge, le = 3, 5

    def f(n: Annotated[int, Between(), "a text"]) -> None: ...

    assert schema_of(f)["properties"] == {"n": {"type": "integer", "minimum": 3, "maximum": 5, "description": "a text"}}


def no_hint(x):  # type: ignore[no-untyped-def]
    return x


def many(*xs: int) -> None: ...


def more(**xs: int) -> None: ...


def by_place(x: int, /) -> None: ...


def odd_type(x: bytes) -> None: ...


def odd_keys(x: dict[int, str]) -> None: ...


def unknown_name(x: "Nowhere") -> None: ...  # noqa: F821


@pytest.mark.parametrize("function", [no_hint, many, more, by_place, odd_type, odd_keys, unknown_name])
def test_what_json_cannot_say_is_refused_when_the_tool_is_made(function: Callable[..., object]):
    with pytest.raises(ToolError) as caught:
        schema_of(function)
    assert caught.value.key in ("error.tool_signature", "error.tool_hint")
    assert caught.value.facts["name"] == function.__name__


def test_a_function_without_docstring_or_parameters_is_described_too():
    def bare() -> None: ...

    assert (description_of(bare), schema_of(bare)["properties"]) == ("", {})
    assert "required" not in schema_of(bare)
