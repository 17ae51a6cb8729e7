"""What did the person put away under a name: parameters, and with them model, system prompt and tools where wanted.

`presets.toml` has a table a preset. It is the person's own file: comments and what we don't know stay in it, a preset
that can't be used is said with its name and what is allowed while the others serve, and a file that is no TOML is
never written to.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tui_chat.errors import SettingsError, UsageError
from tui_chat.store.choices import ParamValues, Setting, WordList, Words
from tui_chat.store.places import Places
from tui_chat.store.toml_file import TomlFile
from tui_chat.store.toml_text import entry, string, table, values_of
from tui_chat.wire.params import Value, Values

NAME_LIMIT = 64
_FIELDS: dict[str, Setting] = {"model": Words(), "system": Words(), "tools": WordList(), "values": ParamValues()}
_KEYS = (*_FIELDS, "values_json")


class Preset(Struct, frozen=True):
    """Parameters under a name, and what else belongs to them."""

    name: str
    values: Values = field(default_factory=dict)
    """All that are set; applied, they stand in the place of those that were."""
    model: str = ""
    """"" leaves the chat its own."""
    system: str | None = None
    """System prompt; None leaves the chat its own, "" takes it away."""
    tools: tuple[str, ...] | None = None
    """Tools that are switched on; None leaves the chat its own."""

    def head(self) -> dict[str, object]:
        """The fields of a chat's head that it sets."""
        found: dict[str, object] = {"values": dict(self.values)}
        if self.model:
            found["model"] = self.model
        if self.system is not None:
            found["system"] = self.system
        if self.tools is not None:
            found["tools"] = self.tools
        return found


class Presets(Struct, frozen=True):
    """All that can be used, by name in the order of the file, and what is wrong with the others."""

    by_name: Mapping[str, Preset]
    problems: tuple[SettingsError, ...] = ()

    def find(self, name: str) -> Preset:
        """The preset of this name, else the only one that differs from it in case alone.

        Raises:
            SettingsError: there is one, but it can't be used.
            UsageError: there is none.
        """
        if name in self.by_name:
            return self.by_name[name]
        alike = [each for each in self.by_name if each.casefold() == name.strip().casefold()]
        if len(alike) == 1:
            return self.by_name[alike[0]]
        for problem in self.problems:
            if problem.facts.get("preset") == name:
                raise problem
        if not self.by_name:
            raise UsageError("error.preset_none", name=name)
        raise UsageError("error.preset_unknown", name=name, names=", ".join(self.by_name))


def load(places: Places) -> Presets:
    """Every preset; raises SettingsError where the file can't be read or is no TOML."""
    path = places.presets_file
    found: dict[str, Preset] = {}
    problems: list[SettingsError] = []
    for name, content in _file(places).read().items():
        try:
            found[name] = _preset(name, content, str(path))
        except SettingsError as error:
            error.facts["preset"] = name
            problems.append(error)
    return Presets(found, tuple(problems))


def save(places: Places, preset: Preset) -> None:
    """Put a preset away; one of the same name is replaced.

    Raises:
        UsageError: the name can't be used.
        SettingsError: the file can't be read.
        StoreError: it can't be written.
    """
    name = checked_name(preset.name)
    body = entry("model", preset.model) if preset.model else ""
    body += entry("system", preset.system) if preset.system is not None else ""
    body += _list("tools", preset.tools) if preset.tools is not None else ""
    body += table("values", preset.values) if preset.values else ""

    def put(document: Any) -> None:
        import tomlkit

        old = document.get(name)
        kept = old if isinstance(old, dict) else tomlkit.table()
        for key in _KEYS:
            kept.pop(key, None)
        for key, value in tomlkit.parse(body).items():
            kept[key] = value
        document[name] = kept

    _file(places).edit(put)


def rename(places: Places, old: str, new: str) -> None:
    """Give a preset another name, in its place; raises UsageError where it is taken or can't be one."""
    new = checked_name(new)

    def put(document: Any) -> None:
        if new == old or old not in document:
            return
        if new in document:
            raise UsageError("error.preset_exists", name=new)
        renamed = [(new if name == old else name, document[name]) for name in document]
        for name in list(document):
            document.pop(name)
        for name, content in renamed:
            document[name] = content

    _file(places).edit(put)


def delete(places: Places, name: str) -> None:
    """Take a preset out of the file; one that is not there is none."""
    _file(places).edit(lambda document: document.pop(name, None))


def checked_name(typed: str) -> str:
    """The name as it is kept; raises UsageError where it is empty, too long or not printable."""
    name = unicodedata.normalize("NFC", typed.strip())
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise UsageError("error.preset_name", limit=NAME_LIMIT)
    return name


def _preset(name: str, content: object, path: str) -> Preset:
    if not isinstance(content, dict):
        raise SettingsError("error.settings_table", path=path, name=name)
    found: dict[str, object] = {key: value for key, value in content.items() if key in _FIELDS}
    if "values" in content or "values_json" in content:
        written = content.get("values", {})
        found["values"] = values_of(content, "values") if isinstance(written, dict) else written
    checked: dict[str, Any] = {key: _FIELDS[key].checked(value, f"{name}.{key}", path) for key, value in found.items()}
    values: Mapping[str, Value] = checked.pop("values", {})
    return Preset(name, values, **checked)


def _list(key: str, words: tuple[str, ...]) -> str:
    return f"{key} = [{', '.join(map(string, words))}]\n"


def _file(places: Places) -> TomlFile:
    return TomlFile(places.presets_file, places.locks / "presets.lock")
