"""How does an answer look that is coloured by how likely it was? Its steps, and what is to be told of each.

A step is a token, or the several tokens that make up one character: what can't be read alone is not shown alone.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.wrap import width_of
from tui_chat.ui.widgets.sheet import SheetLine
from tui_chat.wire.logprobs import Likely, Token
from tui_chat.words import t

LEVELS: tuple[tuple[float, str], ...] = (
    (0.9, "sure"),
    (0.6, "likely"),
    (0.3, "open"),
    (0.05, "unlikely"),
    (0.0, "rare"),
)
"""From which probability on, which level; the names are those of styles and of words."""
_SPELLED = {"\n": "↵", "\r": "␍", "\t": "⇥"}
_WIDEST_BAR = 24


class Step(Struct, frozen=True):
    """One step of an answer."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def probability(self) -> float:
        """Of all its tokens together, 0 to 1."""
        return math.prod(token.taken.probability for token in self.tokens)

    @property
    def level(self) -> str:
        """Its name in `LEVELS`."""
        return next(name for least, name in LEVELS if self.probability >= least)


class Other(Struct, frozen=True):
    """A token that might have come instead."""

    likely: Likely
    at: int
    """Which of the step's tokens it stands for."""
    is_taken: bool


def steps_of(tokens: Iterable[Token]) -> list[Step]:
    """The steps of an answer's tokens; bytes that never become a character are U+FFFD."""
    steps: list[Step] = []
    waiting: list[Token] = []
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = ""
    for token in tokens:
        taken = token.taken
        if taken.data is None:
            if waiting:
                steps.append(Step(text + decoder.decode(b"", True), tuple(waiting)))
                waiting, text = [], ""
                decoder.reset()
            steps.append(Step(taken.token, (token,)))
            continue
        waiting.append(token)
        text += decoder.decode(taken.data)
        if not decoder.getstate()[0]:
            steps.append(Step(text, tuple(waiting)))
            waiting, text = [], ""
    if waiting:
        steps.append(Step(text + decoder.decode(b"", True), tuple(waiting)))
    return steps


def others_of(step: Step) -> list[Other]:
    """The most likely tokens at a step's place, the taken one among them, each token's in turn."""
    found: list[Other] = []
    for at, token in enumerate(step.tokens):
        taken = (token.taken.token, token.taken.data)
        rows = [Other(each, at, (each.token, each.data) == taken) for each in token.top]
        if not any(row.is_taken for row in rows):
            rows.append(Other(token.taken, at, True))
        found += rows
    return found


def text_up_to(steps: Sequence[Step], at: int, other: Other) -> str | None:
    """What the answer says up to this step, with another token in its place; None where that is no whole character."""
    if other.at or (instead := other.likely.text) is None:
        return None
    return "".join(step.text for step in steps[:at]) + instead


def percent(likely: Likely) -> str:
    """How likely, as people read it: "26.7 %", "< 0.01 %", "very unlikely"."""
    if likely.is_never:
        return t("heat.never")
    share = likely.probability * 100
    if share < 0.01:
        return t("heat.percent_below")
    digits = 2 if share < 1 else 1
    return t("heat.percent", share=f"{share:.{digits}f}")


def spelled(text: str) -> str:
    """A token so that its blanks can be told: within quotes, line ends as signs."""
    return f"“{visible(''.join(_SPELLED.get(letter, letter) for letter in text), newline=False)}”"


def bytes_of(likely: Likely) -> str:
    """Its bytes in hexadecimal; that it has none where it has none."""
    return likely.data.hex(" ") if likely.data is not None else t("heat.no_bytes")


def facts_of(step: Step) -> list[SheetLine]:
    """What is known of a step: a line for each of its tokens."""
    lines = []
    for token in step.tokens:
        taken = token.taken
        name = spelled(step.text) if len(step.tokens) == 1 else spelled(taken.text or "…")
        pieces = [(name, "strong"), ("  ", ""), (percent(taken), "strong"), ("  ", "")]
        if not taken.is_never:
            pieces.append((f"ln {taken.logprob:.4f}  ", "label"))
        pieces.append((t("heat.bytes", bytes=bytes_of(taken)), "label"))
        lines.append(SheetLine(tuple(pieces)))
    if len(step.tokens) > 1:
        share = t("heat.percent", share=f"{step.probability * 100:.1f}")
        whole = t("heat.together", text=spelled(step.text), percent=share)
        lines.insert(0, SheetLine(((whole, "strong"),)))
    return lines


def other_lines(rows: Sequence[Other], marked: int, width: int) -> list[SheetLine]:
    """The tokens that might have come, the marked one with a sign, with bars where there is room."""
    lines = []
    bar = max(0, min(_WIDEST_BAR, width - 44))
    names = [spelled(row.likely.text if row.likely.text is not None else "…") for row in rows]
    widest = min(24, max(map(width_of, names), default=0))
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        mark = "▸ " if number == marked else "  "
        style = "strong" if number == marked else ""
        cells = round(row.likely.probability * bar)
        gap = " " * max(2, widest + 2 - width_of(name))
        pieces = [(mark, "hunk"), (name + gap, style), (percent(row.likely).rjust(8) + "  ", style)]
        if bar:
            pieces.append(("█" * cells + "░" * (bar - cells) + "  ", "label"))
        if row.is_taken:
            pieces.append((t("heat.taken"), "added"))
        elif row.likely.text is None:
            pieces.append((bytes_of(row.likely), "label"))
        lines.append(SheetLine(tuple(pieces)))
    return lines
