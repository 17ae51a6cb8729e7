"""The person's MCP servers: which run, what they offer, and whether that is what the person approved.

All coroutines run on the engine's loop. What is only looked at (`state`, `definitions`, `tools`) may be asked from any
thread: it is made of frozen values that are replaced whole.

Three words of the person stand between a table in the settings file and a call: yes to the exact command
(`confirm`), yes to each tool as its server describes it (`approve`), and then, as for every tool, yes to the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tui_chat.engine import Engine
from tui_chat.errors import ToolError
from tui_chat.tools import mcp_results
from tui_chat.tools.mcp_asking import called, listed_tools
from tui_chat.tools.mcp_pins import Definition, Pins
from tui_chat.tools.mcp_plan import Launch, ServerPlan
from tui_chat.tools.mcp_reading import Reading
from tui_chat.tools.mcp_session import Session
from tui_chat.tools.mcp_state import Offer, Phase, ServerState
from tui_chat.tools.tool import Arguments, Outcome, Preview, Surroundings, Tool

NOTICE_S = 1.0
"""How long after a server says that its tools changed they are listed anew: once for all it says meanwhile."""
_GRACE_S = 5.0


class Servers(Reading):
    """All MCP servers of the settings, started only after the person's word."""

    def __init__(
        self,
        engine: Engine,
        plans: Iterable[ServerPlan],
        pins_file: Path,
        changed: Callable[[str], object] = lambda name: None,
    ) -> None:
        """Take up the plans; nothing starts.

        Args:
            engine: Where everything runs.
            plans: The `[mcp.NAME]` tables of the person's settings file.
            pins_file: What the person confirmed and approved, in the config folder.
            changed: Called on the engine with a server's name whenever its state or tools changed.
        """
        self._engine = engine
        self._plans = {plan.name: plan for plan in plans}
        self._pins = Pins(pins_file)
        self._changed = changed
        self._sessions: dict[str, Session] = {}
        self._openings: dict[str, asyncio.Task[None]] = {}
        self._running: frozenset[str] = frozenset()
        self._offers: dict[str, Offer] = {}
        self._errors: dict[str, ToolError] = {}
        self._last_stderr: dict[str, str] = {}
        self._noticed: set[str] = set()

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

    # Starting and stopping

    async def start(self, name: str) -> None:
        """Start a server and list its tools; one that runs is left as it is.

        Raises:
            ToolError: it is unknown, switched off, not confirmed (`error.mcp_unconfirmed`), can't be started or
                reached, or is no MCP server. The state says so too.
        """
        plan = self._plan(name)
        if not plan.enabled:
            raise ToolError("error.mcp_off", server=name)
        await self._engine.write(self._pins.reload)
        if not self._pins.confirmed(plan):
            raise ToolError("error.mcp_unconfirmed", server=name)
        if (ending := self._sessions.get(name)) is not None and ending.fault is not None:
            await ending.close()
            self._drop(ending, None)
        if name not in self._sessions:
            session = Session(self._engine, plan, partial(self._notice, name), partial(self._changed, name))
            session.ended.add_done_callback(lambda _: self._gone(session))
            self._sessions[name] = session
            self._errors.pop(name, None)
            self._openings[name] = self._engine.spawn(self._open(session))
            self._changed(name)
        await asyncio.shield(self._openings[name])

    async def start_all(self) -> None:
        """Start every server that is switched on and confirmed, side by side; how each fared is in its state."""
        wanted = [plan.name for plan in self._plans.values() if plan.enabled and self._pins.confirmed(plan)]
        await asyncio.gather(*(self.start(name) for name in wanted), return_exceptions=True)

    async def stop(self, name: str) -> None:
        """End a server and its process; one that doesn't run is left as it is."""
        session = self._sessions.get(name)
        if session is not None:
            await session.close()
            self._drop(session, None)
        self._errors.pop(name, None)
        self._changed(name)

    async def restart(self, name: str) -> None:
        """Stop, then start anew.

        Raises:
            ToolError: as `start`.
        """
        await self.stop(name)
        await self.start(name)

    async def take(self, plans: Iterable[ServerPlan]) -> None:
        """Go by changed settings: servers that are gone or planned otherwise stop; none is started."""
        wanted = {plan.name: plan for plan in plans}
        ending = [name for name, plan in self._plans.items() if wanted.get(name) != plan]
        await asyncio.gather(*(self.stop(name) for name in ending))
        self._plans = wanted
        for name in ending:
            self._last_stderr.pop(name, None)

    async def close(self) -> None:
        """End all servers, side by side."""
        await asyncio.gather(*(session.close() for session in list(self._sessions.values())))

    # Within

    def _plan(self, name: str) -> ServerPlan:
        if name not in self._plans:
            raise ToolError("error.mcp_unknown", server=name)
        return self._plans[name]

    def _phase(self, plan: ServerPlan) -> Phase:
        name = plan.name
        session = self._sessions.get(name)
        if session is not None:
            return "stopped" if session.fault else "running" if name in self._running else "starting"
        if not plan.enabled:
            return "off"
        if not self._pins.confirmed(plan):
            return "unconfirmed"
        return "stopped" if name in self._errors else "idle"

    def _session(self, name: str) -> Session:
        """The running session of a server."""
        self._plan(name)
        if name not in self._running:
            raise self._errors.get(name) or ToolError("error.mcp_stopped", server=name)
        return self._sessions[name]

    async def _open(self, session: Session) -> None:
        name = session.plan.name
        try:
            await session.open()
            await self._list(session, session.plan.call_timeout_s)
        except ToolError as error:
            self._engine.spawn(session.close(error))
            self._drop(session, error)
            raise
        if self._sessions.get(name) is session and not session.ended.done():
            self._running |= {name}
            self._changed(name)

    def _gone(self, session: Session) -> None:
        """A session is over, by itself or by the person's word."""
        self._drop(session, session.ended.result())

    def _drop(self, session: Session, error: ToolError | None) -> None:
        name = session.plan.name
        if self._sessions.get(name) is session:
            if error is not None:
                self._errors[name] = error
            self._last_stderr[name] = session.stderr
            del self._sessions[name]
            self._openings.pop(name, None)
            self._running -= {name}
            self._offers.pop(name, None)
            self._changed(name)

    async def _list(self, session: Session, timeout_s: float) -> None:
        """Ask a server for its tools, and hold each against what the person approved."""
        found, problems = await session.ask(partial(listed_tools, session.plan), timeout_s)
        name = session.plan.name
        if self._sessions.get(name) is session:
            before = self._offers.get(name)
            judged = {definition.name: self._pins.judged(definition) for definition in found}
            self._offers[name] = Offer(MappingProxyType(judged), problems)
            if before is not None and before.definitions != judged:
                self._changed(name)

    def _judge(self, name: str) -> None:
        """Hold a server's tools against what the person approved by now."""
        if (offer := self._offers.get(name)) is not None:
            judged = {key: self._pins.judged(definition) for key, definition in offer.definitions.items()}
            self._offers[name] = Offer(MappingProxyType(judged), offer.problems)
        self._changed(name)

    def _notice(self, name: str) -> None:
        """A server says that its tools changed: list them soon, once, however often it says so."""
        if name in self._noticed:
            return
        self._noticed.add(name)

        def look() -> None:
            self._noticed.discard(name)
            if name in self._running:
                self._engine.spawn(self._look(name))

        self._engine.later(NOTICE_S, look)

    async def _look(self, name: str) -> None:
        session = self._sessions.get(name)
        if session is not None:
            try:
                await self._list(session, session.plan.call_timeout_s)
            except ToolError:
                # It can't say what its tools are: none of them is what was approved.
                if self._sessions.get(name) is session:
                    self._offers[name] = Offer()
                    self._changed(name)

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
