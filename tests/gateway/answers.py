"""What the fake gateway sends: an answer as data, down to the byte and the moment.

An `Answer` is a status, headers and a body of steps. Bytes steps are sent as they stand, one chunk each; the other
steps decide when the next bytes go and how the connection ends. Nothing here touches a socket (`connection.py` does).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Framing = Literal["chunked", "length", "close"]

DONE = b"data: [DONE]\n\n"
PING = b": PING\n\n"
REQUEST_ID = "20260823061542718204431KqXhVwTz"
"""Stands in the header and in the message of every recorded-style error."""
GATEWAY_VERSION = "v0.9.4"


@dataclass(frozen=True)
class Pause:
    """Wait this long before the next step; ends early when the client goes away."""

    seconds: float


@dataclass(frozen=True)
class Hold:
    """Wait until the test opens this gate (`gateway.open(gate)`), the client goes away or the gateway stops."""

    gate: str = "stall"


@dataclass(frozen=True)
class Cut:
    """Close the connection in good order (FIN) here, whatever the framing promised."""


@dataclass(frozen=True)
class Reset:
    """Break the connection with RST here. Unread bytes may be lost: put a `Hold` before it to have them read first."""


Step = bytes | Pause | Hold | Cut | Reset


@dataclass(frozen=True)
class Answer:
    """One HTTP answer.

    Attributes:
        status: HTTP status code.
        headers: replace the gateway's usual ones of the same name; a value of None leaves that header out.
        body: bytes, steps, or a function that makes fresh steps for every use (for long or timed bodies).
        framing: "chunked", "length" (Content-Length of all bytes steps) or "close" (until the connection ends).
        encoding: "gzip" or "deflate" compresses on the fly, flushed at every bytes step.
        slice_bytes: cut every bytes step into pieces of this many bytes, each sent and flushed on its own.
        before: steps done before the status line; bytes here go to the socket raw (a broken server, a 1xx answer).
    """

    status: int = 200
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | tuple[Step, ...] | Callable[[], Iterable[Step]] = b""
    framing: Framing = "chunked"
    encoding: Literal["", "gzip", "deflate"] = ""
    slice_bytes: int | None = None
    before: tuple[Step, ...] = ()

    def steps(self) -> Iterable[Step]:
        """The body as steps, fresh for one use."""
        if callable(self.body):
            return self.body()
        return (self.body,) if isinstance(self.body, bytes) else self.body

    def sliced(self, slice_bytes: int) -> Answer:
        """The same answer in pieces of `slice_bytes`."""
        return replace(self, slice_bytes=slice_bytes)

    def then(self, *steps: Step) -> Answer:
        """The same answer with more steps at its end."""
        return replace(self, body=(*self.steps(), *steps))

    def after(self, *steps: Step) -> Answer:
        """The same answer with steps before its status line, for example a `Hold` for silence before the headers."""
        return replace(self, before=(*self.before, *steps))


def encode(value: object) -> bytes:
    """JSON as gateways write it: compact, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def data(value: object) -> bytes:
    """One event: `data: ` + JSON + blank line."""
    return b"data: " + encode(value) + b"\n\n"


def sse(*body: Step | Mapping[str, Any] | Iterable[Step], status: int = 200, **more: Any) -> Answer:
    """A streamed answer. Mappings become events; bytes and steps stay; iterables of steps are laid in flat."""
    steps: list[Step] = []
    for item in body:
        if isinstance(item, Mapping):
            steps.append(data(item))
        elif isinstance(item, bytes | Pause | Hold | Cut | Reset):
            steps.append(item)
        else:
            steps.extend(item)
    return Answer(status, STREAM_HEADERS, tuple(steps), **more)


STREAM_HEADERS: Mapping[str, str | None] = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}


def json_answer(value: object, status: int = 200, headers: Mapping[str, str | None] | None = None) -> Answer:
    """A whole JSON answer with its length."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Answer(status, {**kind, **(headers or {})}, encode(value), "length")


def html_answer(text: str, status: int = 200, headers: Mapping[str, str | None] | None = None) -> Answer:
    """A page where JSON was expected."""
    kind = {"Content-Type": "text/html; charset=utf-8"}
    return Answer(status, {**kind, **(headers or {})}, text.encode(), "length")


def relay_error(message: str, code: object, status: int, kind: str = "new_api_error", param: str = "") -> Answer:
    """An error of the gateway's relay: message with request id, `param` always there."""
    error = {"message": f"{message} (request id: {REQUEST_ID})", "type": kind, "param": param, "code": code}
    return json_answer({"error": error}, status, {"X-Oneapi-Request-Id": REQUEST_ID})


def middleware_error(message: str, status: int, code: object = "") -> Answer:
    """An error of the gateway's middleware (key, model choice, limits): no `param` key."""
    error = {"message": f"{message} (request id: {REQUEST_ID})", "type": "new_api_error", "code": code}
    return json_answer({"error": error}, status, {"X-Oneapi-Request-Id": REQUEST_ID})
