"""What of the settings does the very first picture need? Three of them, read without the rooms that check them all.

Nothing is complained about here: `store/settings.py` reads the same file a moment later, checks it, and says what is
wrong with it.
"""

from __future__ import annotations

import tomllib
from typing import NamedTuple

from tui_chat.store.places import Places
from tui_chat.words import locale_language


class Glance(NamedTuple):
    """How the program looks before it is there."""

    language: str
    """The language to speak, "zh" or "en"."""
    theme: str = ""
    """Name of a theme, "" for the program's own choice."""
    show_chats: bool = True
    """Whether the list of chats will stand at the left."""


def glance(places: Places) -> Glance:
    """A first look at the settings file; what can't be read is as if it were not set."""
    try:
        found = tomllib.loads(places.settings_file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        found = {}
    language, theme = found.get("language"), found.get("theme")
    return Glance(
        language if language in ("zh", "en") else locale_language(),
        theme if isinstance(theme, str) else "",
        found.get("show_chats") is not False,
    )
