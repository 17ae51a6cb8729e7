"""What did the person choose, for all chats: one frozen value, made from defaults, then the file, then the environment.

Which settings there are stands in the fields of `Settings` and, with what each may be, in `SETTINGS`. The file is
the person's own: keys we don't know stay in it, comments stay, and a wrong value is said with file, name and what
is allowed, never replaced in silence.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from tui_chat.errors import SettingsError
from tui_chat.store.choices import SETTINGS
from tui_chat.store.places import Places
from tui_chat.store.toml_file import TomlFile
from tui_chat.wire.params import Values
from tui_chat.wire.roles import SystemRole
from tui_chat.words import locale_language

if TYPE_CHECKING:
    from tui_chat.tools.mcp_plan import ServerPlan

DEFAULT_BASE_URL = "https://yibuapi.com/v1"
FROM_OPENAI = "OPENAI_BASE_URL"
"""`base_url_source` where the address, and then the key too, come from OpenAI's environment variables."""


class Settings(Struct, frozen=True):
    """Every setting; names are the keys of `settings.toml`."""

    language: str = "auto"
    """"auto" (by locale), "zh" or "en"."""
    theme: str = ""
    """Name of a theme, "" for the program's own choice."""
    base_url: str = DEFAULT_BASE_URL
    """As typed; whoever uses it normalises it."""
    model: str = ""
    """Model of new chats."""
    system: str = ""
    """System prompt of new chats."""
    system_role: SystemRole = "auto"
    """Role that instructions travel under: "system", "developer", or "auto" for the one the model wants."""
    values: Values = field(default_factory=dict)
    """Parameters of new chats; unset ones absent."""
    favourites: tuple[str, ...] = ()
    """Models that stand first in the picker."""
    recent_models: tuple[str, ...] = ()
    """Models used last, the latest first."""
    api_key_command: str | tuple[str, ...] = ""
    """A command that prints the key: a line for a shell-like split, or its words."""
    ca_file: str = ""
    """A PEM file of certificate authorities to trust besides the system's."""
    insecure_hosts: tuple[str, ...] = ()
    """Hosts that may be talked to without encryption."""
    connect_timeout_s: float = 12.0
    first_byte_timeout_s: float = 300.0
    """How long an answer may take to begin: models that think are silent for minutes."""
    between_bytes_timeout_s: float = 310.0
    """How long an answer may pause."""
    event_limit_mb: int = 64
    """The largest single event of a stream."""
    image_limit_px: int = 2048
    """A longer side than this is scaled down before sending."""
    attachment_limit_mb: int = 20
    tool_folders: tuple[str, ...] = ()
    """Folders that tools may read and write in."""
    tool_environment: tuple[str, ...] = ()
    """Variables that programs started by tools see besides the few all need: "NAME" as it is here, or "NAME=VALUE"."""
    tool_network: bool = False
    """Whether programs that tools start may reach the network from their sandbox."""
    show_chats: bool = True
    """Whether the list of chats shows at the start."""
    show_panels: bool = False
    """Whether the side panels show at the start."""
    enter_sends: bool = True
    """Whether Enter sends; otherwise it makes a new line, and Ctrl+J sends."""
    show_price: bool = True
    """Whether answers show what they cost, where a price list is known."""
    price_group: str = ""
    """The group of the key at the gateway, whose factor prices get; "" for base prices."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys by binding id, for example "chat.new" to "ctrl+n,f2"; an empty string takes the keys away."""
    mcp: Mapping[str, ServerPlan] = field(default_factory=dict)
    """MCP servers by name: tables `[mcp.NAME]`. Read from this file alone, never from the working folder."""
    base_url_source: str = "default"
    """Where `base_url` comes from: "default", "file", "flag", or the environment variable's name. Not a key."""
    unknown: tuple[str, ...] = ()
    """Keys of the file that mean nothing to this version. Not a key of the file."""

    @property
    def attachment_limit_bytes(self) -> int:
        """The largest file that may go along."""
        return self.attachment_limit_mb * 1024 * 1024

    @property
    def spoken_language(self) -> str:
        """The language to speak, "zh" or "en": as set, else as the locale asks for."""
        return locale_language() if self.language == "auto" else self.language


def load(
    places: Places, env: Mapping[str, str] = os.environ, flags: Mapping[str, object] = MappingProxyType({})
) -> Settings:
    """The settings in force: defaults, then the file, the environment, the command line, each over the one before.

    Args:
        places: Where the file is.
        env: The environment to read.
        flags: Settings given on the command line, by name.

    Raises:
        SettingsError: the file can't be read, isn't TOML, or holds a value that isn't allowed; or a flag does.
    """
    found = _file(places).read()
    known = _checked(found, str(places.settings_file))
    if "base_url" in known:
        known["base_url_source"] = "file"
    known.update(_from_environment(env))
    given = _checked(flags, "")
    if "base_url" in given:
        given["base_url_source"] = "flag"
    return Settings(**{**known, **given}, unknown=tuple(name for name in found if name not in SETTINGS))


def change(places: Places, name: str, value: object) -> None:
    """Write one setting into the file, comments and all else in it left as they are.

    Args:
        places: Where the file is.
        name: A field of `Settings`, or one entry of a table, such as "values.temperature" or "keymap.chat.new".
        value: What it is to be; None takes it out of the file.

    Raises:
        SettingsError: there is no such setting, the value isn't allowed, or the file can't be read.
        StoreError: the file can't be written.
    """
    path = places.settings_file
    table, _, entry = name.partition(".")
    setting = SETTINGS.get(table)
    if setting is None or (entry and not setting.is_table):
        raise SettingsError("error.settings_unknown", path=str(path), name=name)
    if value is not None:
        setting.checked({entry: value} if entry else value, table, str(path))
    _file(places).edit(lambda document: _put(document, table, entry, value))


def _file(places: Places) -> TomlFile:
    return TomlFile(places.settings_file, places.locks / "settings.lock")


def _put(document: Any, table: str, entry: str, value: object) -> None:
    """Set one value or, for None, take it out."""
    import tomlkit

    holder, key = document, table
    if entry:
        if table not in document:
            document[table] = tomlkit.table()
        holder, key = document[table], entry
        # "chat.new" may stand there as one quoted key, or as `new` in a table `chat`.
        first, _, rest = key.partition(".")
        while rest and isinstance(holder.get(first), dict):
            holder, key = holder[first], rest
            first, _, rest = key.partition(".")
    if value is None:
        holder.pop(key, None)
    else:
        holder[key] = list(value) if isinstance(value, tuple) else value


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    if url := env.get("YIBU_BASE_URL", "").strip():
        return {"base_url": url, "base_url_source": "YIBU_BASE_URL"}
    url = (env.get("OPENAI_BASE_URL") or env.get("OPENAI_API_BASE") or "").strip()
    # A key and its address belong together: OpenAI's key must not travel to another address, nor ours to OpenAI's.
    if url and env.get("OPENAI_API_KEY", "").strip() and not env.get("YIBU_API_KEY", "").strip():
        return {"base_url": url, "base_url_source": FROM_OPENAI}
    return {}


def _checked(found: Mapping[str, object], path: str) -> dict[str, Any]:
    known = ((name, value) for name, value in found.items() if name in SETTINGS)
    return {name: SETTINGS[name].checked(value, name, path or f"--{name}") for name, value in known}
