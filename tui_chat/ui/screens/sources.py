"""Where does it say that? The sources of one answer; one of them is opened, once its host was shown, or copied."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import OptionList

from tui_chat.chat.citing import Source
from tui_chat.ui import keys
from tui_chat.ui.screens.pick import Pick
from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t


class SourcesScreen(Pick):
    """Asks which source; `copies` tells what to do with it."""

    BINDINGS = keys.bindings("sources")

    def __init__(self, sources: Sequence[Source]) -> None:
        rows = [(f"[{number}] {source.label}"[:60], source.host) for number, source in enumerate(sources, 1)]
        super().__init__(t("sources.title"), rows)
        self.copies = False
        """Whether the chosen one is to be copied rather than opened."""

    def on_mount(self) -> None:
        """Say what the keys do."""
        super().on_mount()
        hint = Prose(t("sources.opens", copy=keys.shown("sources.copy")), classes="hint")
        self.query_one(".dialog").mount(hint)

    def action_copy(self) -> None:
        """Copy the address of the one under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.copies = True
            self.dismiss(at)
