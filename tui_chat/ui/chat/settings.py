"""What did the person set for the whole program? The settings screen, and what follows from a change."""

from __future__ import annotations

from tui_chat.store import keys as key_store
from tui_chat.ui.chat.connecting import Connecting
from tui_chat.ui.chat.money import Money
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.wire.gateway import masked_key


class Settings(Part):
    """The way to the settings."""

    def __init__(self, room: Room, connecting: Connecting, money: Money) -> None:
        self.room = room
        self._connecting = connecting
        self._money = money
        self.does = {"chat.settings": self._settings}

    async def _settings(self) -> None:
        from tui_chat.ui.screens.settings import API_KEY, SettingsScreen

        connection = self.room.house.connection
        own = connection is not None and not connection.local_model
        masked = masked_key(connection.endpoint.api_key) if connection is not None and own else ""
        source = connection.source if connection is not None and own else ""
        screen = SettingsScreen(self.room.house.settings, masked_key=masked, key_source=source)
        changed = await self.room.ask(screen)
        if not changed:
            return
        key = changed.pop(API_KEY, None)
        for name, value in changed.items():
            await self.room.in_thread(self.room.house.change_setting, name, value)
        if key is not None:
            await self.room.in_thread(key_store.save_key, self.room.house.places, str(key))
        if key is not None or "base_url" in changed:
            await self._connecting.connect_anew()
        if "show_price" in changed:
            self._money.show_prices()
        self.room.dress()
        if "language" in changed:
            self.room.speak()
