"""What can be done with a message? Copy, edit, ask again, go on, branch, switch versions, delete, undo, look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import on

from tui_chat.chat.markdown import node_as_markdown
from tui_chat.chat.node import Node
from tui_chat.errors import UsageError
from tui_chat.ui import pager
from tui_chat.ui.details import details_of
from tui_chat.ui.draft import Draft
from tui_chat.ui.screens.chat_room import ChatRoom
from tui_chat.ui.transcript.view import Transcript
from tui_chat.wire.messages import Part, Text
from tui_chat.words import t

UNDO_LEVELS = 50


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take one change back."""

    chat: str
    restore: tuple[str, ...] = ()
    """Messages that were deleted."""
    leaf: str | None = None
    """Where the conversation ended before."""


class MessageActions(ChatRoom):
    """What the keys of the transcript do."""

    _undos: list[Undo]

    @on(Transcript.Asked)
    def _asked(self, event: Transcript.Asked) -> None:
        event.stop()
        self.act_on(event.action, event.key)

    def act_on(self, action: str, key: str) -> None:
        """Do one of the transcript's actions to the message with this id ("": to the last one)."""
        if self.talk is None:
            return
        if action == "undo":
            self.start(self._undo)
            return
        shown = self.talk.shown
        key = key or (shown[-1] if shown else "")
        if not key:
            self.refuse_nothing()
            return
        try:
            node = self.talk.node(key)
        except KeyError:  # it went away in the moment the key was pressed
            return
        doing: dict[str, Callable[[Node], None]] = {
            "copy": self._copy,
            "copy_code": self._copy_code,
            "edit": self._edit,
            "regenerate": lambda node: self.start(self._regenerate, node.id),
            "continue": self._continue,
            "branch": lambda node: self.start(self._branch, node),
            "previous_sibling": lambda node: self._sibling(node, -1),
            "next_sibling": lambda node: self._sibling(node, 1),
            "delete": lambda node: self.start(self._delete, (node.id,), node.id),
            "delete_branch": lambda node: self.start(self._delete_branch, node.id),
            "details": self._details,
            "open": self._open,
            "find_previous": lambda node: None,
        }
        if action in doing:
            doing[action](node)

    @on(Transcript.CodePicked)
    def _code_picked(self, event: Transcript.CodePicked) -> None:
        event.stop()
        self.app.copy_to_clipboard(event.code)

    @on(Transcript.LeftForComposer)
    def _left_for_composer(self, event: Transcript.LeftForComposer) -> None:
        event.stop()
        self.focus_writing()

    def focus_writing(self) -> None:
        """Bring the keyboard to the composer."""
        self.composer.prompt.focus()

    # copying and looking

    def _copy(self, node: Node) -> None:
        text = node.text or node.reasoning
        if node.calls and self.talk is not None:  # with what the tools gave back
            parts = [self.talk.node(id) for id in self.talk.with_results(node.id)]
            text = "\n\n".join(filter(None, map(node_as_markdown, parts)))
        if text:
            self.app.copy_to_clipboard(text)
        else:
            self.refuse_nothing()

    def action_copy_answer(self) -> None:
        """Copy the last answer, as far as it has come."""
        if self.talk is None:
            return
        node = self.talk.node(self.talk.running.id) if self.talk.running is not None else self.talk.last("assistant")
        if node is None or not node.text:
            self.refuse_nothing()
        else:
            self.app.copy_to_clipboard(node.text)

    def _copy_code(self, node: Node) -> None:
        blocks = self.transcript.code_blocks(node.id)
        if not blocks:
            self.tell(t("ui.code.none"), "warning")
        elif len(blocks) == 1:
            self.app.copy_to_clipboard(blocks[0][1])
        else:
            self.start(self._pick_code, blocks)

    async def _pick_code(self, blocks: list[tuple[str, str]]) -> None:
        from tui_chat.ui.screens.pick import Pick

        rows = [(language or t("ui.code.plain"), code.strip().split("\n")[0]) for language, code in blocks]
        picked = await self.app.push_screen_wait(Pick(t("ui.code.which"), rows))
        if picked is not None:
            self.app.copy_to_clipboard(blocks[picked][1])

    def _details(self, node: Node) -> None:
        from tui_chat.ui.screens.dialogs import Details

        self.app.push_screen(Details(t("ui.details.title"), details_of(node, self.price_in_words(node))))

    def _open(self, node: Node) -> None:
        text = "\n\n".join(filter(None, (node.reasoning, node.text)))
        self.with_terminal(pager.view, text, self.house.env)

    # changing

    def _edit(self, node: Node) -> None:
        draft = Draft.of(node.parts) if node.role == "user" else Draft(node.text)
        if self._may_change():
            self.composer.begin_edit(node.id, node.role, draft)

    def edit_last(self) -> None:
        """Put what the person said last into the composer."""
        node = self.talk.last("user") if self.talk is not None else None
        if node is not None:
            self._edit(node)

    async def _regenerate(self, id: str) -> None:
        assert self.talk is not None
        leaf = self.talk.conversation.leaf
        await self.engine(self.house.desk.regenerate, self.chat, id)
        self.can_undo(Undo(self.chat, leaf=leaf))

    def action_regenerate_last(self) -> None:
        """Ask again for the last answer, or for the first one to the last question."""
        shown = self.talk.shown if self.talk is not None else []
        if shown:
            self.start(self._regenerate, shown[-1])
        else:
            self.refuse_nothing()

    def _continue(self, node: Node) -> None:
        if node.role == "assistant" and node.incomplete:
            self.start(self.engine, self.house.desk.resume, self.chat, node.id)
        else:
            self.tell(t("ui.continue.whole"), "warning")

    async def _branch(self, node: Node) -> None:
        assert self.talk is not None
        tree = self.talk.conversation
        before = tree.leaf
        leaf = tree.parent(node.id) if node.role == "user" else self.talk.with_results(node.id)[-1]
        await self.engine(self.house.desk.choose, self.chat, leaf)
        self.can_undo(Undo(self.chat, leaf=before))
        self.tell(t("ui.branch.here"))
        self.composer.prompt.focus()

    def _sibling(self, node: Node, step: int) -> None:
        assert self.talk is not None
        tree = self.talk.conversation
        if node.id not in tree:
            return
        siblings = tree.siblings(node.id)
        at = siblings.index(node.id) + step
        if 0 <= at < len(siblings):
            self.start(self.engine, self.house.desk.choose, self.chat, tree.tip(siblings[at]))

    async def _delete(self, ids: tuple[str, ...], first: str) -> None:
        assert self.talk is not None
        tree = self.talk.conversation
        siblings = tree.siblings(first) if first in tree else []
        others = [other for other in siblings if other not in ids]
        was_last = tree.leaf in ids
        await self.engine(self.house.desk.delete, self.chat, ids)
        self.can_undo(Undo(self.chat, restore=ids))
        if was_last and others:  # another version takes its place
            at = min(siblings.index(first), len(others) - 1)
            await self.engine(self.house.desk.choose, self.chat, tree.tip(others[at]))
        self.tell(t("ui.deleted", count=len(ids)))

    async def _delete_branch(self, id: str) -> None:
        assert self.talk is not None
        if id in self.talk.conversation:
            await self._delete(self.talk.conversation.below(id), id)

    def can_undo(self, undo: Undo) -> None:
        """Remember how to take a change back."""
        self._undos.append(undo)
        del self._undos[:-UNDO_LEVELS]

    async def _undo(self) -> None:
        if not self._undos or self._undos[-1].chat != self.chat:
            self.tell(t("ui.undo.nothing"), "warning")
            return
        undo = self._undos[-1]
        if undo.restore:
            await self.engine(self.house.desk.restore, undo.chat, undo.restore)
        else:
            await self.engine(self.house.desk.choose, undo.chat, undo.leaf)
        self._undos.pop()

    def _may_change(self) -> bool:
        """Whether the chat can be written to and no answer is arriving; says so where not."""
        assert self.talk is not None
        if self.talk.read_only is not None:
            self.complain(self.talk.read_only)
        elif self.talk.is_busy:
            self.complain(UsageError("error.busy"))
        else:
            return True
        return False


def rewritten(parts: tuple[Part, ...], text: str) -> tuple[Part, ...]:
    """The parts of an answer with other words: one text in the place of the first, the rest as it was."""
    kept: list[Part] = []
    said = False
    for part in parts:
        if not isinstance(part, Text):
            kept.append(part)
        elif not said:
            kept.append(Text(text))
            said = True
    return tuple(kept) if said else (*kept, Text(text))
