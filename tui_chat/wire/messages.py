"""What a message is made of: parts, messages, usage.

Values only; how they travel is the matter of `request.py` and `reply.py`.

Bytes never stand in a part: a part names its blob by SHA-256, and whoever encodes a request is given a way to
load it. So a conversation of a hundred photos stays small in memory and in TOML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]
Detail = Literal["low", "high", "auto", "original"]
SoundFormat = Literal["wav", "mp3", "flac", "opus", "aac"]
Decision = Literal["", "once", "always", "denied", "edited", "typed", "invalid", "stopped", "unknown"]
"""How a tool call came to its result: needed no word (""), allowed once, allowed always in this chat, denied by the
person, its arguments or result edited, its result typed by the person, not a call that can be run, stopped, or
unknown because the program ended while it ran."""


class Text(Struct, frozen=True):
    """Words, in Markdown where a model wrote them."""

    text: str


class Reasoning(Struct, frozen=True):
    """What a model thought before it answered. Kept and shown; sent back only where an upstream demands it."""

    text: str
    seconds: float | None = None
    """How long it thought, from its first delta to the answer's first; None where unknown."""


class Image(Struct, frozen=True):
    """A picture: either a blob, sent as a data URI, or an http(s) `url`, sent as it is."""

    blob: str = ""
    url: str = ""
    media_type: str = ""
    name: str = ""
    width: int = 0
    height: int = 0
    size: int = 0
    """Bytes of the blob."""
    detail: Detail | None = None


class Audio(Struct, frozen=True):
    """Sound: a person's travels as an `input_audio` part (WAV and MP3), a model's own goes back as its transcript."""

    blob: str
    format: SoundFormat
    name: str = ""
    size: int = 0
    id: str = ""
    """Of a spoken answer, as the API names it."""
    seconds: float | None = None
    """How long it plays, None where that is not known."""
    transcript: str = ""
    """What is spoken, where the message's text says something else."""
    expires_at: int | None = None
    """Until when the API knows the `id`, in seconds since 1970; the sound itself is ours."""


class Document(Struct, frozen=True):
    """A PDF, sent as a `file` part: `filename` and `file_data` (a data URI), or an uploaded file's `file_id`."""

    blob: str
    media_type: str
    name: str
    size: int = 0
    file_id: str = ""
    """"" where the blob travels."""


class TextFile(Struct, frozen=True):
    """A UTF-8 file, sent inline as a fenced text part headed by its name."""

    blob: str
    name: str
    size: int = 0
    language: str = ""
    """The fence's info string, for example "python"; "" where unknown."""


class Refusal(Struct, frozen=True):
    """The model's words of refusal."""

    text: str


class ToolCall(Struct, frozen=True):
    """One function call the model asks for, folded from stream fragments."""

    id: str
    """Opaque; echoed back as `tool_call_id`."""
    name: str
    """Matches `^[A-Za-z0-9_-]{1,64}$` where the model behaves."""
    arguments: str = ""
    """Raw JSON text as received; may be invalid."""


class ToolResult(Struct, frozen=True):
    """What a tool gave back for one call."""

    call_id: str
    text: str
    failed: bool = False
    """It did not work, was refused, or was never run; the text says so to the model."""
    decision: Decision = ""
    seconds: float | None = None
    """How long it ran; None where nothing ran."""
    log: str = ""
    """File with the full output, where the text is cut."""


class Citation(Struct, frozen=True):
    """A source an answer names (`annotations[].url_citation`, `citations`, `search_results`)."""

    url: str
    title: str = ""
    start: int | None = None
    end: int | None = None
    """Character range of the text it supports, where told."""


Part = Text | Reasoning | Image | Audio | Document | TextFile | Refusal | ToolCall | ToolResult | Citation
PARTS: dict[str, type[Part]] = {
    "text": Text,
    "reasoning": Reasoning,
    "image": Image,
    "audio": Audio,
    "document": Document,
    "text_file": TextFile,
    "refusal": Refusal,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
    "citation": Citation,
}
"""Every kind of part by the name it is stored under."""


class Message(Struct, frozen=True):
    """One message of a request or a reply."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None

    @property
    def text(self) -> str:
        """The words of all text parts, joined by blank lines."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Text))


class Usage(Struct, frozen=True):
    """Tokens of one answer, as the gateway counts them; None where it did not say.

    Source: chat-completions `usage` with its `prompt_tokens_details` and `completion_tokens_details`.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    prompt_audio_tokens: int | None = None
    completion_audio_tokens: int | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None
    cache_write_tokens: int | None = None
    """Of the prompt, written to a cache."""
    prompt_text_tokens: int | None = None
    prompt_image_tokens: int | None = None
    completion_text_tokens: int | None = None
    completion_image_tokens: int | None = None

    @classmethod
    def from_wire(cls, usage: Mapping[str, object]) -> Usage:
        """Read a `usage` object; missing, null and wrongly typed fields become None."""
        prompt = usage.get("prompt_tokens_details") or usage.get("input_tokens_details")
        completion = usage.get("completion_tokens_details") or usage.get("output_tokens_details")

        def count(table: object, *names: str) -> int | None:
            if isinstance(table, Mapping):
                for name in names:
                    value = table.get(name)
                    if isinstance(value, int) and not isinstance(value, bool):
                        return value
                    if isinstance(value, float) and value.is_integer():
                        return int(value)
            return None

        parts = {
            field: count(table, name)
            for side, table in (("prompt", prompt), ("completion", completion))
            for name, field in _DETAILS[side].items()
        }
        if parts["cached_tokens"] is None:
            parts["cached_tokens"] = count(usage, "prompt_cache_hit_tokens", "cached_tokens")
        if parts["cache_write_tokens"] is None:
            parts["cache_write_tokens"] = count(prompt, "cached_creation_tokens", "cache_creation_tokens")
        return cls(
            prompt_tokens=count(usage, "prompt_tokens", "input_tokens"),
            completion_tokens=count(usage, "completion_tokens", "output_tokens"),
            total_tokens=count(usage, "total_tokens"),
            **parts,
        )

    def nested(self) -> dict[str, object]:
        """The counts that are known, in the document's form: what `from_wire` reads."""
        known = self.known()
        whole: dict[str, object] = {}
        for side, names in _DETAILS.items():
            told = {name: known.pop(field) for name, field in names.items() if field in known}
            if told:
                whole[f"{side}_tokens_details"] = told
        return {**known, **whole}

    def known(self) -> dict[str, int]:
        """The counts that are known, by field name."""
        pairs = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: value for name, value in pairs if value is not None}


_DETAILS = {
    "prompt": {
        "cached_tokens": "cached_tokens",
        "audio_tokens": "prompt_audio_tokens",
        "cache_write_tokens": "cache_write_tokens",
        "text_tokens": "prompt_text_tokens",
        "image_tokens": "prompt_image_tokens",
    },
    "completion": {
        "reasoning_tokens": "reasoning_tokens",
        "audio_tokens": "completion_audio_tokens",
        "accepted_prediction_tokens": "accepted_prediction_tokens",
        "rejected_prediction_tokens": "rejected_prediction_tokens",
        "text_tokens": "completion_text_tokens",
        "image_tokens": "completion_image_tokens",
    },
}
"""The API's names of what a count is made of, by side, and the field each is kept in."""
