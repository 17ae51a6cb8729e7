"""Where does the API key come from, and where is it put: found in a fixed order, kept private, never shown.

A key read here goes to the wire and nowhere else (law 9): it is not in the value's `repr`, and the command that
prints a key is not given other keys.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.discreet import Discreet
from tui_chat.disk import FILE_MODE, WINDOWS, make_folder, read_bounded, replace_file
from tui_chat.errors import ChatError, SettingsError, UsageError
from tui_chat.store.places import Places
from tui_chat.store.reasons import store_error
from tui_chat.store.settings import FROM_OPENAI, Settings
from tui_chat.store.toml_file import LIMIT_BYTES
from tui_chat.store.toml_text import entry, parse
from tui_chat.wire.gateway import clean_key
from tui_chat.wire.redaction import protect

COMMAND_TIMEOUT_S = 10.0
KEYRING_NAMES = ("yibu-chat", "api_key")
"""Service and user name in the system's keyring."""

VARIABLES = ("YIBU_API_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold a key: no program that we start sees them."""
_REASON_CHARACTERS = 200


class FoundKey(Discreet, Struct, frozen=True):
    """An API key and where it was found."""

    SHOWN = ("source",)

    source: str
    """YIBU_API_KEY, OPENAI_API_KEY, api_key_command, keyring or credentials.toml."""
    key: str
    notes: tuple[ChatError, ...] = ()
    """What the person should know of it, such as a file others could read."""


def find_key(settings: Settings, places: Places, env: Mapping[str, str] = os.environ) -> FoundKey | None:
    """The API key from the first source that has one, None where none has.

    The order is `YIBU_API_KEY`, `OPENAI_API_KEY` (only with the address it belongs to), `api_key_command`, the
    system's keyring where that extra is installed, `credentials.toml`.

    Raises:
        SettingsError: the command fails, credentials.toml can't be read, or what was found can't be a key.
    """
    found = _found(settings, places, env)
    if found is None:
        return None
    protect(found.key)
    try:
        key = clean_key(found.key)
        protect(key)
        return replace(found, key=key)
    except UsageError as error:
        raise SettingsError(error.key, **error.facts) from error


def _found(settings: Settings, places: Places, env: Mapping[str, str]) -> FoundKey | None:
    if key := env.get("YIBU_API_KEY", "").strip():
        return FoundKey("YIBU_API_KEY", key)
    if settings.base_url_source == FROM_OPENAI and (key := env.get("OPENAI_API_KEY", "").strip()):
        return FoundKey("OPENAI_API_KEY", key)
    if settings.api_key_command:
        return FoundKey("api_key_command", _from_command(settings.api_key_command, env))
    if key := _from_keyring():
        return FoundKey("keyring", key)
    return _from_file(places)


def save_key(places: Places, key: str) -> None:
    """Keep the key in credentials.toml, which only its owner can read from the moment it exists.

    Raises:
        StoreError: it can't be written.
    """
    path = places.credentials_file
    try:
        make_folder(path.parent)
        # What was there may be readable by others, and its mode would be kept.
        with suppress(FileNotFoundError):
            path.chmod(FILE_MODE)
        replace_file(path, entry("api_key", key.strip()).encode())
    except OSError as error:
        raise store_error(error, path) from error


def forget_key(places: Places) -> None:
    """Delete credentials.toml; raises StoreError where it can't be."""
    try:
        places.credentials_file.unlink(missing_ok=True)
    except OSError as error:
        raise store_error(error, places.credentials_file) from error


def _from_command(command: str | tuple[str, ...], env: Mapping[str, str]) -> str:
    try:
        import shlex

        words = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError as error:
        raise SettingsError("error.key_command_failed", command=str(command), reason=str(error)) from error
    if not words:
        raise SettingsError("error.key_command_empty", command="")
    name = words[0]
    # A session of its own keeps it from the terminal, which the screen may own; a prompt there could not be answered.
    try:
        with subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={variable: value for variable, value in env.items() if variable not in VARIABLES},
            start_new_session=not WINDOWS,
        ) as process:
            try:
                output, complaint = process.communicate(timeout=COMMAND_TIMEOUT_S)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise SettingsError("error.key_command_slow", command=name, seconds=f"{COMMAND_TIMEOUT_S:g}") from error
    except FileNotFoundError as error:
        raise SettingsError("error.key_command_missing", command=name) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError("error.key_command_failed", command=name, reason=reason) from error
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines() or [f"exit {process.returncode}"]
        raise SettingsError("error.key_command_failed", command=name, reason=lines[-1][:_REASON_CHARACTERS])
    lines = output.decode(errors="replace").strip().splitlines()
    if not lines:
        raise SettingsError("error.key_command_empty", command=name)
    return lines[0].strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it started, which would hold its pipes open."""
    if not WINDOWS:
        import signal

        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _from_keyring() -> str:
    if find_spec("keyring") is None:
        return ""
    import keyring
    import keyring.errors

    with suppress(keyring.errors.KeyringError, RuntimeError, OSError):
        return (keyring.get_password(*KEYRING_NAMES) or "").strip()
    return ""


def _from_file(places: Places) -> FoundKey | None:
    path = places.credentials_file
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = read_bounded(path, LIMIT_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError("error.settings_unreadable", path=str(path), reason=reason) from error
    notes: tuple[ChatError, ...] = ()
    if not WINDOWS and mode & 0o077:
        try:
            path.chmod(FILE_MODE)
            notes = (SettingsError("error.key_was_readable", path=str(path)),)
        except OSError:
            notes = (SettingsError("error.key_is_readable", path=str(path)),)
    tables = parse(content)
    if tables is None:
        # The parser's own complaint may quote the line, and the line may hold the key.
        raise SettingsError("error.credentials_unreadable", path=str(path))
    key = tables.get("api_key")
    return FoundKey("credentials.toml", key.strip(), notes) if isinstance(key, str) and key.strip() else None
