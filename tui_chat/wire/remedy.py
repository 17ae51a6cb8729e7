"""Which parameter does a refusal name, and how can the same be asked without it?

Servers say it in many ways: in the error's `param` field, in a sentence, in a list of validation errors, in the names
of another casing. What was sent is known, so only its names are looked for; a refusal that names none of them has no
remedy here. Nothing is changed by this file: a person is asked first.

Source: error texts of OpenAI, Azure, Mistral, Groq, xAI, vLLM, Qwen, DeepSeek, Gemini as gateways pass them on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from tui_chat.wire.params import BY_NAME, PARAMS, Value, Values, show

EXTRA = "extra_body"
_KEYS = frozenset(
    {"error.parameter_unsupported", "error.bad_request", "error.request_invalid", "error.server_error"}
    | {"error.not_implemented", "error.wrong_path", "error.upstream_failed"}
)
_STATUSES = frozenset({400, 404, 415, 422, 501})
_SIGNS = re.compile(
    r"not.{0,12}support|unsupported|unrecogni[sz]ed|unknown|unexpected|extra_forbidden|extra (?:inputs|fields)"
    r"|not (?:permitted|allowed|available|recogni[sz]ed|accepted|applicable|compatible)|incompatible|unavailable"
    r"|cannot (?:be|both)|can't be|does not (?:accept|take|allow|have)|only the default|must be (?:unset|omitted|null)"
    r"|invalid value|supported values|deprecated|不支持|不允许|不可用|不兼容|未知|无法识别|不被|只支持|仅支持|不能",
    re.IGNORECASE,
)
_ADVICE = re.compile(r"\buse\b|\binstead\b|\bplease\b|\bconsider\b|\btry\b|请|改用|建议", re.IGNORECASE)
"""What follows is what to do, and may name parameters that are fine."""
_EITHER = re.compile(r"both|together|at the same time|one of|同时|二选一", re.IGNORECASE)
_VALUE = re.compile(
    r"unsupported value|invalid value|only the default|supported values|must be one of|does not support "
    r"(?:-?[\d.]+|'[^']*'|\"[^\"]*\"|`[^`]*`) (?:with|for|on)|取值|该值",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"use [`'\"]?(\w+)[`'\"]? instead|(?:改用|请使用)\s*[`'\"]?(\w+)", re.IGNORECASE)
_LENGTHS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""The two names of one limit: models know one or the other."""


class Remedy(Struct, frozen=True):
    """What would have to go."""

    names: tuple[str, ...]
    """Parameters, or keys of the raw JSON."""
    instead: str = ""
    """The parameter that takes over the value of the first, "" for none."""
    only_value: bool = False
    """Not the parameter is refused but what it was set to."""

    def cure(self, values: Values) -> dict[str, Value]:
        """The values without what was refused."""
        cured = dict(values)
        for name in self.names:
            value = cured.pop(name, None)
            if value is not None and self.instead:
                cured.setdefault(self.instead, value)
        extra = cured.get(EXTRA)
        if isinstance(extra, dict) and any(name in extra for name in self.names):
            left = {name: value for name, value in extra.items() if name not in self.names}
            if left:
                cured[EXTRA] = left
            else:
                del cured[EXTRA]
        return cured

    def refused(self, values: Values) -> dict[str, str]:
        """What was refused, by name, as one would type it."""
        extra = values.get(EXTRA)
        raw = extra if isinstance(extra, dict) else {}
        found = ((name, values[name] if name in values else raw.get(name)) for name in self.names)
        return {name: show(value) for name, value in found}


def remedy_for(values: Values, key: str, facts: Mapping[str, object]) -> Remedy | None:
    """What of `values` a failure refuses; None where it refuses nothing that can be left out.

    Args:
        values: the parameters that were in force.
        key: the failure's key.
        facts: its facts: `status`, `param` and the server's words as `message`.
    """
    message = str(facts.get("message") or "")
    known = key == "error.parameter_unsupported"
    if key not in _KEYS or not (known or facts.get("status") in _STATUSES):
        return None
    if not known and not _SIGNS.search(message):
        return None
    names = _named(str(facts.get("param") or ""), message, _sent(values))
    if not names:
        return None
    instead = ""
    only_value = bool(_VALUE.search(message))
    if len(names) == 1 and not only_value:
        instead = _instead(names[0], message, values)
    return Remedy(names, instead, only_value)


def _sent(values: Values) -> list[str]:
    """Names of the fields that the person's parameters became."""
    names = [param.name for param in PARAMS if param.in_body and param.name in values]
    extra = values.get(EXTRA)
    return [*names, *extra] if isinstance(extra, dict) else names


def _named(param: str, message: str, sent: list[str]) -> tuple[str, ...]:
    field = re.split(r"[.\[\]]", param.removeprefix("body."))[0]
    if field in sent:
        return (field,)
    advice = _ADVICE.search(message)
    for text in (message[: advice.start()] if advice else message, message):
        found = sorted((place, name) for name in sent if (place := _place(name, text)) is not None)
        if found and _EITHER.search(text):
            return (found[-1][1],)
        if found:
            return tuple(name for _, name in found)
    return ()


def _place(name: str, text: str) -> int | None:
    """Where the name stands in the text, in whichever casing; None where it doesn't."""
    camel = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
    if len(name) < 2:  # `n`: only where it is marked as a name
        marked = rf"[`'\"]{re.escape(name)}[`'\"]|(?:parameter|argument|参数)[:： ]+{re.escape(name)}\b"
        found = re.search(marked, text)
    else:
        found = re.search(rf"(?<![A-Za-z0-9_])(?:{re.escape(name)}|{re.escape(camel)})(?![A-Za-z0-9_])", text)
    return found.start() if found else None


def _instead(name: str, message: str, values: Values) -> str:
    if name in _LENGTHS:
        other = _LENGTHS[name]
    else:
        told = _INSTEAD.search(message)
        other = (told[1] or told[2]) if told else ""
    if other not in BY_NAME or other in values or name not in BY_NAME:
        return ""
    return other if type(BY_NAME[other].kind) is type(BY_NAME[name].kind) else ""
