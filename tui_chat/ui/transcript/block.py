"""What is the smallest thing the transcript keeps? A bounded piece of Markdown or code.

Blocks are compared by identity, so they can be keys of caches.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Literal

from msgspec import Struct, field

_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\||$|\n)")

MAX_LINES = 48
"""Lines of source in a block, at most. A bound on work per frame; about one screen."""
MAX_CHARS = 6_000
"""Characters of source in a block, at most."""


class Media(Struct, frozen=True):
    """A picture that stood in the text as a `data:image/…;base64,` address."""

    kind: str
    """The subtype as sent: "png", "jpeg", "svg+xml" …; untrusted."""
    payload: str
    """Base64 text as received."""
    address: str
    """What stood before the payload: "data:image/png;base64,"."""
    mark: str
    """What stands in the text in its place: "media:0" where a link pointed to it, else a few words."""

    @property
    def size_bytes(self) -> int:
        """Decoded size, within two bytes."""
        return len(self.payload) * 3 // 4

    def content(self) -> bytes:
        """The decoded bytes.

        Raises:
            ValueError: the payload is not base64.
        """
        text = self.payload.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from error


class Shared(Struct, eq=False):
    """What belongs to a whole message and is known only as it grows; all its blocks hold the same object."""

    references: dict[str, dict[str, str]] = field(default_factory=dict)
    """Link reference definitions, in markdown-it's form. A later one may give an earlier block its link."""
    media: list[Media] = field(default_factory=list)
    pans: dict[int | str, int] = field(default_factory=dict)
    """What the reader unfolded to look along its lines: number of a fence, or head line of a table → cells hidden at
    the left."""

    def restore(self, text: str) -> str:
        """`text` with the `data:` addresses that were cut out of it put back."""
        for media in reversed(self.media):
            text = text.replace(media.mark, media.address + media.payload)
        return text


class Fence(Struct, eq=False):
    """One code fence; its chunks share it. Grows while the fence is open."""

    id: int
    """Number of the fence within its message, from 0."""
    language: str
    """First word of the info string; untrusted."""
    shared: Shared
    chunks: list[Block] = field(default_factory=list)
    """Closed chunks so far, in order."""
    tail: str = ""
    """Text that arrived after the last closed chunk; empty once the fence is closed."""
    states: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Chunk → state of the highlighter at its beginning, so that a string may go on from chunk to chunk; see `code`."""
    colours: dict[int, bytes] = field(default_factory=dict)
    """Chunk → a number for the style of each of its characters, once it was lexed together with the others."""
    asked: set[int] = field(default_factory=set)
    """Runs of chunks that were, or will be; see `code`."""

    @property
    def closed(self) -> bool:
        """Whether all of it is here."""
        return bool(self.chunks) and self.chunks[-1].last

    @property
    def code(self) -> str:
        """The whole code text without the last newline, as it arrived: cut-out pictures are put back."""
        parts: list[str] = []
        for chunk in self.chunks:
            parts += ("" if chunk.midline or not parts else "\n", chunk.source)
        if self.tail:
            parts += ("\n" if parts else "", self.tail)
        return self.shared.restore("".join(parts))


class Block(Struct, eq=False):
    """A bounded piece of a message's source: at most `MAX_LINES` lines and `MAX_CHARS` characters."""

    kind: Literal["markdown", "code"]
    source: str
    """Markdown, or bare code without fence marks and without a last newline."""
    shared: Shared
    language: str = ""
    """Of code: first word of the info string; untrusted."""
    lead: bool = False
    """A blank row goes above: false for a message's first block, tight list items, and further chunks."""
    fence: Fence | None = None
    """Of code: the fence this is a chunk of."""
    chunk: int = 0
    """Of code: which chunk of its fence this is."""
    first: bool = True
    """False where the block continues the one before it: chunk of a fence, of a table, of a long paragraph."""
    last: bool = True
    """False where the next block continues this one. True while the block is open."""
    midline: bool = False
    """Of code: begins inside the line that the chunk before it ended in (a line longer than `MAX_CHARS`)."""
    line: int = 0
    """Of code: number of its first line within the fence, from 0."""
    number: int | None = None
    """The block goes on with an ordered list: the number of its first item, counted through the whole list."""
    reopened: int = 0
    """The source begins with that many list markers which were put there to go on inside cut items: not drawn."""
    table_head: str = ""
    """Of a further chunk of a table: source of the first chunk, so that columns keep their widths."""

    @property
    def fence_id(self) -> int | None:
        """Which fence of the message, None for Markdown. `fence.code` is its whole text."""
        return self.fence.id if self.fence else None

    @property
    def pan_key(self) -> int | str | None:
        """What names the fence or table this is a piece of in `Shared.pans`; None for anything else."""
        if self.fence is not None:
            return self.fence.id
        source = self.table_head or self.source
        head, _, rest = source.partition("\n")
        return head if "|" in head and _TABLE_RULE.match(rest) else None

    @property
    def pan(self) -> int | None:
        """Cells hidden at its left where its lines are as long as they are; None where they are folded."""
        return self.shared.pans.get(key) if self.shared.pans and (key := self.pan_key) is not None else None
