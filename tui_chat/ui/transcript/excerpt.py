"""What can be taken out of an entry? All its words, for the search, and its code, for the clipboard."""

from __future__ import annotations

from collections.abc import Iterator

from tui_chat.ui.transcript.entry import Call, Chip, Entry, More, Notice, Picture, Prose, Thought
from tui_chat.ui.transcript.parse import block_tokens


def written(entry: Entry) -> Iterator[str]:
    """All that an entry says, section by section, as it was written."""
    for section in entry.sections:
        match section:
            case Prose() | Thought() | Call() | More():
                yield section.source
            case Picture() | Chip():
                yield section.label
            case Notice():
                yield from section.lines


def code_blocks(entry: Entry) -> list[tuple[str, str]]:
    """(Language, exact code without its last newline) of each code block, also of those within lists."""
    found: list[tuple[str, str]] = []
    for section in entry.sections:
        if not isinstance(section, Prose) or not ("```" in section.source or "~~~" in section.source):
            continue
        for token in block_tokens(section.source.replace("\r\n", "\n").replace("\r", "\n")):
            if token.type == "fence":
                language = token.info.split()
                found.append((language[0] if language else "", token.content.removesuffix("\n")))
    return found
