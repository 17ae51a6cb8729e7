"""Which request parameters there are: one table that the panel, `--set`, TOML, the request and the docs all read.

A parameter the person did not set is absent everywhere: not null, not 0, not a default (law 6). `default` here is a
hint to show, never a value to send. Labels and help stand in `words/` under `param.<name>.label` and `.help`.
`messages` and `model` are the program's own to write, and so is what `stream_options` and `functions` stand for.

Source: chat-completions request body; what newer fields and families take, the gateway's documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from tui_chat.errors import UsageError
from tui_chat.wire import families
from tui_chat.wire.json_text import compact
from tui_chat.wire.kinds import (
    FUNCTION_WORDS,
    TOOL_WORDS,
    Bias,
    Choice,
    Flag,
    IncludeUsage,
    Integer,
    Number,
    Pairs,
    Text,
    Value,
    Values,
    Words,
)
from tui_chat.wire.objects import Field, Fields, Headers, JsonObject, Kind, Prediction, ResponseFormat

__all__ = [
    "BY_NAME",
    "PARAMS",
    "Choice",
    "Flag",
    "Integer",
    "Kind",
    "Number",
    "Param",
    "Value",
    "Values",
    "checked",
    "encode",
    "headers",
    "parse",
    "parse_assignment",
    "show",
]

Family = Callable[[str], bool]
"""Whether the model of this id belongs to it."""

VOICES = "alloy ash ballad coral echo fable nova onyx sage shimmer verse marin cedar"
EXACT = 2**53 - 1
"""Gateways that read whole numbers as floating point keep them exact up to here."""
OURS = frozenset({"messages", "model", "stream_options"})
"""Fields of the body that no parameter and no raw JSON may write."""
CHOICES_AT_MOST = 8
"""Answers to one question: as many as can be compared on a screen. The document names no limit."""
RAW_TOO = frozenset({"tool_choice", "functions", "function_call"})
"""Parameters that raw JSON may write all the same: it knows forms that the parameter doesn't, and then it counts."""
WITH_TOOLS = frozenset({"tool_choice", "parallel_tool_calls"})
"""Parameters that travel only where tools do: without them they are refused."""
WITH_FUNCTIONS = frozenset({"function_call"})
"""Parameters that travel only where tools do as `functions`."""


class Param(Struct, frozen=True):
    """One request parameter."""

    name: str
    """The API's own name: the request field, the TOML key, the word of `--set`."""
    kind: Kind
    group: str
    """Heading in the panel; label under `param.group.<group>`."""
    default: str = ""
    """What the gateway does when it is absent, as a hint; "" where unknown."""
    in_body: bool = True
    """False for what shapes the exchange and is encoded elsewhere (`stream`, the raw body, headers)."""
    deprecated_for: str = ""
    """The parameter to use instead, where this one is deprecated."""
    refused_by: tuple[Family, ...] = ()
    """Families known to refuse it: a warning, never a refusal of ours."""
    dropped_by: tuple[Family, ...] = ()
    """Families that never see it: the gateway's converters leave it out without a word."""
    harmless: Value | None = None
    """The value that no family refuses, being its default."""


_OTHERS = (families.is_claude, families.is_gemini)
_THINKING = (families.thinks,)
_CAREFUL = (families.thinks, families.is_search)

_AUDIO = Fields(
    (
        Field("voice", Choice(tuple(VOICES.split())), required=True),
        Field("format", Choice(("wav", "mp3", "flac", "opus", "pcm16", "aac")), required=True),
    )
)
_PLACE = ("user_location", "approximate")
_SEARCH = Fields(
    (
        Field("search_context_size", Choice(("low", "medium", "high"))),
        Field("country", Text(2, "country"), (*_PLACE, "country")),
        Field("city", Text(128), (*_PLACE, "city")),
        Field("region", Text(128), (*_PLACE, "region")),
        Field("timezone", Text(64, "timezone"), (*_PLACE, "timezone")),
    ),
    constants=((("user_location", "type"), "approximate"),),
)

_ROWS: tuple[Param, ...] = (
    Param("temperature", Number(0, 2, step=0.1), "sampling", default="1", refused_by=_CAREFUL, harmless=1.0),
    Param("top_p", Number(0, 1, step=0.05), "sampling", default="1", refused_by=_CAREFUL, harmless=1.0),
    Param(
        "seed",
        Integer(-EXACT, EXACT),
        "sampling",
        refused_by=(families.is_search,),
        dropped_by=(families.is_claude,),
    ),
    Param("max_completion_tokens", Integer(1, step=256), "length"),
    Param(
        "max_tokens",
        Integer(1, step=256),
        "length",
        deprecated_for="max_completion_tokens",
        refused_by=_THINKING,
    ),
    Param("stop", Words(4), "length", refused_by=_THINKING),
    Param(
        "reasoning_effort",
        Choice(("none", "minimal", "low", "medium", "high", "xhigh", "max")),
        "thinking",
        default="medium",
        refused_by=(families.is_plain_gpt, families.is_search),
    ),
    Param(
        "verbosity",
        Choice(("low", "medium", "high")),
        "thinking",
        default="medium",
        refused_by=(families.is_plain_gpt, families.is_o_series, families.is_search),
        dropped_by=_OTHERS,
    ),
    Param("response_format", ResponseFormat(), "output", default="text", dropped_by=(families.is_claude,)),
    Param(
        "n",
        Integer(1, CHOICES_AT_MOST),
        "output",
        default="1",
        refused_by=(families.is_search,),
        dropped_by=(families.is_claude,),
        harmless=1,
    ),
    Param("stream", Flag(), "exchange", default="on", in_body=False),
    Param("stream_options", IncludeUsage(), "exchange", default="on", in_body=False, harmless=True),
    Param(
        "presence_penalty",
        Number(-2, 2, step=0.1),
        "repetition",
        default="0",
        refused_by=_CAREFUL,
        dropped_by=_OTHERS,
        harmless=0.0,
    ),
    Param(
        "frequency_penalty",
        Number(-2, 2, step=0.1),
        "repetition",
        default="0",
        refused_by=_CAREFUL,
        dropped_by=_OTHERS,
        harmless=0.0,
    ),
    Param("logit_bias", Bias(), "repetition", refused_by=_THINKING, dropped_by=_OTHERS),
    Param("logprobs", Flag(), "probability", default="off", refused_by=_CAREFUL, dropped_by=_OTHERS, harmless=False),
    Param("top_logprobs", Integer(0, 20), "probability", refused_by=_CAREFUL, dropped_by=_OTHERS),
    Param(
        "web_search_options", _SEARCH, "search", refused_by=(families.is_plain_gpt,), dropped_by=(families.is_gemini,)
    ),
    Param("modalities", Words(2, ("text", "audio")), "audio", default="text", dropped_by=_OTHERS),
    Param("audio", _AUDIO, "audio", dropped_by=_OTHERS),
    Param("prediction", Prediction(), "reuse", dropped_by=_OTHERS),
    Param("prompt_cache_key", Text(256), "reuse", dropped_by=_OTHERS),
    Param("service_tier", Choice(("auto", "default", "flex", "priority", "scale")), "account", default="auto"),
    Param("store", Flag(), "account", default="off", dropped_by=_OTHERS),
    Param("metadata", Pairs(), "account", dropped_by=_OTHERS),
    Param("safety_identifier", Text(128), "account", dropped_by=_OTHERS),
    Param("user", Text(512), "account", deprecated_for="safety_identifier", dropped_by=_OTHERS),
    Param("tool_choice", Text(64, "tool"), "tools", default="auto"),
    Param(
        "parallel_tool_calls",
        Flag(),
        "tools",
        default="on",
        refused_by=(families.is_o_series,),
        dropped_by=(families.is_gemini,),
    ),
    Param("functions", Flag(), "tools", default="off", in_body=False, dropped_by=_OTHERS, harmless=False),
    Param(
        "function_call", Text(64, "function"), "tools", default="auto", deprecated_for="tool_choice", dropped_by=_OTHERS
    ),
    Param("extra_headers", Headers(), "extra", in_body=False),
)
PARAMS: tuple[Param, ...] = (
    *_ROWS,
    Param("extra_body", JsonObject(OURS | {param.name for param in _ROWS} - RAW_TOO), "extra", in_body=False),
)
BY_NAME: dict[str, Param] = {param.name: param for param in PARAMS}


def parse(name: str, typed: str) -> Value:
    """The value of parameter `name` as typed by a person.

    Raises:
        UsageError: no such parameter, or a value outside what it takes; says what is allowed.
    """
    return _row(name).kind.parse(name, typed)


def parse_assignment(typed: str) -> tuple[str, Value]:
    """One `NAME=VALUE` of `--set`."""
    name, equals, value = typed.partition("=")
    if not equals:
        raise UsageError("error.param_assignment", typed=typed)
    return name.strip(), parse(name.strip(), value)


def checked(values: Mapping[str, object]) -> dict[str, Value]:
    """Values from a file, each checked as if typed; raises UsageError at the first that can't be used."""
    return {name: _row(name).kind.check(name, value) for name, value in values.items()}


def show(value: object) -> str:
    """A value as a person types it, so that `parse` gives it back: `on`, `0.7`, `high`, `a,b`, `{"type":"text"}`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    if isinstance(value, list):
        plain = all(
            isinstance(word, str) and word == word.strip() and not set(word) & set(',\\[]"\n\t\r') for word in value
        )
        return ",".join(value) if plain and all(value) else compact(value)
    return compact(value) if isinstance(value, Mapping) else str(value)


def encode(values: Values, *, tools: bool = False) -> dict[str, Value]:
    """Request fields for `values`; a parameter left unset is absent, never null or 0.

    Args:
        values: the parameters that are set.
        tools: whether the request offers tools; those in its raw JSON count too.

    Raises:
        UsageError: a value that is out of its range, for instance in a chat that was edited by hand.
    """
    raw = values.get("extra_body")
    extra = {} if raw is None else _object("extra_body", raw)
    old = values.get("functions") is True
    left_out = frozenset() if (tools and not old) or extra.get("tools") else WITH_TOOLS
    left_out |= frozenset() if (tools and old) or extra.get("functions") else WITH_FUNCTIONS
    rows = [param for param in PARAMS if param.in_body and param.name in values and param.name not in left_out]
    fields = {param.name: param.kind.check(param.name, values[param.name]) for param in rows}
    choice = fields.get("tool_choice")
    if choice is not None and choice not in TOOL_WORDS:
        fields["tool_choice"] = {"type": "function", "function": {"name": choice}}
    call = fields.get("function_call")
    if call is not None and call not in FUNCTION_WORDS:
        fields["function_call"] = {"name": call}
    return {**fields, **extra}


def headers(values: Values) -> dict[str, str]:
    """HTTP headers for `values`; raises UsageError for one that must not be sent."""
    extra = values.get("extra_headers")
    return {} if extra is None else {name: str(text) for name, text in _object("extra_headers", extra).items()}


def _object(name: str, value: Value) -> dict[str, Value]:
    found = BY_NAME[name].kind.check(name, value)
    assert isinstance(found, dict)
    return found  # type: ignore[return-value]  # JSON values, null inside objects included


def _row(name: str) -> Param:
    if name not in BY_NAME:
        raise UsageError("error.param_unknown", name=name, names=", ".join(BY_NAME))
    return BY_NAME[name]
