"""What can be had of a message as it stands? Its text and its code, in the clipboard or the pager."""

from __future__ import annotations

from tui_chat.chat.markdown import node_as_markdown
from tui_chat.chat.node import Node
from tui_chat.ui import pager
from tui_chat.ui.chat.meant import for_message
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.transcript.view import Transcript
from tui_chat.words import t


class Reading(Part):
    """Copying, and looking at a message elsewhere."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.does = {"chat.copy_answer": self._copy_answer}
        self.acts = {
            "copy": for_message(room, self._copy),
            "copy_code": for_message(room, self._copy_code),
            "open": for_message(room, self._open),
        }
        self.answers = {
            Transcript.CodePicked: lambda event: room.copy(event.code),
            Transcript.LeftForComposer: lambda _: room.focus_writing(),
        }

    def _copy(self, node: Node) -> None:
        talk, text = self.room.talk, node.text or node.reasoning
        if node.calls and talk is not None:  # with what the tools gave back
            parts = [talk.node(id) for id in talk.with_results(node.id)]
            text = "\n\n".join(filter(None, map(node_as_markdown, parts)))
        self._copy_text(text)

    def _copy_answer(self) -> None:
        """Copy the last answer, as far as it has come."""
        talk = self.room.talk
        if talk is not None:
            node = talk.node(talk.running.id) if talk.running is not None else talk.last("assistant")
            self._copy_text(node.text if node is not None else "")

    def _copy_text(self, text: str) -> None:
        if text:
            self.room.copy(text)
        else:
            self.room.refuse_nothing()

    def _copy_code(self, node: Node) -> None:
        blocks = self.room.transcript.code_blocks(node.id)
        if not blocks:
            self.room.tell(t("ui.code.none"), "warning")
        elif len(blocks) == 1:
            self.room.copy(blocks[0][1])
        else:
            self.room.start(self._pick_code, blocks)

    async def _pick_code(self, blocks: list[tuple[str, str]]) -> None:
        from tui_chat.ui.screens.pick import Pick

        rows = [(language or t("ui.code.plain"), code.strip().split("\n")[0]) for language, code in blocks]
        picked = await self.room.ask(Pick(t("ui.code.which"), rows))
        if picked is not None:
            self.room.copy(blocks[picked][1])

    def _open(self, node: Node) -> None:
        text = "\n\n".join(filter(None, (node.reasoning, node.text)))
        self.room.with_terminal(pager.view, text, self.room.house.env)
