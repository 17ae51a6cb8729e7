"""What becomes of a draft that is not sent? It is kept over restarts, by chat."""

from __future__ import annotations

from textual.timer import Timer

from tui_chat.errors import StoreError
from tui_chat.store.drafts import NEW_CHAT
from tui_chat.store.drafts import Draft as KeptDraft
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.draft import Draft, Enclosure
from tui_chat.ui.talk import Talk
from tui_chat.ui.widgets.composer import Composer

KEEP_AFTER_S = 1.0


class Drafting(Part):
    """The draft of the chat on screen."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.answers = {Composer.Changed: lambda _: self.keep_soon()}
        self._timer: Timer | None = None
        self._of_new = ""
        """The chat whose draft was kept last as that of a new chat."""

    def chat_opened(self) -> None:
        """Another chat has another draft."""
        self.room.composer.end_edit()
        self.room.composer.show(Draft())

    def keep_soon(self) -> None:
        """Save the draft within a second, however long the typing goes on."""
        if self._timer is None:
            self._timer = self.room.later(KEEP_AFTER_S, self.keep)

    async def keep(self) -> None:
        """Save the draft of the chat on screen now, and what was set in its panels."""
        await self.room.terms.tell()
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if (talk := self.room.talk) is not None and talk.read_only is None:
            await self.room.in_thread(self._save, talk, self._kept())

    def keep_at_exit(self) -> None:
        """Save it without a loop: the program ends. A disk that is full can't be helped any more."""
        talk = self.room.talk
        if talk is not None and talk.read_only is None and self.room.is_there:
            try:
                self._save(talk, self._kept())
            except StoreError:
                return

    async def load(self) -> None:
        """Show what was being written in the chat on screen; where it can only be read, that is another window's."""
        talk = self.room.talk
        assert talk is not None
        if talk.read_only is not None:
            return
        if (name := _name(talk)) == NEW_CHAT:
            self._of_new = talk.id
        kept = await self.room.in_thread(self.room.house.drafts.load, name)
        if talk.id == self.room.chat and kept:
            # What was typed before it was there comes behind it.
            now = self.room.composer.draft
            enclosures = tuple(Enclosure(part) for part in kept.attachments)
            self.room.composer.show(Draft(kept.text + now.text, (*enclosures, *now.enclosures)))

    async def copy(self, chat: str, other: str) -> None:
        """Have one chat begin with the draft that is kept of another."""
        drafts = self.room.house.drafts
        await self.room.in_thread(lambda: drafts.save(other, drafts.load(chat)))

    def _save(self, talk: Talk, kept: KeptDraft) -> None:
        drafts = self.room.house.drafts
        name = _name(talk)
        drafts.save(name, kept, temporary=talk.head.temporary)
        if name == NEW_CHAT:
            self._of_new = talk.id
        elif self._of_new == talk.id:  # it has a message by now: the next new chat must not begin with the same words
            drafts.save(NEW_CHAT, KeptDraft())
            self._of_new = ""

    def _kept(self) -> KeptDraft:
        draft = self.room.composer.draft
        return KeptDraft(draft.text, tuple(enclosure.part for enclosure in draft.enclosures))


def _name(talk: Talk) -> str:
    return NEW_CHAT if len(talk.conversation) == 0 else talk.id
