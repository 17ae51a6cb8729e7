"""Is this a call that can be run? Models send broken JSON, made-up names and wrong types; none of it runs on a guess.

What fails here goes back to the model in words, so that it can ask again, and stands on the card.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tui_chat.errors import ToolError, UsageError
from tui_chat.tools.tool import Arguments, Tool
from tui_chat.wire.json_text import read_json, texts_in
from tui_chat.wire.messages import ToolCall

if TYPE_CHECKING:
    from tui_chat.tools.box import Box

LIMIT_BYTES = 1_000_000
"""Of the arguments of one call."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_REASON_CHARACTERS = 300


class Checked(Struct, frozen=True):
    """A call that can be run as it stands."""

    tool: Tool
    arguments: Arguments


def checked(box: Box, call: ToolCall, seen_ids: Collection[str] = ()) -> Checked:
    """The tool and the arguments that a call names.

    Args:
        box: the tools that are switched on.
        call: as the model sent it; no arguments at all mean none.
        seen_ids: ids of calls before this one in the conversation's round.

    Raises:
        ToolError: it can't be run: no such tool, a repeated id, arguments that are too large, no JSON, no object, or
            not what the tool's schema asks for.
    """
    if call.id in seen_ids:
        raise ToolError("error.call_twice")
    tool = box.tools.get(call.name)
    if tool is None:
        raise ToolError("error.tool_unknown", name=_short(call.name), names=", ".join(sorted(box.tools))[:1000])
    text = call.arguments.strip() or "{}"
    if len(text) > LIMIT_BYTES or len(text.encode("utf-8", "surrogatepass")) > LIMIT_BYTES:
        raise ToolError("error.call_large", name=tool.name, limit_mb=LIMIT_BYTES // 1_000_000)
    try:
        arguments = read_json(tool.name, text)
    except UsageError as error:
        raise ToolError(error.key, **error.facts) from None
    return Checked(tool, checked_arguments(tool, arguments))


def checked_arguments(tool: Tool, arguments: object) -> dict[str, object]:
    """Arguments, from a model or edited by the person, that fit a tool's schema; raises ToolError as `checked` does."""
    if not isinstance(arguments, dict):
        raise ToolError("error.call_object", name=tool.name)
    if any(_SURROGATE.search(text) for text in texts_in(arguments)):
        raise ToolError("error.call_text", name=tool.name)
    if (found := complaint(tool.parameters, arguments, is_ours=not tool.source.startswith("MCP"))) is not None:
        raise ToolError("error.call_wrong", name=tool.name, where=found[0], reason=found[1])
    return arguments


def complaint(schema: Mapping[str, object], value: object, *, is_ours: bool = True) -> tuple[str, str] | None:
    """Where a value does not fit a schema, and why, in the library's words; None where it fits.

    Args:
        schema: JSON Schema, of draft 2020-12 unless it names another.
        value: parsed JSON.
        is_ours: whether the schema comes from this computer. One from elsewhere may hold patterns that never come to
            an end; those are then left for its server to check.

    Raises:
        ToolError: "error.tool_schema", the schema itself can't be used.
    """
    from jsonschema.exceptions import best_match

    try:
        error = best_match(_validator(schema, is_ours).iter_errors(value))
    except Exception as failure:  # references that lead nowhere or in circles, wrong types where others are expected
        raise ToolError("error.tool_schema", reason=_bounded(f"{type(failure).__name__}: {failure}")) from failure
    if error is None:
        return None
    return "/" + "/".join(str(step) for step in error.absolute_path)[:200], _bounded(error.message)


def require_schema(schema: object) -> None:
    """Raise ToolError "error.tool_schema", in the library's words, where this can't be the parameters of a tool."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise ToolError("error.tool_schema", reason='type: "object"')
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
        json.dumps(schema, allow_nan=False)
    except SchemaError as error:
        where = "/".join(str(step) for step in error.absolute_path)
        raise ToolError("error.tool_schema", reason=_bounded(f"{where}: {error.message}")) from error
    except (RecursionError, TypeError, ValueError) as error:
        raise ToolError("error.tool_schema", reason=_bounded(f"{type(error).__name__}: {error}")) from error
    complaint(schema, {})


def _validator(schema: Mapping[str, object], is_ours: bool) -> Any:
    """A validator that looks nothing up in the network and takes no quadratic time."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend, validator_for
    from referencing import Registry

    keywords: dict[str, Any] = {"uniqueItems": _unique}
    if not is_ours:
        keywords.update(pattern=_unchecked, patternProperties=_unchecked)
        if "patternProperties" in json.dumps(schema, default=str):
            keywords.update(additionalProperties=_unchecked)  # the library matches the patterns there too
    kind = extend(validator_for(schema, default=Draft202012Validator), keywords)
    # Without a registry of our own, the library would fetch "$ref": "https://…" by itself.
    return kind(schema, registry=Registry())


def _unique(validator: Any, wanted: Any, items: Any, schema: Any) -> Iterator[Any]:
    """`uniqueItems` by one pass; the library compares each with each where they can't be sorted."""
    if wanted is True and isinstance(items, list):
        from jsonschema.exceptions import ValidationError

        if len({json.dumps(item, sort_keys=True) for item in items}) < len(items):
            yield ValidationError("has non-unique elements")


def _unchecked(*_: Any) -> Iterator[Any]:
    return iter(())


def _short(text: str) -> str:
    """A name a model made up, fit for a sentence."""
    clean = text.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in clean)[:80]


def _bounded(reason: str) -> str:
    reason = " ".join(reason.encode("utf-8", "replace").decode().split())
    return reason if len(reason) <= _REASON_CHARACTERS else f"{reason[:_REASON_CHARACTERS]}…"
