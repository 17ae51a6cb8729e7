"""Where was that said? Every message of every chat, the newest chat first, found without an index.

A file is first looked at as bytes: does it hold the words, in whatever way they are escaped there? Of those that do,
only messages in whose text they stand are parsed. So ten thousand chats take less than the blink of an eye, a single
Chinese character is found as well as a sentence, and there is nothing to build, to update, or to be out of date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from operator import attrgetter

from msgspec import Struct

from tui_chat.chat.node import Node
from tui_chat.chat.tree import NodesDeleted, NodesRestored
from tui_chat.disk import read_bounded
from tui_chat.store.catalogue import Summary
from tui_chat.store.folding import fold, spellings
from tui_chat.store.index import Span
from tui_chat.store.journal import FILE_LIMIT_BYTES
from tui_chat.store.reading import node_at, read
from tui_chat.store.toml_text import clean
from tui_chat.wire.messages import Reasoning, Refusal, Text

CONTEXT_CHARACTERS = 60
"""What an excerpt shows of the text on either side of a match."""

_TEXT = re.compile(rb'\[\[node\.parts\]\]\nkind = "(?:text|reasoning|refusal)"\ntext = ')
_NEXT_PART = b"\n[[node.parts]]"
_SPACE = re.compile(r"\s+")
# How the writer, or a person who edits the file, may write a character, in lower case.
_FORMS = {
    '"': rb'\\?"',
    "\\": rb"\\\\?",
    "\n": rb"(?:\r?\n|\\n)",
    "\t": rb"(?:\t|\\t)",
    "\r": rb"(?:\r|\\r)",
    "\b": rb"\\b",
    "\f": rb"\\f",
    "[": rb"(?:\[|\\u005b)",
    "#": rb"(?:#|\\u0023)",
}


class Hit(Struct, frozen=True):
    """A title or a message in which the words stand; the match is `excerpt[start:end]`."""

    chat: str
    title: str
    node: str
    """Id of the message; "" where it is the title."""
    role: str
    """Of the message; "" where it is the title."""
    time: datetime
    excerpt: str
    """The match and what stands around it, on one line."""
    start: int
    end: int


class Query:
    """What is looked for, made ready to be found in bytes and in text."""

    def __init__(self, text: str) -> None:
        self.folded = fold(clean(text))
        forms = [_form(character) for character in self.folded]
        self._pattern = re.compile(b"".join(forms))
        self._needles = _needles(self.folded)

    def may_be_in(self, lowered: bytes) -> bool:
        """Whether a file with these bytes (`bytes.lower`) may hold it; quick."""
        return any(needle in lowered for needle in self._needles) and self._pattern.search(lowered) is not None

    def is_in_texts(self, content: bytes, lowered: bytes, start: int, stop: int) -> bool:
        """Whether the texts of the record from `start` to `stop` may hold it; rarely wrong, and never on that side."""
        for part in _TEXT.finditer(content, start, stop):
            end = content.find(_NEXT_PART, part.end(), stop)
            if self._pattern.search(lowered, part.end(), end if end >= 0 else stop):
                return True
        return False

    def excerpt(self, text: str) -> tuple[str, int, int] | None:
        """The first match with what is around it on one line, and from where to where it is the match."""
        at = fold(text).find(self.folded)
        if at < 0:
            return None
        past = at + len(self.folded)
        first, last = max(0, at - CONTEXT_CHARACTERS), past + CONTEXT_CHARACTERS
        before, match, after = (_one_line(piece) for piece in (text[first:at], text[at:past], text[past:last]))
        before = f"…{before}" if first else before.lstrip()
        after = f"{after}…" if last < len(text) else after.rstrip()
        return before + match + after, len(before), len(before) + len(match)


def search(text: str, chats: Iterable[Summary]) -> Iterator[Hit]:
    """Titles and messages that hold the text, as they are found: the newest chat first, in it the newest message."""
    query = Query(text)
    for chat in newest_first(chats):
        yield from titles(query, [chat])
        yield from messages(query, [chat])


def newest_first(chats: Iterable[Summary]) -> list[Summary]:
    """The chats by when something was last said in them, pinned or not."""
    return sorted(chats, key=attrgetter("updated_s"), reverse=True)


def titles(query: Query, chats: Iterable[Summary]) -> Iterator[Hit]:
    """The chats whose title holds it, in the order given."""
    for chat in chats:
        if query.folded and (found := query.excerpt(chat.title)) is not None:
            yield Hit(chat.id, chat.title, "", "", chat.updated, *found)


def messages(query: Query, chats: Iterable[Summary], stop: Callable[[], bool] = lambda: False) -> Iterator[Hit]:
    """The messages that hold it, one hit each: chats in the order given, in each the newest message first.

    Files that are damaged give what can be read of them. `stop` is asked before each file whether to give up.
    """
    for chat in chats:
        if not query.folded or stop():
            return
        try:
            content = read_bounded(chat.path, FILE_LIMIT_BYTES)
        except OSError:
            continue  # gone, or not to be read; the list of chats says so
        lowered = content.lower()
        if query.may_be_in(lowered):
            yield from _in_file(query, chat, content, lowered)


def _in_file(query: Query, chat: Summary, content: bytes, lowered: bytes) -> Iterator[Hit]:
    entries: dict[str, Span | Node] = {}
    deleted: set[str] = set()
    for entry in read(content, chat.id).entries:
        if isinstance(entry, Span | Node):
            entries[entry.id] = entry
        elif isinstance(entry, NodesDeleted):
            deleted.update(entry.ids)
        elif isinstance(entry, NodesRestored):
            deleted.difference_update(entry.ids)
    for id, entry in reversed(entries.items()):
        if id in deleted:
            continue
        node: Node | None
        if isinstance(entry, Span):
            if not query.is_in_texts(content, lowered, entry.start, entry.stop):
                continue
            node = node_at(content, entry)
        else:
            node = entry
        if node is not None and (found := _in_node(query, node)) is not None:
            yield Hit(chat.id, chat.title, id, node.role, node.time, *found)


def _in_node(query: Query, node: Node) -> tuple[str, int, int] | None:
    for part in node.parts:
        if isinstance(part, Text | Reasoning | Refusal) and (found := query.excerpt(part.text)) is not None:
            return found
    return None


def _form(character: str) -> bytes:
    """A pattern of the ways in which a folded character stands in a file."""
    if (form := _FORMS.get(character)) is not None:
        return form
    if character < "\x80":
        plain = re.escape(character.encode())
        return plain if character.isprintable() else b"(?:%b|\\\\u%04x)" % (plain, ord(character))
    forms = [re.escape(spelling.encode()) for spelling in spellings(character)]
    if character < "\xa0":
        forms.append(b"\\\\u%04x" % ord(character))
    return b"(?:%b)" % b"|".join(forms)


def _needles(folded: str) -> tuple[bytes, ...]:
    """Bytes of which at least one stands wherever the text does: its longest part that is always written alike."""
    runs = [""]
    for character in folded:
        alike = character >= "\xa0" and len(spellings(character)) == 1
        if alike or (character < "\x7f" and character.isprintable() and character not in _FORMS):
            runs[-1] += character
        elif runs[-1]:
            runs.append("")
    best = max(runs, key=len)
    if best or not folded:
        return (best.encode(),)
    if folded[0] >= "\xa0":
        return tuple(spelling.encode() for spelling in spellings(folded[0]))
    return (b"",)  # marks and controls alone: to be looked for in every file


def _one_line(text: str) -> str:
    return _SPACE.sub(" ", text)
