"""Which MCP servers run, and what do they define? Started, listed, listed anew when they change, and ended.

All coroutines run on the engine's loop. What is kept of a server is made of frozen values that are replaced whole, so
that any thread may look at it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from types import MappingProxyType

from tui_chat.engine import Engine
from tui_chat.errors import ToolError
from tui_chat.tools.mcp_asking import listed_tools
from tui_chat.tools.mcp_pins import Pins
from tui_chat.tools.mcp_plan import ServerPlan
from tui_chat.tools.mcp_reading import Reading
from tui_chat.tools.mcp_session import Session
from tui_chat.tools.mcp_state import Offer, Phase

NOTICE_S = 1.0
"""How long after a server says that its tools changed they are listed anew: once for all it says meanwhile."""


class Running(Reading):
    """The living half of `Servers`."""

    def __init__(
        self,
        engine: Engine,
        plans: Iterable[ServerPlan],
        pins_file: Path,
        changed: Callable[[str], object] = lambda name: None,
        ca_file: str = "",
    ) -> None:
        """Take up the plans; nothing starts.

        Args:
            engine: Where everything runs.
            plans: The `[mcp.NAME]` tables of the person's settings file.
            pins_file: What the person confirmed and approved, in the config folder.
            changed: Called on the engine with a server's name whenever its state or tools changed.
            ca_file: Certificates that servers elsewhere may prove themselves by, besides the system's.
        """
        self._engine = engine
        self._plans = {plan.name: plan for plan in plans}
        self._pins = Pins(pins_file)
        self._changed = changed
        self._ca_file = ca_file
        self._sessions: dict[str, Session] = {}
        self._starts: dict[str, asyncio.Task[None]] = {}
        """What brings a server up, from the person's word until it runs or failed."""
        self._openings: dict[str, asyncio.Task[None]] = {}
        self._running: frozenset[str] = frozenset()
        self._offers: dict[str, Offer] = {}
        self._errors: dict[str, ToolError] = {}
        self._last_stderr: dict[str, str] = {}
        self._noticed: set[str] = set()

    # Starting and stopping

    async def start(self, name: str) -> None:
        """Start a server and list its tools; one that runs is left as it is.

        Raises:
            ToolError: it is unknown, switched off, not confirmed (`error.mcp_unconfirmed`), can't be started or
                reached, or is no MCP server. The state says so too.
        """
        if not self._plan(name).enabled:
            raise ToolError("error.mcp_off", server=name)
        await asyncio.shield(self._begin(name))

    async def start_all(self) -> None:
        """Start every server that is switched on and confirmed, side by side; how each fared is in its state."""
        wanted = [plan.name for plan in self._plans.values() if plan.enabled and self._pins.confirmed(plan)]
        if starts := [self._begin(name) for name in wanted]:
            await asyncio.wait(starts)

    def starting(self, tools: Collection[str]) -> tuple[str, ...]:
        """The servers that are on their way and to which these tools belong, by the tools' names."""
        named = {tool.partition("__")[0] for tool in tools if "__" in tool}
        return tuple(name for name in self._plans if name in named and name in self._starts)

    async def until_started(self, names: Collection[str]) -> None:
        """Wait until none of these servers is on its way any more, however it fared."""
        if starts := [self._starts[name] for name in names if name in self._starts]:
            await asyncio.wait(starts)

    def _begin(self, name: str) -> asyncio.Task[None]:
        """Set a server going, unless it is on its way."""
        if name not in self._starts:
            start = self._starts[name] = self._engine.spawn(self._start(name))
            start.add_done_callback(partial(self._begun, name))
            self._changed(name)
        return self._starts[name]

    def _begun(self, name: str, start: asyncio.Task[None]) -> None:
        """A start came to its end; what went wrong is in the state, and raised where somebody waits."""
        if not start.cancelled():
            start.exception()
        if self._starts.get(name) is start:
            del self._starts[name]
            self._changed(name)

    async def _start(self, name: str) -> None:
        plan = self._plan(name)
        await self._engine.write(self._pins.reload)
        if self._starts.get(name) is not asyncio.current_task():  # stopped before anything was started
            raise ToolError("error.mcp_stopped", server=name)
        if not self._pins.confirmed(plan):
            raise ToolError("error.mcp_unconfirmed", server=name)
        if (ending := self._sessions.get(name)) is not None and ending.fault is not None:
            await ending.close()
            self._drop(ending, None)
        if name not in self._sessions:
            session = Session(
                self._engine, plan, partial(self._notice, name), partial(self._changed, name), self._ca_file
            )
            session.ended.add_done_callback(lambda _: self._gone(session))
            self._sessions[name] = session
            self._errors.pop(name, None)
            self._openings[name] = self._engine.spawn(self._open(session))
            self._changed(name)
        await asyncio.shield(self._openings[name])

    async def stop(self, name: str) -> None:
        """End a server and its process; one that doesn't run is left as it is."""
        self._starts.pop(name, None)
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
        if name in self._starts:
            return "starting"
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
