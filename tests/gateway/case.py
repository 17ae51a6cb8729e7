"""What a named case is: the exact bytes an upstream sends, and what a good client makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.gateway.answers import Answer, sse


@dataclass(frozen=True)
class Case:
    """One behaviour of a gateway, named.

    Attributes:
        name: unique, words joined by hyphens.
        number: the row of the case list it belongs to (1 plain stream … 20 finish reasons).
        source: the body, or a function that builds it (big bodies); unused where `given` is set.
        expects: what a client must make of it. Only what the case is about is there; absent keys promise nothing.
            - text, reasoning, refusal: str of choice 0, compared with white space at both ends removed
            - texts: dict of choice index → text, for n > 1; finish_reasons likewise
            - finish_reason: stop, length, tool_calls, content_filter, function_call, "interrupted" where the upstream
              says so, "pause" (to be continued), None where none came
            - complete: whether the answer ended as an answer should; False = interrupted, failed or paused
            - usage: dict of the token counts that must be known, None where none came
            - error_key: key of the error, "error.context_too_long"; None where none may be reported
            - tool_calls: list of {id, name, arguments}; arguments is JSON text, compared as parsed JSON
            - images: list of {media_type, sha256, size}; audio: {pcm_sha256, pcm_size, transcript, id}
            - citations: list of {url, title}; id, model, service_tier, system_fingerprint: str
            - restarted: True where a second answer began in mid-stream
            - models: list of ids (case 15)
        given: the whole answer, where the case is about more than a body of a 200 event stream.
        stream: whether the client asked for a stream.
        route: "chat" or "models".
        large: too big to be cut at every byte.
    """

    name: str
    number: int
    source: bytes | Callable[[], bytes] = b""
    expects: Mapping[str, Any] = field(default_factory=dict)
    given: Answer | None = None
    stream: bool = True
    route: str = "chat"
    large: bool = False

    @cached_property
    def body(self) -> bytes:
        """The bytes of the body, without timing and cuts."""
        if self.given is not None:
            return b"".join(step for step in self.given.steps() if isinstance(step, bytes))
        return self.source if isinstance(self.source, bytes) else self.source()

    @cached_property
    def answer(self) -> Answer:
        """What a `FakeGateway` plays."""
        return self.given or sse(self.body)

    @property
    def is_stream(self) -> bool:
        """Whether it is a 200 whose body is an event stream that may be decoded from bytes alone."""
        if self.route != "chat" or not self.stream:
            return False
        return self.given is None or (
            self.given.status == 200 and "event-stream" in str(self.given.headers.get("Content-Type", ""))
        )

    def __str__(self) -> str:
        return f"{self.number}-{self.name}"
