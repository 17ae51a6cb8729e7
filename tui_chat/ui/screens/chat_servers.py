"""What do the person's MCP servers bring into the chat? Their tools, what they let one read, their templates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tui_chat.errors import ChatError, ToolError
from tui_chat.ui import keys, speech
from tui_chat.ui.draft import Enclosure
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.chat_tools import ToolRoom
from tui_chat.ui.tool_rows import hides_something
from tui_chat.ui.widgets.prompt import cleaned
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.tools.mcp_results import PromptMessage, Resource
    from tui_chat.tools.mcp_servers import Servers
    from tui_chat.tools.mcp_state import ServerState
    from tui_chat.ui.screens.servers import ServersScreen
    from tui_chat.ui.widgets.tools_panel import ToolsPanel

Row = TypeVar("Row")


class ServerRoom(ToolRoom):
    """The servers' screen, resources and templates."""

    _servers_screen: ServersScreen | None = None
    _told: dict[str, tuple[str, int]]
    """How each server stood when it was last noticed: its phase, and how many tools wait."""

    # their life

    async def begin_servers(self) -> None:
        """Start the servers that the person allowed, and hear of all of them from now on."""
        loop, context = asyncio.get_running_loop(), copy_context()

        def changed(name: str) -> None:
            with suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(partial(self._server_changed, name), context=context)

        self.house.server_changed = changed
        self._told = {}
        if self.house.servers is not None or not self.house.settings.mcp:
            return  # another screen began them
        servers = await self.in_thread(self.house.open_servers)
        if servers is None:
            return
        self.house.engine.submit(servers.start_all())
        unconfirmed = [name for name in servers.names if servers.state(name).phase == "unconfirmed"]
        if unconfirmed:
            self.tell(t("servers.tell_unconfirmed", names=", ".join(unconfirmed), key=keys.shown("chat.servers")))

    def _server_changed(self, name: str) -> None:
        """A server stands otherwise now, or its tools do."""
        servers = self.house.servers
        if servers is None or not self.is_mounted:
            return
        if self._servers_screen is not None:
            self._servers_screen.server_changed()
        if self._box is not None:
            self.latest("toolbox", self._find_tools_anew)
        self.show_panels()
        with suppress(ToolError):  # gone from the settings
            state = servers.state(name)
            _, waited = self._told.get(name, ("", 0))
            before, self._told[name] = self._told.get(name), (state.phase, state.waiting)
            if self._servers_screen is not None or before == self._told[name]:
                return
            if state.phase == "stopped" and state.error is not None:
                self.complain(state.error)
            elif state.phase == "running" and state.waiting > waited:
                key = keys.shown("chat.servers")
                self.tell(t("servers.tell_waiting", server=name, count=state.waiting, key=key), "warning")

    def server_states(self) -> tuple[ServerState, ...]:
        """How the person's MCP servers stand, once they were opened."""
        servers = self.house.servers
        if servers is None:
            return ()
        states = []
        for name in servers.names:
            with suppress(ToolError):  # gone from the settings
                states.append(servers.state(name))
        return tuple(states)

    async def _find_tools_anew(self) -> None:
        await self.box(anew=True)
        self.show_panels()

    # the screen

    def action_servers(self) -> None:
        """Look at the MCP servers."""
        self.start(self._look_at_servers)

    def on_tools_panel_servers_asked(self, event: ToolsPanel.ServersAsked) -> None:
        """Look at a server of the panel."""
        event.stop()
        self.start(self._look_at_servers, event.name)

    async def _look_at_servers(self, at: str = "") -> None:
        from tui_chat.ui.screens.servers import ServersScreen

        servers = await self._named_servers()
        if servers is None or self._servers_screen is not None:
            return
        screen = self._servers_screen = ServersScreen(servers, self.house.engine, at)
        try:
            wish = await self.app.push_screen_wait(screen)
        finally:
            self._servers_screen = None
        if wish is not None:
            what, name = wish
            await (self._attach_resource(name) if what == "resources" else self._use_template(name))

    async def _named_servers(self) -> Servers | None:
        """The servers that the settings file names by now; where it names none, that is explained."""
        await self.in_thread(self.house.read_servers)
        servers = await self.in_thread(self.house.open_servers)
        if servers is None or not servers.names:
            from tui_chat.ui.screens.dialogs import Details

            where = str(self.house.places.settings_file)
            await self.app.push_screen_wait(Details(t("servers.title"), (), t("servers.none", path=where)))
            return None
        return servers

    # what they let one read

    def action_resources(self) -> None:
        """Attach something that a server offers."""
        self.start(self._attach_resource)

    async def _attach_resource(self, name: str = "") -> None:
        servers = await self._running_servers(name)
        if servers is None or self.talk is None or self.talk.read_only is not None:
            return
        found = await self._listed(servers.resources, self._names(servers, name))
        picked = await self._pick("resources", found, lambda each: (each.name, each.description or each.uri))
        if picked is not None:
            await self._attach_text(picked, await self.engine(servers.read, picked.server, picked.uri))
            self.composer.prompt.focus()

    async def _attach_text(self, resource: Resource, text: str) -> None:
        from tui_chat.attach import attach_content

        settings = self.house.settings
        attached = await self.in_thread(
            attach_content,
            text.encode("utf-8", "replace"),
            resource.name,
            keep=self.house.blobs.keep,
            limit_bytes=settings.attachment_limit_mb * 1024 * 1024,
            image_limit_px=settings.image_limit_px,
            as_text=True,
        )
        notes = tuple(speech.note(note.key, note.facts) for note in attached.notes)
        if attached.suspicious and not await self._meant(notes[0] if notes else resource.name):
            return
        origin = t("servers.from", server=resource.server, uri=visible(resource.uri, newline=False))
        self.composer.add(Enclosure(attached.part, (origin, *notes)))

    # their templates

    def action_templates(self) -> None:
        """Begin a message with a template of a server."""
        self.start(self._use_template)

    async def _use_template(self, name: str = "") -> None:
        servers = await self._running_servers(name)
        if servers is None or self.talk is None or self.talk.read_only is not None:
            return
        found = await self._listed(servers.prompts, self._names(servers, name))
        picked = await self._pick("templates", found, lambda each: (each.name, each.description))
        if picked is None:
            return
        filled: dict[str, str] | None = {}
        if picked.arguments:
            from tui_chat.ui.screens.blanks import Blanks

            filled = await self.app.push_screen_wait(Blanks(picked))
        if filled is not None:
            said = await self.engine(servers.prompt, picked.server, picked.name, filled)
            self._write(said)

    def _write(self, said: tuple[PromptMessage, ...]) -> None:
        """Put the words of a template where the person writes; nothing is sent."""
        several = len({message.role for message in said}) > 1
        texts = [f"{t(f'chat.role.{each.role}')}: {each.text}" if several else each.text for each in said]
        text = cleaned("\n\n".join(texts))
        if hides_something(text):
            self.tell(t("servers.template_hides"), "warning")
        prompt = self.composer.prompt
        prompt.focus()
        prompt.insert_paste(text)

    # within

    async def _running_servers(self, name: str) -> Servers | None:
        """The servers, if one runs of which something can be wanted; else that is said."""
        servers = self.house.servers
        if servers is not None and self._names(servers, name):
            return servers
        self.tell(t("servers.none_running", key=keys.shown("chat.servers")), "warning")
        return None

    def _names(self, servers: Servers, name: str) -> list[str]:
        return [each for each in servers.names if name in ("", each) and servers.state(each).phase == "running"]

    async def _listed(
        self, ask: Callable[[str], Coroutine[Any, Any, tuple[Row, ...]]], names: list[str]
    ) -> tuple[Row, ...]:
        """What these servers offer; one that can't say it is explained, the others stay."""
        answers = await asyncio.gather(*(self.engine(ask, name) for name in names), return_exceptions=True)
        found: list[Row] = []
        for answer in answers:
            if isinstance(answer, ChatError):
                self.complain(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found += answer
        return tuple(found)

    async def _pick(
        self,
        what: Literal["resources", "templates"],
        found: tuple[Any, ...],
        shown: Callable[[Any], tuple[str, str]],
    ) -> Any:
        """Let the person choose one; None for none."""
        from tui_chat.ui.screens.pick import Pick

        if not found:
            self.tell(t(f"servers.no_{what}"), "warning")
            return None
        rows = []
        for each in found:
            label, remark = shown(each)
            rows.append((label, " · ".join(filter(None, (" ".join(remark.split())[:80], each.server)))))
        at = await self.app.push_screen_wait(Pick(t(f"servers.pick_{what}"), rows))
        return found[at] if at is not None else None
