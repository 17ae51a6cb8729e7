"""May this call run? The card that asks, and the person's word on its way to the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.css.query import NoMatches

from tui_chat.chat.events import CallAsks
from tui_chat.chat.node import Node
from tui_chat.errors import ChatError
from tui_chat.tools.approval import Decision
from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.chat_servers import ServerRoom
from tui_chat.wire.json_text import pretty, read_json
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.approval_text import Matter
    from tui_chat.ui.widgets.approval_card import ApprovalCard

KEPT_ROWS, ROOMY = 4, 18
"""Rows of the conversation that stay in view above the card, where there are so many in all."""
LEAST_ROOM = 7


class Approving(ServerRoom):
    """The approval card."""

    _answered: frozenset[tuple[str, str]] = frozenset()
    """Calls of this chat, by message and id, that the person's word is given for and on its way."""

    # the calls that wait

    @property
    def card(self) -> ApprovalCard | None:
        """The approval card, once a call asked."""
        try:
            return self.query_one("ApprovalCard")  # type: ignore[return-value]  # by name: its module is imported late
        except NoMatches:
            return None

    def chat_opened(self) -> None:
        """Another chat is on screen, with calls of its own."""
        self._answered = frozenset()
        super().chat_opened()

    def follow(self) -> None:
        """Ask about the first call that waits."""
        super().follow()
        asking = self._still_asking()
        known = {(asks.node, asks.call.id) for asks in self.talk.asking} if self.talk is not None else set()
        self._answered &= known
        if not asking:
            self._take_card_away()
            return
        self.latest("asking", self._ask)

    def _still_asking(self) -> list[CallAsks]:
        asking = self.talk.asking if self.talk is not None else []
        return [asks for asks in asking if _id(asks) not in self._answered]

    async def _ask(self) -> None:
        """Put the first call that waits on the card."""
        from tui_chat.ui.approval_text import matter_of
        from tui_chat.ui.widgets.approval_card import ApprovalCard

        box = await self.box()
        asking = self._still_asking()
        if not asking or self.talk is None:
            return
        card = self.card
        if card is None:
            card = ApprovalCard()
            await self.query_one("#writing").mount(card, before=0)
        asks = asking[0]
        now = card.matter
        same = now is not None and (now.chat, now.node, now.call_id) == (asks.chat, *_id(asks))
        if same and now is not None:
            matter = now  # it may be edited
        else:
            model = self.talk.node(asks.node).model
            matter = matter_of(asks, box.tools.get(asks.call.name), model)
        card.show(matter, *self._place(matter))
        self.make_room()
        if not same:
            card.focus()

    def make_room(self) -> None:
        """Tell the card how high it may be."""
        card = self.card
        if card is not None and card.display:
            below = (child for child in self.query_one("#writing").children if child is not card and child.display)
            room = self.query_one("#centre").size.height - sum(child.outer_size.height for child in below)
            card.room_for(max(LEAST_ROOM, room - (KEPT_ROWS if room >= ROOMY else 1)))

    def _take_card_away(self) -> None:
        card = self.card
        if card is not None and card.display:
            focused = card.has_focus
            card.hide()
            if focused:
                self.focus_writing()

    def on_approval_card_decided(self, event: ApprovalCard.Decided) -> None:
        """Give the person's word."""
        event.stop()
        self.start(self._decide, event.matter, event.decision)

    async def _decide(self, matter: Matter, decision: Decision) -> None:
        id = matter.node, matter.call_id
        self._answered |= {id}
        self.follow()
        try:
            await self.engine(self.house.desk.decide, matter.chat, matter.call_id, decision)
        except ChatError:
            self._answered -= {id}
            self.follow()
            raise

    def on_approval_card_left(self, event: ApprovalCard.Left) -> None:
        """Look at the conversation; the card can be reached from there as the composer can."""
        event.stop()
        self.transcript.focus()

    def focus_writing(self) -> None:
        """Bring the keyboard to the card while a call waits, else to the composer."""
        card = self.card
        if card is not None and card.display and self.transcript.has_focus:
            card.focus()
        else:
            super().focus_writing()

    # more than a letter

    def on_approval_card_more_asked(self, event: ApprovalCard.MoreAsked) -> None:
        """A reason, other arguments, or the result itself."""
        event.stop()
        self.start(self._ask_more, event.matter, event.what)

    async def _ask_more(self, matter: Matter, what: Literal["reason", "edit", "type"]) -> None:
        if what == "reason":
            from tui_chat.ui.screens.dialogs import AskText

            title, hint = t("approval.reason_title"), t("approval.reason_hint")
            reason = await self.app.push_screen_wait(AskText(title, placeholder=hint))
            if reason is not None:
                await self._decide(matter, Decision("deny", reason=reason.strip()))
        elif what == "type":
            from tui_chat.ui.screens.text_editor import TextEditor

            title = t("approval.type_title", tool=visible(matter.name, newline=False))
            result = await self.app.push_screen_wait(TextEditor(title, t("approval.type_about")))
            if result is not None:
                await self._decide(matter, Decision("typed", result=result))
        else:
            await self._edit_arguments(matter)

    async def _edit_arguments(self, matter: Matter) -> None:
        """Let the person rewrite the arguments; the card then shows what those would do, and asks again."""
        from tui_chat.tools.check import checked_arguments
        from tui_chat.ui.screens.text_editor import TextEditor

        tool = matter.tool
        if tool is None or self.talk is None:
            return

        def judge(text: str) -> str:
            try:
                checked_arguments(tool, read_json(tool.name, text))
            except ChatError as error:
                return speech.explain(error)
            return ""

        title = t("approval.edit_title", tool=visible(matter.name, newline=False))
        editor = TextEditor(title, t("approval.edit_about"), pretty(dict(matter.arguments)), judge)
        written = await self.app.push_screen_wait(editor)
        if written is None:
            return
        arguments = checked_arguments(tool, read_json(tool.name, written))
        head, preview = self.talk.head, matter.preview
        if tool.look is not None:
            preview = await self.in_thread(lambda: tool.look(arguments, self.house.surroundings(head)))  # type: ignore[misc]
        card = self.card
        if card is not None and card.matter == matter:
            card.show(matter.rewritten(arguments, preview), *self._place(matter))

    def _place(self, matter: Matter) -> tuple[int, int]:
        """Which call of its message it is, of how many."""
        ids = [call.id for call in self.talk.node(matter.node).calls] if self.talk is not None else []
        return (ids.index(matter.call_id) + 1 if matter.call_id in ids else 1), max(1, len(ids))

    # going on after many rounds

    def action_go_on(self) -> None:
        """Let the model go on calling tools."""
        if self.talk is not None and self.talk.rounds_asked:
            self.start(self.engine, self.house.desk.go_on, self.chat)
        else:
            self.refuse_nothing()

    def _continue(self, node: Node) -> None:
        if self.talk is not None and self.talk.rounds_asked:
            self.action_go_on()
        else:
            super()._continue(node)

    def tell_elsewhere(self, asks: CallAsks) -> None:
        """A call waits in another chat."""
        self.tell(t("approval.waits", tool=asks.call.name), "warning")


def _id(asks: CallAsks) -> tuple[str, str]:
    return asks.node, asks.call.id
