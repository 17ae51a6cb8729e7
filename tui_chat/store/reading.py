"""What does a session file say: its head and its entries in order, whatever happened to the file.

Three cases. Written by us alone: every record's CRC fits, and nodes are left unparsed until somebody looks. Edited
by a person: the file is TOML as a whole, so all of it counts, and what was changed is marked as altered. Damaged:
whole records count, the rest is passed over and said; such a file is not written to any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from msgspec import Struct, field
from msgspec.structs import replace

from tui_chat.chat.node import Failure, Head, Node
from tui_chat.chat.tree import Change, Conversation, Link, LoadNode, NodeAdded
from tui_chat.store.index import Layout, Piece, Span, salvage, scan
from tui_chat.store.records import FORMAT, ROLES, Unreadable, read_change, read_head, read_node
from tui_chat.store.toml_text import parse
from tui_chat.wire.messages import Role

_SEQ = re.compile(rb"^seq = (\d{1,12})$", re.MULTILINE)


class Lost(Struct, frozen=True):
    """A record that can't be read, with what its first lines still tell."""

    id: str = ""
    parent: str | None = None
    role: str = ""


Entry = Span | Node | Change | Lost
"""A node that is whole and not parsed yet, a node that was, a change, or a record that can't be read."""


class Contents(Struct):
    """A session file, read."""

    head: Head
    format: int = FORMAT
    entries: list[Entry] = field(default_factory=list)
    next_seq: int = 1
    torn_at: int | None = None
    """Where a record begins that was cut off, or None."""
    altered: int = 0
    """Records that were changed outside the program."""
    lost: int = 0
    """Records that can't be read."""
    sound: bool = True
    """Whether the file, without its torn end, is TOML with a head: only then may it be written to."""


def read(content: bytes, chat: str) -> Contents:
    """Read the bytes of the session file of chat `chat`; never fails, but may find nothing."""
    layout = scan(content)
    body = content[: layout.torn_at]
    kinds = [span.kind for span in layout.spans]
    if not layout.pieces and kinds[:1] == ["session"] and not {"session", "other"}.intersection(kinds[1:]):
        tables = parse(content[layout.spans[0].start : layout.spans[0].stop]) or {}
        contents = _begin(tables.get("session"), chat)
        entries = [(span.seq, _entry(content, span)) for span in layout.spans[1:]]
    else:
        whole = parse(body)
        contents = _begin(_session(whole, content, layout), chat)
        contents.sound = contents.sound and whole is not None
        if whole is not None:
            entries = list(_from_whole(whole, content, layout, contents))
        else:
            entries = list(_from_pieces(content, layout, contents))
        entries.sort(key=lambda numbered: numbered[0])
    contents.torn_at = layout.torn_at
    contents.entries = [entry for _, entry in entries]
    contents.next_seq = max((seq for seq, _ in entries), default=0) + 1
    contents.lost = sum(isinstance(entry, Lost) for entry in contents.entries)
    if layout.pieces and not contents.lost:
        contents.altered = max(contents.altered, 1)  # be it only a comment: said once too often rather than not
    return contents


def build(contents: Contents, load: LoadNode) -> Conversation:
    """The conversation that a session file tells.

    A message whose parent is gone hangs on a placeholder in its stead, so that what was said before stays on the
    path. Parents always stand before children here, so a file made by hand can't tie the tree into a ring.
    """
    conversation = Conversation(contents.head, load)
    last: str | None = None
    for entry in contents.entries:
        if isinstance(entry, Span):
            again = conversation.knows(entry.id)
            parent = _place(conversation, entry.id, entry.parent, entry.role, last)
            conversation.hang(Link(entry.id, parent, entry.role, entry.stop - entry.start))
            if again:  # in the place of a stand-in, which would be found instead
                conversation.apply(NodeAdded(replace(load(entry.id), parent=parent)))
            last = entry.id
        elif isinstance(entry, Node):
            parent = _place(conversation, entry.id, entry.parent, entry.role, last)
            conversation.apply(NodeAdded(entry if parent == entry.parent else replace(entry, parent=parent)))
            last = entry.id
        elif not isinstance(entry, Lost):
            conversation.apply(entry)
        elif entry.id and not conversation.knows(entry.id):
            role = cast(Role, entry.role if entry.role in ROLES else "user")
            parent = _place(conversation, entry.id, entry.parent, role, last)
            conversation.apply(NodeAdded(unreadable_node(entry.id, parent, role)))
            last = entry.id
    return conversation


def node_at(content: bytes, span: Span) -> Node | None:
    """The node of a whole record of this file; None where it is none after all."""
    return node_in(content[span.start : span.stop])


def node_in(record: bytes) -> Node | None:
    """The node that these bytes of a record say; None where they say none."""
    try:
        match parse(record):
            case {"node": [found]}:
                return read_node(found)
    except Unreadable:
        pass
    return None


def unreadable_node(id: str, parent: str | None, role: Role) -> Node:
    """What stands in a conversation for a message that can't be read."""
    return Node(id, parent, role, (), finish="error", failure=Failure("error.record_unreadable"), altered=True)


def _begin(session: object, chat: str) -> Contents:
    head = session if isinstance(session, dict) else {}
    number = head.get("format")
    if type(number) is int and number >= 1:
        return Contents(read_head(head, chat), number)
    return Contents(read_head(head, chat), sound=False)


def _entry(content: bytes, span: Span) -> Entry:
    """The entry of a whole record: nodes stay unparsed where their first lines tell enough."""
    if span.kind == "node" and span.id and span.role in ROLES:
        return span
    return _one(parse(content[span.start : span.stop]) or {}, altered=False)


def _one(tables: dict[str, object], altered: bool) -> Entry:
    """The entry of a text that should hold exactly one record."""
    nodes, changes = tables.get("node"), tables.get("change")
    try:
        if len(tables) == 1 and isinstance(nodes, list) and len(nodes) == 1:
            return read_node(nodes[0], altered)
        if len(tables) == 1 and isinstance(changes, list) and len(changes) == 1:
            return read_change(changes[0])
    except Unreadable:
        pass
    return Lost()


def _session(whole: dict[str, object] | None, content: bytes, layout: Layout) -> object:
    """The head's table of a file with gaps: from the whole, else from whichever piece holds it alone."""
    if whole is not None:
        return whole.get("session")
    for place in _places(layout):
        text = content[place.start : place.stop]
        if text.startswith(b"[session]") and (tables := parse(text)) is not None:
            return tables.get("session")
    return None


def _from_whole(
    whole: dict[str, object], content: bytes, layout: Layout, contents: Contents
) -> Iterator[tuple[int, Entry]]:
    """Entries of a file with gaps that is TOML as a whole: whole records as they are, all others as altered."""
    intact = {span.id: span for span in layout.spans if span.kind == "node" and span.id and span.role in ROLES}
    changes = {span.seq for span in layout.spans if span.kind == "change"}
    contents.altered += not any(span.kind == "session" for span in layout.spans)
    seq = 0
    for found in _listed(whole.get("node")):
        seq = _seq(found, seq)
        try:
            node = read_node(found, altered=True)
        except Unreadable:
            yield seq, Lost()
            continue
        span = intact.pop(node.id, None)
        contents.altered += span is None
        yield seq, span or node
    seq = 0
    for found in _listed(whole.get("change")):
        seq = _seq(found, seq)
        contents.altered += seq not in changes
        changes.discard(seq)  # a number that comes twice was changed in one of them
        try:
            yield seq, read_change(found)
        except Unreadable:
            yield seq, Lost()
    # What a newer version keeps beside them is its own matter.
    for name in whole.keys() - {"session", "node", "change"} if contents.format <= FORMAT else ():
        yield seq, _lost_under(name, content, layout)


def _from_pieces(content: bytes, layout: Layout, contents: Contents) -> Iterator[tuple[int, Entry]]:
    """Entries of a damaged file, each record for itself."""
    seq = 0
    for place in _places(layout):
        text = content[place.start : place.stop]
        if isinstance(place, Span):
            seq = place.seq or seq
            if place.kind != "session":
                yield seq, _entry(content, place)
            continue
        line = _SEQ.search(text)
        seq = int(line[1]) if line else seq
        tables = parse(text)
        if tables is not None and set(tables) == {"session"}:
            contents.altered += 1
            continue
        entry = _one(tables, altered=True) if tables else Lost()
        contents.altered += not isinstance(entry, Lost)
        yield seq, entry if not isinstance(entry, Lost) else Lost(*salvage(text))


def _places(layout: Layout) -> list[Span | Piece]:
    return sorted([*layout.spans, *layout.pieces], key=lambda place: place.start)


def _lost_under(name: str, content: bytes, layout: Layout) -> Lost:
    """A record of a kind we don't know, with the id it has in its piece of the file, if any."""
    for piece in layout.pieces:
        text = content[piece.start : piece.stop]
        if name.encode() in text:
            return Lost(*salvage(text))
    return Lost()


def _listed(found: object) -> list[object]:
    """An array of tables; anything else under its name counts as one record that can't be read."""
    return found if isinstance(found, list) else [] if found is None else [None]


def _seq(found: object, last: int) -> int:
    seq = found.get("seq") if isinstance(found, dict) else None
    return seq if type(seq) is int and 0 < seq < 10**12 else last


def _place(conversation: Conversation, id: str, parent: str | None, role: Role, last: str | None) -> str | None:
    """Where the node hangs: on its parent, which is made up where it is missing; a known id stays where it is."""
    if conversation.knows(id):
        return conversation.link(id).parent
    if parent is not None and parent != id and not conversation.knows(parent):
        stand_in: Role = "user" if role == "assistant" else "assistant"
        conversation.apply(NodeAdded(unreadable_node(parent, last, stand_in)))
    return parent if parent != id else None
