"""Who answers, and on what terms? The first key, the local model, settings; and the way out to a browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from tui_chat import words
from tui_chat.errors import ChatError
from tui_chat.store import keys as key_store
from tui_chat.ui.links import openable
from tui_chat.ui.screens.chat_rewriting import Rewriting
from tui_chat.wire.client import Endpoint
from tui_chat.wire.gateway import Model, masked_key
from tui_chat.wiring import Connection
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.local import LocalServer
    from tui_chat.ui.app import TuiOptions
    from tui_chat.ui.screens.welcome import WelcomeResult


class Door(Rewriting):
    """What leads out of the chat: to a gateway, to the settings, to a browser."""

    class LanguageChosen(Message):
        """Another language is spoken: whatever shows words is to be built anew."""

    class LooksChosen(Message):
        """Another theme is worn, or other keys."""

    options: TuiOptions
    _local: LocalServer | None = None
    _welcoming = False
    _next: Literal["", "local", "model"] = ""
    """What was chosen in the welcome and is still to be done, maybe by the screen that speaks the chosen language."""

    # whom we talk to

    async def find_someone(self) -> None:
        """Connect with whoever is asked for, or whose key is found; else let the person say."""
        if self.options.local:
            await self.start_local(own_model(self.options.local_model))
            return
        try:
            connection = await self.in_thread(self.house.find_connection)
        except ChatError as error:
            self.complain(error)
            connection = None
        if connection is None:
            await self.welcome()
        elif not connection.local_model:
            await self.ask_consent(connection.endpoint.base_url)

    async def ask_consent(self, base_url: str) -> None:
        """Ask once for each host whether key and chats may travel to it in the clear; without a yes they don't."""
        host = self.house.needs_consent(base_url)
        if not host:
            return
        from tui_chat.ui.screens.dialogs import Confirm

        question = Confirm(t("ui.unencrypted.question", host=host), t("welcome.unencrypted", address=base_url))
        if await self.app.push_screen_wait(question):
            await self.in_thread(self.house.consent, host)

    def ask_for_connection(self) -> None:
        """Let the person give a key."""
        self.start(self.welcome)

    async def welcome(self) -> None:
        """The first screen a person without a key sees."""
        if self._welcoming:
            return
        self._welcoming = True
        self.someone_found.clear()
        try:
            await self._welcome()
        finally:
            self._welcoming = False
            self.someone_found.set()

    async def _welcome(self) -> None:
        from tui_chat.ui.screens.welcome import WelcomeScreen

        available, note = await self.in_thread(local_model_available)
        screen = WelcomeScreen(self.house.settings.base_url, self._test, available, note)
        result = await self.app.push_screen_wait(screen)
        if result is not None and result.kind == "key":
            await self._use_key(result)
        if result is not None:
            self._next = "model" if result.kind == "key" else "local"
        if screen.language and screen.language != words.language():  # also of one who only looks around
            await self.in_thread(self.house.change_setting, "language", screen.language)
            await self._speak()  # the screen that comes goes on
        else:
            await self.go_on()

    async def go_on(self) -> None:
        """What comes after the welcome: the embedded model, or the choice of a model."""
        step, self._next = self._next, ""
        if step == "local":
            await self.start_local(None)
        elif step == "model" and self.talk is not None and not self.talk.head.model:
            self.ask_for_model()

    async def _speak(self) -> None:
        """Speak the language that is set now. What is on screen is built anew."""
        words.speak(self.house.settings.spoken_language)
        self.post_message(self.LanguageChosen())

    async def _test(self, base_url: str, key: str) -> list[Model]:
        await self.ask_consent(base_url)
        return await self.engine(self.house.test, Endpoint(base_url, key))

    async def _use_key(self, result: WelcomeResult) -> None:
        """Keep the key where it belongs, and talk to whom it opens."""
        await self.in_thread(key_store.save_key, self.house.places, result.key)
        if result.base_url != self.house.settings.base_url:
            await self.in_thread(self.house.change_setting, "base_url", result.base_url)
        await self.ask_consent(result.base_url)
        self.house.connect(Connection(Endpoint(result.base_url, result.key), "credentials.toml"))
        await self.connected()

    async def start_local(self, model: Path | None) -> None:
        """Get and start the embedded model, and talk to it.

        One that is on this computer is started while the person may type already; one that has to be fetched first,
        or can't be started, has a screen of its own.
        """
        server = await self._start_beside(model)
        if server is None:
            from tui_chat.ui.screens.local_start import LocalStartScreen

            server = await self.app.push_screen_wait(LocalStartScreen(self.house.places.local_models, model))
        if server is None:
            return
        await self.close_local()
        self._local = server
        self.house.connect(Connection(Endpoint(server.base_url, server.api_key), "local", server.model))
        if self.talk is not None:
            await self.engine(self.house.desk.set_head, self.chat, model=server.model)
        await self.connected()

    async def _start_beside(self, model: Path | None) -> LocalServer | None:
        """The model's server, if nothing has to be asked for it to start."""
        from tui_chat import local

        folder = self.house.places.local_models
        if model is None and await self.in_thread(local.find, folder) is None:
            return None
        self.tell(t("ui.local.starting"))
        try:
            return await self.in_thread(local.start, model, folder, lambda progress: None, lambda: False)
        except ChatError:
            return None  # the screen tries again and says what is wrong

    async def close_local(self) -> None:
        """End the embedded model."""
        if self._local is not None:
            local, self._local = self._local, None
            await self.in_thread(local.close)

    def take_over(self, other: Door) -> None:
        """Go on where another chat screen was."""
        self._local, other._local = other._local, None
        self._undos, self._trashed, self._answering = other._undos, other._trashed, other._answering
        self._next, other._next = other._next, ""

    def close_local_at_exit(self) -> None:
        """End it without a loop."""
        if self._local is not None:
            self._local.close()

    async def connected(self) -> None:
        """Someone else answers from now on."""
        self.show_heading()
        await self.recall_prices()
        if self.side_panel is not None:
            await self.load_models(anew=True)

    def show_heading(self) -> None:
        """The head line."""

    # settings

    def action_settings(self) -> None:
        """Change settings."""
        self.start(self._settings)

    async def _settings(self) -> None:
        from tui_chat.ui.screens.settings import API_KEY, SettingsScreen

        connection = self.house.connection
        own = connection is not None and not connection.local_model
        masked = masked_key(connection.endpoint.api_key) if connection is not None and own else ""
        source = connection.source if connection is not None and own else ""
        screen = SettingsScreen(self.house.settings, masked_key=masked, key_source=source)
        changed = await self.app.push_screen_wait(screen)
        if not changed:
            return
        key = changed.pop(API_KEY, None)
        for name, value in changed.items():
            await self.in_thread(self.house.change_setting, name, value)
        if key is not None:
            await self.in_thread(key_store.save_key, self.house.places, str(key))
        if key is not None or "base_url" in changed:
            await self._connect_anew()
        if "show_price" in changed:
            self.show_prices()
        self.post_message(self.LooksChosen())
        if "language" in changed:
            await self._speak()

    async def _connect_anew(self) -> None:
        """The key or the address is another one; the embedded model keeps answering where it does."""
        if self.house.connection is None or not self.house.connection.local_model:
            found = await self.in_thread(self.house.find_connection)
            if found is not None:
                await self.ask_consent(found.endpoint.base_url)
            await self.connected()

    # out to a browser

    async def open_link(self, href: str) -> None:
        """Open a link the person clicked, once its host was shown; what isn't a web or mail address is only copied."""
        link = openable(href)
        if link is None or self.house.env.get("SSH_CONNECTION"):
            self.app.copy_to_clipboard(link.url if link is not None else href)
            if link is None:
                self.tell(t("ui.link.refused"), "warning")
            return
        from tui_chat.ui.screens.dialogs import Confirm

        if await self.app.push_screen_wait(Confirm(t("ui.link.open", target=link.target), link.url)):
            await self.in_thread(webbrowser.open, link.url)


def own_model(path: str) -> Path | None:
    """The person's own model file, None where the one that is offered is meant."""
    return Path(path).expanduser() if path else None


def local_model_available() -> tuple[bool, str]:
    """Whether this machine can run the embedded model, and why not."""
    from importlib.util import find_spec

    if find_spec("xllamacpp") is None:
        return False, t("ui.local.missing")
    return True, ""
