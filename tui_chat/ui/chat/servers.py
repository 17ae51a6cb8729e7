"""What do the person's MCP servers bring into the chat? Their tools, what they let one read, their templates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from tui_chat.chat.events import Event, WentWithout
from tui_chat.errors import ChatError, ToolError
from tui_chat.ui import keys, speech
from tui_chat.ui.chat.attaching import Attaching
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.tools import Tools
from tui_chat.ui.gate import visible
from tui_chat.ui.tool_rows import hides_something
from tui_chat.ui.widgets.prompt import cleaned
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.tools.mcp_results import PromptMessage
    from tui_chat.tools.mcp_servers import Servers as McpServers
    from tui_chat.ui.screens.servers import ServersScreen

Row = TypeVar("Row")


class Servers(Part):
    """The servers' screen, resources and templates."""

    def __init__(self, room: Room, tools: Tools, attaching: Attaching) -> None:
        self.room = room
        self._tools = tools
        self._attaching = attaching
        self.does = {
            "chat.servers": self._look_at_servers,
            "chat.resources": self._attach_resource,
            "chat.templates": self._use_template,
        }
        self.answers = {"ToolsPanel.ServersAsked": lambda event: room.start(self._look_at_servers, event.name)}
        self._screen: ServersScreen | None = None
        self._told: dict[str, tuple[str, int]] = {}
        """How each server stood when it was last noticed: its phase, and how many tools wait."""

    # their life

    async def begin(self) -> None:
        """Start the servers that the person allowed, and hear of all of them from now on."""
        loop, context = asyncio.get_running_loop(), copy_context()

        def changed(name: str) -> None:
            with suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(partial(self.room.do, self._changed, name), context=context)

        self.room.house.server_changed = changed
        if self.room.house.servers is not None or not self.room.house.settings.mcp:
            return  # another screen began them
        servers = await self.room.in_thread(partial(self.room.house.open_servers, begin=True))
        if servers is None:
            return
        unconfirmed = [name for name in servers.names if servers.state(name).phase == "unconfirmed"]
        if unconfirmed:
            self.room.tell(t("servers.tell_unconfirmed", names=", ".join(unconfirmed), key=keys.shown("chat.servers")))

    def happened(self, event: Event) -> None:
        """A question went out without tools that the chat wants."""
        if isinstance(event, WentWithout) and event.chat == self.room.chat:
            names = ", ".join(visible(name, newline=False) for name in event.tools)
            self.room.tell(t("ui.live.without", names=names, key=keys.shown("chat.servers")), "warning")

    def _changed(self, name: str) -> None:
        """A server stands otherwise now, or its tools do."""
        servers = self.room.house.servers
        if servers is None or not self.room.is_there:
            return
        if self._screen is not None:
            self._screen.server_changed()
        self._tools.look_anew()
        self.room.follow()
        with suppress(ToolError):  # gone from the settings
            state = servers.state(name)
            _, waited = self._told.get(name, ("", 0))
            before, self._told[name] = self._told.get(name), (state.phase, state.waiting)
            if self._screen is not None or before == self._told[name]:
                return
            if state.phase == "stopped" and state.error is not None:
                self.room.complain(state.error)
            elif state.phase == "running" and state.waiting > waited:
                key = keys.shown("chat.servers")
                self.room.tell(t("servers.tell_waiting", server=name, count=state.waiting, key=key), "warning")

    # the screen

    async def _look_at_servers(self, at: str = "") -> None:
        from tui_chat.ui.screens.servers import ServersScreen

        servers = await self._named_servers()
        if servers is None or self._screen is not None:
            return
        screen = self._screen = ServersScreen(servers, self.room.house.engine, at)
        try:
            wish = await self.room.ask(screen)
        finally:
            self._screen = None
        if wish is not None:
            what, name = wish
            await (self._attach_resource(name) if what == "resources" else self._use_template(name))

    async def _named_servers(self) -> McpServers | None:
        """The servers that the settings file names by now; where it names none, that is explained."""
        await self.room.in_thread(self.room.house.read_servers)
        servers = await self.room.in_thread(self.room.house.open_servers)
        if servers is None or not servers.names:
            from tui_chat.ui.screens.dialogs import Details

            where = speech.home_short(str(self.room.house.places.settings_file))
            await self.room.ask(Details(t("servers.title"), (), t("servers.none", path=where)))
            return None
        return servers

    # what they let one read

    async def _attach_resource(self, name: str = "") -> None:
        servers = await self._running_servers(name)
        if servers is None or not self.room.can_write:
            return
        found = await self._listed(servers.resources, self._names(servers, name))
        picked = await self._pick("resources", found, lambda each: (each.name, each.description or each.uri))
        if picked is not None:
            text = await self.room.engine(servers.read, picked.server, picked.uri)
            origin = t("servers.from", server=picked.server, uri=visible(picked.uri, newline=False))
            content = text.encode("utf-8", "replace")
            await self._attaching.attach_content(content, picked.name, origin, as_text=True)
            self.room.composer.prompt.focus()

    # their templates

    async def _use_template(self, name: str = "") -> None:
        servers = await self._running_servers(name)
        if servers is None or not self.room.can_write:
            return
        found = await self._listed(servers.prompts, self._names(servers, name))
        picked = await self._pick("templates", found, lambda each: (each.name, each.description))
        if picked is None:
            return
        filled: dict[str, str] | None = {}
        if picked.arguments:
            from tui_chat.ui.screens.blanks import Blanks

            filled = await self.room.ask(Blanks(picked))
        if filled is not None:
            said = await self.room.engine(servers.prompt, picked.server, picked.name, filled)
            self._write(said)

    def _write(self, said: tuple[PromptMessage, ...]) -> None:
        """Put the words of a template where the person writes; nothing is sent."""
        several = len({message.role for message in said}) > 1
        texts = [f"{t(f'chat.role.{each.role}')}: {each.text}" if several else each.text for each in said]
        text = cleaned("\n\n".join(texts))
        if hides_something(text):
            self.room.tell(t("servers.template_hides"), "warning")
        prompt = self.room.composer.prompt
        prompt.focus()
        prompt.insert_paste(text)

    # within

    async def _running_servers(self, name: str) -> McpServers | None:
        """The servers, if one runs of which something can be wanted; else that is said."""
        servers = self.room.house.servers
        if servers is not None and self._names(servers, name):
            return servers
        self.room.tell(t("servers.none_running", key=keys.shown("chat.servers")), "warning")
        return None

    def _names(self, servers: McpServers, name: str) -> list[str]:
        return [each for each in servers.names if name in ("", each) and servers.state(each).phase == "running"]

    async def _listed(
        self, ask: Callable[[str], Coroutine[Any, Any, tuple[Row, ...]]], names: list[str]
    ) -> tuple[Row, ...]:
        """What these servers offer; one that can't say it is explained, the others stay."""
        answers = await asyncio.gather(*(self.room.engine(ask, name) for name in names), return_exceptions=True)
        found: list[Row] = []
        for answer in answers:
            if isinstance(answer, ChatError):
                self.room.complain(answer)
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
            self.room.tell(t(f"servers.no_{what}"), "warning")
            return None
        rows = []
        for each in found:
            label, remark = shown(each)
            rows.append((label, " · ".join(filter(None, (" ".join(remark.split())[:80], each.server)))))
        at = await self.room.ask(Pick(t(f"servers.pick_{what}"), rows))
        return found[at] if at is not None else None
