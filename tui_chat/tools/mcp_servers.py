"""The person's MCP servers: which run, what they offer, and whether that is what the person approved.

All coroutines run on the engine's loop. What is only looked at (`state`, `definitions`, `tools`) may be asked from any
thread: it is made of frozen values that are replaced whole.

Three words of the person stand between a table in the settings file and a call: yes to the exact command
(`confirm`), yes to each tool as its server describes it (`approve`), and then, as for every tool, yes to the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from tui_chat.errors import ToolError
from tui_chat.tools import mcp_results
from tui_chat.tools.mcp_asking import called
from tui_chat.tools.mcp_pins import Definition
from tui_chat.tools.mcp_plan import Launch, ServerPlan
from tui_chat.tools.mcp_running import Running
from tui_chat.tools.mcp_state import Offer, ServerState
from tui_chat.tools.tool import Arguments, Outcome, Preview, Surroundings, Tool

_GRACE_S = 5.0


class Servers(Running):
    """All MCP servers of the settings, started only after the person's word."""

    # What is looked at, from any thread

    @property
    def names(self) -> tuple[str, ...]:
        """All servers of the settings, in their order."""
        return tuple(self._plans)

    def state(self, name: str) -> ServerState:
        """How a server stands.

        Raises:
            ToolError: there is no such server.
        """
        plan = self._plan(name)
        offer = self._offers.get(name, Offer())
        ready = sum(definition.standing == "approved" for definition in offer.definitions.values())
        session = self._sessions.get(name)
        fault = session.fault if session is not None else None
        return ServerState(
            name,
            self._phase(plan),
            tools=ready,
            waiting=len(offer.definitions) - ready,
            error=fault or self._errors.get(name),
            problems=offer.problems,
            stderr=session.stderr if session is not None else self._last_stderr.get(name, ""),
        )

    def launch(self, name: str) -> Launch:
        """What starting a server does, for the person to confirm: the exact command, and the one before it.

        Raises:
            ToolError: there is no such server.
        """
        plan = self._plan(name)
        return plan.launch(confirmed=self._pins.confirmed(plan), before=self._pins.before(plan))

    def definitions(self, name: str | None = None) -> tuple[Definition, ...]:
        """What the running servers, or one of them, define now: approved, new and changed tools alike."""
        offers = dict(self._offers) if name is None else {name: self._offers.get(name, Offer())}
        return tuple(definition for offer in offers.values() for definition in offer.definitions.values())

    def tools(self) -> tuple[Tool, ...]:
        """The tools that can be called: of running servers, and exactly as the person approved them."""
        plans = dict(self._plans)
        running = {name for name, plan in plans.items() if self._phase(plan) == "running"}
        return tuple(
            self._tool(plans[definition.server], definition)
            for definition in self.definitions()
            if definition.standing == "approved" and definition.server in running
        )

    def problems(self) -> tuple[ToolError, ...]:
        """Why servers don't run that should, and what is wrong with tools that can't be used."""
        found: list[ToolError] = []
        for name in self.names:
            with suppress(ToolError):  # gone from the settings meanwhile
                state = self.state(name)
                found += [*((state.error,) if state.error is not None else ()), *state.problems]
        return tuple(found)

    # The person's words

    async def confirm(self, launch: Launch) -> None:
        """The person has seen this launch, from `launch(name)`, and says yes to it, until it changes.

        Raises:
            ToolError: there is no such server, it would be started otherwise by now, or the file can't be written.
        """
        name = launch.server
        plan = self._plan(name)
        if plan.launch(confirmed=launch.confirmed, before=launch.before) != launch:
            raise ToolError("error.mcp_unconfirmed", server=name)
        await self._pinned(lambda: self._pins.confirm(plan))
        self._errors.pop(name, None)
        self._changed(name)

    async def approve(self, *definitions: Definition) -> None:
        """The person has seen these definitions, from `definitions()`, and lets models call them.

        What is approved is what was seen: if a server changed its mind meanwhile, its tool stays off.

        Raises:
            ToolError: the file can't be written.
        """
        await self._pinned(lambda: self._pins.approve(*definitions))
        for name in dict.fromkeys(definition.server for definition in definitions):
            self._judge(name)

    async def forget(self, name: str) -> None:
        """Take back every word about a server: it stops, and asks anew for everything.

        Raises:
            ToolError: the file can't be written.
        """
        await self.stop(name)
        await self._pinned(lambda: self._pins.forget(name))
        self._changed(name)

    # Within

    def _tool(self, plan: ServerPlan, definition: Definition) -> Tool:
        parameters: dict[str, Any] = {"properties": {}, **definition.parameters}
        return Tool(
            definition.name,
            definition.description,
            parameters,
            "runs" if plan.command else "network",
            partial(self._call, definition),
            look=None if plan.command else partial(_reaches, plan.host),
            source=f"MCP {plan.name}",
            # Our own deadline comes first, and names the server.
            timeout_s=plan.call_timeout_s + _GRACE_S,
            remote=True,
            reaches_out=True,
        )

    async def _call(self, definition: Definition, arguments: Arguments, surroundings: Surroundings) -> Outcome:
        """Call a tool, if it is still, this very moment, the one that the person approved and the model saw."""
        session = self._session(definition.server)
        now = asyncio.get_running_loop().time
        deadline = now() + session.plan.call_timeout_s
        await self._list(session, session.plan.call_timeout_s)
        offered = self._offers.get(definition.server, Offer()).definitions.get(definition.name)
        if offered is None:
            raise ToolError("error.mcp_tool_gone", server=definition.server, tool=definition.name)
        if offered.standing != "approved" or offered.fingerprint != definition.fingerprint:
            raise ToolError("error.mcp_tool_changed", server=definition.server, tool=definition.name)
        result = await session.ask(partial(called, definition.tool, arguments), max(0.0, deadline - now()))
        return await mcp_results.outcome(definition.server, result, surroundings.logs)

    async def _pinned(self, work: Callable[[], None]) -> None:
        try:
            await self._engine.write(work)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ToolError("error.mcp_pins", path=str(self._pins.path), reason=reason) from error


def _reaches(host: str, arguments: Arguments, surroundings: Surroundings) -> Preview:
    return Preview(hosts=(host,), network=True)
