"""What is being written? The text and what goes along with it: a plain value, kept for each chat."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.wire.messages import Part, Text


class Enclosure(Struct, frozen=True):
    """One thing that goes along: an attachment, or a pasted text that was folded away."""

    part: Part
    notes: tuple[str, ...] = ()
    """What the person should know of it."""
    source: Path | None = None
    """The file it came from, for attaching it otherwise; None where that is gone or was none."""


class Draft(Struct, frozen=True):
    """What stands in the composer."""

    text: str = ""
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not self.text.strip() and not self.enclosures

    @property
    def parts(self) -> tuple[Part, ...]:
        """The message it makes: what goes along first, then the words."""
        said = (Text(self.text.strip("\n")),) if self.text.strip() else ()
        return (*(enclosure.part for enclosure in self.enclosures), *said)

    @classmethod
    def of(cls, parts: tuple[Part, ...]) -> Draft:
        """The draft that makes these parts again; the last words are the text."""
        texts = [part for part in parts if isinstance(part, Text)]
        last = texts[-1] if texts else None
        others = tuple(Enclosure(part) for part in parts if part is not last)
        return cls(last.text if last is not None else "", others)

    def without(self, index: int) -> Draft:
        """The draft without the enclosure at this place."""
        return replace(self, enclosures=self.enclosures[:index] + self.enclosures[index + 1 :])
