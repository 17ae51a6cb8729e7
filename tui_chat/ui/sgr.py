"""How is a row of styled text written with few bytes? Of each style, only what differs from the one before it.

Rich and Textual write colours and attributes in full before each piece of text and take them back after it: five
times as many bytes as the text itself. A slow line to the terminal feels that. What is written went through gate 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.color import ColorSystem
from rich.segment import Segment
from textual.strip import Strip

from tui_chat.ui.gate import has_bad_link, scrub

if TYPE_CHECKING:
    from rich.console import Console

_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Underlined, reversed, struck, framed, overlined: what a blank shows, too."""

_COLOURS = frozenset(map(str, (*range(30, 40), *range(90, 98))))
_GROUNDS = frozenset(map(str, (*range(40, 50), *range(100, 108))))


class _State(NamedTuple):
    """What a terminal does with text: attributes, colour, ground, each as SGR parameters."""

    attributes: frozenset[str]
    colour: str
    ground: str


def written(segments: Iterable[Segment], console: Console) -> str:
    """What to write for a row that begins and ends without any style; texts are scrubbed, bad links taken off."""
    system = console._color_system or ColorSystem.TRUECOLOR
    out: list[str] = []
    state = ""
    segments = list(segments)
    whole = "".join([text for text, _, _ in segments])
    is_clean = scrub(whole) is whole
    for text, style, _ in segments:
        if not is_clean:
            text = scrub(text)
        if not text:
            continue
        sgr = ""
        if style is not None:
            sgr = style._ansi if style._ansi is not None else Strip.render_ansi(style, system)
        if sgr != state:
            change, state = _change(state, sgr, text.isspace())
            out.append(change)
        if style is not None and style._link and not has_bad_link(style):
            out.append(f"\x1b]8;id={style._link_id};{style._link}\x1b\\{text}\x1b]8;;\x1b\\")
        else:
            out.append(text)
    if state:
        out.append("\x1b[0m")
    return "".join(out)


@lru_cache(maxsize=1024)
def _change(before: str, after: str, blank: bool) -> tuple[str, str]:
    """What to write between two styles, and the style that is then in force; blanks look alike in many styles."""
    old, new = _state(before), _state(after)
    if blank and old.ground == new.ground and not (old.attributes | new.attributes) & _SEEN_ON_BLANKS:
        return "", before
    lost = old.attributes - new.attributes or (old.colour and not new.colour) or (old.ground and not new.ground)
    if lost:
        return f"\x1b[0;{after}m" if after else "\x1b[0m", after
    codes = sorted(new.attributes - old.attributes)
    codes += [new.colour] * (new.colour != old.colour) + [new.ground] * (new.ground != old.ground)
    return f"\x1b[{';'.join(codes)}m" if codes else "", after


@lru_cache(maxsize=1024)
def _state(sgr: str) -> _State:
    attributes: set[str] = set()
    colour = ground = ""
    codes = sgr.split(";") if sgr else []
    at = 0
    while at < len(codes):
        code = codes[at]
        length = 1
        if code in ("38", "48"):
            length = 5 if codes[at + 1 : at + 2] == ["2"] else 3
        whole = ";".join(codes[at : at + length])
        at += length
        if code in _COLOURS:
            colour = whole
        elif code in _GROUNDS:
            ground = whole
        else:
            attributes.add(whole)
    return _State(frozenset(attributes), colour, ground)
