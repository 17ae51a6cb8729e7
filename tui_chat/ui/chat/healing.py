"""What if a model refuses a parameter? Leave it out and ask again at one key, and remember it for that model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_chat.chat.node import Node
from tui_chat.store import refusals
from tui_chat.store.refusals import Refusals
from tui_chat.ui import keys, speech
from tui_chat.ui.chat.changing import Changing
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import Sides
from tui_chat.ui.cures import named, remedy_of
from tui_chat.wire.params import BY_NAME
from tui_chat.wire.tokens import Token
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.widgets.parameters_panel import ParametersPanel


class Healing(Part):
    """Parameters that models refuse."""

    def __init__(self, room: Room, sides: Sides, changing: Changing) -> None:
        self.room = room
        self._sides = sides
        self._changing = changing
        self.acts = {"heal": self._ask_to_heal}
        self.answers = {"ParametersPanel.ForgetAsked": self._forget}
        self._refusals: Refusals | None = None
        """What is remembered, once somebody looked."""

    def _ask_to_heal(self, key: str) -> None:
        """Leave out what the model refused, and ask again."""
        node = self._failed(key)
        if node is not None:
            self.room.start(self._heal, node)
        else:
            self.room.tell(t("heal.nothing"), "warning")

    def _failed(self, key: str) -> Node | None:
        """The answer with this id if it can be healed, else the last message."""
        assert self.room.talk is not None
        shown = self.room.talk.shown
        for id in (key, *shown[-1:]):
            if id in shown and remedy_of(self.room.talk.node(id)) is not None:
                return self.room.talk.node(id)
        return None

    async def _heal(self, node: Node) -> None:
        remedy = remedy_of(node)
        assert remedy is not None and self.room.talk is not None and node.failure is not None
        await self.room.terms.tell()
        cured = remedy.cure(self.room.talk.head.values)
        await self.room.engine(self.room.house.desk.set_head, self.room.chat, values=cured)
        await self._changing.regenerate(node.id)
        refused = remedy.refused(node.values)
        if not remedy.only_value:
            refused = dict.fromkeys(refused, "")
        words = str(node.failure.facts.get("message") or "")
        self._refusals = await self.room.in_thread(
            refusals.remember, self.room.house.places, node.model, refused, words
        )
        key = "heal.renamed" if remedy.instead else "heal.done"
        self.room.tell(t(key, names=named(remedy), other=remedy.instead, model=node.model))
        self.room.follow()

    # what the panel says of it

    def follow(self) -> None:
        """Show what the model of the chat on screen refused before."""
        panel = self._sides.panel
        if panel is None or self.room.talk is None:
            return
        if self._refusals is None:
            self._refusals = {}
            self.room.latest("refusals", self._recall)
        panel.parameters.tokens = self._tokens if self.room.house.costs_nothing else None
        panel.parameters.show_refusals(self._remarks(self.room.talk.head.model))

    async def _tokens(self, text: str) -> list[Token]:
        return await self.room.engine(self.room.house.tokens, text)

    async def _recall(self) -> None:
        self._refusals = await self.room.in_thread(refusals.recall, self.room.house.places)
        self.room.follow()

    def _remarks(self, model: str) -> dict[str, list[str]]:
        """What to say beside which parameter."""
        said: dict[str, list[str]] = {}
        for name, refusal in (self._refusals or {}).get(model, {}).items():
            when = datetime.fromtimestamp(refusal.time_s, UTC).astimezone()
            facts = {"model": model, "name": name, "value": refusal.value, "date": speech.date(when, when.year)}
            known = name in BY_NAME
            key = "heal.refused_value" if refusal.value else "heal.refused" if known else "heal.refused_key"
            said.setdefault(name if known else "extra_body", []).append(
                t(key, **facts, key=keys.shown("parameters.forget"))
            )
        return said

    async def _forget(self, event: ParametersPanel.ForgetAsked) -> None:
        """What the model said of this parameter is to be forgotten."""
        if self.room.talk is None:
            return
        model, name = self.room.talk.head.model, event.name
        known = (self._refusals or {}).get(model, {})
        names = [each for each in known if each == name or (name == "extra_body" and each not in BY_NAME)]
        for each in names:
            self._refusals = await self.room.in_thread(refusals.forget, self.room.house.places, model, each)
        self.room.follow()
