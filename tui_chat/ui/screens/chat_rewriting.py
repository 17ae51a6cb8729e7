"""How does a prompt engineer shape a conversation? Insert, rewrite and move messages of any role, begin answers.

Each change is a branch of the tree: the line as it was is an undo, or a step to the other version, away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from tui_chat.chat.node import Node
from tui_chat.chat.rewriting import Line, Written, as_written, calls_before, inserted, moved, rewritten
from tui_chat.chat.tree import Conversation
from tui_chat.ui.screens.chat_healing import Healing
from tui_chat.ui.screens.chat_messages import Undo
from tui_chat.wire.messages import Text, ToolCall
from tui_chat.words import t

_MOVES = {"move_up": -1, "move_down": 1}
_NEXT = {"user": "assistant", "system": "user", "developer": "user"}
"""The role that most often follows."""


class Rewriting(Healing):
    """Messages of any role, anywhere."""

    _in_turn: asyncio.Lock
    _heirs: dict[str, str]
    """Messages that were moved, and what stands for them now."""
    _cursor_to: str = ""
    """The message that the cursor goes to once it is on screen."""

    def act_on(self, action: str, key: str) -> None:
        """Shape the conversation around the message with this id ("": the last one)."""
        doing: dict[str, Callable[[Node], None]] = {
            "rewrite": lambda node: self.start(self._rewrite, node),
            "insert_after": lambda node: self.start(self._insert, node, before=False),
            "insert_before": lambda node: self.start(self._insert, node, before=True),
            "prefill": lambda node: self.start(self._prefill, node),
        }
        if action not in (*doing, *_MOVES) or self.talk is None:
            super().act_on(action, key)
            return
        if not self._may_change():
            return
        shown = self.talk.shown
        id = key or (shown[-1] if shown else "")
        if action in _MOVES and id:
            self.start(self._move, id, _MOVES[action])
        elif id in shown:
            doing[action](self.talk.node(id))
        elif action.startswith("insert"):
            self.start(self._insert, None, before=False)
        else:
            self.refuse_nothing()

    async def _insert(self, node: Node | None, *, before: bool) -> None:
        from tui_chat.ui.screens.message_editor import MessageEditor

        assert self.talk is not None
        beside = node.id if node is not None else None
        calls = calls_before(self.talk.conversation, beside, before=before)
        role = "user" if node is None or before else _NEXT.get(node.role, "user")
        begun = Written("assistant" if role == "assistant" else "user", "")
        title = t("message.insert_before" if before else "message.insert_after")
        written = await self.app.push_screen_wait(MessageEditor(title, begun, calls))
        if written is not None:
            await self._rebuild(partial(inserted, beside=beside, written=written, before=before))

    async def _rewrite(self, node: Node) -> None:
        from tui_chat.ui.screens.message_editor import MessageEditor

        assert self.talk is not None
        calls = calls_before(self.talk.conversation, node.id, before=True)
        more = any(not isinstance(part, Text) for part in node.parts)
        screen = MessageEditor(t("message.rewrite"), as_written(node), calls, may_be_empty=more)
        written = await self.app.push_screen_wait(screen)
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
                self.tell(t("message.edge", end=t("message.first" if step < 0 else "message.last")), "warning")
                return
            self._heirs = {**heirs, stands_as: heir}

    def follow(self) -> None:
        """Bring everything around the transcript up to date, and its cursor to the message that was put elsewhere."""
        super().follow()
        if self._cursor_to and self.talk is not None and self._cursor_to in self.talk.shown:
            self.transcript.cursor_key, self._cursor_to = self._cursor_to, ""

    async def _rebuild(self, line: Callable[[Conversation], Line | None], *, quiet: bool = False) -> str | None:
        """Lay the line; the message it is about, None where nothing is new."""
        assert self.talk is not None
        chat, leaf = self.chat, self.talk.conversation.leaf
        subject = await self.engine(self.house.desk.rebuild, chat, line)
        if subject is None:
            if not quiet:
                self.tell(t("message.same"), "warning")
            return None
        self.can_undo(Undo(chat, leaf=leaf))
        self._cursor_to = subject
        self.follow()
        if not quiet:
            self.tell(t("message.rewritten"))
        return subject

    async def _prefill(self, node: Node) -> None:
        """Write the beginning of an answer, that of one that is there for a start; the model goes on."""
        from tui_chat.ui.screens.text_editor import TextEditor

        assert self.talk is not None
        begun = node.text if node.role == "assistant" and not any(isinstance(p, ToolCall) for p in node.parts) else ""
        screen = TextEditor(t("message.prefill"), t("message.prefill_about"), begun, _lack, use=t("message.prefill_go"))
        text = await self.app.push_screen_wait(screen)
        if text is None:
            return
        leaf = self.talk.conversation.leaf
        await self.engine(self.house.desk.prefill, self.chat, node.id, text)
        self.can_undo(Undo(self.chat, leaf=leaf))


def _lack(text: str) -> str:
    return "" if text.strip() else t("error.message_empty.says")
