"""The command palette: every action of the key table, found by its name in either language."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui_chat.ui import keys
from tui_chat.ui.command_names import commands, names
from tui_chat.ui.keys import Key
from tui_chat.words import t


def commands_provider() -> type[Provider]:
    """The provider, as Textual asks for it."""
    return Commands


class Palette(CommandPalette):
    """The palette, which on a low screen begins at its top."""

    DEFAULT_CSS = """
    Palette.-tight > Vertical { margin-top: 0; }
    Palette.-tight #--input Label { margin-top: 0; }
    Palette.-tight #--input { border-top: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-tight"), (24, "-roomy")]


class Commands(Provider):
    """Finds actions; the screen from which the palette was opened does them."""

    async def discover(self) -> AsyncGenerator[DiscoveryHit, None]:
        """All of them, before anything is typed."""
        for key in self._available():
            yield DiscoveryHit(_shown(key), partial(self._do, key), text=key.label)

    async def search(self, query: str) -> Hits:
        """Those whose name, in whichever language, matches."""
        matcher = self.matcher(query)
        found = False
        for key in self._available():
            scores = [matcher.match(name) for name in names(key)]
            best = max(scores)
            if best > 0:
                found = True
                shown = matcher.highlight(_shown(key)) if scores[0] == best else _shown(key)
                yield Hit(best, shown, partial(self._do, key), text=key.label)
        if not found:  # said here, since what Textual says then is always English
            yield Hit(0, Content(t("ui.palette.nothing")), lambda: None)

    def _available(self) -> list[Key]:
        can_all = hasattr(self.screen, "action_perform")
        return [key for key in commands() if key.where == "app" or (can_all and self._has_use(key))]

    def _has_use(self, key: Key) -> bool:
        return key.where != "chat" or self.screen.check_action("perform", (key.id,)) is True

    async def _do(self, key: Key) -> None:
        if key.where == "app":
            await self.app.run_action(key.action)
        else:
            await self.screen.run_action(f"perform({key.id!r})")


def _shown(key: Key) -> str:
    return f"{key.label}   {keys.shown(key.id)}"
