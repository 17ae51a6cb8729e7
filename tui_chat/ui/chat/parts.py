"""Which parts is the chat screen made of, and which of them does what? The one place where they are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual.message import Message

from tui_chat.ui.chat.answers import Answers
from tui_chat.ui.chat.approving import Approving
from tui_chat.ui.chat.attaching import Attaching
from tui_chat.ui.chat.changing import Changing
from tui_chat.ui.chat.chats import Chats
from tui_chat.ui.chat.connecting import Connecting
from tui_chat.ui.chat.drafting import Drafting
from tui_chat.ui.chat.exchanges import Exchanges
from tui_chat.ui.chat.finding import Finding
from tui_chat.ui.chat.healing import Healing
from tui_chat.ui.chat.media import Media
from tui_chat.ui.chat.money import Money
from tui_chat.ui.chat.opening import Opening
from tui_chat.ui.chat.panels import Panels
from tui_chat.ui.chat.reading import Reading
from tui_chat.ui.chat.rewriting import Rewriting
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.saving import Saving
from tui_chat.ui.chat.sending import Sending
from tui_chat.ui.chat.servers import Servers
from tui_chat.ui.chat.settings import Settings
from tui_chat.ui.chat.sharing import Sharing
from tui_chat.ui.chat.sides import Sides
from tui_chat.ui.chat.surroundings import Surroundings
from tui_chat.ui.chat.tools import Tools
from tui_chat.ui.chat.undoing import Undoing
from tui_chat.ui.chat.usage import Usage

if TYPE_CHECKING:
    from tui_chat.ui.app import TuiOptions


class Parts:
    """Every part with what it needs, and three tables: who does what for a key, to a message, for a widget."""

    def __init__(self, room: Room, options: TuiOptions) -> None:
        self._room = room
        self.sides = sides = Sides(room)
        self.undoing = undoing = Undoing(room)
        self.drafting = drafting = Drafting(room)
        self.attaching = attaching = Attaching(room)
        self.reading = Reading(room)
        saving = Saving(room)
        self.answers = Answers(room, saving)
        self.rewriting = Rewriting(room, undoing)
        self.media = Media(room, attaching, saving)
        self.panels = panels = Panels(room, sides, undoing)
        self.tools = tools = Tools(room, sides)
        self.servers = Servers(room, tools, attaching)
        self.approving = Approving(room, tools)
        self.connecting = connecting = Connecting(room, options, panels)
        self.money = money = Money(room, connecting)
        self.settings = Settings(room, connecting, money)
        self.usage = Usage(room, money)
        self.opening = opening = Opening(room, sides, drafting, money)
        self.chats = chats = Chats(room, sides, opening)
        self.finding = finding = Finding(room, sides, opening, chats)
        self.changing = changing = Changing(room, undoing, finding)
        self.healing = Healing(room, sides, changing)
        self.sending = sending = Sending(room, undoing, drafting, changing, connecting, panels)
        self.sharing = sharing = Sharing(room, chats, opening, sending, drafting)
        self.surroundings = Surroundings(room, money, sharing)
        self.exchanges = Exchanges(room, sides, opening, changing, connecting)
        room.parts = (
            self.drafting,
            self.surroundings,
            self.money,
            self.usage,
            self.panels,
            self.tools,
            self.healing,
            self.servers,
            self.chats,
            self.opening,
            self.sharing,
            self.finding,
            self.approving,
            self.answers,
            self.reading,
            self.changing,
            self.rewriting,
            self.undoing,
            self.attaching,
            self.sending,
            self.media,
            self.exchanges,
            self.connecting,
            self.settings,
        )
        self.does: dict[str, Callable[[], object]] = {}
        """What a row of the key table that acts at "chat" does, by id."""
        self.acts: dict[str, Callable[[str], object]] = {}
        """What is done to a message, by the word that the transcript asks with."""
        self._answers: dict[str, list[Callable[[Any], object]]] = {}
        for part in room.parts:
            _fill(self.does, part.does)
            _fill(self.acts, part.acts)
            for kind, answer in part.answers.items():
                self._answers.setdefault(_name(kind), []).append(answer)

    @property
    def answered(self) -> frozenset[str]:
        """The names of the messages that somebody answers."""
        return frozenset(self._answers)

    def answer(self, message: Message) -> bool:
        """Have those answer a message who said they do; whether there are any."""
        answers = self._answers.get(_name(type(message)), ())
        for answer in answers:
            self._room.do(answer, message)
        return bool(answers)

    def act_on(self, action: str, key: str) -> None:
        """Do one of the transcript's actions to the message with this id ("": to the last one)."""
        if self._room.talk is not None:
            self._room.do(self.acts[action], key)


def _name(kind: type[Message] | str) -> str:
    return kind if isinstance(kind, str) else kind.__qualname__


def _fill(table: dict[str, Any], more: Mapping[str, Any]) -> None:
    """One thing has one doer."""
    twice = table.keys() & more.keys()
    assert not twice, f"two parts do {sorted(twice)}"
    table.update(more)
