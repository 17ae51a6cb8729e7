"""A scriptable gateway over real sockets: `FakeGateway` for tests, `python -m tests.gateway.server` for trials by hand.

It runs on an event loop in a thread of its own, so that sync tests, async tests and programs in a pty all talk to it
the same way: through a loopback socket.
"""

from __future__ import annotations

import argparse
import asyncio
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType

from tests.gateway.answers import Answer
from tests.gateway.connection import Connection, Recorded
from tests.gateway.friendly import Friendly
from tests.gateway.routes import Routes
from tests.waiting import PATIENCE_S, eventually_in_thread

Responder = Callable[[Recorded], Answer]


class FakeGateway:
    """A gateway that answers `POST {prefix}/chat/completions` as it is told and everything else as new-api does.

    Chat completions are answered by the first of: the queue filled by `script()`, the function set by `respond()`, a
    friendly model of its own (`friendly.py`). Any other route answers as `routes.py` has it, unless `route()` says
    otherwise.

    Use as a context manager, or `start()` and `stop()`. `stop()` raises what went wrong in a responder.
    """

    def __init__(
        self,
        *answers: Answer,
        host: str = "127.0.0.1",
        port: int = 0,
        prefix: str = "/v1",
        ssl_context: ssl.SSLContext | None = None,
        friendly: Friendly | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.prefix = prefix
        self.routes = Routes(prefix)
        self.friendly = friendly or Friendly()
        self.failures: list[Exception] = []
        self.on_request: Callable[[Recorded], None] = lambda request: None
        self._ssl_context = ssl_context
        self._queue: deque[Answer] = deque(answers)
        self._responder: Responder | None = None
        self._routed: dict[tuple[str, str], Answer | Responder] = {}
        self._requests: list[Recorded] = []
        self._connections = 0
        self._gates: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    # -- telling it what to do ---------------------------------------------------------------------------------------

    def script(self, *answers: Answer) -> None:
        """Queue answers for the next chat completions, in this order."""
        self._queue.extend(answers)

    def respond(self, responder: Responder | Answer) -> None:
        """Answer every chat completion that finds the queue empty with this function (or always this answer)."""
        self._responder = (lambda _request: responder) if isinstance(responder, Answer) else responder

    def route(self, method: str, path: str, answer: Answer | Responder) -> None:
        """Answer this method and exact path (with prefix) from now on so, for example `("GET", "/v1/models", …)`."""
        self._routed[method, path] = answer

    def open(self, gate: str = "stall") -> None:
        """Let every `Hold(gate)` go on, those waiting and those to come."""
        self._on_loop(lambda: self.gate(gate).set())

    def shut(self, gate: str = "stall") -> None:
        """Make `Hold(gate)` wait again."""
        self._on_loop(lambda: self.gate(gate).clear())

    # -- asking what happened ----------------------------------------------------------------------------------------

    @property
    def root_url(self) -> str:
        scheme = "https" if self._ssl_context else "http"
        return f"{scheme}://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a user would type: root and prefix."""
        return self.root_url + self.prefix

    @property
    def requests(self) -> list[Recorded]:
        """Every request so far, oldest first."""
        return list(self._requests)

    @property
    def chats(self) -> list[Recorded]:
        """The chat completions among them."""
        return [r for r in self.requests if r.method == "POST" and r.path.endswith("/chat/completions")]

    @property
    def connections(self) -> int:
        """How many connections were opened so far."""
        return self._connections

    @property
    def unused(self) -> int:
        """How many queued answers nobody asked for yet."""
        return len(self._queue)

    def wait_chats(self, count: int, timeout: float = PATIENCE_S) -> list[Recorded]:
        """Block until there are `count` chat completions. In async code: `await eventually(lambda: gateway.chats)`."""
        eventually_in_thread(lambda: len(self.chats) >= count, timeout, what=f"{count} chat completions")
        return self.chats

    # -- life --------------------------------------------------------------------------------------------------------

    def start(self) -> FakeGateway:
        """Listen; returns when the port is open.

        Raises:
            OSError: the port can't be had.
        """
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="fake-gateway", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._loop is None:
            self._thread.join()
            raise self.failures.pop()
        return self

    def stop(self) -> None:
        """Close every connection and the port.

        Raises:
            Exception: what a responder raised while it was asked for an answer.
        """
        if self._thread is not None and self._stopping is not None:
            self._on_loop(self._stopping.set)
            self._thread.join()
            self._thread = None
        if self.failures:
            raise self.failures[0]

    def __enter__(self) -> FakeGateway:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.failures.clear()
        self.stop()

    async def _run(self) -> None:
        tasks: set[asyncio.Task[None]] = set()

        async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._connections += 1
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            await Connection(self._connections, reader, writer, self).serve()
            tasks.discard(task)

        try:
            self._stopping = asyncio.Event()
            server = await asyncio.start_server(
                welcome, self.host, self.port, ssl=self._ssl_context, limit=1 << 20, backlog=128
            )
        except OSError as error:
            self.failures.append(error)
            self._ready.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._stopping.wait()
        server.close()
        await self._settle()  # connections being accepted reach their task, so that they can be closed too
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._settle()  # closed transports drop their sockets before the loop ends

    @staticmethod
    async def _settle() -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    def _on_loop(self, call: Callable[[], object]) -> None:
        assert self._loop is not None, "the gateway is not started"
        self._loop.call_soon_threadsafe(call)

    # -- what a connection asks (on the loop) -------------------------------------------------------------------------

    def note(self, request: Recorded) -> None:
        self._requests.append(request)
        self.on_request(request)

    def next_number(self) -> int:
        return len(self._requests) + 1

    def gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())

    def answer_for(self, request: Recorded) -> Answer:
        try:
            routed = self._routed.get((request.method, request.path))
            if routed is not None:
                return routed if isinstance(routed, Answer) else routed(request)
            if (request.method, request.path) == ("POST", f"{self.prefix}/chat/completions"):
                self.routes.charged.append(request.request_id)
                if self._queue:
                    return self._queue.popleft()
                return self._responder(request) if self._responder else self.friendly(request)
            return self.routes.answer(request)
        except Exception as error:
            self.failures.append(error)
            return Answer(
                500, {"Content-Type": "text/plain"}, f"the test's responder failed: {error!r}".encode(), "length"
            )


def main(arguments: Iterable[str] | None = None) -> None:
    """Serve until Ctrl+C, one line a request."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gateway.server",
        description="A gateway for trials by hand. Words in your message pick what it does; ask it for 'help'.",
    )
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--script", default="", help="play this behaviour or case for every message")
    parser.add_argument("--rate", type=float, default=60.0, help="tokens per second; 0 = as fast as it goes")
    parser.add_argument("--size", type=int, default=2000, help="bytes of a 'long' document")
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    friendly = Friendly(tokens_per_s=options.rate, size_bytes=options.size, script=options.script)
    gateway = FakeGateway(port=options.port, friendly=friendly)
    gateway.on_request = lambda request: print(
        f"{request.number:>4} {request.method} {request.target} {request.last_user_text[:60]!r}", flush=True
    )
    with gateway:
        print(f"listening on {gateway.base_url}; any key will do. Ctrl+C stops.", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
