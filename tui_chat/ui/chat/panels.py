"""What is chosen in the side panels? The model, parameters, presets of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

from tui_chat.errors import ChatError
from tui_chat.store.presets import Preset
from tui_chat.ui import keys, speech
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.sides import Sides
from tui_chat.ui.chat.undoing import Undo, Undoing
from tui_chat.wire.gateway import Model
from tui_chat.wire.messages import Message, Text
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.widgets.model_panel import ModelPanel

PanelName = Literal["model", "parameters", "tools"]


class Panels(Part):
    """The panels of models and parameters, and the way to all of them."""

    def __init__(self, room: Room, sides: Sides, undoing: Undoing) -> None:
        self.room = room
        self._sides = sides
        self._undoing = undoing
        self.does = {
            "chat.panels": self._toggle,
            "chat.model": self.choose_model,
            "chat.parameters": lambda: room.bring_in(self.unfold, "parameters"),
            "chat.tools": lambda: room.bring_in(self.unfold, "tools"),
            "chat.presets": self._presets,
        }
        self.answers = {
            "SidePanel.Left": sides.fold_and_write,
            "ModelPanel.Chosen": self._model_chosen,
            "ModelPanel.FavouriteToggled": self._toggle_favourite,
            "ModelPanel.RefreshAsked": lambda _: room.start(self.load_models, anew=True),
            "ParametersPanel.Changed": lambda event: room.terms.set(values=event.values),
            "ParametersPanel.SystemChanged": lambda event: room.terms.set(system=event.text),
            "ParametersPanel.PresetsAsked": lambda _: room.start(self._presets),
        }
        self._models: list[Model] = []
        self.note = ""
        """How the list of models stands."""

    # folding

    def _toggle(self) -> None:
        """Show the side panels and go there, or fold them away."""
        self._sides.toggle(self._sides.panel, "show_panels", partial(self.unfold, "model"))

    async def unfold(self, tab: PanelName | None) -> None:
        """Show the side panels; with `tab`, that one, and go there."""
        self._sides.fold(but=self._sides.panel)
        if self._sides.panel is None:
            from tui_chat.ui.widgets.side_panel import SidePanel

            await self.room.place(SidePanel(), "#body", first=False)
            self.room.start(self.load_models)
        panel = self._sides.panel
        assert panel is not None
        panel.display = True
        self.room.follow()
        if tab is not None:
            panel.show_tab(tab)

    def choose_model(self) -> None:
        """Let the person choose a model."""
        self.room.bring_in(self.unfold, "model")

    # what they show

    def follow(self) -> None:
        """Show what is in force for the chat on screen."""
        panel, talk, terms = self._sides.panel, self.room.talk, self.room.terms
        if panel is None or talk is None:
            return
        model = talk.head.model
        panel.models.show(self._models, model, frozenset(self.room.house.settings.favourites), self.note)
        panel.parameters.show(
            terms.values, terms.system, talk.id, model=model, messages=self._to_be_sent, tools=terms.tools
        )

    def _to_be_sent(self) -> Iterator[Message]:
        """What the next request will hold, with what is being written: advice on some parameters depends on it."""
        if self.room.talk is None:
            return
        tree = self.room.talk.conversation
        yield Message("system", (Text(self.room.terms.system),))
        for id in tree.path():
            yield tree.node(id).message()
        yield Message("user", (Text(self.room.composer.prompt.text),))

    # models

    async def connected(self) -> None:
        """Whoever answers now has other models."""
        if self._sides.panel is not None:
            await self.load_models(anew=True)

    async def load_models(self, *, anew: bool = False) -> None:
        """Show the models that were listed last; ask the gateway where there are none, or `anew`."""
        if self.room.house.connection is None:
            return
        self._models = await self.room.in_thread(self.room.house.remembered_models)
        if self._models and not anew:
            self._say_count()
        else:
            self._say(t("ui.models.loading"))
        try:
            self._models = await self.room.engine(self.room.house.models)
        except ChatError as error:
            self._say(speech.explain(error))
            return
        self._say_count()

    def _say_count(self) -> None:
        self._say(t("ui.models.count", count=len(self._models)))

    def _say(self, note: str) -> None:
        self.note = note
        self.follow()

    def _model_chosen(self, event: ModelPanel.Chosen) -> None:
        """Another model answers from now on."""
        self._sides.fold_and_write()
        self.room.start(self._use_model, event.model)

    async def _use_model(self, model: str) -> None:
        await self.room.engine(self.room.house.desk.set_head, self.room.chat, model=model)
        if not self.room.house.settings.model:  # the first choice is also what new chats begin with
            await self.room.in_thread(self.room.house.change_setting, "model", model)

    async def _toggle_favourite(self, event: ModelPanel.FavouriteToggled) -> None:
        """A model is a favourite, or no longer."""
        before, model = self.room.house.settings.favourites, event.model
        after = tuple(other for other in before if other != model) if model in before else (*before, model)
        await self.room.in_thread(self.room.house.change_setting, "favourites", list(after))
        self._say_count()

    # presets: what is kept under a name

    async def _presets(self) -> None:
        """Save the chat's parameters as a preset, or put one into force."""
        from tui_chat.ui.screens.presets import PresetsScreen

        room = self.room
        if room.talk is None:
            return
        await room.terms.tell()
        head = room.talk.head
        current = Preset("", dict(head.values), head.model, head.system, head.tools)
        preset = await room.ask(PresetsScreen(room.house.places, current))
        if preset is not None:
            changed, head = preset.head(), room.talk.head
            before = {name: getattr(head, name) for name in changed}
            await room.engine(room.house.desk.set_head, room.chat, **changed)
            self._undoing.remember(Undo(room.chat, head=before))
            said = "applied" if room.talk.conversation.path() else "applied_before_words"  # no message, no keys on it
            room.tell(t(f"presets.{said}", name=preset.name, key=keys.shown("transcript.undo")))
