"""What a request parameter may be, where it is an object: named fields, an answer's format, a prediction, raw JSON."""

from __future__ import annotations

import re

from msgspec import Struct

from tui_chat import late
from tui_chat.errors import UsageError
from tui_chat.wire.json_text import LIMIT_CHARACTERS, compact, is_plain, pretty, read_json, require_json
from tui_chat.wire.kinds import Bias, Choice, Flag, Integer, Number, Pairs, Text, Words

NAME = late.pattern(r"[A-Za-z0-9_-]{1,64}")
"""What the names of schemas and functions are made of."""
_SCHEMA_WORDS = frozenset({"type", "properties", "items", "enum", "const", "$ref", "anyOf", "allOf", "oneOf", "not"})
_TOKEN = late.pattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = late.pattern(
    r"accept(-encoding|-language)?|connection|content-(encoding|length|type)|cookie|expect|host|keep-alive|te|trailer"
    r"|transfer-encoding|upgrade|user-agent",
    re.IGNORECASE,
)
_SECRET_NAME = late.pattern(r"authori[sz]ation|api-?key|token|secret|password|cookie|credential", re.IGNORECASE)
_SECRET_VALUE = late.pattern(r"\b(?:sk|pk|rk)-[A-Za-z0-9]|\bbearer\s", re.IGNORECASE)


class Field(Struct, frozen=True):
    """One field of an object."""

    name: str
    kind: Choice | Text
    path: tuple[str, ...] = ()
    """Where it stands in the object, from the outside; its name alone where empty."""
    required: bool = False


class Fields(Struct, frozen=True):
    """An object of known fields, some of them nested; people see them flat."""

    fields: tuple[Field, ...]
    constants: tuple[tuple[tuple[str, ...], str], ...] = ()
    """(path, value) of what must stand beside fields of the same object."""

    @property
    def takes(self) -> str:
        """The fields."""
        return ",".join(f"{field.name}=…" for field in self.fields)

    def parse(self, name: str, typed: str) -> dict[str, object]:
        """`field=value` between commas, or a JSON object."""
        if typed.lstrip()[:1] == "{":
            return self.check(name, read_json(name, typed))
        return self.check(name, Pairs(64, 64, 4096).parse(name, typed))

    def check(self, name: str, value: object) -> dict[str, object]:
        """The object; fields that stand flat are put in their places."""
        flat = self.flat(name, value)
        for field in self.fields:
            if field.required and field.name not in flat:
                raise UsageError("error.param_field_missing", name=name, field=field.name)
        return self.nested({field.name: flat[field.name] for field in self.fields if field.name in flat})

    def flat(self, name: str, value: object) -> dict[str, str]:
        """The fields of an object by name, checked; raises UsageError where there is one we don't know."""
        if not isinstance(value, dict):
            raise UsageError("error.param_object", name=name)
        by_path = {field.path or (field.name,): field for field in self.fields}
        by_path.update({(field.name,): field for field in self.fields})
        constants = dict(self.constants)
        found: dict[str, str] = {}
        waiting: list[tuple[tuple[str, ...], object]] = [((str(key),), item) for key, item in value.items()]
        while waiting:
            path, item = waiting.pop()
            if path in by_path:
                field = by_path[path]
                found[field.name] = field.kind.check(f"{name}.{field.name}", item)
            elif isinstance(item, dict) and any(known[: len(path)] == path for known in by_path):
                waiting.extend(((*path, str(key)), inner) for key, inner in item.items())
            elif constants.get(path) != item:
                fields = ", ".join(field.name for field in self.fields)
                raise UsageError("error.param_field_unknown", name=name, field=".".join(path)[:60], fields=fields)
        return found

    def nested(self, flat: dict[str, str]) -> dict[str, object]:
        """The object of these fields, with the constants that its inner objects need."""
        whole: dict[str, object] = {}
        for field in self.fields:
            if field.name in flat:
                _put(whole, field.path or (field.name,), flat[field.name])
        for path, constant in self.constants:
            if _has(whole, path[:-1]):
                _put(whole, path, constant)
        return whole


def _put(whole: dict[str, object], path: tuple[str, ...], value: str) -> None:
    at = whole
    for step in path[:-1]:
        inner = at.setdefault(step, {})
        assert isinstance(inner, dict)
        at = inner
    at[path[-1]] = value


def _has(whole: dict[str, object], path: tuple[str, ...]) -> bool:
    at: object = whole
    for step in path:
        if not isinstance(at, dict) or step not in at:
            return False
        at = at[step]
    return True


class ResponseFormat(Struct, frozen=True):
    """What an answer must look like: text, any JSON object, or JSON of one schema."""

    @property
    def takes(self) -> str:
        """The words, and that a schema will do."""
        return "text | json_object | {JSON Schema}"

    def parse(self, name: str, typed: str) -> dict[str, object]:
        """One of the two words, the object of the API, or a bare JSON Schema."""
        word = typed.strip()
        return self.check(name, {"type": word} if word in {"text", "json_object"} else read_json(name, typed))

    def check(self, name: str, value: object) -> dict[str, object]:
        """The object of the API; a bare schema is made one."""
        if isinstance(value, str):
            return self.parse(name, value)
        require_json(name, value)
        if not isinstance(value, dict):
            raise UsageError("error.param_object", name=name)
        match value.get("type"):
            case "text" | "json_object" as word:
                if len(value) > 1:
                    raise UsageError("error.param_format_more", name=name, word=word)
                return value
            case "json_schema":
                return {"type": "json_schema", "json_schema": self._described(name, value)}
        return self.of_schema(name, value)

    def of_schema(self, name: str, schema: object, called: str = "answer") -> dict[str, object]:
        """The format that asks for answers of this schema, called after its title or `called`."""
        require_schema(name, schema)
        assert isinstance(schema, dict)
        title = re.sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title", ""))).strip("_")[:64]
        return {"type": "json_schema", "json_schema": {"name": title or called, "schema": schema}}

    def from_file(self, name: str, text: str, called: str) -> dict[str, object]:
        """The format that a file of JSON asks for: the API's object, what stands in it, or a bare schema."""
        found = read_json(name, text)
        if isinstance(found, dict) and found.get("type") not in ("text", "json_object", "json_schema"):
            if isinstance(found.get("schema"), dict) and isinstance(found.get("name"), str):
                return self.check(name, {"type": "json_schema", "json_schema": found})
            return self.of_schema(name, found, re.sub(r"[^A-Za-z0-9_-]+", "_", called).strip("_")[:64] or "answer")
        return self.check(name, found)

    def lines(self, value: object) -> str:
        """JSON for an editor."""
        return pretty(value)

    def from_lines(self, name: str, text: str) -> dict[str, object]:
        """The format that stands in an editor."""
        return self.parse(name, text)

    @staticmethod
    def _described(name: str, value: dict[str, object]) -> dict[str, object]:
        described = value.get("json_schema")
        if not isinstance(described, dict) or set(value) > {"type", "json_schema"}:
            raise UsageError("error.param_format", name=name)
        known = {"name", "description", "schema", "strict"}
        if unknown := sorted(set(described) - known):
            fields = "name, description, schema, strict"
            raise UsageError("error.param_field_unknown", name=name, field=unknown[0][:60], fields=fields)
        if not isinstance(described.get("name"), str) or not NAME.fullmatch(str(described["name"])):
            raise UsageError("error.param_schema_name", name=name)
        if not isinstance(described.get("description", ""), str):
            raise UsageError("error.param_text", name=f"{name}.description", limit=LIMIT_CHARACTERS)
        if not isinstance(described.get("strict"), bool | None):
            raise UsageError("error.param_flag", name=f"{name}.strict")
        if "schema" in described:
            require_schema(name, described["schema"])
        return described


def require_schema(name: str, schema: object) -> None:
    """Raise UsageError that says what is wrong where this is no JSON Schema for an answer."""
    if not isinstance(schema, dict) or not _SCHEMA_WORDS & set(schema):
        raise UsageError("error.param_schema", name=name, reason="{…}: type, properties, …")
    from jsonschema import SchemaError  # takes longer to import than all of this room
    from jsonschema.validators import Draft202012Validator, validator_for

    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        where = ".".join(str(step) for step in error.absolute_path)
        reason = f"{where}: {error.message}" if where else error.message
        raise UsageError("error.param_schema", name=name, reason=reason[:160]) from error
    except RecursionError as error:
        raise UsageError("error.param_schema", name=name, reason="$ref") from error


class Prediction(Struct, frozen=True):
    """Text that much of the answer is expected to repeat."""

    limit: int = 200_000

    @property
    def takes(self) -> str:
        """The limit."""
        return f"text ≤ {self.limit}"

    def parse(self, name: str, typed: str) -> dict[str, object]:
        """The object of the API, else the text itself."""
        if typed.lstrip()[:1] == "{":
            try:
                found = read_json(name, typed)
            except UsageError:
                found = None  # a text that begins with a brace, for instance a file of JSON or C
            if isinstance(found, dict) and found.get("type") == "content" and "content" in found:
                return self.check(name, found)
        return self.check(name, typed)

    def check(self, name: str, value: object) -> dict[str, object]:
        """The object of the API, made from a text where it is one."""
        if isinstance(value, str):
            value = {"type": "content", "content": value}
        content = value.get("content") if isinstance(value, dict) else None
        texts: list[object] = [content]
        if isinstance(content, list):
            whole = all(
                isinstance(part, dict) and part.get("type") == "text" and set(part) == {"type", "text"}
                for part in content
            )
            texts = [part["text"] for part in content] if whole else [None]
        size = sum(len(text) for text in texts if isinstance(text, str))
        is_text = bool(texts) and all(isinstance(text, str) for text in texts)
        if not isinstance(value, dict) or set(value) != {"type", "content"} or value["type"] != "content":
            raise UsageError("error.param_text", name=name, limit=self.limit)
        if not is_text or not 0 < size <= self.limit:
            raise UsageError("error.param_text", name=name, limit=self.limit)
        return value

    def lines(self, value: object) -> str:
        """The text; the object of the API where it is made of parts."""
        content = value.get("content") if isinstance(value, dict) else None
        if isinstance(content, str) and is_plain(content) and self.parse("", content) == value:
            return content
        return pretty(value)

    def from_lines(self, name: str, text: str) -> dict[str, object]:
        """The prediction that stands in an editor."""
        return self.parse(name, text)


class Headers(Struct, frozen=True):
    """HTTP headers by name. None that the program writes itself, and none that may hold a secret: chats are files."""

    most: int = 32

    @property
    def takes(self) -> str:
        """The form."""
        return f"name=value,… (≤ {self.most})"

    def parse(self, name: str, typed: str) -> dict[str, object]:
        """`name=value` between commas, or a JSON object."""
        return self.check(name, Pairs(self.most, 256, 4096).parse(name, typed))

    def check(self, name: str, value: object) -> dict[str, object]:
        """The headers."""
        headers = Pairs(self.most, 256, 4096).check(name, value)
        if len({header.lower() for header in headers}) < len(headers):
            raise UsageError("error.param_twice", name=name, key=", ".join(headers)[:60])
        for header, text in headers.items():
            if not _TOKEN.fullmatch(header) or not re.fullmatch(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?", str(text)):
                raise UsageError("error.param_header", name=name, header=header[:40])
            if _OURS.fullmatch(header) or _SECRET_NAME.search(header) or _SECRET_VALUE.search(str(text)):
                raise UsageError("error.param_header_ours", name=name, header=header[:40])
        return headers

    def lines(self, value: object) -> str:
        """One header a line."""
        return Pairs().lines(value)

    def from_lines(self, name: str, text: str) -> dict[str, object]:
        """The headers of `lines`."""
        return self.check(name, Pairs(self.most, 256, 4096).from_lines(name, text))


class JsonObject(Struct, frozen=True):
    """Fields of the request body as raw JSON; none that the program or another parameter writes."""

    taken: frozenset[str] = frozenset()

    @property
    def takes(self) -> str:
        """The form."""
        return "{JSON}"

    def parse(self, name: str, typed: str) -> dict[str, object]:
        """A JSON object."""
        return self.check(name, read_json(name, typed))

    def check(self, name: str, value: object) -> dict[str, object]:
        """The object."""
        if isinstance(value, str):
            return self.parse(name, value)
        require_json(name, value)
        if not isinstance(value, dict) or not value:
            raise UsageError("error.param_object", name=name)
        if taken := sorted(set(value) & self.taken):
            raise UsageError("error.param_extra_taken", name=name, field=taken[0])
        if len(compact(value)) > LIMIT_CHARACTERS:
            raise UsageError("error.param_json_size", name=name, limit=LIMIT_CHARACTERS)
        return value

    def lines(self, value: object) -> str:
        """JSON for an editor."""
        return pretty(value)

    def from_lines(self, name: str, text: str) -> dict[str, object]:
        """The object that stands in an editor."""
        return self.parse(name, text)


Many = Words | Pairs | Bias | Headers | ResponseFormat | Prediction | JsonObject
"""Kinds that need more than a line."""
Kind = Number | Integer | Flag | Choice | Text | Fields | Many
