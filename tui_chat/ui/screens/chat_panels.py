"""What stands beside the conversation? The list of chats and the side panels, and what is chosen in them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from textual.css.query import NoMatches
from textual.timer import Timer

from tui_chat.errors import ChatError
from tui_chat.ui import speech
from tui_chat.ui.screens.chat_chats import Chats
from tui_chat.ui.widgets.chat_list import ChatList
from tui_chat.wire.gateway import Model
from tui_chat.wire.messages import Message, Text
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.widgets.model_panel import ModelPanel
    from tui_chat.ui.widgets.parameters_panel import ParametersPanel
    from tui_chat.ui.widgets.side_panel import SidePanel

T = TypeVar("T")
P = ParamSpec("P")
PanelName = Literal["model", "parameters", "tools"]
HEAD_AFTER_S = 0.6
"""What is typed into the panels counts once the person pauses: each letter would be a record of its own in the file."""
WIDE = 100
"""From this width on both sides have a place of their own; below it one at a time lies over the conversation."""


class Panels(Chats):
    """Both sides, and what is chosen in them."""

    _models: list[Model]
    _models_note = ""
    _set: dict[str, dict[str, Any]]
    """What was set in the panels and is not told to the engine yet, by chat."""
    _set_timer: Timer | None = None

    @property
    def is_wide(self) -> bool:
        """Whether the sides stand beside the conversation rather than over it."""
        return self.size.width >= WIDE

    @property
    def side_panel(self) -> SidePanel | None:
        """The side panels, once they were asked for."""
        try:
            return self.query_one("SidePanel")  # type: ignore[return-value]  # by name: its module is imported late
        except NoMatches:
            return None

    # folding

    def action_toggle_chats(self) -> None:
        """Show the list and go there, or fold it away."""
        self.start(self._toggle_chats)

    async def _toggle_chats(self) -> None:
        chats = self.chat_list
        if chats is not None and chats.display:
            chats.display = False
            self.focus_writing()
            await self._keep_setting("show_chats", False)
        else:
            await self._unfold_chats()
            await self._keep_setting("show_chats", True)

    async def _unfold_chats(self) -> None:
        if not self.is_wide and self.side_panel is not None:
            self.side_panel.display = False
        chats = await self.place_chats()
        chats.display = True
        chats.focus_list()

    async def place_chats(self) -> ChatList:
        """The list, put in its place if it isn't there yet."""
        if self.chat_list is None:
            await self.query_one("#body").mount(ChatList(), before=0)
            await self.refresh_chats()
        chats = self.chat_list
        assert chats is not None
        return chats

    def action_toggle_panels(self) -> None:
        """Show the side panels and go there, or fold them away."""
        self.start(self._toggle_panels)

    async def _toggle_panels(self) -> None:
        panel = self.side_panel
        if panel is not None and panel.display:
            panel.display = False
            self.focus_writing()
            await self._keep_setting("show_panels", False)
        else:
            await self.unfold_panels("model")
            await self._keep_setting("show_panels", True)

    async def unfold_panels(self, tab: PanelName | None) -> None:
        """Show the side panels; with `tab`, that one, and go there."""
        if not self.is_wide and self.chat_list is not None:
            self.chat_list.display = False
        if self.side_panel is None:
            from tui_chat.ui.widgets.side_panel import SidePanel

            await self.query_one("#body").mount(SidePanel())
            self.start(self.load_models)
        panel = self.side_panel
        assert panel is not None
        panel.display = True
        self.show_panels()
        if tab is not None:
            panel.show_tab(tab)

    def fold_overlays(self) -> None:
        """On a narrow screen the conversation comes first again."""
        if not self.is_wide:
            for side in (self.chat_list, self.side_panel):
                if side is not None:
                    side.display = False

    async def _keep_setting(self, name: str, value: object) -> None:
        if self.is_wide:  # what is folded for want of room says nothing of what the person wants
            await self.in_thread(self.house.change_setting, name, value)

    def action_model(self) -> None:
        """Choose a model."""
        self.start(self.unfold_panels, "model")

    def ask_for_model(self) -> None:
        """Let the person choose a model."""
        self.action_model()

    def action_parameters(self) -> None:
        """Change parameters."""
        self.start(self.unfold_panels, "parameters")

    def action_tools(self) -> None:
        """Look at the tools."""
        self.start(self.unfold_panels, "tools")

    # what the panels show

    def show_panels(self, note: str | None = None) -> None:
        """Show what is in force for the chat on screen; `note` says how the list of models stands."""
        self._models_note = self._models_note if note is None else note
        panel = self.side_panel
        if panel is None or self.talk is None:
            return
        head = self.talk.head
        panel.models.show(self._models, head.model, frozenset(self.house.settings.favourites), self._models_note)
        waiting = self._set.get(self.chat, {})
        system = waiting.get("system", head.system)
        panel.parameters.show(
            waiting.get("values", head.values),
            system,
            self.chat,
            model=head.model,
            messages=self._to_be_sent,
            tools=tuple(waiting.get("tools", head.tools)),
        )

    def _to_be_sent(self) -> Iterator[Message]:
        """What the next request will hold, with what is being written: advice on some parameters depends on it."""
        if self.talk is None:
            return
        tree = self.talk.conversation
        yield Message("system", (Text(self._set.get(self.chat, {}).get("system", tree.head.system)),))
        for id in tree.path():
            yield tree.node(id).message()
        yield Message("user", (Text(self.composer.prompt.text),))

    async def load_models(self, *, anew: bool = False) -> None:
        """Show the models that were listed last; ask the gateway where there are none, or `anew`."""
        if self.house.connection is None:
            return
        self._models = await self.in_thread(self.house.remembered_models)
        known = bool(self._models) and not anew
        self.show_panels(t("ui.models.count", count=len(self._models)) if known else t("ui.models.loading"))
        try:
            self._models = await self.engine(self.house.models)
        except ChatError as error:
            self.show_panels(speech.explain(error))
            return
        self.show_panels(t("ui.models.count", count=len(self._models)))

    # what is chosen in them; their modules are imported late, so these are found by name

    def on_side_panel_left(self) -> None:
        """Back to writing."""
        self.fold_overlays()
        self.focus_writing()

    def on_model_panel_chosen(self, event: ModelPanel.Chosen) -> None:
        """Another model answers from now on."""
        event.stop()
        self.fold_overlays()
        self.focus_writing()
        self.start(self._choose_model, event.model)

    async def _choose_model(self, model: str) -> None:
        await self.engine(self.house.desk.set_head, self.chat, model=model)
        if not self.house.settings.model:  # the first choice is also what new chats begin with
            await self.in_thread(self.house.change_setting, "model", model)

    def on_model_panel_favourite_toggled(self, event: ModelPanel.FavouriteToggled) -> None:
        """A model is a favourite, or no longer."""
        event.stop()
        self.start(self._toggle_favourite, event.model)

    async def _toggle_favourite(self, model: str) -> None:
        before = self.house.settings.favourites
        after = tuple(other for other in before if other != model) if model in before else (*before, model)
        await self.in_thread(self.house.change_setting, "favourites", list(after))
        self.show_panels(t("ui.models.count", count=len(self._models)))

    def on_model_panel_refresh_asked(self, event: ModelPanel.RefreshAsked) -> None:
        """Ask the gateway again."""
        event.stop()
        self.start(self.load_models, anew=True)

    def on_parameters_panel_changed(self, event: ParametersPanel.Changed) -> None:
        """Other parameters are in force for this chat."""
        event.stop()
        self._set_soon(values=event.values)

    def on_parameters_panel_system_changed(self, event: ParametersPanel.SystemChanged) -> None:
        """This chat has another system prompt."""
        event.stop()
        self._set_soon(system=event.text)

    # telling the engine

    def _set_soon(self, **fields: object) -> None:
        self._set.setdefault(self.chat, {}).update(fields)
        if self._set_timer is not None:
            self._set_timer.stop()
        self._set_timer = self.set_timer(HEAD_AFTER_S, lambda: self.start(self.keep_set))

    async def keep_set(self) -> None:
        """Tell the engine now what was set in the panels."""
        waiting, self._set = self._set, {}
        for chat, fields in waiting.items():
            try:
                await super().engine(self.house.desk.set_head, chat, **fields)
            except ChatError as error:  # it must not stand in the way of what is asked for now
                self.complain(error)
                self.show_panels()

    async def engine(self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run on the engine, after what was set before it was asked for: a message goes with those parameters."""
        if self._set:
            await self.keep_set()
        return await super().engine(work, *args, **kwargs)

    async def keep_draft(self) -> None:
        """Save the draft of the chat on screen now, and what was set in its panels."""
        await self.keep_set()
        await super().keep_draft()
