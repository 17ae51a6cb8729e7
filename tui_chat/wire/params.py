"""Which request parameters there are: one table that the panel, `--set`, TOML, the request and the docs all read.

A parameter the person did not set is absent everywhere: not null, not 0, not a default (law 6). `default` here is a
hint to show, never a value to send. Labels and help stand in `words/` under `param.<name>.label` and `.help`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tui_chat.errors import UsageError

Value = bool | int | float | str | list[object] | dict[str, object]
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Number:
    """A real number from `low` to `high`, both allowed; the panel steps by `step`."""

    low: float
    high: float
    step: float = 0.1

    def parse(self, name: str, typed: str) -> float:
        """The number `typed` says; raises UsageError that names the range."""
        try:
            value = float(typed.strip())
        except ValueError:
            value = math.nan
        if not self.low <= value <= self.high:
            raise UsageError("error.param_number", name=name, low=f"{self.low:g}", high=f"{self.high:g}")
        return value


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from `low` to `high`, both allowed; `high` None means no upper limit."""

    low: int
    high: int | None = None
    step: int = 1

    def parse(self, name: str, typed: str) -> int:
        """The whole number `typed` says; raises UsageError that names the range."""
        text = typed.strip().replace("_", "")
        try:
            value = int(text) if len(text) <= 20 else None
        except ValueError:
            value = None
        if value is None or value < self.low or (self.high is not None and value > self.high):
            key = "error.param_integer_from" if self.high is None else "error.param_integer"
            raise UsageError(key, name=name, low=self.low, high=self.high or 0)
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off."""

    def parse(self, name: str, typed: str) -> bool:
        """True for true, on, yes, 1; False for false, off, no, 0; else raises UsageError."""
        word = typed.strip().lower()
        if word in {"true", "on", "yes", "1", "开", "是"}:
            return True
        if word in {"false", "off", "no", "0", "关", "否"}:
            return False
        raise UsageError("error.param_flag", name=name)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def parse(self, name: str, typed: str) -> str:
        """The option `typed` names, case-folded; raises UsageError that lists them."""
        word = typed.strip().lower()
        if word not in self.options:
            raise UsageError("error.param_choice", name=name, options=", ".join(self.options))
        return word


Kind = Number | Integer | Flag | Choice


@dataclass(frozen=True, slots=True)
class Param:
    """One request parameter."""

    name: str
    """The API's own name: the request field, the TOML key, the word of `--set`."""
    kind: Kind
    group: str
    """Heading in the panel; label under `param.group.<group>`."""
    default: str = ""
    """What the gateway does when it is absent, as a hint; "" where unknown."""
    in_body: bool = True
    """False for what shapes the exchange and is encoded elsewhere (`stream`)."""


PARAMS: tuple[Param, ...] = (
    Param("temperature", Number(0, 2, step=0.1), "sampling", default="1"),
    Param("top_p", Number(0, 1, step=0.05), "sampling", default="1"),
    Param("max_completion_tokens", Integer(1, step=256), "length"),
    Param("max_tokens", Integer(1, step=256), "length"),
    Param(
        "reasoning_effort",
        Choice(("none", "minimal", "low", "medium", "high", "xhigh", "max")),
        "thinking",
        default="medium",
    ),
    Param("stream", Flag(), "exchange", default="on", in_body=False),
)
BY_NAME: dict[str, Param] = {param.name: param for param in PARAMS}


def parse(name: str, typed: str) -> Value:
    """The value of parameter `name` as typed by a person.

    Raises:
        UsageError: no such parameter, or a value outside what it takes; says what is allowed.
    """
    if name not in BY_NAME:
        raise UsageError("error.param_unknown", name=name, names=", ".join(BY_NAME))
    return BY_NAME[name].kind.parse(name, typed)


def parse_assignment(typed: str) -> tuple[str, Value]:
    """One `NAME=VALUE` of `--set`."""
    name, equals, value = typed.partition("=")
    if not equals:
        raise UsageError("error.param_assignment", typed=typed)
    return name.strip(), parse(name.strip(), value)


def checked(values: Mapping[str, object]) -> dict[str, Value]:
    """Values from a file, each checked as if typed; raises UsageError at the first that can't be used."""
    return {name: parse(name, show(value)) for name, value in values.items()}


def show(value: object) -> str:
    """A value as a person types it: `on`, `0.7`, `high`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return str(value)


def encode(values: Values) -> dict[str, Value]:
    """Request fields for `values`; a parameter left unset is absent, never null or 0."""
    return {param.name: values[param.name] for param in PARAMS if param.in_body and param.name in values}
