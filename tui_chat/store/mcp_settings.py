"""What may stand in an `[mcp.NAME]` table of the settings file: one MCP server each, checked.

Only the person's own settings file is read for servers, never a file of the working folder: whoever can write there
could otherwise have a program started.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from tui_chat.errors import SettingsError
from tui_chat.store.choices import Flag, Seconds, Setting, WordList, Words
from tui_chat.tools.mcp_plan import CALL_TIMEOUT_S, NAME, START_TIMEOUT_S, ServerPlan
from tui_chat.wire.gateway import is_loopback

_VARIABLE = re.compile(r"[^=\x00-\x1f\x7f]+")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_BREAKS = re.compile(r"[^\r\n\x00]*")


class Texts(Struct, frozen=True):
    """A table of texts, with names and values of a certain form."""

    names: re.Pattern[str]
    is_table: bool = False

    def checked(self, value: object, name: str, path: str) -> MappingProxyType[str, str]:
        """The texts by name."""
        if not isinstance(value, dict):
            raise SettingsError("error.settings_table", path=path, name=name)
        for key, text in value.items():
            if not isinstance(text, str) or not _NO_BREAKS.fullmatch(text) or not self.names.fullmatch(key):
                raise SettingsError("error.settings_mcp_text", path=path, name=f"{name}.{key}")
        return MappingProxyType(dict(value))


OPTIONS: dict[str, Setting] = {
    "command": WordList(),
    "env": Texts(_VARIABLE),
    "folder": Words(),
    "url": Words(),
    "headers": Texts(_HEADER),
    "enabled": Flag(),
    "unencrypted": Flag(),
    "start_timeout_s": Seconds(1, 600),
    "call_timeout_s": Seconds(1, 3600),
}
"""What a server's table may hold. A program has `command`, `env` and `folder`; a server elsewhere `url`, `headers`
and, where it speaks plain HTTP in one's own network, `unencrypted`."""

_OF_PROGRAMS = ("command", "env", "folder")
_OF_ADDRESSES = ("url", "headers", "unencrypted")


def plans(value: object, name: str, path: str) -> dict[str, ServerPlan]:
    """A plan for each server of the table `mcp`; a key `NAME.option` is one option of a server, and checked alone.

    Raises:
        SettingsError: a name, an option or a value isn't allowed; names file, setting and what is allowed.
    """
    if not isinstance(value, dict):
        raise SettingsError("error.settings_table", path=path, name=name)
    found: dict[str, ServerPlan] = {}
    for server, table in value.items():
        first, _, option = server.partition(".")
        where = f"{name}.{server}"
        if not NAME.fullmatch(first):
            raise SettingsError("error.settings_mcp_name", path=path, name=where)
        if option:
            _option(option, table, where, path)
        else:
            found[server] = _plan(server, table, where, path)
    return found


def _plan(server: str, table: object, where: str, path: str) -> ServerPlan:
    if not isinstance(table, dict):
        raise SettingsError("error.settings_table", path=path, name=where)
    found: dict[str, Any] = {
        option: _option(option, value, f"{where}.{option}", path) for option, value in table.items()
    }
    if bool(found.get("command")) == bool(found.get("url")):
        raise SettingsError("error.settings_mcp_one", path=path, name=where)
    foreign = _OF_ADDRESSES if found.get("command") else _OF_PROGRAMS
    for option in foreign:
        if found.get(option):
            one, other = ("url", "command") if option in _OF_ADDRESSES else ("command", "url")
            raise SettingsError("error.settings_mcp_foreign", path=path, name=f"{where}.{option}", one=one, other=other)
    unencrypted = bool(found.pop("unencrypted", False))
    if url := found.get("url"):
        _check_url(str(url), unencrypted, f"{where}.url", path)
    command: tuple[str, ...] = found.get("command", ())
    if command and (not command[0] or any("\0" in token for token in command)):
        raise SettingsError("error.settings_list", path=path, name=f"{where}.command")
    found.setdefault("start_timeout_s", START_TIMEOUT_S)
    found.setdefault("call_timeout_s", CALL_TIMEOUT_S)
    return ServerPlan(server, **found)


def _option(option: str, value: object, where: str, path: str) -> object:
    if option not in OPTIONS:
        raise SettingsError("error.settings_mcp_option", path=path, name=where, options=", ".join(OPTIONS))
    return OPTIONS[option].checked(value, where, path)


def _check_url(url: str, unencrypted: bool, where: str, path: str) -> None:
    """An address of http or https with a host and no password; plain http only on this computer, or where allowed."""
    try:
        parts = urlsplit(url)
        port_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_fine = False
    if not port_fine or parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise SettingsError("error.settings_mcp_url", path=path, name=where)
    if parts.username or parts.password:
        raise SettingsError("error.settings_mcp_password", path=path, name=where)
    if parts.scheme == "http" and not unencrypted and not is_loopback(url):
        raise SettingsError("error.settings_mcp_plain", path=path, name=where, host=parts.hostname)
