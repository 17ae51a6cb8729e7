"""One live conversation with an MCP server: opened and closed in one task, asked from any other, ended in words.

The SDK is built on anyio, whose contexts must be left in the task that entered them. So each session has a task of
its own that enters, waits and leaves; everybody else only asks, with a deadline, and stops waiting the moment the
session ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from tui_chat import __version__
from tui_chat.engine import Engine
from tui_chat.errors import ToolError
from tui_chat.tools.mcp_pipe import PATIENCE_S, Pipe
from tui_chat.tools.mcp_plan import ServerPlan
from tui_chat.tools.mcp_remote import remote

if TYPE_CHECKING:
    from mcp import Client

T = TypeVar("T")

_SETTLE_S = 0.5
LONGEST_REASON = 500
"""Characters of a server's own words in an error."""


class Session:
    """One server, from its start to its end; a restart is a new one."""

    def __init__(
        self,
        engine: Engine,
        plan: ServerPlan,
        tools_changed: Callable[[], object],
        faulted: Callable[[], object],
        ca_file: str = "",
    ) -> None:
        """Prepare; `open` starts it.

        Args:
            engine: Keeps the session's task.
            plan: What to start, or whom to talk to.
            tools_changed: Called when the server says that its list of tools changed.
            faulted: Called when `fault` is known, a moment before the session has ended.
            ca_file: Certificates to trust besides the system's.
        """
        self.plan = plan
        self.ended: asyncio.Future[ToolError | None] = asyncio.get_running_loop().create_future()
        """Done once the session is over and nothing of it runs; its reason, None where it was closed."""
        self._engine = engine
        self._tools_changed = tools_changed
        self._faulted = faulted
        self._ca_file = ca_file
        self._leave = asyncio.Event()
        self._opened = asyncio.Event()
        self._reason: ToolError | None = None
        self._client: Client | None = None
        self._pipe: Pipe | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def stderr(self) -> str:
        """The last 64 KB of the server's error output, untrusted; "" for a server elsewhere."""
        return self._pipe.stderr if self._pipe is not None else ""

    @property
    def fault(self) -> ToolError | None:
        """Why it can't be talked to any more, known while its process may still be ending; None while all is well."""
        if self.ended.done():
            return self._over()
        return self._pipe.fault if self._pipe is not None and self._pipe.fault is not None else self._reason

    async def open(self) -> None:
        """Start the server and shake hands.

        Raises:
            ToolError: the SDK is missing, the server can't be started or reached, is no MCP server, or is not ready
                within `plan.start_timeout_s`.
        """
        await asyncio.get_running_loop().run_in_executor(None, _import_sdk, self.plan.name)
        if self._leave.is_set():  # closed before anything was started
            self.ended.set_result(self._reason)
            raise self._over()
        self._task = self._engine.spawn(self._live())
        opened = self._engine.spawn(_waiting(self._opened))
        try:
            await _first(opened, self.ended, self.plan.start_timeout_s)
        except asyncio.CancelledError:
            self._task.cancel()
            raise
        finally:
            opened.cancel()
        if self.ended.done():
            raise self.ended.result() or ToolError("error.mcp_stopped", server=self.plan.name)
        if not self._opened.is_set():
            noise = self._pipe.first_noise if self._pipe is not None else ""
            error = ToolError("error.mcp_noise", server=self.plan.name, line=noise)
            if not noise:
                seconds = f"{self.plan.start_timeout_s:g}"
                error = ToolError("error.mcp_slow_start", server=self.plan.name, seconds=seconds)
            self._engine.spawn(self.close(error))  # ending it may take seconds; the person is told now
            raise error

    async def ask(self, work: Callable[[Client], Awaitable[T]], timeout_s: float) -> T:
        """Ask the server something.

        Cancelling this cancels the request, and tells the server.

        Args:
            work: The question, put to the SDK's client.
            timeout_s: How long the answer may take.

        Raises:
            ToolError: the server said no, answered what isn't allowed, took too long, or ended meanwhile.
        """
        client = self._client
        if client is None or self.fault is not None:
            raise self._over()

        async def asked() -> T:
            return await work(client)

        asking = self._engine.spawn(asked())
        try:
            await _first(asking, self.ended, timeout_s)
        finally:
            if not asking.done():  # not waited for: a server that reads nothing could hold up even the cancelling
                asking.add_done_callback(_looked_at)
                asking.cancel()
        if asking.done() and not asking.cancelled():
            error = asking.exception()
            if error is None:
                return asking.result()
            if not _connection_lost(error):
                raise self._explained(error) from error
            if self.fault is None:
                await asyncio.wait({self.ended}, timeout=3 * PATIENCE_S if self._pipe is not None else _SETTLE_S)
            # Over HTTP, an answer that breaks off is called so too, and the session goes on.
            raise (self._explained(error) if self.fault is None else self._over()) from error
        if self.ended.done():
            raise self._over()
        raise ToolError("error.mcp_slow_call", server=self.plan.name, seconds=f"{timeout_s:g}")

    async def close(self, reason: ToolError | None = None) -> None:
        """End the session and its process, at most about 4 × `PATIENCE_S` later; `ended` then gives the reason."""
        self._reason = self._reason or reason
        self._leave.set()
        task = self._task
        if task is None or task.done():
            return
        if not self._opened.is_set():
            task.cancel()  # it waits for the server's handshake, which may never come
        # Leaving a server elsewhere says good-bye to it; one that doesn't answer is left without.
        await asyncio.wait({task}, timeout=4 * PATIENCE_S)
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=4 * PATIENCE_S)

    async def _live(self) -> None:
        """The session's own task: everything that must be entered and left in one place."""
        from mcp import Client
        from mcp.types import Implementation

        try:
            client = Client(
                self._transport(),
                cache=None,
                client_info=Implementation(name="yibu-chat", version=__version__),
                message_handler=self._heard,
            )
            async with client:
                self._client = client
                self._opened.set()
                watching = self._engine.spawn(self._watch(client))
                try:
                    await self._leave.wait()
                finally:
                    watching.cancel()
                    await asyncio.wait({watching}, timeout=PATIENCE_S)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - strangers' code on strangers' data; all of it is said
            self._reason = self._reason or self._explained(error)
        finally:
            self._client = None
            fault = self._pipe.fault if self._pipe is not None else None
            self.ended.set_result(fault or self._reason)

    def _transport(self) -> AbstractAsyncContextManager[Any]:
        if not self.plan.command:
            return remote(self.plan, self._ca_file)
        self._pipe = Pipe(self._engine, self.plan, self._silent)
        return self._pipe

    def _silent(self) -> None:
        """The process can't be talked to any more."""
        self._leave.set()
        self._faulted()

    async def _watch(self, client: Client) -> None:
        """Notice that the server changed its tools, where it tells only who asked to be told (MCP of 2026 on)."""
        tools = client.server_capabilities.tools
        if tools is None or not tools.list_changed:
            return
        with suppress(Exception):  # older servers tell unasked; and every call looks for itself anyway
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    self._tools_changed()

    async def _heard(self, message: object) -> None:
        """Notice the same where the server tells unasked; nothing else that it says unasked is acted on."""
        from mcp.types import ToolListChangedNotification

        if isinstance(message, ToolListChangedNotification):
            self._tools_changed()

    def _over(self) -> ToolError:
        reason = self.ended.result() if self.ended.done() else self._pipe.fault if self._pipe is not None else None
        return reason or ToolError("error.mcp_stopped", server=self.plan.name)

    def _explained(self, error: BaseException) -> ToolError:
        """What an exception of the SDK, or of what lies under it, means to a person."""
        from mcp import MCPError
        from pydantic import ValidationError

        causes = list(_causes(error))
        for cause in causes:
            if isinstance(cause, ToolError):
                return cause
        cause = causes[0]
        name = self.plan.name
        if isinstance(cause, MCPError):
            return ToolError("error.mcp_refused", server=name, reason=cause.error.message[:LONGEST_REASON])
        if isinstance(cause, ValidationError):
            return ToolError("error.mcp_protocol", server=name, reason=f"{cause.error_count()} × {cause.title}")
        reason = f"{type(cause).__name__}: {cause}"[:LONGEST_REASON]
        key = "error.mcp_unreachable" if type(cause).__module__.startswith("httpx") else "error.mcp_protocol"
        return ToolError(key, server=name, reason=reason)


async def _first(one: asyncio.Future[Any], other: asyncio.Future[Any], timeout_s: float) -> None:
    """Wait until one of two is done, or the time is up; neither is cancelled."""
    await asyncio.wait({one, other}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)


async def _waiting(event: asyncio.Event) -> None:
    await event.wait()


def _looked_at(task: asyncio.Task[Any]) -> None:
    """Take note of how a task ended that nobody waits for any more, so that asyncio doesn't print it."""
    if not task.cancelled():
        task.exception()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The plain exceptions in a group, or the one that it is."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    else:
        yield error


def _connection_lost(error: BaseException) -> bool:
    from mcp import MCPError
    from mcp.types import CONNECTION_CLOSED

    return any(isinstance(cause, MCPError) and cause.error.code == CONNECTION_CLOSED for cause in _causes(error))


def _import_sdk(server: str) -> None:
    """Import the SDK, which takes a second: on a thread, so that answers go on streaming.

    Raises:
        ToolError: it isn't installed.
    """
    try:
        import mcp
        import mcp.client.streamable_http  # noqa: F401
    except ImportError as error:
        raise ToolError("error.mcp_extra", server=server) from error
    # Without a handler, Python would print the SDK's warnings, servers' words among them, onto the screen.
    for name in ("mcp", "client", "httpx2", "httpcore2"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
