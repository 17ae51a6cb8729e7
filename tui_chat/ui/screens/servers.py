"""Which MCP servers are there, how do they stand, which of their tools may be called? A list, and the person's word.

A server starts only after its exact command was read and allowed here once; a tool can be called only after what it
says of itself was. What changed meanwhile is shown as a difference and asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList

from tui_chat.engine import Engine
from tui_chat.errors import ToolError
from tui_chat.tools.mcp_pins import Definition
from tui_chat.tools.mcp_servers import Servers
from tui_chat.tools.mcp_state import ServerState
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.consent import Consent
from tui_chat.ui.screens.dialogs import LOW, Confirm
from tui_chat.ui.screens.server_look import ServerLook
from tui_chat.ui.server_rows import (
    about_server,
    about_tool,
    definition_lines,
    launch_facts,
    launch_lines,
    server_lines,
    server_row,
    tool_row,
)
from tui_chat.ui.transcript.wrap import width_of
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.lines import Lines
from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t

T = TypeVar("T")
Wish = tuple[Literal["resources", "templates"], str]
"""What is wanted of a running server, and its name."""


class ServersScreen(ModalScreen[Wish | None]):
    """Shows the servers; its answer is what else is wanted of one."""

    CSS_PATH = "servers.tcss"
    VERTICAL_BREAKPOINTS = LOW
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("servers")]

    def __init__(self, servers: Servers, engine: Engine, at: str = "") -> None:
        """`at` names the server that the cursor is on at first."""
        super().__init__()
        self._servers, self._engine = servers, engine
        self._first = f"server:{at}"
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """The list, what is to be known of the row under the cursor, the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("servers.title"))
            yield Lines()
            yield Prose(classes="about")
            yield FootLine()

    def on_mount(self) -> None:
        """Show how they stand."""
        self.query_one(Lines).focus()
        self.call_after_refresh(self._fill, self._first)

    def on_resize(self) -> None:
        """Rows fit the width there is."""
        self.call_after_refresh(self._fill)

    def server_changed(self) -> None:
        """A server stands otherwise now."""
        if self.is_mounted:
            self._fill()

    # --- what the person does ---

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_open()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._explain()

    def action_open(self) -> None:
        """Read all of it; what waits for a yes asks for it."""
        server, tool = self._chosen
        if tool is not None and tool.standing != "approved":
            self._run(self._ask_tools, (tool,))
        elif tool is not None:
            title = t("servers.tool_title", tool=tool.name)
            self.app.push_screen(ServerLook(title, definition_lines((tool,))))
        elif server is not None and server.phase == "unconfirmed":
            self._run(self._ask_launch, server.name)
        elif server is not None:
            title = t("servers.server_title", server=server.name)
            self.app.push_screen(ServerLook(title, server_lines(server, self._servers.launch(server.name))))

    def action_allow(self) -> None:
        """Read what waits for a yes of the server under the cursor: its command, or all its tools."""
        server, tool = self._chosen
        if tool is not None and tool.standing != "approved":
            self._run(self._ask_tools, (tool,))
        elif server is not None and server.phase == "unconfirmed":
            self._run(self._ask_launch, server.name)
        elif server is not None:
            self._run(self._ask_tools, self._waiting(server.name))

    def action_restart(self) -> None:
        """Start the server under the cursor, anew where it runs."""
        server, _ = self._chosen
        if server is not None and server.phase == "unconfirmed":
            self._run(self._ask_launch, server.name)
        elif server is not None:
            self._run(self._start, server.name)

    def action_stop(self) -> None:
        """End the server under the cursor."""
        server, _ = self._chosen
        if server is not None:
            self._run(self._on_engine, self._servers.stop, server.name)

    def action_forget(self) -> None:
        """Take back every word about the server under the cursor."""
        server, _ = self._chosen
        if server is not None:
            self._run(self._forget, server.name)

    def action_resources(self) -> None:
        """Attach something that the server under the cursor offers."""
        self._leave_for("resources")

    def action_templates(self) -> None:
        """Use a template of the server under the cursor."""
        self._leave_for("templates")

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)

    # --- within ---

    async def _ask_launch(self, name: str) -> None:
        """Show exactly what starting it does; with a yes, start it, and show its tools."""
        launch = self._servers.launch(name)
        key = "servers.asks_again" if launch.before else "servers.asks"
        question = Consent(
            t(key, server=name), launch_facts(launch), launch_lines(launch), t("servers.yes_start", server=name)
        )
        if await self.app.push_screen_wait(question):
            await self._on_engine(self._servers.confirm, launch)
            await self._start(name)
            if waiting := self._waiting(name):
                await self._ask_tools(waiting)

    async def _ask_tools(self, definitions: tuple[Definition, ...]) -> None:
        if not definitions:
            self.notify(t("servers.none_wait"), markup=False)
            return
        server, count = definitions[0].server, len(definitions)
        title = t("servers.asks_tools" if count > 1 else "servers.asks_tool", server=server, count=count)
        changed = any(definition.standing == "changed" for definition in definitions)
        means = t("servers.means_changed" if changed else "servers.means_tools")
        yes = t("servers.yes_tools" if count > 1 else "servers.yes_tool", count=count)
        if await self.app.push_screen_wait(Consent(title, means, definition_lines(definitions), yes)):
            await self._on_engine(self._servers.approve, *definitions)
            self.notify(t("servers.switch_on", key=keys.shown("chat.tools")), markup=False)

    async def _start(self, name: str) -> None:
        try:
            await self._on_engine(self._servers.restart, name)
        except ToolError:
            if self._servers.state(name).error is None:  # else it stands in the list
                raise

    async def _forget(self, name: str) -> None:
        question = Confirm(t("servers.forget", server=name), t("servers.forget_means"), yes=t("servers.forget_yes"))
        if await self.app.push_screen_wait(question):
            await self._on_engine(self._servers.forget, name)

    async def _on_engine(self, work: Callable[..., Coroutine[Any, Any, T]], *given: object) -> T:
        asked = asyncio.wrap_future(self._engine.submit(work(*given)))
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())  # should nobody wait any more
        result = await asyncio.shield(asked)
        self.server_changed()
        return result

    def _run(self, work: Callable[..., Coroutine[Any, Any, object]], *given: object) -> None:
        async def guarded() -> None:
            try:
                await work(*given)
            except ToolError as error:
                self.notify(visible(speech.explain(error)), severity="error", markup=False, timeout=8)
                self.server_changed()

        self.run_worker(guarded(), exit_on_error=False)

    def _leave_for(self, what: Literal["resources", "templates"]) -> None:
        server, _ = self._chosen
        if server is not None and server.phase == "running":
            self.dismiss((what, server.name))
        elif server is not None:
            self.notify(t("error.mcp_stopped.says", server=server.name), severity="warning", markup=False)

    def _waiting(self, name: str) -> tuple[Definition, ...]:
        return tuple(each for each in self._servers.definitions(name) if each.standing != "approved")

    # --- what is shown ---

    @property
    def _chosen(self) -> tuple[ServerState | None, Definition | None]:
        """The server under the cursor, and its tool where the cursor is on one."""
        kind, _, name = (self.query_one(Lines).cursor_id or "").partition(":")
        try:
            if kind == "server":
                return self._servers.state(name), None
            for definition in self._servers.definitions():
                if kind == "tool" and definition.name == name:
                    return self._servers.state(definition.server), definition
        except ToolError:  # gone from the settings meanwhile
            pass
        return None, None

    def _fill(self, cursor: str | None = None) -> None:
        lines = self.query_one(Lines)
        width = lines.size.width - 1  # the scrollbar's place
        states = [self._servers.state(name) for name in self._servers.names]
        tools = {state.name: self._servers.definitions(state.name) for state in states}
        now = (width, tuple(states), tuple(tools.values()))
        if width <= 0 or (now == self._shown and cursor is None):
            return
        self._shown = now
        widest = max((width_of(state.name) for state in states), default=0)
        rows: list[tuple[str | None, Content]] = []
        for state in states:
            rows.append((f"server:{state.name}", server_row(state, width, widest)))
            rows += [(f"tool:{each.name}", tool_row(each, width)) for each in tools[state.name]]
        scroll = lines.scroll_offset.y
        lines.fill(rows, cursor or lines.cursor_id)
        lines.scroll_to(y=scroll, animate=False)
        self._explain()

    def _explain(self) -> None:
        server, tool = self._chosen
        about = about_tool(tool) if tool is not None else about_server(server) if server is not None else Content("")
        prose = self.query_one(".about", Prose)
        prose.display = bool(about.plain)
        prose.update(about)
        self._show_hints(server, tool)

    def _show_hints(self, server: ServerState | None, tool: Definition | None) -> None:
        if server is None:
            names = []
        elif server.phase == "unconfirmed":
            names = ["allow"]
        elif tool is not None:
            names = ["allow"] if tool.standing != "approved" else []
        else:
            names = ["allow"] if server.waiting else []
            alive = server.phase in ("running", "starting")
            names += ["restart", "stop"] if alive else ["restart"] if server.phase != "off" else []
            names += ["resources", "templates"] if server.phase == "running" else []
            names.append("forget")
        hints = [Hint("⏎", t("servers.read"), "screen.open")]
        for name in names:
            key = keys.BY_ID[f"servers.{name}"]
            label = key.label
            if name == "restart" and server is not None and server.phase not in ("running", "starting"):
                label = t("servers.start")
            hints.append(Hint(keys.shown(key.id), label, f"screen.{key.action}"))
        hints.append(Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel"))
        self.query_one(FootLine).show_hints(hints)
