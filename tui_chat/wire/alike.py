"""How is an event read that differs from the one before in a single string? That string alone is.

All events that stream an answer's words are the same JSON but for the words. Once one of them was read whole, it is
known what stands before and behind its string; of an event that begins and ends alike, only the string is decoded. What
is not alike to the letter is read whole, as ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from json import decoder

_TRIES = 8
"""Events that share nothing with the one after them before no more are learned from: those of a gateway that gives each
one a time or an id of its own."""
_LONGEST_CHARACTERS = 16 * 1024
"""Events that are longer than this are no words."""


class Alike:
    """Reads events that are like the one learned."""

    def __init__(self) -> None:
        self._before = self._behind = ""
        self._tries = _TRIES

    def learn(self, event: str, content: str, payload: Mapping[str, object]) -> bool:
        """Remember what stands around the string `content` of this event.

        Args:
            event: its JSON, in which "content" names that string and nothing else.
            content: the string.
            payload: what the JSON says.

        Returns:
            Whether events that are alike can be told by it.
        """
        self._before = ""
        before, named, rest = event.partition('"content"')
        if not named or not self._tries or len(event) > _LONGEST_CHARACTERS or '"content"' in rest:
            return False
        self._tries -= 1
        start = event.find('"', len(before) + len(named)) + 1
        if event[len(before) + len(named) : start - 1].strip() != ":":
            return False
        try:
            text, end = decoder.scanstring(event, start)  # type: ignore[attr-defined]
            # Proof that nothing but the string is what makes the difference.
            same = text == content and json.loads(event[:start] + event[end - 1 :]) == _without_content(payload)
        except (ValueError, LookupError, TypeError, RecursionError):
            return False
        if same:
            self._before, self._behind = event[:start], event[end - 1 :]
        return bool(same)

    def content_of(self, event: str) -> str:
        """The string of an event that is alike; "" where it is not alike, or says nothing."""
        before, behind = self._before, self._behind
        if not before or not (event.startswith(before) and event.endswith(behind)):
            return ""
        try:
            text, end = decoder.scanstring(event, len(before))  # type: ignore[attr-defined]
        except ValueError:
            return ""
        if end - 1 != len(event) - len(behind):
            return ""
        self._tries = _TRIES
        return str(text)


def _without_content(payload: Mapping[str, object]) -> dict[str, object]:
    """The payload with an empty string for its content; raises LookupError or TypeError where it has none."""
    choice = payload["choices"][0]  # type: ignore[index]
    return {**payload, "choices": [{**choice, "delta": {**choice["delta"], "content": ""}}]}
