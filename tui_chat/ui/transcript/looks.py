"""Which colour has what? One table from what a thing means to how it looks, resolved against the active theme.

A table and not component classes: fifty of those cost 17 ms of every start, this a fraction of one. Every colour
comes from a theme variable, so a theme (or a user's own) changes all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rich.style import Style
from textual.color import Color, ColorParseError

from tui_chat.ui.transcript.rows import Styles

ROLES = ("user", "assistant", "tool", "system")

MARKDOWN: Mapping[str, str] = {
    "text": "",
    "strong": "bold",
    "emphasis": "italic",
    "strike": "strike",
    "code_span": "$text-accent on $surface",
    "link": "underline $text-primary",
    "heading1": "bold $text-primary",
    "heading2": "bold $text-primary",
    "heading3": "bold",
    "fence": "on $surface",
    "muted": "$text-muted",
    "rule": "$text-disabled",
    "quote": "$text-muted",
    "table_head": "bold",
    "token.keyword": "$text-primary",
    "token.string": "$text-success",
    "token.comment": "italic $text-muted",
    "token.number": "$text-warning",
    "token.function": "$text-accent",
    "token.class": "$text-accent",
    "token.builtin": "$text-secondary",
    "token.operator": "$text-muted",
}

QUIET: Mapping[str, str] = {
    **MARKDOWN,
    "text": "$text-muted",
    "strong": "bold $text-muted",
    "emphasis": "italic $text-muted",
    "strike": "strike $text-muted",
    "code_span": "$text-muted on $surface",
    "link": "underline $text-muted",
    "heading1": "bold $text-muted",
    "heading2": "bold $text-muted",
    "heading3": "bold $text-muted",
    "table_head": "bold $text-muted",
}
"""The same for reasoning, which stands back behind the answer."""

FURNITURE: Mapping[str, str] = {
    "bar.user": "$primary",
    "bar.assistant": "$secondary",
    "bar.tool": "$warning",
    "bar.system": "$text-muted",
    "name.user": "bold $text-primary",
    "name.assistant": "bold $text-secondary",
    "name.tool": "bold $text-warning",
    "name.system": "bold $text-muted",
    "band": "on $panel",
    "meta": "$text-muted",
    "version": "$text-accent",
    "key": "bold $text-accent",
    "action": "$text-muted",
    "fold": "$text-muted",
    "call": "bold $text-warning",
    "call.brief": "$text-muted",
    "call.note": "$text-muted",
    "call.asked": "$text-muted",
    "call.waiting": "bold $text-warning",
    "call.running": "$text-accent",
    "call.done": "$text-success",
    "call.failed": "$text-error",
    "call.denied": "$text-warning",
    "call.stopped": "$text-muted",
    "call.unknown": "bold $text-error",
    "picture": "$text-disabled on $surface",
    "copy": "$text-muted on $surface",
    "more": "$text-accent",
    "chip": "$text on $surface",
    "chip.mark": "$text-accent on $surface",
    "error": "bold $text-error",
    "warning": "bold $text-warning",
    "info": "bold $text-primary",
    "spinner": "$text-accent",
    "status": "$text-muted",
    "badge": "$text on $primary-muted",
    "match": "$text on $warning-muted",
    "match.here": "bold $background on $warning",
}


class Looks:
    """Every style of the transcript under one theme.

    Attributes:
        prose: the Markdown styles of what is said.
        quiet: the Markdown styles of reasoning.
        generation: differs from that of every other theme seen; what was drawn with another is stale.
    """

    __slots__ = ("_own", "generation", "prose", "quiet")

    def __init__(self, variables: Mapping[str, str], ground: Color, generation: int) -> None:
        def table(specs: Mapping[str, str]) -> dict[str, Style]:
            return {key: style_of(spec, variables, ground) for key, spec in specs.items()}

        self.generation = generation
        self.prose = Styles(table(MARKDOWN), 2 * generation)
        self.quiet = Styles(table(QUIET), 2 * generation + 1)
        self._own = table(FURNITURE)

    def __getitem__(self, name: str) -> Style:
        return self._own[name]


_AUTO = re.compile(r"auto(?:\s+(\d+)%)?$")
_SHARE = re.compile(r"(\S+)\s+(\d+)%$")


def style_of(spec: str, variables: Mapping[str, str], ground: Color) -> Style:
    """A Rich style from words like "bold $text-muted on $surface"; translucent colours are mixed with `ground`."""
    style = Style.null()
    words = spec.split()
    behind = ground
    if "on" in words:
        at = words.index("on")
        behind = _colour(variables.get(words[at + 1].removeprefix("$"), ""), ground) or ground
        style += Style.from_color(bgcolor=behind.rich_color)
        del words[at : at + 2]
    for word in words:
        if not word.startswith("$"):
            style += Style.parse(word)
            continue
        value = variables.get(word.removeprefix("$"), "")
        colour = _colour(value, behind)
        if colour is not None:
            style += Style.from_color(colour.rich_color)
        if colour is not None and colour.ansi is not None and _SHARE.match(value):
            # The terminal's own colours can't be mixed; faint is the nearest to a share of one.
            style += Style(dim=True)
    return style


def _colour(value: str, ground: Color) -> Color | None:
    """A theme variable's value as an opaque colour on `ground`, None where it leaves the colour alone."""
    if not value:  # asking the parser would set it looking for the most similar name of a colour
        return None
    if auto := _AUTO.match(value):
        return ground + ground.get_contrast_text(int(auto.group(1) or 100) / 100)
    share = _SHARE.match(value)
    try:
        colour = Color.parse(share.group(1) if share else value)
    except ColorParseError:
        return None
    if colour.ansi is not None:
        return colour
    if share:
        colour = colour.multiply_alpha(int(share.group(2)) / 100)
    return None if colour.a == 0 else ground + colour
