"""How does a draft become a message? Sending, the queue, the prompts sent before, the editor."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tui_chat.errors import UsageError
from tui_chat.store.drafts import History
from tui_chat.ui import pager, speech
from tui_chat.ui.chat.changing import Changing
from tui_chat.ui.chat.connecting import Connecting
from tui_chat.ui.chat.drafting import Drafting
from tui_chat.ui.chat.panels import Panels
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.undoing import Undo, Undoing
from tui_chat.ui.draft import Draft, Enclosure
from tui_chat.ui.talk import Talk
from tui_chat.ui.widgets.composer import Composer, Editing
from tui_chat.ui.widgets.prompt import Prompt
from tui_chat.wire.messages import Part as MessagePart
from tui_chat.wire.messages import Text
from tui_chat.words import t


class Sending(Part):
    """What becomes of the draft."""

    def __init__(
        self,
        room: Room,
        undoing: Undoing,
        drafting: Drafting,
        changing: Changing,
        connecting: Connecting,
        panels: Panels,
    ) -> None:
        self.room = room
        self._undoing = undoing
        self._drafting = drafting
        self._changing = changing
        self._connecting = connecting
        self._panels = panels
        self.does = {"chat.unqueue": self._ask_unqueue}
        self.answers = {
            Composer.Submitted: lambda event: room.start(self._send, event.draft, event.editing),
            Composer.EscapePressed: self._escape_pressed,
            Composer.UpFromEmpty: self._up_from_empty,
            Composer.OpenRefused: lambda _: room.tell(t("ui.paste.too_large"), "warning"),
            Prompt.EditorAsked: self._editor_asked,
            Prompt.PageAsked: lambda event: room.transcript.action_page(event.pages),
        }
        self._history: list[str] = []

    # sending

    async def _send(self, draft: Draft, editing: Editing | None) -> None:
        """Say it; where that fails, the draft stands in the composer again."""
        room, talk = self.room, self.room.talk
        try:
            # The chat may be another one by then: what was written for this one goes nowhere else.
            if talk is None or not await self._may_send(talk, draft) or room.chat != talk.id:
                self._give_back(draft, editing if talk is not None and room.chat == talk.id else None)
                return
            if editing is None:
                waits = talk.is_busy
                await room.engine(room.house.desk.send, room.chat, draft.parts)
                if not waits and room.chat == talk.id:
                    room.transcript.move(None)  # who says something wants to see it, and what is answered
            else:
                await self._send_edited(draft, editing)
        except Exception as error:
            self._give_back(draft, editing)
            if isinstance(error, UsageError) and error.key == "error.no_model":
                room.tell(speech.explain(error), "warning")
                self._panels.choose_model()
                return
            raise
        self._remember(draft)
        self._drafting.keep_soon()

    async def _send_edited(self, draft: Draft, editing: Editing) -> None:
        room, talk = self.room, self.room.talk
        assert talk is not None
        before = talk.conversation.leaf
        parts = draft.parts
        if editing.role != "user":
            parts = rewritten(talk.node(editing.node).parts, draft.text)
        await room.engine(room.house.desk.edit, room.chat, editing.node, parts)
        self._undoing.remember(Undo(room.chat, leaf=before))

    async def _may_send(self, talk: Talk, draft: Draft) -> bool:
        """Whether there is someone to send it to, and the person means to send so much."""
        if talk.read_only is not None:
            raise talk.read_only
        await self._connecting.found.wait()  # a command that prints the key may take its time
        if self.room.house.connection is None:
            self._connecting.ask()
            return False
        from tui_chat.attach import request_size_warning

        warning = request_size_warning(self._context_parts(draft))
        if warning is None:
            return True
        from tui_chat.ui.screens.dialogs import Confirm

        return await self.room.ask(Confirm(t("ui.send.large"), speech.note(warning.key, warning.facts)))

    def _context_parts(self, draft: Draft) -> Iterator[MessagePart]:
        """Everything that would travel."""
        assert self.room.talk is not None
        tree = self.room.talk.conversation
        for id in tree.path():
            yield from tree.node(id).parts
        yield from draft.parts

    def _give_back(self, draft: Draft, editing: Editing | None) -> None:
        """Nothing typed is lost: it stands where it stood, unless more was typed meanwhile."""
        composer = self.room.composer
        if editing is not None:
            composer.begin_edit(editing.node, editing.role, draft)
        elif composer.draft.is_empty:
            composer.show(draft)
        else:
            now = composer.draft
            composer.show(Draft(f"{draft.text}\n{now.text}", (*draft.enclosures, *now.enclosures)))

    # stopping and leaving

    def _escape_pressed(self, event: Composer.EscapePressed) -> None:
        talk = self.room.talk
        if talk is not None and talk.is_busy:
            self.room.start(self.room.engine, self.room.house.desk.stop, self.room.chat)
        elif talk is not None and not talk.is_empty:
            self.room.transcript.focus()

    # the queue

    def _up_from_empty(self, event: Composer.UpFromEmpty) -> None:
        if self.room.talk is not None and self.room.talk.queued:
            self._ask_unqueue()
        else:
            self._changing.edit_last()

    def _ask_unqueue(self) -> None:
        if self.room.talk is not None and self.room.talk.queued:
            self.room.start(self.unqueue)
        else:
            self.room.tell(t("ui.queue.empty"), "warning")

    async def unqueue(self) -> None:
        """Take back what waits to be sent."""
        taken = await self.room.engine(self.room.house.desk.unqueue, self.room.chat)
        drafts, now = [Draft.of(parts) for parts in taken], self.room.composer.draft
        text = "\n\n".join(filter(None, (*(draft.text for draft in drafts), now.text)))
        enclosures: tuple[Enclosure, ...] = tuple(each for draft in drafts for each in draft.enclosures)
        self.room.composer.show(Draft(text, (*enclosures, *now.enclosures)))
        self.room.composer.prompt.focus()

    # history

    async def load_history(self) -> None:
        """Have the prompts at hand that were sent before."""
        self._history = await self.room.in_thread(History(self.room.house.places).load)
        self.room.composer.remember(self._history)

    def _remember(self, draft: Draft) -> None:
        room, text = self.room, draft.text.strip()
        if not text:
            return
        assert room.talk is not None
        self._history = [*(prompt for prompt in self._history if prompt != text), text]
        room.composer.remember(self._history)
        temporary = room.talk.head.temporary
        room.start(room.in_thread, History(room.house.places).add, text, temporary=temporary)

    # the editor

    def _editor_asked(self, event: Prompt.EditorAsked) -> None:
        composer = self.room.composer
        if composer.prompt.read_only:
            return
        draft = composer.draft
        text = self.room.with_terminal(pager.edit, draft.text, self.room.house.env)
        if text is not None:
            composer.show(replace(draft, text=text))


def rewritten(parts: tuple[MessagePart, ...], text: str) -> tuple[MessagePart, ...]:
    """The parts of an answer with other words: one text in the place of the first, the rest as it was."""
    kept: list[MessagePart] = []
    said = False
    for part in parts:
        if not isinstance(part, Text):
            kept.append(part)
        elif not said:
            kept.append(Text(text))
            said = True
    return tuple(kept) if said else (*kept, Text(text))
