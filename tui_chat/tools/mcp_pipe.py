"""How does one talk to a server that runs on this computer? A process, its pipes, and bounds on everything it says.

The SDK's own transport takes lines of any length, sends the server's errors to our terminal and doesn't say how the
server ended. This one gives the SDK the same two streams, and sees to the rest: a line of at most 8 MB, the last
64 KB of what the server complains of, no flood, an exit code, and no process left behind.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process, SubprocessStreamProtocol
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tui_chat.engine import Engine
from tui_chat.errors import ToolError
from tui_chat.tools.mcp_plan import ServerPlan

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams
    from mcp.shared.message import SessionMessage

LINE_LIMIT_BYTES = 8 * 1024 * 1024
STDERR_BYTES = 64 * 1024
NOISE_LINES = 200
"""Lines that are no messages (banners, stray prints) which are passed over; more of them end the server."""
FLOOD_WINDOW_S = 10.0
FLOOD_MESSAGES = 2_000
FLOOD_BYTES = 64 * 1024 * 1024
PATIENCE_S = 1.0
"""How long a server may take to end by itself once its input is closed, and again after TERM."""

_CHUNK_BYTES = 64 * 1024
_LAST_WORDS_S = 0.5
_EXIT_CODE_S = 1.0


class Pipe:
    """One server process as a transport: enter it to start the process, leave it to end it and all it started."""

    def __init__(self, engine: Engine, plan: ServerPlan, fell_silent: Callable[[], object]) -> None:
        """Prepare; nothing starts yet.

        Args:
            engine: Keeps the tasks that read and write.
            plan: What to run.
            fell_silent: Called once the process can't be talked to any more.
        """
        self.fault: ToolError | None = None
        """Why it can't be talked to any more, once that is known."""
        self._engine = engine
        self._plan = plan
        self._fell_silent = fell_silent
        self._complaints = bytearray()
        self._noise = 0
        self._first_noise = ""
        self._process: Process | None = None
        self._exited = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving = False

    @property
    def stderr(self) -> str:
        """The last 64 KB of what the process wrote to its error output, untrusted."""
        return bytes(self._complaints).decode(errors="replace")  # a copy: the screen asks from its own thread

    @property
    def first_noise(self) -> str:
        """The first line that was no message, cut to 200 characters; "" where there was none."""
        return self._first_noise

    async def __aenter__(self) -> TransportStreams:
        """Start the process.

        Raises:
            ToolError: the program isn't there or can't be started.
        """
        import anyio

        incoming: tuple[MemoryObjectSendStream[Any], MemoryObjectReceiveStream[Any]]
        incoming = anyio.create_memory_object_stream(0)
        outgoing: tuple[MemoryObjectSendStream[Any], MemoryObjectReceiveStream[Any]]
        outgoing = anyio.create_memory_object_stream(0)
        self._streams = (*incoming, *outgoing)
        try:
            process = self._process = await self._started()
        except BaseException:
            self._close_streams()
            raise
        self._tasks = [
            self._engine.spawn(self._read(process, incoming[0])),
            self._engine.spawn(self._write(process, outgoing[1])),
            self._engine.spawn(self._listen(process)),
        ]
        return incoming[1], outgoing[0]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process and everything in its group; takes at most 2 × `PATIENCE_S` and a little."""
        self._leaving = True
        try:
            await self._end()
        finally:
            for task in self._tasks:
                task.cancel()
            self._close_streams()

    async def _started(self) -> Process:
        plan = self._plan
        environment = plan.environment()
        program = plan.program(environment.get("PATH", os.defpath))
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}

        class Watched(SubprocessStreamProtocol):
            """Says at once that the process ended, though a grandchild may still hold its pipes."""

            def process_exited(protocol) -> None:
                super(Watched, protocol).process_exited()
                self._exited.set()

        try:
            transport, protocol = await loop.subprocess_exec(
                lambda: Watched(limit=_CHUNK_BYTES, loop=loop),
                program,
                *plan.command[1:],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd=str(plan.working_folder),
                **options,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ToolError("error.mcp_start", server=plan.name, reason=reason) from error
        return Process(transport, protocol, loop)

    async def _read(self, process: Process, incoming: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Hand on what the process says, until it ends, breaks the bounds or is left."""
        import anyio
        from mcp.shared.message import SessionMessage

        parse = _parser()
        meter = _Meter(asyncio.get_running_loop().time)
        assert process.stdout is not None
        try:
            async for line in _lines(process.stdout, self._exited.wait):
                if line is None:
                    raise ToolError("error.mcp_line", server=self._plan.name, limit_mb=LINE_LIMIT_BYTES >> 20)
                if not meter.allows(len(line)):
                    raise ToolError("error.mcp_flood", server=self._plan.name)
                message = parse(line)
                if message is None:
                    self._note(line)
                else:
                    await incoming.send(SessionMessage(message))
            self.fault = await self._ending(process)
        except ToolError as fault:
            self.fault = fault
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            return
        finally:
            incoming.close()
            self._fell_silent()

    async def _write(self, process: Process, outgoing: MemoryObjectReceiveStream[SessionMessage]) -> None:
        assert process.stdin is not None
        with suppress(OSError):
            async for message in outgoing:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(text.encode() + b"\n")
                await process.stdin.drain()

    async def _listen(self, process: Process) -> None:
        assert process.stderr is not None
        with suppress(OSError):
            while chunk := await process.stderr.read(_CHUNK_BYTES):
                self._complaints += chunk
                del self._complaints[:-STDERR_BYTES]

    def _note(self, line: bytes) -> None:
        """Pass over a line that is no message; many end the server."""
        if not line.strip():
            return
        self._noise += 1
        self._first_noise = self._first_noise or line[:800].decode(errors="replace")[:200]
        if self._noise > NOISE_LINES:
            raise ToolError("error.mcp_noise", server=self._plan.name, line=self._first_noise)

    async def _ending(self, process: Process) -> ToolError:
        """Why nothing more comes: the process ended, or closed its output while it runs on."""
        await _within(_EXIT_CODE_S, self._exited.wait)
        code = process.returncode
        if code is None:
            return ToolError("error.mcp_closed", server=self._plan.name)
        if code < 0:
            return ToolError("error.mcp_signal", server=self._plan.name, signal=_signal_name(-code))
        return ToolError("error.mcp_exit", server=self._plan.name, code=code)

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            # Who broke the bounds isn't waited for; who is left in peace may put things in order.
            patience_s = PATIENCE_S if self.fault is None else 0.0
            if not await _within(patience_s, self._exited.wait):
                _signal_group(process, hard=False)
                await _within(PATIENCE_S, self._exited.wait)
        finally:
            # Also after a clean end, since what the server started may still run; and whoever cancels this.
            _signal_group(process, hard=True)
            await _within(PATIENCE_S, self._exited.wait)
            transport = getattr(process, "_transport", None)  # a surviving grandchild would keep its pipes open
            if transport is not None:
                transport.close()

    def _close_streams(self) -> None:
        for stream in self._streams:
            stream.close()


class _Meter:
    """How much may come in a while: answers, however big, pass; a flood doesn't."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since = now()
        self._messages = 0
        self._bytes = 0

    def allows(self, size_bytes: int) -> bool:
        if self._now() - self._since > FLOOD_WINDOW_S:
            self._since, self._messages, self._bytes = self._now(), 0, 0
        self._messages += 1
        self._bytes += size_bytes
        return self._messages <= FLOOD_MESSAGES and self._bytes <= FLOOD_BYTES


async def _lines(stream: asyncio.StreamReader, exited: Callable[[], Awaitable[object]]) -> AsyncIterator[bytes | None]:
    """Lines of a stream without their ends; None once one is too long, and then no more.

    Once the process has exited, what is in the pipe is read, but nobody is waited for who still holds it.
    """
    parts: list[bytes] = []
    length = 0
    gone = asyncio.ensure_future(exited())
    try:
        while True:
            reading = asyncio.ensure_future(stream.read(_CHUNK_BYTES))
            try:
                await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    await asyncio.wait({reading}, timeout=_LAST_WORDS_S)
                if not reading.done() or not (chunk := reading.result()):
                    return
            finally:
                reading.cancel()
            first, *rest = chunk.split(b"\n")
            for part in rest:
                yield b"".join([*parts, first])
                parts, length, first = [], 0, part
            parts.append(first)
            length += len(first)
            if length > LINE_LIMIT_BYTES:
                yield None
                return
    finally:
        gone.cancel()


def _parser() -> Callable[[bytes], Any]:
    """A function from a line to a JSON-RPC message, or None where it is none."""
    from mcp_types import jsonrpc_message_adapter

    def parse(line: bytes) -> Any:
        with suppress(ValueError):
            return jsonrpc_message_adapter.validate_json(line, by_name=False)
        if b"\\u" not in line:
            return None
        # Half a surrogate pair is valid in JSON and in some servers' answers, and the SDK's reader refuses it.
        with suppress(ValueError, RecursionError):
            whole = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-16", "surrogatepass")
            return jsonrpc_message_adapter.validate_json(whole.decode("utf-16", "replace"), by_name=False)
        return None

    return parse


async def _within(seconds: float, work: Callable[[], Awaitable[object]]) -> bool:
    """Whether something comes to its end in time."""
    try:
        async with asyncio.timeout(seconds):
            await work()
    except TimeoutError:
        return False
    return True


def _signal_group(process: Process, *, hard: bool) -> None:
    """Ask (TERM) or make (KILL) the process and its group end; the group has the process's own number."""
    if sys.platform == "win32":
        if process.returncode is None:
            subprocess.run(  # the only way to reach what it started
                ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
            )
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL if hard else signal.SIGTERM)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
