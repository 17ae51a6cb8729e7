"""How does something of a message become a file? Under the name the person types, until that can be written.

Never in another file's place without a yes; a name that can't be used stays in the field, to be put right.
"""

from __future__ import annotations

from pathlib import Path

from tui_chat.errors import StoreError
from tui_chat.ui import speech
from tui_chat.ui.chat.room import Room
from tui_chat.words import t


class Saving:
    """Writes files for those who have something to save, and knows where that was last."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._saved_in: Path | None = None
        """The folder in which something was saved last."""

    async def save(self, content: bytes, name: str) -> None:
        """Ask where to, `name` offered where it is free, and write it there; ends once it is written or called off."""
        from tui_chat.store.saving import free_path
        from tui_chat.ui.screens.dialogs import AskText

        folder = self._saved_in or Path.cwd()
        typed: str | None = str(await self.room.in_thread(free_path, folder, name))
        path = None
        while path is None:
            typed = await self.room.ask(AskText(t("media.save_as"), typed or ""))
            if typed is None:
                return
            path = await self._write(content, typed, name)
        self._saved_in = path.parent
        self.room.tell(t("media.saved", path=speech.home_short(str(path))))

    async def _write(self, content: bytes, typed: str, name: str) -> Path | None:
        """The file it is in now; None where the reason was told, or the file that is there is to stay."""
        from tui_chat.store.saving import checked_path, save
        from tui_chat.ui.screens.dialogs import Confirm

        places = self.room.house.places
        try:
            path = await self.room.in_thread(checked_path, typed, name, (places.config, places.cache))
            try:
                await self.room.in_thread(save, content, path)
            except StoreError as error:
                if error.key != "error.save_exists":
                    raise
                question = t("media.replace", path=speech.home_short(str(path)))
                if not await self.room.ask(Confirm(question, yes=t("media.replace_yes"))):
                    return None
                await self.room.in_thread(save, content, path, replace=True)
        except StoreError as error:
            self.room.complain(error)
            return None
        return path
