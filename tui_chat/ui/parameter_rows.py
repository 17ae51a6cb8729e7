"""Which rows does the panel of parameters have? One a parameter, but for an object one for each of its fields.

What is set of an object is kept here row by row, also while it still lacks a field and can't be sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tui_chat import words
from tui_chat.errors import UsageError
from tui_chat.wire.objects import Fields
from tui_chat.wire.params import PARAMS, Param, Value

OBJECTS = {param.name: param.kind for param in PARAMS if isinstance(param.kind, Fields)}
"""Parameters with a row for each of their fields."""


def rows_of(param: Param) -> list[Param]:
    """The rows of a parameter: itself, or one for each field of an object."""
    if not isinstance(param.kind, Fields):
        return [param]
    return [replace(param, name=f"{param.name}.{field.name}", kind=field.kind) for field in param.kind.fields]


ROWS = tuple(row for param in PARAMS for row in rows_of(param))
"""Every row, in the table's order."""


class Objects:
    """The fields of objects as they are set."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[str, str]] = {}
        self.lacking: dict[str, UsageError] = {}
        """Objects that can't be sent yet, and why."""

    def changed(self, name: str, field: str, value: Value | None) -> Value | None:
        """One field was set or unset: the object's value, None where nothing of it is set or something is lacking."""
        fields = {key: text for key, text in self._fields.get(name, {}).items() if key != field}
        if value is not None:
            fields[field] = str(value)
        self._fields[name] = fields
        self.lacking.pop(name, None)
        if not fields:
            return None
        try:
            return OBJECTS[name].check(name, OBJECTS[name].nested(fields))
        except UsageError as error:
            self.lacking[name] = error
            return None

    def split(self, values: Mapping[str, Value], *, anew: bool) -> None:
        """Take the objects of `values` apart; one that was begun and can't be sent yet stays, unless all is `anew`."""
        kept = {} if anew else {name: self._fields[name] for name in self.lacking if name not in values}
        self.lacking = {name: error for name, error in self.lacking.items() if name in kept}
        self._fields = kept
        for name, kind in OBJECTS.items():
            if name in values:
                try:
                    self._fields[name] = kind.flat(name, values[name])
                except UsageError:  # edited by hand; it is refused when it is to be sent
                    self._fields[name] = {}

    def rows(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """What is set, by row."""
        rows: dict[str, Value] = {name: value for name, value in values.items() if name not in OBJECTS}
        for name, fields in self._fields.items():
            rows.update({f"{name}.{field}": text for field, text in fields.items()})
        return rows

    def row_for(self, name: str) -> str:
        """The row at which something is said of a parameter: of an object the last one that is set."""
        if name not in OBJECTS:
            return name
        rows = [row.name for row in ROWS if row.name.startswith(f"{name}.")]
        fields = self._fields.get(name, {})
        return next((row for row in reversed(rows) if row.partition(".")[2] in fields), rows[0])


def named(key: str) -> str:
    """What is called so, in every language, for comparing."""
    return " ".join(words.sentences(language)[key] for language in words.LANGUAGES).casefold()


def matches(row: Param, wanted: list[str]) -> bool:
    """Whether every word typed stands in the row's name, its group's, or the API's own."""
    names = f"{row.name.casefold()} {named(f'param.{row.name}.label')} {named(f'param.group.{row.group}')}"
    return all(word in names for word in wanted)
