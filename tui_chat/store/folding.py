"""When do two letters count as the same in a search? Upper and lower case do, letter by letter.

Each character stays one character, so a place in folded text is the same place in the text itself, and ASCII stays
apart from all other letters, so that the bytes of a file can be folded without being decoded.
"""

from __future__ import annotations

from functools import cache

_LAST_CASED = 0x1E943
"""The last letter in Unicode that has a case."""


class _Folds(dict[int, int]):
    """A table for `str.translate` that fills itself."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        folded = code
        if code < 0x80:
            folded = ord(character.lower())
        else:
            for form in (character.casefold(), character.lower()):  # "ẞ" folds to "ss", but is an upper "ß"
                if len(form) == 1 and form >= "\x80":
                    folded = ord(form)
                    break
        self[code] = folded
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """The text without case, as long as it was."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def spellings(folded: str) -> tuple[str, ...]:
    """All characters that fold to this one, which is folded and not ASCII."""
    if folded.lower() == folded.upper():
        return (folded,)
    return _all_spellings()[folded]


@cache
def _all_spellings() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for character in map(chr, range(0x80, _LAST_CASED + 1)):
        if character.lower() != character or character.upper() != character:
            found.setdefault(fold(character), []).append(character)
    return {folded: tuple(characters) for folded, characters in found.items()}
