"""What does this come to? Models guess at arithmetic; this works it out, exactly where it can be exact.

The expression is read by `simpleeval`, which walks Python's own syntax tree; of that tree we leave it numbers,
operators, comparisons, conditions and the functions below. No attribute, index, text or name of a program is within
reach. Every step keeps to numbers that can be written in 4 000 digits, so that no expression takes long.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from tui_chat.errors import ToolError
from tui_chat.tools.function import tool_of
from tui_chat.tools.tool import Tool

LIMIT_CHARACTERS = 2000
LIMIT_BITS = 13_200
"""A whole number of this many bits has at most 4 000 digits; Python itself writes none above 4 300."""
_EXACT_DIGITS = 30
"""A decimal fraction of up to this many places is written out; a longer one is rounded."""

Number = int | float | Fraction


class _TooLarge(ArithmeticError):
    """A number that takes too long to work with."""


def calculate(expression: str) -> str:
    """Work out an arithmetic expression, exactly where that is possible (decimal numbers are exact, not binary).

    It knows + - * / // % ** (also ^ for powers), parentheses, comparisons, "a if b else c", the constants pi, e and
    tau, and the functions abs, ceil, floor, round, sqrt, cbrt, exp, log (natural, or with a base), log2, log10,
    sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, degrees, radians, hypot, factorial, comb, perm, gcd, lcm,
    min, max, sum, mean, median and stdev. Angles are in radians. Write 15/100 for 15 %.

    Args:
        expression: for example "(1 + 0.05) ** 10 * 2000" or "sqrt(2) / log(10, 2)".
    """
    return said(value_of(expression))


def value_of(expression: str) -> Number | bool:
    """The value of an expression; raises ToolError "error.tool_sum" with the reason where it has none."""
    if len(expression) > LIMIT_CHARACTERS:
        raise ToolError("error.tool_sum_long", limit=LIMIT_CHARACTERS)
    from simpleeval import InvalidExpression, SimpleEval

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if 2else 3" is bad style to Python, and nobody's business here
            tree = ast.parse(_plain(expression), mode="eval").body
            evaluator = SimpleEval(operators=dict(_OPERATORS), functions=dict(_FUNCTIONS), names=dict(_CONSTANTS))
            allowed = (ast.Name, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call)
            evaluator.nodes = {kind: evaluator.nodes[kind] for kind in allowed}
            evaluator.nodes[ast.Constant] = _constant
            return _bounded(evaluator.eval(expression, tree))
    except ToolError:
        raise
    except _TooLarge as error:
        raise ToolError("error.tool_sum_large") from error
    except ZeroDivisionError as error:
        raise ToolError("error.tool_sum_zero") from error
    except SyntaxError as error:
        raise ToolError("error.tool_sum", reason=f"{error.msg}, character {error.offset or 1}") from error
    except OverflowError as error:
        raise ToolError("error.tool_sum_large") from error
    except (MemoryError, RecursionError) as error:  # thousands of signs or brackets in a row
        raise ToolError("error.tool_sum_deep") from error
    except (InvalidExpression, TypeError, ValueError, KeyError, AttributeError) as error:
        raise ToolError("error.tool_sum", reason=re.split(",? for expression ", str(error))[0][:200]) from error


def said(value: Number | bool) -> str:
    """A value as it is told: whole numbers and short decimals exactly, all else to 15 digits with its exact form."""
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.15g}"
    if value.denominator == 1:
        return str(value.numerator)
    if (places := _places(value.denominator)) is not None:
        digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
        return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"
    try:
        rounded = f"{float(value):.15g}"
    except OverflowError:
        rounded = str(round(value))
    exact = f"{value.numerator}/{value.denominator}"
    return f"{rounded} (rounded; exactly {exact})" if len(exact) <= 40 else f"{rounded} (rounded)"


def _plain(expression: str) -> str:
    """The signs people write, as Python's: × ÷ − ^ and full-width forms."""
    signs: dict[int, int | str] = {0xD7: "*", 0xF7: "/", 0x2212: "-", 0x5E: "**", 0x3C0: "pi", 0x3000: " "}
    signs.update({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    return expression.translate(signs).strip()


def _places(denominator: int) -> int | None:
    """How many decimal places a fraction takes; None where it never ends, or not soon."""
    places = 0
    while denominator % 10 == 0:
        denominator, places = denominator // 10, places + 1
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator, places = denominator // prime, places + 1
            if places > _EXACT_DIGITS:
                return None
    return places if denominator == 1 and places <= _EXACT_DIGITS else None


def _constant(node: ast.Constant) -> Number | bool:
    """A number of the expression. A decimal one is taken as it is written, not as the nearest binary one."""
    if isinstance(node.value, bool | int):
        return _bounded(node.value)
    if isinstance(node.value, float):
        return _bounded(Fraction(repr(node.value)) if math.isfinite(node.value) else node.value)
    raise ToolError("error.tool_sum_number")


def _bounded(value: object) -> Number | bool:
    """The value, where it is a number within bounds."""
    if isinstance(value, Fraction):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > LIMIT_BITS:
            raise _TooLarge
        return value.numerator if value.denominator == 1 else value
    if isinstance(value, float):
        if math.isnan(value):
            raise ToolError("error.tool_sum_undefined")
        if math.isinf(value):
            raise _TooLarge
        return value
    if isinstance(value, int):
        if value.bit_length() > LIMIT_BITS:
            raise _TooLarge
        return value
    raise ToolError("error.tool_sum_undefined")  # a complex number: the root of a negative one


def _divide(left: Any, right: Any) -> Any:
    """Exact where both are."""
    if isinstance(left, int | Fraction) and isinstance(right, int | Fraction):
        return Fraction(left) / Fraction(right)
    return left / right


def _power(base: Any, exponent: Any) -> Any:
    """A power, refused before it is worked out where it would be too large."""
    if isinstance(exponent, Fraction) or isinstance(base, float) or isinstance(exponent, float):
        return float(base) ** float(exponent)
    bits = max(Fraction(base).numerator.bit_length(), Fraction(base).denominator.bit_length())
    if bits > 1 and bits * abs(exponent) > 2 * LIMIT_BITS:  # 1, 0 and -1 may have any exponent
        raise _TooLarge
    if exponent < 0:
        return Fraction(1) / Fraction(base) ** -exponent
    return base**exponent


def _up_to(limit: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """A function of whole numbers that takes none above `limit`."""

    def careful(*numbers: Any) -> Any:
        if any(abs(number) > limit for number in numbers):
            raise _TooLarge
        return work(*numbers)

    return careful


def _rooted(work: Callable[[int], int], power: int) -> Callable[[Any], Any]:
    """A root that stays exact for perfect powers."""

    def root(number: Any) -> Any:
        if isinstance(number, int | Fraction) and number >= 0:
            fraction = Fraction(number)
            over, under = work(fraction.numerator), work(fraction.denominator)
            if over**power == fraction.numerator and under**power == fraction.denominator:
                return Fraction(over, under)
        return math.sqrt(number) if power == 2 else math.cbrt(number)

    return root


def _cube_root(number: int) -> int:
    try:
        return round(math.cbrt(number))
    except OverflowError:
        return 0


def _rounded(number: Any, places: int = 0) -> Any:
    """Half away from zero, as people round; Python would round half to the even neighbour."""
    if abs(places) > 1000:
        raise _TooLarge
    if isinstance(number, float):
        return round(number, places)
    unit = Fraction(10) ** operator.index(places)
    whole = math.floor(abs(Fraction(number)) * unit + Fraction(1, 2))
    return Fraction(whole if number >= 0 else -whole) / unit


def _logarithm(number: Any, base: Any = None) -> float:
    return math.log(number) if base is None else math.log(number) / math.log(base)


def _mean(*numbers: Any) -> Any:
    if not numbers:
        raise TypeError("mean of no numbers")
    return _divide(sum(numbers), len(numbers))


def _median(*numbers: Any) -> Any:
    if not numbers:
        raise TypeError("median of no numbers")
    ordered, half = sorted(numbers), len(numbers) // 2
    return ordered[half] if len(numbers) % 2 else _divide(ordered[half - 1] + ordered[half], 2)


def _deviation(*numbers: Any) -> Any:
    """Of a sample: divided by one less than their number."""
    if len(numbers) < 2:
        raise TypeError("stdev takes at least two numbers")
    middle = _mean(*numbers)
    return _rooted(math.isqrt, 2)(_divide(sum((number - middle) ** 2 for number in numbers), len(numbers) - 1))


def _checked(work: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *numbers: _bounded(work(*numbers))


_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    kind: _checked(work)
    for kind, work in (
        (ast.Add, operator.add),
        (ast.Sub, operator.sub),
        (ast.Mult, operator.mul),
        (ast.Div, _divide),
        (ast.FloorDiv, operator.floordiv),
        (ast.Mod, operator.mod),
        (ast.Pow, _power),
        (ast.USub, operator.neg),
        (ast.UAdd, operator.pos),
        (ast.Not, operator.not_),
        (ast.Eq, operator.eq),
        (ast.NotEq, operator.ne),
        (ast.Lt, operator.lt),
        (ast.LtE, operator.le),
        (ast.Gt, operator.gt),
        (ast.GtE, operator.ge),
    )
}
_CONSTANTS: Mapping[str, Number] = {"pi": math.pi, "e": math.e, "tau": math.tau}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    name: _checked(work)
    for name, work in (
        *((name, getattr(math, name)) for name in ("exp", "log2", "log10", "degrees", "radians", "hypot")),
        *((name, getattr(math, name)) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "atan2")),
        *((name, getattr(math, name)) for name in ("sinh", "cosh", "tanh", "ceil", "floor", "gcd", "lcm")),
        ("abs", abs),
        ("round", _rounded),
        ("sqrt", _rooted(math.isqrt, 2)),
        ("cbrt", _rooted(_cube_root, 3)),
        ("log", _logarithm),
        ("ln", math.log),
        ("factorial", _up_to(1200, math.factorial)),
        ("comb", _up_to(LIMIT_BITS, math.comb)),
        ("perm", _up_to(1200, math.perm)),
        ("min", min),
        ("max", max),
        ("sum", lambda *numbers: sum(numbers)),
        ("mean", _mean),
        ("median", _median),
        ("stdev", _deviation),
    )
}

CALCULATOR: Tool = tool_of(calculate, "harmless", timeout_s=5)
