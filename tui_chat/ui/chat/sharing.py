"""Which of two windows goes on with a chat that both have open? Asking for it, letting go of it, going on in a copy.

Nothing is taken by force: the window that has the chat lets go of it when nothing goes on there, and sees the request
by looking now and then; one that does not look, since it stands still, keeps the chat until it is closed.
"""

from __future__ import annotations

from contextlib import suppress
from time import monotonic

from msgspec import Struct, field
from textual.timer import Timer

from tui_chat.errors import ChatError, UsageError
from tui_chat.ui import keys, speech
from tui_chat.ui.chat.chats import Chats
from tui_chat.ui.chat.drafting import Drafting
from tui_chat.ui.chat.opening import Opening
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sending import Sending
from tui_chat.words import t

LOOK_EVERY_S = 4.0
"""How often it is looked whether another window asks for the chat on screen, or has let go of it."""
LOOK_WHILE_ASKING_S = 0.5
SILENT_AFTER_S = 10.0
"""A window that has not heard a request for so long stands still."""


class Asked(Struct):
    """A chat that was asked for."""

    chat: str
    mark: int
    """Another one when the request was heard again."""
    heard: bool = False
    last_s: float = field(default_factory=monotonic)
    """When it was heard last; before that, when it was asked."""
    told: str = ""
    """How it stood when that was last shown."""

    @property
    def stands(self) -> str:
        """How it stands, as the words for it are called."""
        if monotonic() - self.last_s > SILENT_AFTER_S:
            return "silent"
        return "busy" if self.heard else "asked"


class Sharing(Part):
    """The chat on screen, where other windows want it too."""

    def __init__(self, room: Room, chats: Chats, opening: Opening, sending: Sending, drafting: Drafting) -> None:
        self.room = room
        self._chats = chats
        self._opening = opening
        self._sending = sending
        self._drafting = drafting
        self.does = {"chat.take_over": self._ask, "chat.copy": self._go_on_in_copy}
        self._asked: Asked | None = None
        self._timer: Timer | None = None
        self._looking = self._copying = False

    def chat_opened(self) -> None:
        """Look after this chat from now on."""
        asked = self._asked
        if asked is not None and not (asked.chat == self.room.chat and self._is_elsewhere):
            self._asked = None
            self.room.start(self.room.in_thread, self.room.house.library.withdraw, asked.chat)
        self._keep_looking()

    def gone(self) -> None:
        """Nothing is waited for any more."""
        asked, engine = self._asked, self.room.house.engine
        if asked is not None:
            self._asked = None
            engine.submit(engine.write(self.room.house.library.withdraw, asked.chat))

    def told(self, refusal: ChatError) -> str:
        """Why the chat is read-only, and what can be done about it or is being done."""
        if not self._is_elsewhere:
            return speech.explain(refusal)
        stands = "keys"
        if self._asked is not None:
            stands = self._asked.told = self._asked.stands
        take, copy = keys.shown("chat.take_over"), keys.shown("chat.copy")
        now = t(f"ui.elsewhere.{stands}", take=take, copy=copy)
        return speech.in_a_row(speech.says(refusal.key, refusal.facts), now)

    @property
    def _is_elsewhere(self) -> bool:
        return self.room.talk is not None and self.room.talk.is_elsewhere

    # looking now and then

    def _look_no_more(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _keep_looking(self) -> None:
        self._look_no_more()
        self._timer = self.room.every(LOOK_WHILE_ASKING_S if self._asked is not None else LOOK_EVERY_S, self._look)

    async def _look(self) -> None:
        if self._looking or self._opening.is_at_it or self.room.talk is None:
            return
        self._looking = True
        try:
            if self._is_elsewhere:
                await self._look_whether_free(self.room.chat)
            elif self.room.can_write and not self.room.talk.head.temporary:
                await self._look_who_asks(self.room.chat)
            for chat in self._chats.answering - {self.room.chat}:
                await self.room.in_thread(self.room.house.library.asker, chat)  # who asks knows then that it was heard
        finally:
            self._looking = False

    # where another window has the chat

    async def _look_whether_free(self, chat: str) -> None:
        room, library = self.room, self.room.house.library
        if await room.in_thread(library.is_free, chat):
            if chat == room.chat and self._is_elsewhere and not self._opening.is_at_it:
                self._look_no_more()  # that a chat was deleted there is said once, not at each look
                await self._opening.show(room.house.desk.open_anew, chat)
                if room.can_write:
                    room.tell(t("ui.taken_over"))
        elif (asked := self._asked) is not None:
            mark = await room.in_thread(library.ask, chat)
            if self._asked is None or self._asked.chat != chat:  # and left again
                await room.in_thread(library.withdraw, chat)
            if mark != asked.mark:
                asked.mark, asked.heard, asked.last_s = mark, True, monotonic()
            if asked.stands != asked.told:
                room.follow()

    async def _ask(self) -> None:
        """Ask the window that has the chat to let go of it."""
        room, chat = self.room, self.room.chat
        if not self._is_elsewhere:
            room.refuse_nothing()
            return
        mark = await room.in_thread(room.house.library.ask, chat)
        if chat == room.chat and self._is_elsewhere:
            self._asked = Asked(chat, mark)
            self._keep_looking()
            room.follow()
        else:
            await room.in_thread(room.house.library.withdraw, chat)

    async def _go_on_in_copy(self) -> None:
        """Leave the chat to the other window, and go on with all that was said in a chat of one's own."""
        room, talk = self.room, self.room.talk
        if talk is None or not talk.is_elsewhere or self._copying:
            return
        self._copying = True
        try:
            title = t("ui.elsewhere.title", title=talk.title).strip()
            copy = await room.in_thread(room.house.library.copy, talk.id, title)
            if talk.id == room.chat:
                await self._drafting.copy(talk.id, copy)
                await self._opening.open(copy)
                room.tell(t("ui.elsewhere.copied"))
        finally:
            self._copying = False

    # where another window wants it

    async def _look_who_asks(self, chat: str) -> None:
        """Let go of the chat for the one who asks, unless something goes on here: then it is looked again soon."""
        room = self.room
        asker = await room.in_thread(room.house.library.asker, chat)
        talk = room.talk
        if asker is None or talk is None or chat != room.chat or not room.can_write or self._opening.is_at_it:
            return
        if talk.is_busy or talk.not_saved is not None or not room.is_on_top:
            return
        if talk.queued:  # after a stop it waits for a word that is not coming
            await self._sending.unqueue()
        with suppress(UsageError):  # something has begun meanwhile
            await self._opening.show(room.house.desk.hand_over, chat, asker)
