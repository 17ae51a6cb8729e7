"""What may each setting be: one row a setting, checked when the file is read and before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from tui_chat.errors import SettingsError, UsageError
from tui_chat.wire import params


class Setting(Protocol):
    """What one setting may be."""

    @property
    def is_table(self) -> bool:
        """Whether it is a table, so that one entry of it can be changed."""

    def checked(self, value: object, name: str, path: str) -> object:
        """The value as `Settings` holds it; raises SettingsError that names file, setting and what is allowed."""


class Words(Struct, frozen=True):
    """Any text, or one of `options`."""

    options: tuple[str, ...] = ()
    is_table: bool = False

    def checked(self, value: object, name: str, path: str) -> str:
        """The text."""
        if not isinstance(value, str):
            raise SettingsError("error.settings_text", path=path, name=name)
        if self.options and value not in self.options:
            raise SettingsError("error.settings_choice", path=path, name=name, options=", ".join(self.options))
        return value


class Flag(Struct, frozen=True):
    """True or false."""

    is_table: bool = False

    def checked(self, value: object, name: str, path: str) -> bool:
        """The flag."""
        if not isinstance(value, bool):
            raise SettingsError("error.settings_flag", path=path, name=name)
        return value


class Whole(Struct, frozen=True):
    """A whole number from `low` to `high`."""

    low: int
    high: int
    is_table: bool = False

    def checked(self, value: object, name: str, path: str) -> int:
        """The number."""
        if type(value) is not int or not self.low <= value <= self.high:
            raise SettingsError("error.settings_whole", path=path, name=name, low=self.low, high=self.high)
        return value


class Seconds(Struct, frozen=True):
    """A duration, from `low` to `high` seconds."""

    low: float
    high: float
    is_table: bool = False

    def checked(self, value: object, name: str, path: str) -> float:
        """The seconds."""
        if type(value) not in (int, float) or not self.low <= value <= self.high:  # type: ignore[operator]
            low, high = f"{self.low:g}", f"{self.high:g}"
            raise SettingsError("error.settings_seconds", path=path, name=name, low=low, high=high)
        return float(value)  # type: ignore[arg-type]  # just checked


class WordList(Struct, frozen=True):
    """A list of texts; with `or_text` a single text will do too."""

    or_text: bool = False
    is_table: bool = False

    def checked(self, value: object, name: str, path: str) -> tuple[str, ...] | str:
        """The texts, or the one text."""
        if self.or_text and isinstance(value, str):
            return value
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            key = "error.settings_text_or_list" if self.or_text else "error.settings_list"
            raise SettingsError(key, path=path, name=name)
        return tuple(value)


class Keymap(Struct, frozen=True):
    """A table of keys by binding id; ids with dots may stand as nested tables."""

    is_table: bool = True

    def checked(self, value: object, name: str, path: str) -> dict[str, str]:
        """Keys by dotted binding id."""
        if not isinstance(value, dict):
            raise SettingsError("error.settings_keymap", path=path, name=name)
        keys: dict[str, str] = {}
        for id, item in value.items():
            if isinstance(item, dict):
                keys.update({f"{id}.{rest}": key for rest, key in self.checked(item, f"{name}.{id}", path).items()})
            elif isinstance(item, str):
                keys[id] = item
            else:
                raise SettingsError("error.settings_keymap", path=path, name=f"{name}.{id}")
        return keys


class ParamValues(Struct, frozen=True):
    """A table of request parameters, each checked as if typed."""

    is_table: bool = True

    def checked(self, value: object, name: str, path: str) -> dict[str, params.Value]:
        """Values by parameter name."""
        if not isinstance(value, dict):
            raise SettingsError("error.settings_table", path=path, name=name)
        checked: dict[str, params.Value] = {}
        for param, item in value.items():
            try:
                checked.update(params.checked({param: item}))
            except UsageError as error:
                where = f"{name}.{param}"
                raise SettingsError("error.settings_param", path=path, name=where, allowed=_allowed(param)) from error
        return checked


class McpServers(Struct, frozen=True):
    """A table of MCP servers by name, each a table of its own."""

    is_table: bool = True

    def checked(self, value: object, name: str, path: str) -> Mapping[str, object]:
        """A plan for each server."""
        from tui_chat.store.mcp_settings import plans  # it is built on the kinds above

        return plans(value, name, path)


def _allowed(param: str) -> str:
    """What a parameter takes, in signs that need no translation; for an unknown one, which there are."""
    if param not in params.BY_NAME:
        return ", ".join(params.BY_NAME)
    match params.BY_NAME[param].kind:
        case params.Choice(options):
            return ", ".join(options)
        case params.Number(low, high):
            return f"{low:g} … {high:g}"
        case params.Flag():
            return "true, false"
        case kind:
            return kind.takes


SETTINGS: dict[str, Setting] = {
    "language": Words(("auto", "zh", "en")),
    "theme": Words(),
    "base_url": Words(),
    "model": Words(),
    "system": Words(),
    "system_role": Words(("auto", "system", "developer")),
    "values": ParamValues(),
    "favourites": WordList(),
    "recent_models": WordList(),
    "api_key_command": WordList(or_text=True),
    "ca_file": Words(),
    "insecure_hosts": WordList(),
    "connect_timeout_s": Seconds(1, 600),
    "first_byte_timeout_s": Seconds(1, 7200),
    "between_bytes_timeout_s": Seconds(1, 7200),
    "event_limit_mb": Whole(1, 1024),
    "image_limit_px": Whole(64, 32768),
    "attachment_limit_mb": Whole(1, 256),
    "tool_folders": WordList(),
    "tool_environment": WordList(),
    "tool_network": Flag(),
    "show_chats": Flag(),
    "show_panels": Flag(),
    "enter_sends": Flag(),
    "show_price": Flag(),
    "price_group": Words(),
    "keymap": Keymap(),
    "mcp": McpServers(),
}
