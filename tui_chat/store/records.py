"""How does a chat look in its file: heads, nodes and changes as TOML records, and back.

A record ends in a comment with its length in bytes and its CRC-32, and is written in one go, so a record that was
cut or changed is recognised. What is absent in a value is absent in the file (law 6). Reading is forgiving towards
files that people edit: what can't be understood is left out and said, never guessed.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from msgspec.structs import asdict

from tui_chat.chat.node import Failure, Finish, Head, Node, Timing
from tui_chat.chat.tree import CallStarted, Change, HeadChanged, LeafChosen, NodeAdded, NodesDeleted, NodesRestored
from tui_chat.store.toml_text import entry, table, values_of
from tui_chat.wire.messages import PARTS, Part, Role, Usage
from tui_chat.wire.params import Values

FORMAT = 1
"""Number of this file format; a file with a higher one is read, never written."""

ROLES: frozenset[str] = frozenset(get_args(Role))
_FINISHES: frozenset[str] = frozenset(get_args(Finish))
_KIND_OF: dict[type[Part], str] = {part: kind for kind, part in PARTS.items()}
_HINTS: dict[type[Part], dict[str, Any]] = {part: get_type_hints(part) for part in PARTS.values()}
_DEFAULTS: dict[type[Part], dict[str, Any]] = {
    part: dict(zip(reversed(part.__struct_fields__), reversed(part.__struct_defaults__), strict=False))
    for part in PARTS.values()
}
_NODE_WORDS = (
    *("model", "answered_by", "finish", "request_id", "completion_id", "service_tier", "system_fingerprint"),
    *("logprobs", "blocked", "name"),
)
_HEAD_TYPES: dict[str, type] = {"title": str, "pinned": bool, "model": str, "system": str}


class Unreadable(ValueError):
    """A record is TOML but doesn't say what such a record must say."""


def seal(body: str) -> bytes:
    """A record's bytes: a blank line, the body, and the trailer with the body's length and CRC-32."""
    content = body.encode()
    return b"\n%b# end %d %08x\n" % (content, len(content), zlib.crc32(content))


def head_record(head: Head) -> bytes:
    """The `[session]` record that a file begins with."""
    body = "[session]\n" + entry("format", FORMAT) + entry("id", head.id) + entry("created", head.created)
    body += entry("title", head.title) if head.title else ""
    body += entry("pinned", head.pinned) if head.pinned else ""
    body += entry("model", head.model) if head.model else ""
    body += entry("system", head.system) if head.system else ""
    body += entry_list("tools", head.tools) if head.tools else ""
    body += table("session.values", head.values) if head.values else ""
    return seal(body).lstrip(b"\n")


def change_record(change: Change, seq: int, time: datetime) -> bytes:
    """The record of one change; `seq` numbers the records of a file, `time` is when it happened."""
    if isinstance(change, NodeAdded):
        return node_record(change.node, seq)
    body = "[[change]]\n" + entry("time", time) + entry("seq", seq)
    match change:
        case LeafChosen(leaf):
            body += entry("kind", "leaf") + (entry("leaf", leaf) if leaf is not None else "")
        case NodesDeleted(ids):
            body += entry("kind", "deleted") + entry_list("ids", ids)
        case NodesRestored(ids):
            body += entry("kind", "restored") + entry_list("ids", ids)
        case CallStarted(node, call_id):
            body += entry("kind", "call_started") + entry("node", node) + entry("call", call_id)
        case HeadChanged(changed):
            body += entry("kind", "head") + "[change.fields]\n"
            body += "".join(entry(name, cast(str, changed[name])) for name in _HEAD_TYPES if name in changed)
            if "tools" in changed:
                body += entry_list("tools", cast(tuple[str, ...], changed["tools"]))
            if "values" in changed:
                body += table("change.fields.values", cast(Values, changed["values"]))
    return seal(body)


def entry_list(key: str, words: tuple[str, ...]) -> str:
    """One `key = [...]` line of strings."""
    return f"{key} = [{', '.join(entry('', word)[3:-1] for word in words)}]\n"


def node_record(node: Node, seq: int) -> bytes:
    """The record of one message. Its first lines are what an index needs, in fixed order and form."""
    body = "[[node]]\n" + entry("id", node.id)
    body += entry("parent", node.parent) if node.parent is not None else ""
    body += entry("role", node.role) + entry("time", node.time) + entry("seq", seq)
    for name in _NODE_WORDS:
        if word := getattr(node, name):
            body += entry(name, word)
    body += entry("created", node.created) if node.created else ""
    body += table("node.values", node.values) if node.values else ""
    body += table("node.usage", node.usage.known()) if node.usage is not None else ""
    timing = asdict(node.timing)
    if known := {name: value for name, value in timing.items() if value is not None}:
        body += table("node.timing", known)
    if node.failure is not None:
        body += "[node.failure]\n" + entry("key", node.failure.key)
        body += entry("retryable", node.failure.retryable) if node.failure.retryable else ""
        body += table("node.failure.facts", node.failure.facts) if node.failure.facts else ""
    return seal(body + "".join(part_text(part, "node.parts") for part in node.parts))


def part_text(part: Part, path: str) -> str:
    """One part as an element of the array of tables `path`; fields at their default are left out."""
    body = f"[[{path}]]\n" + entry("kind", _KIND_OF[type(part)])
    defaults = _DEFAULTS[type(part)]
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if value is not None and (name not in defaults or value != defaults[name]):
            body += entry(name, value)
    return body


def read_head(found: object, chat: str) -> Head:
    """The head of chat `chat` from its `[session]` table; what is missing or of a wrong type is at its default."""
    found = found if isinstance(found, dict) else {}
    created = found.get("created")
    known: dict[str, Any] = {name: value for name, value in found.items() if _fits_head(name, value)}
    if values := _values(found, "values"):
        known["values"] = values
    if (tools := _names(found.get("tools"))) is not None:
        known["tools"] = tools
    if isinstance(created, datetime):
        known["created"] = _aware(created)
    return Head(chat, **known)


def read_node(found: object, altered: bool = False) -> Node:
    """The node of a `[[node]]` table; one with parts or fields that make no sense is `altered`.

    Raises:
        Unreadable: there is no node in it: no id, or no role we know.
    """
    if not isinstance(found, dict):
        raise Unreadable
    id, parent, role, time = (found.get(name) for name in ("id", "parent", "role", "time"))
    if not isinstance(id, str) or not id or not isinstance(parent, str | None):
        raise Unreadable
    if not isinstance(role, str) or role not in ROLES:
        raise Unreadable
    parts, all_parts = read_parts(found.get("parts", []))
    words = {name: found[name] for name in _NODE_WORDS if isinstance(found.get(name), str)}
    if words.get("finish", "") not in _FINISHES:
        del words["finish"]
    known_time: dict[str, Any] = {"time": _aware(time)} if isinstance(time, datetime) else {}
    created = found.get("created")
    return Node(
        id,
        parent if parent != id else None,
        cast(Role, role),
        parts,
        **known_time,
        **words,
        created=created if type(created) is int and created > 0 else 0,
        values=_values(found, "values"),
        failure=_failure(found.get("failure")),
        usage=_usage(found.get("usage")),
        timing=_timing(found.get("timing")),
        altered=altered or not all_parts or not known_time,
    )


def read_parts(found: object) -> tuple[tuple[Part, ...], bool]:
    """The parts of an array of tables, and whether all of them could be read."""
    if not isinstance(found, list):
        return (), False
    parts = [part for item in found if (part := _part(item)) is not None]
    return tuple(parts), len(parts) == len(found)


def read_change(found: object) -> Change:
    """The change of a `[[change]]` table.

    Raises:
        Unreadable: it names no change we know, or not what the change needs.
    """
    if not isinstance(found, dict):
        raise Unreadable
    leaf, ids, changed = found.get("leaf"), found.get("ids"), found.get("fields")
    match found.get("kind"):
        case "leaf" if isinstance(leaf, str | None):
            return LeafChosen(leaf)
        case "deleted" | "restored" as kind if isinstance(ids, list) and all(isinstance(id, str) for id in ids):
            return NodesDeleted(tuple(ids)) if kind == "deleted" else NodesRestored(tuple(ids))
        case "call_started" if isinstance(node := found.get("node"), str) and isinstance(found.get("call"), str):
            return CallStarted(node, found["call"])
        case "head" if isinstance(changed, dict):
            known: dict[str, object] = {name: value for name, value in changed.items() if _fits_head(name, value)}
            if "values" in changed or "values_json" in changed:
                known["values"] = _values(changed, "values")
            if (tools := _names(changed.get("tools"))) is not None:
                known["tools"] = tools
            return HeadChanged(known)
    raise Unreadable


def _fits_head(name: str, value: object) -> bool:
    return name in _HEAD_TYPES and type(value) is _HEAD_TYPES[name]


def _names(found: object) -> tuple[str, ...] | None:
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        return None
    return tuple(dict.fromkeys(found))


def _part(found: object) -> Part | None:
    part = PARTS.get(str(found.get("kind"))) if isinstance(found, dict) else None
    if part is None or not isinstance(found, dict):
        return None
    known = {}
    for name in part.__struct_fields__:
        if name in found:
            if not _fits(found[name], _HINTS[part][name]):
                return None
            known[name] = found[name]
        elif name not in _DEFAULTS[part]:
            return None
    return part(**known)


def _fits(value: object, hint: Any) -> bool:
    """Whether a value read from TOML may stand in a field annotated `hint`."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is Union or not isinstance(hint, type):
        return any(_fits(value, option) for option in get_args(hint))
    return type(value) is hint or (hint is float and type(value) is int)


def _values(found: Mapping[str, object], name: str) -> Values:
    values = values_of(found, name)
    return {name: value for name, value in values.items() if isinstance(value, bool | int | float | str | list | dict)}


def _failure(found: object) -> Failure | None:
    if not isinstance(found, dict) or not isinstance(found.get("key"), str):
        return None
    facts = {name: value for name, value in values_of(found, "facts").items() if isinstance(value, str | int | float)}
    return Failure(found["key"], facts, found.get("retryable") is True)


def _usage(found: object) -> Usage | None:
    if not isinstance(found, dict):
        return None
    counts = {name: count for name, count in found.items() if type(count) is int}
    return Usage(**{name: counts[name] for name in Usage.__struct_fields__ if name in counts})


def _timing(found: object) -> Timing:
    if not isinstance(found, dict):
        return Timing()
    told_s = {name: float(s) for name, s in found.items() if type(s) in (int, float)}
    return Timing(**{name: told_s[name] for name in Timing.__struct_fields__ if name in told_s})


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
