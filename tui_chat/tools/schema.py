"""What may a tool be called with? Read off the Python function itself: its type hints and its docstring.

A schema that is written beside a function drifts away from it; one that is derived can't. What can't be said in JSON
Schema is refused when the tool is made, not when a model calls it.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from tui_chat.errors import ToolError
from tui_chat.tools.tool import Surroundings

_PLAIN: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}
_LIMITS: tuple[tuple[str, str], ...] = (
    ("ge", "minimum"),
    ("gt", "exclusiveMinimum"),
    ("le", "maximum"),
    ("lt", "exclusiveMaximum"),
    ("multiple_of", "multipleOf"),
)
_SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns|Yields|Raises|Examples?|Notes?|Attributes|Source):\s*$")
_ENTRY = re.compile(r"^(\*{0,2}\w+)\s*(?:\([^)]*\))?:\s*(.*)$")


class Limits(Struct, frozen=True):
    """What a value must keep to; stands in `Annotated[int, Limits(ge=1, le=100)]`.

    Objects of other packages with attributes of the same names, such as those of `annotated_types`, do as well.
    """

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    """Of a text in characters, or of a list in items."""
    max_length: int | None = None
    pattern: str | None = None
    """A regular expression that a text must match somewhere."""


def schema_of(function: Callable[..., object]) -> dict[str, object]:
    """The JSON Schema of a function's parameters: an object that takes these names and no others.

    A parameter with a default isn't required; one annotated `Surroundings` is not the model's to give and left out.
    Descriptions come from the docstring's `Args:` section (Google style) or a text within `Annotated`.

    Raises:
        ToolError: "error.tool_signature" for a parameter that can't be given by name or has no type,
            "error.tool_hint" for a type that JSON can't say.
    """
    name = name_of(function)
    hints = _hints(function, name)
    told = _sections(function)[1]
    properties: dict[str, object] = {}
    required: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise ToolError("error.tool_signature", name=name, parameter=parameter.name)
        if parameter.name not in hints:
            raise ToolError("error.tool_signature", name=name, parameter=parameter.name)
        if hints[parameter.name] is Surroundings:
            continue
        about = _schema(hints[parameter.name], name, parameter.name)
        if description := told.get(parameter.name):
            about["description"] = description
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        elif parameter.default is not None:
            about["default"] = parameter.default
        properties[parameter.name] = about
    schema: dict[str, object] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    return schema


def description_of(function: Callable[..., object]) -> str:
    """What its docstring says before the first section, paragraphs kept, lines joined."""
    return _sections(function)[0]


def surroundings_of(function: Callable[..., object]) -> str:
    """The name of the parameter that is given the `Surroundings`; "" where the function does without."""
    hints = _hints(function, name_of(function))
    return next((name for name, hint in hints.items() if hint is Surroundings and name != "return"), "")


def name_of(function: Callable[..., object]) -> str:
    """What a function calls itself."""
    return str(getattr(function, "__name__", type(function).__name__))


def _hints(function: Callable[..., object], name: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise ToolError("error.tool_hint", name=name, parameter="", type=str(error)[:200]) from error


def _schema(hint: Any, function: str, parameter: str) -> dict[str, object]:
    """The schema of one type."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return {}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is Annotated:
        return _limited(_schema(inner[0], function, parameter), inner[1:])
    if origin in (Required, NotRequired):
        return _schema(inner[0], function, parameter)
    if origin is Literal:
        return _choice(inner)
    if origin in (Union, types.UnionType):
        return _any_of([_schema(one, function, parameter) for one in inner])
    if hint is list or origin is list:
        return {"type": "array", "items": _schema(inner[0], function, parameter)} if inner else {"type": "array"}
    if hint is dict or (origin is dict and inner[0] is str):
        values = _schema(inner[1], function, parameter) if inner else {}
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    raise ToolError("error.tool_hint", name=function, parameter=parameter, type=getattr(hint, "__name__", str(hint)))


def _choice(values: tuple[Any, ...]) -> dict[str, object]:
    kinds = {_PLAIN.get(type(value), "") for value in values}
    choice: dict[str, object] = {"enum": list(values)}
    return {"type": kinds.pop(), **choice} if len(kinds) == 1 else choice


def _any_of(schemas: list[dict[str, object]]) -> dict[str, object]:
    """Plain types side by side become one `type`, which more servers understand than `anyOf`."""
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}


def _limited(schema: dict[str, object], notes: tuple[Any, ...]) -> dict[str, object]:
    size = {"string": "Length", "array": "Items", "object": "Properties"}.get(str(schema.get("type")), "")
    for note in notes:
        if isinstance(note, str):
            schema["description"] = note
            continue
        for attribute, keyword in _LIMITS:
            if (limit := getattr(note, attribute, None)) is not None:
                schema[keyword] = limit
        for attribute, keyword in (("min_length", f"min{size}"), ("max_length", f"max{size}")):
            if size and (limit := getattr(note, attribute, None)) is not None:
                schema[keyword] = limit
        if isinstance(pattern := getattr(note, "pattern", None), str):
            schema["pattern"] = pattern
    return schema


def _sections(function: Callable[..., object]) -> tuple[str, dict[str, str]]:
    """The description, and what `Args:` says of each parameter."""
    lines = (inspect.getdoc(function) or "").splitlines()
    at = next((index for index, line in enumerate(lines) if _SECTION.match(line)), len(lines))
    paragraphs = "\n".join(lines[:at]).strip().split("\n\n")
    description = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    told: dict[str, str] = {}
    inside, name, depth = False, "", 0
    for line in lines[at:]:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        if indent == 0:
            inside, name = line.startswith(("Args:", "Arguments:", "Parameters:")), ""
        elif inside:
            depth = depth or indent
            entry = _ENTRY.match(line.strip()) if indent <= depth else None
            if entry:
                name = entry[1].lstrip("*")
                told[name] = entry[2].strip()
            elif name:
                told[name] = f"{told[name]} {line.strip()}".strip()
    return description, told
