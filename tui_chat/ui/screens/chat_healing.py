"""What if a model refuses a parameter? Leave it out and ask again at one key, and remember it for that model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_chat.chat.node import Node
from tui_chat.store import refusals
from tui_chat.store.refusals import Refusals
from tui_chat.ui import keys, speech
from tui_chat.ui.cures import named, remedy_of
from tui_chat.ui.screens.chat_presets import Presetting
from tui_chat.wire.params import BY_NAME
from tui_chat.wire.tokens import Token
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.widgets.parameters_panel import ParametersPanel


class Healing(Presetting):
    """Parameters that models refuse."""

    _refusals: Refusals | None = None
    """What is remembered, once somebody looked."""

    def act_on(self, action: str, key: str) -> None:
        """Leave out what the model refused, and ask again."""
        if action != "heal" or self.talk is None:
            super().act_on(action, key)
            return
        node = self._failed(key)
        if node is not None:
            self.start(self._heal, node)
        else:
            self.tell(t("heal.nothing"), "warning")

    def _failed(self, key: str) -> Node | None:
        """The answer with this id if it can be healed, else the last message."""
        assert self.talk is not None
        shown = self.talk.shown
        for id in (key, *shown[-1:]):
            if id in shown and remedy_of(self.talk.node(id)) is not None:
                return self.talk.node(id)
        return None

    async def _heal(self, node: Node) -> None:
        remedy = remedy_of(node)
        assert remedy is not None and self.talk is not None and node.failure is not None
        await self.keep_set()
        cured = remedy.cure(self.talk.head.values)
        await self.engine(self.house.desk.set_head, self.chat, values=cured)
        await self._regenerate(node.id)
        refused = remedy.refused(node.values)
        if not remedy.only_value:
            refused = dict.fromkeys(refused, "")
        words = str(node.failure.facts.get("message") or "")
        self._refusals = await self.in_thread(refusals.remember, self.house.places, node.model, refused, words)
        key = "heal.renamed" if remedy.instead else "heal.done"
        self.tell(t(key, names=named(remedy), other=remedy.instead, model=node.model))
        self.show_panels()

    # what the panel says of it

    def show_panels(self, note: str | None = None) -> None:
        """Show what is in force for the chat on screen, and what its model refused before."""
        super().show_panels(note)
        panel = self.side_panel
        if panel is None or self.talk is None:
            return
        if self._refusals is None:
            self._refusals = {}
            self.latest("refusals", self._recall)
        panel.parameters.tokens = self._tokens if self.house.costs_nothing else None
        panel.parameters.show_refusals(self._remarks(self.talk.head.model))

    async def _tokens(self, text: str) -> list[Token]:
        return await self.engine(self.house.tokens, text)

    async def _recall(self) -> None:
        self._refusals = await self.in_thread(refusals.recall, self.house.places)
        self.show_panels()

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

    def on_parameters_panel_forget_asked(self, event: ParametersPanel.ForgetAsked) -> None:
        """What the model said of this parameter is to be forgotten."""
        event.stop()
        self.start(self._forget, event.name)

    async def _forget(self, name: str) -> None:
        if self.talk is None:
            return
        model = self.talk.head.model
        known = (self._refusals or {}).get(model, {})
        names = [each for each in known if each == name or (name == "extra_body" and each not in BY_NAME)]
        for each in names:
            self._refusals = await self.in_thread(refusals.forget, self.house.places, model, each)
        self.show_panels()
