"""Which answer formats are ready to begin with? A few schemas that strict mode takes as they are."""

from __future__ import annotations


def _object(**fields: object) -> dict[str, object]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _format(name: str, schema: dict[str, object]) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
_PERSON = _object(name=_TEXT, age=_NUMBER)

READY: dict[str, dict[str, object]] = {
    "fields": _format("person", _PERSON),
    "list": _format("people", _object(items={"type": "array", "items": _PERSON})),
    "classify": _format(
        "classification", _object(label={"type": "string", "enum": ["positive", "neutral", "negative"]}, reason=_TEXT)
    ),
    "steps": _format("solution", _object(steps={"type": "array", "items": _TEXT}, answer=_TEXT)),
    "json_object": {"type": "json_object"},
    "text": {"type": "text"},
}
"""Formats by the name under which `words/` has their label."""
