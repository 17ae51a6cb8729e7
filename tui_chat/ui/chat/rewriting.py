"""How does a prompt engineer shape a conversation? Insert, rewrite and move messages of any role, begin answers.

Each change is a branch of the tree: the line as it was is an undo, or a step to the other version, away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from tui_chat.chat.node import Node
from tui_chat.chat.rewriting import Line, Written, as_written, calls_before, inserted, moved, rewritten
from tui_chat.chat.tree import Conversation
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.undoing import Undo, Undoing
from tui_chat.wire.messages import Text, ToolCall
from tui_chat.words import t

_NEXT = {"user": "assistant", "system": "user", "developer": "user"}
"""The role that most often follows."""


Work = Coroutine[Any, Any, None]


class Rewriting(Part):
    """Messages of any role, anywhere."""

    def __init__(self, room: Room, undoing: Undoing) -> None:
        self.room = room
        self._undoing = undoing
        at_end = partial(self._insert, None, before=False)
        self.acts = {
            "rewrite": lambda key: self._shape(key, self._rewrite),
            "insert_after": lambda key: self._shape(key, partial(self._insert, before=False), at_end),
            "insert_before": lambda key: self._shape(key, partial(self._insert, before=True), at_end),
            "prefill": lambda key: self._shape(key, self._prefill),
            "move_up": lambda key: self._move_soon(key, -1),
            "move_down": lambda key: self._move_soon(key, 1),
        }
        self._in_turn = asyncio.Lock()
        self._heirs: dict[str, str] = {}
        """Messages that were moved, and what stands for them now."""
        self._cursor_to = ""
        """The message that the cursor goes to once it is on screen."""

    def _shape(self, key: str, work: Callable[[Node], Work], nowhere: Callable[[], Work] | None = None) -> None:
        """Shape the conversation around the message with this id ("": the last one)."""
        id = self._meant_by(key)
        talk = self.room.talk
        if id is None or talk is None:
            return
        if id in talk.shown:
            self.room.start(work, talk.node(id))
        elif nowhere is not None:
            self.room.start(nowhere)
        else:
            self.room.refuse_nothing()

    def _move_soon(self, key: str, step: int) -> None:
        if id := self._meant_by(key):
            self.room.start(self._move, id, step)
        elif id is not None:
            self.room.refuse_nothing()

    def _meant_by(self, key: str) -> str | None:
        """The message's id, the last one's for "", "" where there is none; None while nothing may be changed."""
        assert self.room.talk is not None
        shown = self.room.talk.shown
        return (key or (shown[-1] if shown else "")) if self.room.may_change() else None

    async def _insert(self, node: Node | None, *, before: bool) -> None:
        from tui_chat.ui.screens.message_editor import MessageEditor

        assert self.room.talk is not None
        beside = node.id if node is not None else None
        calls = calls_before(self.room.talk.conversation, beside, before=before)
        role = "user" if node is None or before else _NEXT.get(node.role, "user")
        begun = Written("assistant" if role == "assistant" else "user", "")
        title = t("message.insert_before" if before else "message.insert_after")
        written = await self.room.ask(MessageEditor(title, begun, calls))
        if written is not None:
            await self._rebuild(partial(inserted, beside=beside, written=written, before=before))

    async def _rewrite(self, node: Node) -> None:
        from tui_chat.ui.screens.message_editor import MessageEditor

        assert self.room.talk is not None
        calls = calls_before(self.room.talk.conversation, node.id, before=True)
        more = any(not isinstance(part, Text) for part in node.parts)
        screen = MessageEditor(t("message.rewrite"), as_written(node), calls, may_be_empty=more)
        written = await self.room.ask(screen)
        if written is not None:
            await self._rebuild(partial(rewritten, id=node.id, written=written))

    async def _move(self, id: str, step: int) -> None:
        async with self._in_turn:  # keys that come fast move the same message further
            heirs = self._heirs
            stands_as = id

            def line(tree: Conversation) -> Line | None:
                nonlocal stands_as
                path = tree.path()
                while stands_as not in path and stands_as in heirs:
                    stands_as = heirs[stands_as]
                return moved(tree, stands_as, step)

            heir = await self._rebuild(line, quiet=True)
            if heir is None:
                self.room.tell(t("message.edge", end=t("message.first" if step < 0 else "message.last")), "warning")
                return
            self._heirs = {**heirs, stands_as: heir}

    def follow(self) -> None:
        """Bring the cursor to the message that was put elsewhere."""
        if self._cursor_to and self.room.talk is not None and self._cursor_to in self.room.talk.shown:
            self.room.transcript.cursor_key, self._cursor_to = self._cursor_to, ""

    async def _rebuild(self, line: Callable[[Conversation], Line | None], *, quiet: bool = False) -> str | None:
        """Lay the line; the message it is about, None where nothing is new."""
        assert self.room.talk is not None
        chat, leaf = self.room.chat, self.room.talk.conversation.leaf
        subject = await self.room.engine(self.room.house.desk.rebuild, chat, line)
        if subject is None:
            if not quiet:
                self.room.tell(t("message.same"), "warning")
            return None
        self._undoing.remember(Undo(chat, leaf=leaf))
        self._cursor_to = subject
        self.room.follow()
        if not quiet:
            self.room.tell(t("message.rewritten"))
        return subject

    async def _prefill(self, node: Node) -> None:
        """Write the beginning of an answer, that of one that is there for a start; the model goes on."""
        from tui_chat.ui.screens.text_editor import TextEditor

        assert self.room.talk is not None
        begun = node.text if node.role == "assistant" and not any(isinstance(p, ToolCall) for p in node.parts) else ""
        screen = TextEditor(t("message.prefill"), t("message.prefill_about"), begun, _lack, use=t("message.prefill_go"))
        text = await self.room.ask(screen)
        if text is None:
            return
        leaf = self.room.talk.conversation.leaf
        await self.room.engine(self.room.house.desk.prefill, self.room.chat, node.id, text)
        self._undoing.remember(Undo(self.room.chat, leaf=leaf))


def _lack(text: str) -> str:
    return "" if text.strip() else t("error.message_empty.says")
