"""How does a conversation go another way? Edit, ask again, go on, branch, switch versions, delete."""

from __future__ import annotations

from tui_chat.chat.node import Node
from tui_chat.ui.chat.finding import Finding
from tui_chat.ui.chat.meant import for_message
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.undoing import Undo, Undoing
from tui_chat.ui.draft import Draft
from tui_chat.words import t


class Changing(Part):
    """The changes that a key does to a message."""

    def __init__(self, room: Room, undoing: Undoing, finding: Finding) -> None:
        self.room = room
        self._undoing = undoing
        self._finding = finding
        self.does = {"chat.regenerate": self._regenerate_last, "chat.go_on": self._go_on}
        self.acts = {
            "edit": for_message(room, self._edit),
            "regenerate": for_message(room, lambda node: room.start(self.regenerate, node.id)),
            "continue": self._next,
            "branch": for_message(room, self._branch),
            "previous_sibling": for_message(room, lambda node: self._sibling(node, -1)),
            "next_sibling": for_message(room, lambda node: self._sibling(node, 1)),
            "delete": for_message(room, lambda node: room.start(self._delete, (node.id,), node.id)),
            "delete_branch": for_message(room, self._delete_branch),
        }

    def _edit(self, node: Node) -> None:
        draft = Draft.of(node.parts) if node.role == "user" else Draft(node.text)
        if self.room.may_change():
            self.room.composer.begin_edit(node.id, node.role, draft)

    def edit_last(self) -> None:
        """Put what the person said last into the composer."""
        node = self.room.talk.last("user") if self.room.talk is not None else None
        if node is not None:
            self._edit(node)

    # asking for more

    async def regenerate(self, id: str) -> None:
        """Ask again for an answer, or for another one to a question."""
        assert self.room.talk is not None
        leaf = self.room.talk.conversation.leaf
        await self.room.engine(self.room.house.desk.regenerate, self.room.chat, id)
        self._undoing.remember(Undo(self.room.chat, leaf=leaf))

    def _regenerate_last(self) -> None:
        shown = self.room.talk.shown if self.room.talk is not None else []
        if shown:
            self.room.start(self.regenerate, shown[-1])
        else:
            self.room.refuse_nothing()

    def _next(self, key: str) -> None:
        """While something is found, n goes to the next match; else the answer goes on."""
        if not self._finding.step(1):
            for_message(self.room, self._continue)(key)

    def _continue(self, node: Node) -> None:
        if self.room.talk is not None and self.room.talk.may_go_on:
            self._go_on()
        elif node.role == "assistant" and node.incomplete:
            self.room.start(self.room.engine, self.room.house.desk.resume, self.room.chat, node.id)
        else:
            self.room.tell(t("ui.continue.whole"), "warning")

    def _go_on(self) -> None:
        """Let the model go on calling tools after many rounds, or without a server that is still starting."""
        if self.room.talk is not None and self.room.talk.may_go_on:
            self.room.start(self.room.engine, self.room.house.desk.go_on, self.room.chat)
        else:
            self.room.refuse_nothing()

    # between branches

    async def _branch(self, node: Node) -> None:
        talk = self.room.talk
        assert talk is not None
        tree = talk.conversation
        before = tree.leaf
        leaf = tree.parent(node.id) if node.role == "user" else talk.with_results(node.id)[-1]
        await self.room.engine(self.room.house.desk.choose, self.room.chat, leaf)
        self._undoing.remember(Undo(self.room.chat, leaf=before))
        self.room.tell(t("ui.branch.here"))
        self.room.composer.prompt.focus()

    def _sibling(self, node: Node, step: int) -> None:
        assert self.room.talk is not None
        tree = self.room.talk.conversation
        if node.id not in tree:
            return
        siblings = tree.siblings(node.id)
        at = siblings.index(node.id) + step
        if 0 <= at < len(siblings):
            self.room.start(self.room.engine, self.room.house.desk.choose, self.room.chat, tree.tip(siblings[at]))

    # deleting

    async def _delete(self, ids: tuple[str, ...], first: str) -> None:
        assert self.room.talk is not None
        tree, desk = self.room.talk.conversation, self.room.house.desk
        siblings = tree.siblings(first) if first in tree else []
        others = [other for other in siblings if other not in ids]
        leaf, was_last = tree.leaf, tree.leaf in ids
        await self.room.engine(desk.delete, self.room.chat, ids)
        self._undoing.remember(Undo(self.room.chat, restore=ids, leaf=leaf))
        if was_last and others:  # another version takes its place
            at = min(siblings.index(first), len(others) - 1)
            await self.room.engine(desk.choose, self.room.chat, tree.tip(others[at]))
        self.room.tell(t("ui.deleted", count=len(ids)))

    async def _delete_branch(self, node: Node) -> None:
        assert self.room.talk is not None
        if node.id in self.room.talk.conversation:
            await self._delete(self.room.talk.conversation.below(node.id), node.id)
