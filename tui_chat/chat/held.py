"""What does the desk hold of one open chat, and how do its changes get to disk, each before the next?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct, field

from tui_chat.chat.events import Changed, Event, NotSaved, SavedAgain
from tui_chat.chat.keeping import BlobStore, Journal, Shelf, Unkept
from tui_chat.chat.node import Head
from tui_chat.chat.tree import Change, Conversation, HeadChanged, NodeAdded
from tui_chat.chat.turn import Ask
from tui_chat.engine import Engine
from tui_chat.errors import ChatError, StoreError
from tui_chat.tools.approval import Allowances
from tui_chat.tools.tool import Surroundings
from tui_chat.wire.messages import Part, Text
from tui_chat.wire.redaction import in_one_line

if TYPE_CHECKING:
    from tui_chat.chat.exchange import Exchange
    from tui_chat.tools.box import Box
    from tui_chat.tools.mcp_servers import Servers


class Means(Struct, frozen=True):
    """What conversations are held with: the rooms the desk was given."""

    ask: Ask
    shelf: Shelf
    blobs: BlobStore
    engine: Engine
    emit: Callable[[Event], None]
    continue_prompt: Callable[[], str]
    toolbox: Callable[[], Box] | None = None
    """Every tool that can be switched on; may read files. None: there are no tools."""
    surroundings: Callable[[Head], Surroundings] | None = None
    servers: Callable[[], Servers | None] | None = None
    """The person's MCP servers, set going where nobody did so yet; may read files."""


class Held(Struct):
    """One open chat."""

    means: Means
    conversation: Conversation
    journal: Journal | None
    """None until the first message of a new chat, which begins its file."""
    read_only: ChatError | None = None
    exchange: Exchange | None = None
    """What answers the person's last word; None where nothing does."""
    queue: list[tuple[Part, ...]] = field(default_factory=list)
    unsaved: list[Change] = field(default_factory=list)
    failing: bool = False
    """The last write failed and the watcher was told."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One command at a time changes a chat: each waits for the disk in its middle."""
    allowances: Allowances = field(default_factory=Allowances)
    looked_back: bool = False
    """Whether what was called before the chat was opened was looked at, for text from outside."""
    told_missing: tuple[str, ...] = ()
    """Tools that are switched on but not there, as the person was last told."""
    rounds: int = 0
    """Rounds of tool calls after which a person is asked whether the model may go on; 0 where that is no question."""

    @property
    def id(self) -> str:
        """The chat's id."""
        return self.conversation.head.id

    @property
    def pages(self) -> Journal:
        """Where a growing answer is kept; nowhere for a temporary chat."""
        return self.journal if self.journal is not None else Unkept()

    @property
    def waiting(self) -> tuple[str, ...]:
        """The words of each message that waits, or the names of what is attached where there are none."""
        texts = []
        for parts in self.queue:
            words = " ".join(part.text for part in parts if isinstance(part, Text))
            names = ", ".join(
                getattr(part, "name", "") or getattr(part, "url", "") or getattr(part, "file_id", "") for part in parts
            )
            texts.append(words or names)
        return tuple(texts)

    @property
    def safe(self) -> bool:
        """Whether all that happened is where it should be: on disk, or nowhere for a temporary chat."""
        return not self.unsaved

    @property
    def is_needed(self) -> bool:
        """Whether something arrives here, or waits: to be sent, to be saved, for a person's word to go on."""
        return self.exchange is not None or bool(self.queue or self.unsaved or self.rounds)

    async def change(self, change: Change) -> None:
        """Make one change, put it on disk, tell the watcher. Only under the lock, and never cancelled midway."""
        self.conversation.apply(change)
        self.unsaved.append(change)
        if not self.conversation.head.temporary:
            await self.save()
        else:
            self.unsaved.clear()
        self.means.emit(Changed(self.id, change))

    async def let_go(self) -> None:
        """Let others have the chat. Only under the lock, or at the very end."""
        if self.journal is not None:
            await self.means.engine.write(self.journal.close)

    async def save(self) -> None:
        """Write what is unsaved, in order. A new chat's file begins with its first message."""
        if self.journal is None and not any(isinstance(change, NodeAdded) for change in self.unsaved):
            self.unsaved.clear()  # its head, with these changes in it, is written when the file begins
            return
        write = self.means.engine.write
        try:
            if self.journal is None:
                self.journal = await write(self.means.shelf.create, self.conversation.head)
                self.unsaved = [change for change in self.unsaved if not isinstance(change, HeadChanged)]
            while self.unsaved:
                await write(self.journal.append, self.unsaved[0])
                del self.unsaved[0]
        except StoreError as error:
            self.failing = True
            self.means.emit(NotSaved(self.id, error.key, error.facts))
        except Exception as error:  # noqa: BLE001  # a mistake of ours is as good a reason not to call it saved
            self.failing = True
            self.means.emit(NotSaved(self.id, "error.internal", {"what": in_one_line(error)}))
        else:
            if self.failing:
                self.failing = False
                self.means.emit(SavedAgain(self.id))
