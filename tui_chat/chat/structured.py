"""Does an answer keep to the form that was asked for? Parsed and checked against its schema, from the answer alone.

Everything is worked out from the message as it is kept, so what is said of an answer when it ends is what is said of it
when the chat is opened again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from tui_chat.chat.node import Node
from tui_chat.errors import UsageError
from tui_chat.wire.json_text import read_json
from tui_chat.wire.messages import Refusal

LIMIT_CHARACTERS = 1_000_000
"""Longer answers are not checked."""
VIOLATIONS_AT_MOST = 100
_REASON_CHARACTERS = 300
_FENCED = re.compile(r"\s*(`{3,}|~{3,})[ \t]*(?:json[c5]?)?[ \t]*\n(.*?)\n?\1\s*", re.DOTALL | re.IGNORECASE)


class Violation(Struct, frozen=True):
    """One thing that is not as it was asked for."""

    path: str
    """Where in the answer: "$", "$.items[2].name"."""
    reason: str = ""
    """In the library's words, which name values of the answer: untrusted. "" where `key` says it."""
    key: str = ""
    """Of a sentence in `words/`."""


class Verdict(Struct, frozen=True):
    """What came of an answer that was to be JSON."""

    schema: str
    """The name of the schema, "" where any JSON object would do."""
    value: object = None
    """The parsed JSON, None where it could not be parsed."""
    is_json: bool = True
    violations: tuple[Violation, ...] = ()

    @property
    def is_fenced(self) -> bool:
        """Whether it came in a code block."""
        return any(violation.key == "structured.fenced" for violation in self.violations)

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.violations


def verdict_of(node: Node) -> Verdict | None:
    """What to say of an answer; None where no JSON was asked for, or it is no answer that could be checked.

    A refusal is no failed answer, and one that was cut or calls tools was never meant to be whole.
    """
    wanted = node.values.get("response_format")
    if node.role != "assistant" or node.finish != "stop" or node.calls or not isinstance(wanted, Mapping):
        return None
    if wanted.get("type") not in ("json_object", "json_schema") or not node.text.strip():
        return None
    if any(isinstance(part, Refusal) for part in node.parts) or len(node.text) > LIMIT_CHARACTERS:
        return None
    described = wanted.get("json_schema")
    schema = described.get("schema") if isinstance(described, Mapping) else None
    name = str(described.get("name", "")) if isinstance(described, Mapping) else ""
    return _judged(node.text, name, json.dumps(schema) if isinstance(schema, dict) else "")


def value_in(text: str) -> tuple[object, bool]:
    """The JSON that a text is or that its only code block holds, and whether there is any."""
    fenced = _FENCED.fullmatch(text)
    try:
        return json.loads(fenced[2] if fenced else text), True
    except (ValueError, RecursionError):
        return None, False


def rows_of(value: object) -> tuple[list[str], list[dict[str, object]]] | None:
    """Columns and rows of a list of flat objects, itself or the only list within an object; None where it is none."""
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        value = lists[0] if len(lists) == 1 else None
    if not isinstance(value, list) or not value:
        return None
    columns: dict[str, None] = {}
    rows: list[dict[str, object]] = []
    for item in value:
        if not isinstance(item, dict) or any(isinstance(inner, dict | list) for inner in item.values()):
            return None
        columns.update(dict.fromkeys(item))
        rows.append(item)
    return (list(columns), rows) if columns else None


def as_csv(columns: list[str], rows: list[dict[str, object]]) -> str:
    """The table as CSV; a text that a spreadsheet would take for a formula is kept from being one."""
    import csv
    import io

    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([_harmless(column) for column in columns])
    writer.writerows([[_harmless(cell(row.get(column))) for column in columns] for row in rows])
    return file.getvalue()


def cell(value: object) -> str:
    """A value of a flat object as it stands in a table."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _harmless(text: str) -> str:
    if text[:1] in ("=", "@", "\t", "\r") or (text[:1] in ("+", "-") and not _is_number(text)):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=64)
def _judged(text: str, name: str, schema: str) -> Verdict:
    violations: list[Violation] = []
    try:
        value = read_json("answer", text)
    except UsageError:
        value, is_json = value_in(text)
        if not is_json:
            return Verdict(name, None, False, (Violation("$", key="structured.not_json"),))
        violations.append(Violation("$", key="structured.fenced" if _FENCED.fullmatch(text) else "structured.loose"))
    if not name and not schema and not isinstance(value, dict):
        violations.append(Violation("$", key="structured.no_object"))
    if schema:
        violations += _violations(json.loads(schema), value)
    return Verdict(name, value, True, tuple(violations[:VIOLATIONS_AT_MOST]))


def _violations(schema: Mapping[str, Any], value: object) -> Iterator[Violation]:
    """Every place where a value does not fit; one that says so where the schema itself can't be used."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for
    from referencing import Registry

    try:
        # Without a registry of our own the library would fetch "$ref": "https://…" by itself.
        validator = validator_for(schema, default=Draft202012Validator)(schema, registry=Registry())
        found = sorted(validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    except Exception as failure:  # noqa: BLE001  # references that lead nowhere, odd types: whatever a schema holds
        yield Violation("$", f"{type(failure).__name__}: {failure}"[:_REASON_CHARACTERS])
        return
    for error in found[:VIOLATIONS_AT_MOST]:
        reason = " ".join(error.message.split())
        yield Violation(path_of(error.absolute_path), reason[:_REASON_CHARACTERS])


def path_of(steps: Iterable[str | int]) -> str:
    """A place in a JSON value as people write it: "$.items[2].name"."""
    path = "$"
    for step in steps:
        name = str(step)
        path += f"[{step}]" if isinstance(step, int) else f".{name}" if name.isidentifier() else f"[{json.dumps(name)}]"
    return path[:200]
