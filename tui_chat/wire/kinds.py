"""What a request parameter may be: kinds of value that are typed as text, checked, and sent as JSON.

Every kind reads what a person types (`parse`), checks what a file or another kind holds (`check`), and says in signs
that need no translation what it `takes`. Whatever `check` gives, `params.show` writes so that `parse` gives it back.
Kinds that take more than one line fits also have an editor's form: `lines` and `from_lines`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from msgspec import Struct

from tui_chat.errors import UsageError
from tui_chat.wire.json_text import compact, is_plain, pretty, read_json

Value = bool | int | float | str | list[object] | dict[str, object]
Values = Mapping[str, Value]

TOOL_WORDS = ("none", "auto", "required")
"""What `tool_choice` may be besides the name of a tool."""
FUNCTION_WORDS = ("none", "auto")
"""What `function_call` may be besides the name of a function."""
_FORMS = {
    "country": "CN, US, …",
    "timezone": "Asia/Shanghai, …",
    "tool": " | ".join((*TOOL_WORDS, "NAME")),
    "function": " | ".join((*FUNCTION_WORDS, "NAME")),
}
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}
_UNESCAPED = {escape: character for character, escape in _ESCAPES.items()}


class Number(Struct, frozen=True):
    """A real number from `low` to `high`, both allowed; the panel steps by `step`."""

    low: float
    high: float
    step: float = 0.1

    @property
    def takes(self) -> str:
        """The range."""
        return f"{self.low:g}…{self.high:g}"

    def parse(self, name: str, typed: str) -> float:
        """The number `typed` says; raises UsageError that names the range."""
        try:
            return self.check(name, float(typed.strip()))
        except ValueError:
            return self.check(name, math.nan)

    def check(self, name: str, value: object) -> float:
        """The number; text is read as if typed."""
        if isinstance(value, str):
            return self.parse(name, value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise UsageError("error.param_number", name=name, low=f"{self.low:g}", high=f"{self.high:g}")
        return float(value)


class Integer(Struct, frozen=True):
    """A whole number from `low` to `high`, both allowed; `high` None means no upper limit."""

    low: int
    high: int | None = None
    step: int = 1

    @property
    def takes(self) -> str:
        """The range."""
        return f"≥ {self.low}" if self.high is None else f"{self.low}…{self.high}"

    def parse(self, name: str, typed: str) -> int:
        """The whole number `typed` says; raises UsageError that names the range."""
        text = typed.strip().replace("_", "")
        try:
            return self.check(name, int(text) if len(text) <= 20 else None)
        except ValueError:
            return self.check(name, None)

    def check(self, name: str, value: object) -> int:
        """The whole number; text is read as if typed."""
        if isinstance(value, str):
            return self.parse(name, value)
        if type(value) is not int or value < self.low or (self.high is not None and value > self.high):
            key = "error.param_integer_from" if self.high is None else "error.param_integer"
            raise UsageError(key, name=name, low=self.low, high=self.high or 0)
        return value


class Flag(Struct, frozen=True):
    """On or off."""

    @property
    def takes(self) -> str:
        """Both words."""
        return "on | off"

    def parse(self, name: str, typed: str) -> bool:
        """True for true, on, yes, 1; False for false, off, no, 0; else raises UsageError."""
        word = typed.strip().lower()
        if word in {"true", "on", "yes", "1", "开", "是"}:
            return True
        if word in {"false", "off", "no", "0", "关", "否"}:
            return False
        raise UsageError("error.param_flag", name=name)

    def check(self, name: str, value: object) -> bool:
        """The flag; text is read as if typed."""
        return value if isinstance(value, bool) else self.parse(name, str(value))


class IncludeUsage(Flag, frozen=True):
    """`stream_options`, by the one thing that can be said in it: on, off, or the API's object."""

    def parse(self, name: str, typed: str) -> bool:
        """As any flag, or `{"include_usage": …}`."""
        return self.check(name, read_json(name, typed)) if typed.lstrip()[:1] == "{" else Flag.parse(self, name, typed)

    def check(self, name: str, value: object) -> bool:
        """The flag."""
        if isinstance(value, dict):
            if unknown := sorted(str(key) for key in value if key != "include_usage"):
                raise UsageError("error.param_field_unknown", name=name, field=unknown[0][:60], fields="include_usage")
            value = value.get("include_usage", "")
        return Flag.check(self, name, value)


class Choice(Struct, frozen=True):
    """One of a few words."""

    options: tuple[str, ...]

    @property
    def takes(self) -> str:
        """The words."""
        return " | ".join(self.options)

    def parse(self, name: str, typed: str) -> str:
        """The option `typed` names, case-folded; raises UsageError that lists them."""
        word = typed.strip().lower()
        if word not in self.options:
            raise UsageError("error.param_choice", name=name, options=", ".join(self.options))
        return word

    def check(self, name: str, value: object) -> str:
        """The option."""
        return self.parse(name, value if isinstance(value, str) else "")


class Text(Struct, frozen=True):
    """Any text of 1 to `limit` characters, or one of a form: a country, a time zone, a choice of tools."""

    limit: int
    form: str = ""
    """"country" (ISO 3166, two letters), "timezone" (IANA), "tool" (one of `TOOL_WORDS`, or a tool's name) or
    "function" (the same with `FUNCTION_WORDS`); "" for any."""

    @property
    def takes(self) -> str:
        """An example, or the limit."""
        return _FORMS.get(self.form, f"text ≤ {self.limit}")

    def parse(self, name: str, typed: str) -> str:
        """The text as it stands; raises UsageError where it is empty, too long, or not of the form."""
        return self.check(name, typed)

    def check(self, name: str, value: object) -> str:
        """The text."""
        if not isinstance(value, str) or not 0 < len(value) <= self.limit:
            raise UsageError("error.param_text", name=name, limit=self.limit)
        if self.form == "country":
            if not re.fullmatch(r"[A-Za-z]{2}", value):
                raise UsageError("error.param_country", name=name)
            return value.upper()
        if self.form == "timezone" and not _is_timezone(value):
            raise UsageError("error.param_timezone", name=name)
        if self.form in ("tool", "function"):
            value = value.strip()
            known = TOOL_WORDS if self.form == "tool" else FUNCTION_WORDS
            if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
                raise UsageError(f"error.param_{self.form}", name=name)
            return value.lower() if value.lower() in known else value
        return value


def _is_timezone(text: str) -> bool:
    import zoneinfo  # reads a folder of files; seldom asked for

    known = zoneinfo.available_timezones()  # empty where the system has no such folder
    return text in known if known else re.fullmatch(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}", text) is not None


class Words(Struct, frozen=True):
    """A list of 1 to `most` texts; with `options`, each of them one of these and only once."""

    most: int
    options: tuple[str, ...] = ()

    @property
    def takes(self) -> str:
        """How many, or which."""
        return ",".join(self.options) if self.options else f"a,b,… (1…{self.most})"

    def parse(self, name: str, typed: str) -> list[object]:
        r"""Words between commas, where \n, \t and \\ are one character each, or a JSON list."""
        if typed.lstrip()[:1] in {"[", '"'}:
            return self.check(name, read_json(name, typed))
        return self.check(name, [_unescaped(word.strip()) for word in typed.split(",")])

    def check(self, name: str, value: object) -> list[object]:
        """The list; a text alone is a list of one."""
        words = [value] if isinstance(value, str) else value
        if (
            not isinstance(words, list)
            or not 0 < len(words) <= self.most
            or not all(isinstance(word, str) and word for word in words)
        ):
            raise UsageError("error.param_words", name=name, most=self.most)
        if self.options and (len(set(words)) < len(words) or not set(words) <= set(self.options)):
            raise UsageError("error.param_choice", name=name, options=", ".join(self.options))
        return words

    def lines(self, value: object) -> str:
        """One word a line."""
        words = [str(word) for word in value] if isinstance(value, list) else []
        text = "\n".join("".join(_ESCAPES.get(character, character) for character in word) for word in words)
        return compact(words) if text[:1] in {"[", '"'} or not is_plain(text) else text

    def from_lines(self, name: str, text: str) -> list[object]:
        """The list of `lines`, blanks and commas within a line kept."""
        if text[:1] in {"[", '"'}:
            return self.parse(name, text)
        return self.check(name, [_unescaped(line) for line in text.split("\n") if line])


class Pairs(Struct, frozen=True):
    """Keys with texts: at most `most`, keys of at most `key_limit` characters, values of `value_limit`."""

    most: int = 16
    key_limit: int = 64
    value_limit: int = 512

    @property
    def takes(self) -> str:
        """Form and limits."""
        return f"k=v,… (≤ {self.most}; k ≤ {self.key_limit}, v ≤ {self.value_limit})"

    def parse(self, name: str, typed: str) -> dict[str, object]:
        """`key=value` between commas, or a JSON object."""
        return self.check(name, _pairs(name, typed, ","))

    def check(self, name: str, value: object) -> dict[str, object]:
        """The pairs."""
        if not isinstance(value, dict) or not value:
            raise UsageError("error.param_object", name=name)
        if len(value) > self.most:
            raise UsageError("error.param_pairs", name=name, most=self.most, count=len(value))
        for key, text in value.items():
            if not isinstance(key, str) or not isinstance(text, str) or not 0 < len(key) <= self.key_limit:
                raise UsageError("error.param_key", name=name, key=_short(key), limit=self.key_limit)
            if len(text) > self.value_limit:
                raise UsageError("error.param_pair_value", name=name, key=_short(key), limit=self.value_limit)
        return value

    def lines(self, value: object) -> str:
        """One pair a line."""
        return _pair_lines(value)

    def from_lines(self, name: str, text: str) -> dict[str, object]:
        """The pairs of `lines`."""
        return self.check(name, _pairs(name, text, "\n"))


class Bias(Struct, frozen=True):
    """Token ids with how much likelier each becomes: from −100, never, to 100, nothing else."""

    most: int = 1024

    @property
    def takes(self) -> str:
        """Form and range."""
        return "token=-100…100,…"

    def parse(self, name: str, typed: str) -> dict[str, object]:
        """`token=bias` between commas, or a JSON object."""
        return self.check(name, _pairs(name, typed, ","))

    def check(self, name: str, value: object) -> dict[str, object]:
        """Bias by token id; a bias that is text is read as a number."""
        if not isinstance(value, dict) or not 0 < len(value) <= self.most:
            raise UsageError("error.param_bias", name=name)
        return {self._token(name, token): self._bias(name, bias) for token, bias in value.items()}

    def lines(self, value: object) -> str:
        """One token a line."""
        return _pair_lines(value)

    def from_lines(self, name: str, text: str) -> dict[str, object]:
        """The biases of `lines`."""
        return self.check(name, _pairs(name, text, "\n"))

    @staticmethod
    def _token(name: str, token: object) -> str:
        if not isinstance(token, str) or not re.fullmatch(r"[0-9]{1,9}", token):
            raise UsageError("error.param_bias", name=name)
        return token

    @staticmethod
    def _bias(name: str, bias: object) -> int | float:
        try:
            number = float(bias) if isinstance(bias, int | float | str) and not isinstance(bias, bool) else math.nan
        except ValueError:
            number = math.nan
        if not -100 <= number <= 100:
            raise UsageError("error.param_bias", name=name)
        return int(number) if number.is_integer() else number


def _unescaped(word: str) -> str:
    return re.sub(r"\\[ntr\\]", lambda match: _UNESCAPED[match.group()], word)


def _short(key: object) -> str:
    text = str(key)
    return text if len(text) <= 24 else f"{text[:23]}…"


def _pairs(name: str, typed: str, separator: str) -> object:
    """A JSON object, or `key=value` between separators; the same key twice is an error, not a choice of ours."""
    if typed.lstrip()[:1] == "{":
        return read_json(name, typed)
    found: dict[str, object] = {}
    for pair in typed.split(separator):
        if not pair.strip():
            continue
        key, equals, text = pair.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UsageError("error.param_pair", name=name, typed=_short(pair.strip()))
        if key in found:
            raise UsageError("error.param_twice", name=name, key=_short(key))
        found[key] = text.strip()
    return found


def _pair_lines(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    pairs = {str(key): str(text) for key, text in value.items()}
    lines = "\n".join(f"{key} = {text}" for key, text in pairs.items())
    odd = any(key != key.strip() or "=" in key or text != text.strip() for key, text in pairs.items())
    if odd or lines.count("\n") + 1 != len(pairs) or lines[:1] == "{" or not is_plain(lines):
        return pretty(value)
    return lines
