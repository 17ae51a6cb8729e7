"""What is kept under a name? Presets of parameters: the chat's are saved as one, or one is put into force in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_chat.store.presets import Preset
from tui_chat.ui.screens.chat_approving import Approving
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.widgets.parameters_panel import ParametersPanel


class Presetting(Approving):
    """Presets."""

    def action_presets(self) -> None:
        """Look at the presets."""
        self.start(self._presets)

    def on_parameters_panel_presets_asked(self, event: ParametersPanel.PresetsAsked) -> None:
        """The panel leads here, too."""
        event.stop()
        self.action_presets()

    async def _presets(self) -> None:
        from tui_chat.ui.screens.presets import PresetsScreen

        if self.talk is None:
            return
        await self.keep_set()
        head = self.talk.head
        current = Preset("", dict(head.values), head.model, head.system, head.tools)
        preset = await self.app.push_screen_wait(PresetsScreen(self.house.places, current))
        if preset is None:
            return
        await self.engine(self.house.desk.set_head, self.chat, **preset.head())
        self.tell(t("presets.applied", name=preset.name))
