"""What one event of an answer says, whoever sent it: one small value for every dialect of the gateways.

`dialect.decode` makes deltas out of what came (also out of a whole non-streamed answer, so there is one way in);
`reply.Reply` folds them into an answer.
"""

from __future__ import annotations

from msgspec import Struct

from tui_chat.wire.logprobs import Logprobs
from tui_chat.wire.messages import Citation, Usage


class ToolCallDelta(Struct, frozen=True):
    """A piece of one tool call."""

    index: int | None
    """Position the upstream gave it; None where it gave none."""
    id: str = ""
    name: str = ""
    arguments: str = ""
    """The next piece of the JSON text."""


class AudioDelta(Struct, frozen=True):
    """A piece of spoken answer."""

    id: str = ""
    data: str = ""
    """Base64, a whole number of base64 quanta in this piece alone."""
    transcript: str = ""
    expires_at: int | None = None


class Delta(Struct, frozen=True):
    """What one event adds to one choice, plus what it says of the whole answer."""

    choice: int = 0
    text: str = ""
    """Raw content; may hold `<think>` marks, which `Reply` sorts out over delta borders."""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    images: tuple[str, ...] = ()
    """URLs or data URIs."""
    audio: AudioDelta | None = None
    citations: tuple[Citation, ...] = ()
    finish_reason: str | None = None
    """In the document's words: stop, length, tool_calls, content_filter; or "interrupted", "pause"."""
    usage: Usage | None = None
    role: str = ""
    """Said at the start of an answer; with a new `id` in mid-stream it tells that a second answer began."""
    whole: bool = False
    """The choice's full message rather than a piece; some upstreams end a stream of pieces with it."""
    id: str = ""
    model: str = ""
    service_tier: str = ""
    system_fingerprint: str = ""
    blocked: tuple[str, ...] = ()
    """What a content filter found, by its own names: "violence", "hate"."""
    request_id: str = ""
    """The gateway's own id of the request, from the response headers; on the first delta only."""
    logprobs: Logprobs | None = None
    """How likely the tokens of this piece were."""
    events: int = 1
    """How many events it stands for: those that came together and only went on with the words are one delta."""
    created: int = 0
    """When the answer was made, in seconds since 1970; 0 where it does not say."""

    @property
    def says_something(self) -> bool:
        """Whether it adds to a choice: words, calls, pictures, sound; not a role, an end or a count alone."""
        return bool(self.text or self.reasoning or self.refusal or self.tool_calls or self.images or self.audio)


class Waiting(Struct, frozen=True):
    """A request that failed before its answer began will be sent again."""

    attempt: int
    """1 for the first retry."""
    limit: int
    delay_s: float
    key: str
    """Error key of what went wrong, for `words/`."""
    facts: dict[str, str | int | float]
