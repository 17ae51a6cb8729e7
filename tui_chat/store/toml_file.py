"""How is a TOML file of the person's own read and changed? Whole, in turn, all else in it left as it is.

Comments stay. A file that can't be read or is no TOML is said with its reason, and never written to.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from tui_chat.disk import read_bounded, replace_file
from tui_chat.errors import SettingsError
from tui_chat.store.one_by_one import alone

LIMIT_BYTES = 4 * 1024 * 1024


class TomlFile(Struct, frozen=True):
    """One such file."""

    path: Path
    lock: Path
    """Taken while it is changed, so that two windows write one after the other."""

    def read(self) -> dict[str, object]:
        """What stands in it, {} where there is no file; raises SettingsError where it can't be read or is no TOML."""
        try:
            return tomllib.loads(self._text())
        except (ValueError, RecursionError) as error:
            raise SettingsError("error.settings_unreadable", path=str(self.path), reason=str(error)) from error

    def edit(self, change: Callable[[Any], object]) -> None:
        """Have `change` alter the file's tomlkit document, and put it in the file's place.

        Raises:
            SettingsError: the file can't be read, is no TOML, or can't take the change.
            StoreError: it can't be written.
        """
        import tomlkit  # takes longer to import than all of this room
        from tomlkit.exceptions import TOMLKitError

        try:
            with alone(self.path, self.lock):
                self.read()
                document: Any = tomlkit.parse(self._text())
                change(document)
                replace_file(self.path, tomlkit.dumps(document).encode())
        except TOMLKitError as error:
            raise SettingsError("error.settings_unreadable", path=str(self.path), reason=str(error)) from error

    def _text(self) -> str:
        try:
            return read_bounded(self.path, LIMIT_BYTES).decode()
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            path = str(self.path)
            raise SettingsError("error.settings_unreadable", path=path, reason=reason or str(error)) from error
