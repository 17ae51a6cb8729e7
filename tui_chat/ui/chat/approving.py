"""May this call run? The card that asks, and the person's word on its way to the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui_chat.chat.events import CallAsks, Event
from tui_chat.errors import ChatError
from tui_chat.tools.approval import Decision
from tui_chat.ui import speech
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.tools import Tools
from tui_chat.ui.gate import visible
from tui_chat.wire.json_text import pretty, read_json
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.approval_text import Matter
    from tui_chat.ui.widgets.approval_card import ApprovalCard

KEPT_ROWS, ROOMY = 4, 18
"""Rows of the conversation that stay in view above the card, where there are so many in all."""
LEAST_ROOM = 7


class Approving(Part):
    """The approval card."""

    def __init__(self, room: Room, tools: Tools) -> None:
        self.room = room
        self._tools = tools
        self.answers = {
            "ApprovalCard.Decided": lambda event: room.start(self._decide, event.matter, event.decision),
            # the card can be reached from the conversation as the composer can
            "ApprovalCard.Left": lambda _: room.transcript.focus(),
            "ApprovalCard.MoreAsked": lambda event: room.start(self._ask_more, event.matter, event.what),
        }
        self._answered: frozenset[tuple[str, str]] = frozenset()
        """Calls of this chat, by message and id, that the person's word is given for and on its way."""

    # the calls that wait

    @property
    def card(self) -> ApprovalCard | None:
        """The approval card, once a call asked."""
        card: ApprovalCard | None = self.room.find_late("ApprovalCard")
        return card

    def happened(self, event: Event) -> None:
        """A call waits in another chat."""
        if isinstance(event, CallAsks) and event.chat != self.room.chat:
            self.room.tell(t("approval.waits", tool=event.call.name), "warning")

    def chat_opened(self) -> None:
        """Another chat is on screen, with calls of its own."""
        self._answered = frozenset()

    def follow(self) -> None:
        """Ask about the first call that waits."""
        if self.room.talk is None:
            return
        self._answered &= {_id(asks) for asks in self.room.talk.asking}
        if self._still_asking():
            self.room.latest("asking", self._ask)
        else:
            self._take_card_away()

    def _still_asking(self) -> list[CallAsks]:
        asking = self.room.talk.asking if self.room.talk is not None else []
        return [asks for asks in asking if _id(asks) not in self._answered]

    async def _ask(self) -> None:
        """Put the first call that waits on the card."""
        from tui_chat.ui.approval_text import matter_of
        from tui_chat.ui.widgets.approval_card import ApprovalCard

        box = await self._tools.box()
        asking = self._still_asking()
        if not asking or self.room.talk is None:
            return
        card = self.card
        if card is None:
            card = ApprovalCard()
            await self.room.place(card, "#writing")
        asks = asking[0]
        now = card.matter
        same = now is not None and (now.chat, now.node, now.call_id) == (asks.chat, *_id(asks))
        if same and now is not None:
            matter = now  # it may be edited
        else:
            model = self.room.talk.node(asks.node).model
            matter = matter_of(asks, box.tools.get(asks.call.name), model)
        card.show(matter, *self._place(matter))
        self.make_room()
        if not same:
            card.focus()

    def make_room(self) -> None:
        """Tell the card how high it may be."""
        card = self.card
        if card is not None and card.display:
            rows = self.room.height - sum(each.outer_size.height for each in card.siblings if each.display)
            card.room_for(max(LEAST_ROOM, rows - (KEPT_ROWS if rows >= ROOMY else 1)))

    def _take_card_away(self) -> None:
        card = self.card
        if card is not None and card.display:
            focused = card.has_focus
            card.hide()
            if focused:
                self.room.focus_writing()

    async def _decide(self, matter: Matter, decision: Decision) -> None:
        id = matter.node, matter.call_id
        self._answered |= {id}
        self.room.follow()
        try:
            await self.room.engine(self.room.house.desk.decide, matter.chat, matter.call_id, decision)
        except ChatError:
            self._answered -= {id}
            self.room.follow()
            raise

    # more than a letter

    async def _ask_more(self, matter: Matter, what: Literal["reason", "edit", "type"]) -> None:
        if what == "reason":
            from tui_chat.ui.screens.dialogs import AskText

            title, hint = t("approval.reason_title"), t("approval.reason_hint")
            reason = await self.room.ask(AskText(title, placeholder=hint))
            if reason is not None:
                await self._decide(matter, Decision("deny", reason=reason.strip()))
        elif what == "type":
            from tui_chat.ui.screens.text_editor import TextEditor

            title = t("approval.type_title", tool=visible(matter.name, newline=False))
            result = await self.room.ask(TextEditor(title, t("approval.type_about")))
            if result is not None:
                await self._decide(matter, Decision("typed", result=result))
        else:
            await self._edit_arguments(matter)

    async def _edit_arguments(self, matter: Matter) -> None:
        """Let the person rewrite the arguments; the card then shows what those would do, and asks again."""
        from tui_chat.tools.check import checked_arguments
        from tui_chat.ui.screens.text_editor import TextEditor

        tool = matter.tool
        if tool is None or self.room.talk is None:
            return

        def judge(text: str) -> str:
            try:
                checked_arguments(tool, read_json(tool.name, text))
            except ChatError as error:
                return speech.explain(error)
            return ""

        title = t("approval.edit_title", tool=visible(matter.name, newline=False))
        editor = TextEditor(title, t("approval.edit_about"), pretty(dict(matter.arguments)), judge)
        written = await self.room.ask(editor)
        if written is None:
            return
        arguments = checked_arguments(tool, read_json(tool.name, written))
        head, preview = self.room.talk.head, matter.preview
        if tool.look is not None:
            preview = await self.room.in_thread(lambda: tool.look(arguments, self.room.house.surroundings(head)))  # type: ignore[misc]
        card = self.card
        if card is not None and card.matter == matter:
            card.show(matter.rewritten(arguments, preview), *self._place(matter))

    def _place(self, matter: Matter) -> tuple[int, int]:
        """Which call of its message it is, of how many."""
        ids = [call.id for call in self.room.talk.node(matter.node).calls] if self.room.talk is not None else []
        return (ids.index(matter.call_id) + 1 if matter.call_id in ids else 1), max(1, len(ids))


def _id(asks: CallAsks) -> tuple[str, str]:
    return asks.node, asks.call.id
