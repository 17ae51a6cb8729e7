"""What will not go together? Parameters that refuse each other, that the model refuses, or that lack something.

Everything here is advice: shown beside the field before sending, and on stderr by `ask`. Nothing is taken out of a
request by it, since models and gateways change faster than tables. Words stand under each conflict's key.

Source: chat-completions request body; the gateway's parameter table, for what its converters leave out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct, field

from tui_chat.wire import families
from tui_chat.wire.kinds import TOOL_WORDS
from tui_chat.wire.messages import Message, Part, Text, TextFile
from tui_chat.wire.params import PARAMS, WITH_TOOLS, Param, Value, Values

_EFFORTS = {
    "o_series": frozenset({"low", "medium", "high"}),
    "gpt_5": frozenset({"minimal", "low", "medium", "high"}),
}


class Conflict(Struct, frozen=True):
    """One thing that will not go well."""

    name: str
    """The parameter it is said at."""
    key: str
    """Finds its sentence in `words/`."""
    facts: Mapping[str, str] = field(default_factory=dict)


def conflicts(
    values: Values,
    model: str,
    messages: Iterable[Message] | Callable[[], Iterable[Message]] = (),
    *,
    tools: bool | Collection[str] = False,
) -> list[Conflict]:
    """What of these values will not go together, with each other or with what is asked.

    Args:
        values: the parameters that are set.
        model: id of the model, "" while none is chosen.
        messages: what will be sent, the system prompt included; where they cost something, a way to get them: they
            are looked at only when a value depends on them.
        tools: the names of the tools that the request offers, or only whether it offers some.

    Returns:
        The conflicts in the order of the table, at most a few for one parameter.
    """
    found = [*_refused(values, model), *_pairs(values), *_lacking(values, model, tools)]
    if _type_of(values) == "json_object" and not _says_json(messages() if callable(messages) else messages):
        found.append(Conflict("response_format", "conflict.json_unsaid"))
    order = [param.name for param in PARAMS]
    return sorted(found, key=lambda conflict: order.index(conflict.name))


def _refused(values: Values, model: str) -> Iterator[Conflict]:
    """What the model's family is known to refuse, or never to see."""
    for param in PARAMS:
        if param.name not in values or not model or values[param.name] == param.harmless:
            continue
        if any(family(model) for family in param.refused_by) and not _allowed_after_all(param, values, model):
            yield Conflict(param.name, "conflict.refused", {"model": model})
        elif any(family(model) for family in param.dropped_by):
            yield Conflict(param.name, "conflict.dropped", {"model": model})


def _allowed_after_all(param: Param, values: Values, model: str) -> bool:
    """gpt-5.1 and later take sampling values where thinking is turned off; o1 takes stop words."""
    if param.name == "stop":
        return families.bare(model).startswith("o1")
    thinks_not = families.is_gpt_5_point(model) and values.get("reasoning_effort") == "none"
    return param.name in {"temperature", "top_p"} and thinks_not


def _pairs(values: Values) -> Iterator[Conflict]:
    """Parameters that exclude or need each other."""
    if "temperature" in values and "top_p" in values:
        yield Conflict("top_p", "conflict.one_of_both", {"other": "temperature"})
    if "max_tokens" in values and "max_completion_tokens" in values:
        yield Conflict("max_tokens", "conflict.both_limits", {"other": "max_completion_tokens"})
    if "top_logprobs" in values and values.get("logprobs") is not True:
        yield Conflict("top_logprobs", "conflict.needs", {"other": "logprobs"})
    speech = _asks_for_speech(values)
    if "audio" in values and not speech:
        yield Conflict("audio", "conflict.audio_without_modalities", {"other": "modalities"})
    if speech and "audio" not in values:
        yield Conflict("modalities", "conflict.modalities_without_audio", {"other": "audio"})
    audio = values.get("audio")
    if isinstance(audio, dict) and audio.get("format") != "pcm16" and values.get("stream") is not False:
        yield Conflict("audio", "conflict.audio_stream", {"format": str(audio.get("format", ""))})
    if speech and values.get("logprobs") is True:
        yield Conflict("logprobs", "conflict.not_with", {"other": "modalities"})
    if "stream_options" in values and values.get("stream") is False:
        yield Conflict("stream_options", "conflict.needs", {"other": "stream"})
    elif values.get("stream_options") is False:
        yield Conflict("stream_options", "conflict.usage_off")
    if "function_call" in values and values.get("functions") is not True:
        yield Conflict("function_call", "conflict.needs", {"other": "functions"})
    for name in sorted(WITH_TOOLS & values.keys()) if values.get("functions") is True else ():
        yield Conflict(name, "conflict.not_with", {"other": "functions"})
    if "metadata" in values and values.get("store") is not True:
        yield Conflict("metadata", "conflict.metadata_unstored", {"other": "store"})
    if "user" in values and "safety_identifier" in values:
        yield Conflict("user", "conflict.deprecated", {"other": "safety_identifier"})
    if "prediction" in values:
        for other in _against_prediction(values):
            yield Conflict("prediction", "conflict.not_with", {"other": other})


def _against_prediction(values: Values) -> Iterator[str]:
    if values.get("logprobs") is True:
        yield "logprobs"
    for name in ("presence_penalty", "frequency_penalty"):
        penalty = values.get(name)
        if isinstance(penalty, int | float) and penalty > 0:
            yield name
    if "max_completion_tokens" in values:
        yield "max_completion_tokens"
    count = values.get("n")
    if isinstance(count, int) and count > 1:
        yield "n"
    if _asks_for_speech(values):
        yield "modalities"
    extra = values.get("extra_body")
    if isinstance(extra, dict) and extra.get("tools"):
        yield "extra_body"


def _lacking(values: Values, model: str, tools: bool | Collection[str]) -> Iterator[Conflict]:
    """What the model, the schema or the request lacks for a value."""
    effort = str(values.get("reasoning_effort", ""))
    known = _EFFORTS["o_series"] if families.is_o_series(model) else None
    if families.is_gpt_5(model) and not families.is_gpt_5_point(model):
        known = _EFFORTS["gpt_5"]
    if effort and (
        (known is not None and effort not in known) or (families.is_gpt_5_point(model) and effort == "minimal")
    ):
        yield Conflict("reasoning_effort", "conflict.effort", {"model": model, "effort": effort})
    temperature = values.get("temperature")
    if families.is_claude(model) and isinstance(temperature, float) and temperature > 1:
        yield Conflict("temperature", "conflict.claude_temperature", {"model": model})
    if "prediction" in values and families.is_openai_name(model) and not families.predicts(model):
        yield Conflict("prediction", "conflict.refused", {"model": model})
    if _asks_for_speech(values) and families.is_openai_name(model) and not families.speaks(model):
        yield Conflict("modalities", "conflict.refused", {"model": model})
    if _type_of(values) == "json_schema":
        if families.is_deepseek(model):
            yield Conflict("response_format", "conflict.only_json_object", {"model": model})
        if _is_loose(values["response_format"]):
            yield Conflict("response_format", "conflict.strict_schema")
    extra = values.get("extra_body")
    raw = isinstance(extra, dict) and bool(extra.get("tools"))
    for name in WITH_TOOLS if not tools and not raw else ():
        if name in values:
            yield Conflict(name, "conflict.no_tools")
    choice = values.get("tool_choice", "auto")
    if tools and not isinstance(tools, bool) and not raw and choice not in (*TOOL_WORDS, *tools):
        yield Conflict("tool_choice", "conflict.tool_not_offered", {"tool": str(choice)})


def _asks_for_speech(values: Values) -> bool:
    modalities = values.get("modalities")
    return isinstance(modalities, list) and "audio" in modalities


def _type_of(values: Values) -> str:
    format = values.get("response_format")
    return str(format.get("type", "")) if isinstance(format, dict) else ""


def _is_loose(format: Value) -> bool:
    """Whether a schema that is to be kept strictly has an object that allows or leaves out fields."""
    described = format.get("json_schema") if isinstance(format, dict) else None
    if not isinstance(described, dict) or described.get("strict") is not True:
        return False
    waiting: list[object] = [described.get("schema", {})]
    while waiting:
        at = waiting.pop()
        if isinstance(at, list):
            waiting.extend(at)
        elif isinstance(at, dict):
            fields, required = at.get("properties"), at.get("required")
            if isinstance(fields, dict) and at.get("type") in ("object", None):
                named = set(required) if isinstance(required, list) else set()
                if at.get("additionalProperties") is not False or set(fields) - named:
                    return True
            waiting.extend(at.values())
    return False


def _says_json(messages: Iterable[Message]) -> bool:
    """Whether the word stands in what is sent as text; a file is sent under its name."""
    return any("json" in _words(part).lower() for message in messages for part in message.parts)


def _words(part: Part) -> str:
    match part:
        case Text(text):
            return text
        case TextFile():
            return f"{part.name} {part.language}"
        case _:
            return ""
