"""Which colours has a line of code? Pygments' lexers, run so that one chunk of a fence goes on where the last ended.

Pygments lexes a text from its beginning. A fence is drawn in chunks, and while it grows line by line, so a string or
comment over several lines would lose its colour at each cut. Nearly all lexers are tables of regular expressions and
a stack of states; driving such a table here keeps the stack between pieces.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from math import inf
from time import thread_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

State = tuple[str, ...]
ROOT: State = ("root",)
Colours = list[list[tuple[str, str]]]
"""For each line the pieces of its text and their style keys ("" for plain)."""

_MAX_LINE = 2_000  # characters; minified code is not worth the time that regular expressions may take on it
# What a faulty lexer among Pygments' five hundred may raise on text it was not made for; colour is not worth a crash.
_FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, TimeoutError)
_KEYS = {
    "Token.Keyword": "token.keyword",
    "Token.Operator.Word": "token.keyword",
    "Token.Name.Tag": "token.keyword",
    "Token.Comment": "token.comment",
    "Token.Comment.Preproc": "token.keyword",
    "Token.Literal.String": "token.string",
    "Token.Literal.Number": "token.number",
    "Token.Literal.Date": "token.number",
    "Token.Name.Function": "token.function",
    "Token.Name.Decorator": "token.function",
    "Token.Name.Attribute": "token.function",
    "Token.Name.Class": "token.class",
    "Token.Name.Exception": "token.class",
    "Token.Keyword.Type": "token.class",
    "Token.Name.Builtin": "token.builtin",
    "Token.Name.Constant": "token.builtin",
    "Token.Operator": "token.operator",
    "Token.Generic.Inserted": "token.string",
    "Token.Generic.Deleted": "token.number",
    "Token.Generic.Heading": "token.function",
    "Token.Generic.Subheading": "token.function",
}
_STYLES = ("", *sorted(set(_KEYS.values())))
_NUMBERS = {key: number for number, key in enumerate(_STYLES)}
_RUNS = re.compile(rb"(.)\1*", re.DOTALL)


def highlight(code: str, language: str, state: State = ROOT) -> tuple[Colours, State]:
    """Colour `code`, whole lines joined by newlines, from `state` on.

    Returns:
        One list of pieces for each line (their texts joined are the line), and the state after its last newline.
    """
    lines = code.split("\n")
    pieces: list[tuple[str, str]] = []
    after = _lex(code, lines, language, state, pieces)
    if after is None:
        return [[(line, "")] if line else [] for line in lines], ROOT
    return _by_line(pieces, len(lines)), after


def styles_of(code: str, language: str, *, within_s: float = inf) -> bytes | None:
    """A number for the style of each character of `code` and of the newline after it.

    Returns:
        None where it has no colours, or they take more than so many seconds of the processor: at each beginning of a
        comment without an end, a lexer may read all that follows.
    """
    pieces: list[tuple[str, str]] = []
    if _lex(code, code.split("\n"), language, ROOT, pieces, thread_time() + within_s) is None:
        return None
    styles = b"".join(bytes([_NUMBERS[key]]) * len(text) for text, key in pieces)
    return styles if len(styles) == len(code) + 1 else None  # a lexer may leave out what it does not know


def coloured(code: str, styles: bytes) -> Colours:
    """What `highlight` gives, of code whose styles are known."""
    pieces = [(code[a:b], _STYLES[styles[a]]) for a, b in (run.span() for run in _RUNS.finditer(styles))]
    return _by_line(pieces, code.count("\n") + 1)


def _lex(
    code: str, lines: list[str], language: str, state: State, pieces: list[tuple[str, str]], until_s: float = inf
) -> State | None:
    """Add the pieces of `code` and give the state after it; None where nothing is known of its language, or too late.

    `until_s` is a time of `thread_time`.
    """
    lexer = _lexer(language) if language else None
    if lexer is None or max(map(len, lines)) > _MAX_LINE:
        return None
    try:
        if _is_table(type(lexer)):
            return _run(lexer, code + "\n", state, pieces, until_s)
        if until_s < inf and _is_silent(type(lexer)):
            return None
        for _, kind, text in lexer.get_tokens_unprocessed(code + "\n"):
            pieces.append((text, _key(kind)))
            _look_at_the_clock(until_s)
    except _FAULTS:
        return None
    return ROOT


def _by_line(pieces: list[tuple[str, str]], count: int) -> Colours:
    """Pieces per line. Neighbours of one colour are joined, as are joined emoji, which lexers take to bits."""
    colours: Colours = [[]]
    for text, key in pieces:
        first, *others = text.split("\n") if "\n" in text else (text,)
        line = colours[-1]
        if first and line and (line[-1][1] == key or line[-1][0][-1] == "\u200d" or first[0] in "\u200d\ufe0f"):
            line[-1] = (line[-1][0] + first, line[-1][1])
        elif first:
            line.append((first, key))
        colours.extend([(other, key)] if other else [] for other in others)
    return colours[:count]


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if len(language) > 40:
        return None
    try:
        return get_lexer_by_name(language.lower().strip("{}."))
    except ClassNotFound:
        return None


@cache
def _is_table(kind: type) -> bool:
    from pygments.lexer import RegexLexer

    return issubclass(kind, RegexLexer) and kind.get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed


@cache
def _is_silent(kind: type) -> bool:
    """Whether it says nothing before it has read all of a text, twice: templates within another language."""
    from pygments.lexer import DelegatingLexer

    return issubclass(kind, DelegatingLexer)


@cache
def _key(kind: _TokenType) -> str:
    while kind is not None and kind.parent is not None:
        if key := _KEYS.get(str(kind)):
            return key
        kind = kind.parent
    return ""


def _look_at_the_clock(until_s: float) -> None:
    if until_s < inf and thread_time() > until_s:
        raise TimeoutError


def _run(lexer: Any, text: str, state: State, pieces: list[tuple[str, str]], until_s: float) -> State:
    """Drive the lexer's table over `text`, as `RegexLexer.get_tokens_unprocessed` does, and give the last stack."""
    from pygments.token import _TokenType

    tables: dict[str, Any] = lexer._tokens
    stack = list(state)
    at = 0
    while at < len(text):
        _look_at_the_clock(until_s)
        for match, action, change in tables[stack[-1]]:
            found = match(text, at)
            if found is None:
                continue
            if type(action) is _TokenType:
                if found.end() > at:
                    pieces.append((found.group(), _key(action)))
            elif action is not None:
                pieces.extend((value, _key(kind)) for _, kind, value in action(lexer, found))
            at = found.end()
            if change is not None:
                _change(stack, change)
            break
        else:
            if text[at] == "\n":
                stack = ["root"]
            pieces.append((text[at], ""))
            at += 1
    return tuple(stack[-50:])


def _change(stack: list[str], change: Any) -> None:
    """Apply a state transition in Pygments' terms: a count to pop, "#push", or names in a tuple."""
    if isinstance(change, int):
        del stack[max(1, len(stack) + change) :]
        return
    for name in (change,) if isinstance(change, str) else change:
        if name == "#pop":
            del stack[max(1, len(stack) - 1) :]
        else:
            stack.append(stack[-1] if name == "#push" else name)
