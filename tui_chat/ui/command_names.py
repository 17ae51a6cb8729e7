"""Which action is meant by a typed name? Every row of the key table, by its label in either language.

The palette and the `/` list in the composer both ask here.
"""

from __future__ import annotations

from tui_chat import words
from tui_chat.ui.keys import KEYS, Key

_NOT_LISTED = frozenset(
    {
        "app.commands",
        "composer.send",
        "composer.newline",
        "composer.stop",
        "composer.history_back",
        "composer.history_forward",
        "transcript.previous",
        "transcript.next",
        "transcript.page_up",
        "transcript.page_down",
        "transcript.leave",
        "transcript.find_previous",
        "chats.leave",
    }
)
_FOR_READING = frozenset({"chat.take_over", "chat.copy"})
"""Done where nothing can be typed."""
_PLACES = frozenset({"app", "chat", "composer", "transcript", "chats"})


def commands() -> list[Key]:
    """The rows that can be asked for by name, in the table's order."""
    return [key for key in KEYS if key.where in _PLACES and key.id not in _NOT_LISTED]


def names(key: Key) -> list[str]:
    """What it is called: in the active language, in the others, and its id."""
    languages = sorted(words.LANGUAGES, key=lambda language: language != words.language())
    labels = [words.sentences(language).get(f"key.{key.id}", "") for language in languages]
    return [*filter(None, labels), key.name.replace("_", " ")]


def matching(typed: str) -> list[Key]:
    """The commands that `typed` may mean: those that begin so first, then those that hold it."""
    needle = typed.casefold().replace("_", " ")
    typable = [key for key in commands() if key.id not in _FOR_READING]
    if not needle:
        return typable
    ranked: list[tuple[int, int, Key]] = []
    for order, key in enumerate(typable):
        folded = [name.casefold() for name in names(key)]
        if any(name.startswith(needle) for name in folded):
            ranked.append((0, order, key))
        elif any(needle in name.replace(" ", "") or needle in name for name in folded):
            ranked.append((1, order, key))
    return [key for _, _, key in sorted(ranked, key=lambda row: row[:2])]
