"""Who answers? A gateway whose key is found or given, or the local model."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tui_chat import words
from tui_chat.disk import expanded
from tui_chat.errors import ChatError
from tui_chat.store import keys as key_store
from tui_chat.ui.chat.panels import Panels
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.wire.client import Endpoint
from tui_chat.wire.gateway import Model
from tui_chat.wiring import Connection
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.local import LocalServer
    from tui_chat.ui.app import TuiOptions
    from tui_chat.ui.screens.welcome import WelcomeResult


class Connecting(Part):
    """Whom the chat talks to."""

    def __init__(self, room: Room, options: TuiOptions, panels: Panels) -> None:
        self.room = room
        self._options = options
        self._panels = panels
        self.found = asyncio.Event()
        """Set while it is known whether there is someone to talk to."""
        self._local: LocalServer | None = None
        self._welcoming = False
        self._next: Literal["", "local", "model"] = ""
        """What was chosen in the welcome and is still to be done, maybe by the screen in the language chosen there."""

    def take_over(self, other: Connecting) -> None:
        """Go on where that of another chat screen was."""
        self._local, other._local = other._local, None
        self._next, other._next = other._next, ""

    # whom we talk to

    async def find_someone(self) -> None:
        """Connect with whoever is asked for, or whose key is found; else let the person say."""
        if self._options.local:
            await self._start_local(own_model(self._options.local_model))
            return
        try:
            connection = await self.room.in_thread(self.room.house.find_connection)
        except ChatError as error:
            self.room.complain(error)
            connection = None
        if connection is None and await self.room.in_thread(self._spoke_with_local):
            await self._start_local(None)
        elif connection is None:
            await self._ask()
        elif not connection.local_model:
            await self._ask_consent(connection.endpoint.base_url)

    def _spoke_with_local(self) -> bool:
        """Whether the chat that goes on is one with the embedded model, and that is still on this computer."""
        from tui_chat import local

        talk = self.room.talk
        named = talk is not None and talk.head.model == local.DEFAULT.name
        return named and local_model_available()[0] and local.find(self.room.house.places.local_models) is not None

    async def _ask_consent(self, base_url: str) -> None:
        """Ask once for each host whether key and chats may travel to it in the clear; without a yes they don't."""
        host = self.room.house.needs_consent(base_url)
        if not host:
            return
        from tui_chat.ui.screens.dialogs import Confirm

        question = Confirm(t("ui.unencrypted.question", host=host), t("welcome.unencrypted", address=base_url))
        if await self.room.ask(question):
            await self.room.in_thread(self.room.house.consent, host)

    def ask(self) -> None:
        """Let the person give a key."""
        self.room.start(self._ask)

    async def _ask(self) -> None:
        """The first screen a person without a key sees."""
        if self._welcoming:
            return
        self._welcoming = True
        self.found.clear()
        try:
            await self._welcome()
        finally:
            self._welcoming = False
            self.found.set()

    async def _welcome(self) -> None:
        from tui_chat.ui.screens.welcome import WelcomeScreen

        available, note = await self.room.in_thread(local_model_available)
        screen = WelcomeScreen(self.room.house.settings.base_url, self.test, available, note)
        result = await self.room.ask(screen)
        if result is not None and result.kind == "key":
            await self._use_key(result)
        if result is not None:
            self._next = "model" if result.kind == "key" else "local"
        if screen.language and screen.language != words.language():  # also of one who only looks around
            await self.room.in_thread(self.room.house.change_setting, "language", screen.language)
            self.room.speak()  # the screen that comes goes on
        else:
            await self.go_on()

    async def go_on(self) -> None:
        """What comes after the welcome: the embedded model, or the choice of a model."""
        step, self._next = self._next, ""
        if step == "local":
            await self._start_local(None)
        elif step == "model" and self.room.talk is not None and not self.room.talk.head.model:
            self._panels.choose_model()

    async def test(self, base_url: str, key: str) -> list[Model]:
        """The models that a key opens; raises ChatError where it opens none."""
        await self._ask_consent(base_url)
        return await self.room.engine(self.room.house.test, Endpoint(base_url, key))

    async def _use_key(self, result: WelcomeResult) -> None:
        """Keep the key where it belongs, and talk to whom it opens."""
        await self.room.in_thread(key_store.save_key, self.room.house.places, result.key)
        if result.base_url != self.room.house.settings.base_url:
            await self.room.in_thread(self.room.house.change_setting, "base_url", result.base_url)
        await self._ask_consent(result.base_url)
        self.room.house.connect(Connection(Endpoint(result.base_url, result.key), "credentials.toml"))
        await self.room.connected()

    async def _start_local(self, model: Path | None) -> None:
        """Get and start the embedded model, and talk to it.

        One that is on this computer is started while the person may type already; one that has to be fetched first,
        or can't be started, has a screen of its own.
        """
        server = await self._start_beside(model)
        if server is None:
            from tui_chat.ui.screens.local_start import LocalStartScreen

            server = await self.room.ask(LocalStartScreen(self.room.house.places.local_models, model))
        if server is None:
            return
        await self._close_local()
        self._local = server
        self.room.house.connect(Connection(Endpoint(server.base_url, server.api_key), "local", server.model))
        if self.room.talk is not None:
            await self.room.engine(self.room.house.desk.set_head, self.room.chat, model=server.model)
        await self.room.connected()

    async def _start_beside(self, model: Path | None) -> LocalServer | None:
        """The model's server, if nothing has to be asked for it to start."""
        from tui_chat import local

        folder = self.room.house.places.local_models
        if model is None and await self.room.in_thread(local.find, folder) is None:
            return None
        self.room.tell(t("ui.local.starting"))
        try:
            return await self.room.in_thread(local.start, model, folder, lambda progress: None, lambda: False)
        except ChatError:
            return None  # the screen tries again and says what is wrong

    async def _close_local(self) -> None:
        """End the embedded model."""
        if self._local is not None:
            local, self._local = self._local, None
            await self.room.in_thread(local.close)

    def close_local_at_exit(self) -> None:
        """End it without a loop."""
        if self._local is not None:
            self._local.close()

    async def connect_anew(self) -> None:
        """The key or the address is another one; the embedded model keeps answering where it does."""
        if self.room.house.connection is None or not self.room.house.connection.local_model:
            found = await self.room.in_thread(self.room.house.find_connection)
            if found is not None:
                await self._ask_consent(found.endpoint.base_url)
            await self.room.connected()


def own_model(path: str) -> Path | None:
    """The person's own model file, None where the one that is offered is meant."""
    return expanded(path) if path else None


def local_model_available() -> tuple[bool, str]:
    """Whether this machine can run the embedded model, and why not."""
    from importlib.util import find_spec

    if find_spec("xllamacpp") is None:
        return False, t("ui.local.missing")
    return True, ""
