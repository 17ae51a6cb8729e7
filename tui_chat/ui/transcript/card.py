"""How does a tool call stand in the conversation? In one row: what was called, with what, and where it stands now."""

from __future__ import annotations

from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.entry import Call, CallState, More
from tui_chat.ui.transcript.furniture import Line, Pen, cut
from tui_chat.ui.transcript.looks import Looks
from tui_chat.ui.transcript.wrap import width_of
from tui_chat.words import t

MARKS: dict[CallState, str] = {
    "asked": "·",
    "waiting": "?",
    "running": "⠿",
    "done": "✓",
    "failed": "✕",
    "denied": "⊘",
    "stopped": "■",
    "unknown": "!",
}
LEAST_BRIEF = 8
"""Cells below which arguments in brief say nothing any more."""


def call_line(call: Call, cells: int, looks: Looks, *, folded: bool, sign: str = "", now_s: float = 0.0) -> Line:
    """The row that folds a tool call: name and arguments left, state, word and time right.

    Args:
        call: what is shown.
        cells: how wide the row may be.
        looks: colours.
        folded: whether what is below it is hidden.
        sign: of a running call: the spinner as it stands.
        now_s: of a running call: the moment of the monotonic clock.
    """
    right = _standing(call, sign, now_s)
    name = visible(call.name, newline=False)
    note = f" · {call.note}" if call.note else ""
    while width_of(right) + width_of(note) > cells * 2 // 3 and note:
        note = ""
    pen = Pen()
    pen.write(f"{'▸' if folded else '▾'} ", looks["fold"])
    pen.write(cut(name, cells - pen.cells - width_of(right) - 2), looks["call"])
    room = cells - pen.cells - width_of(right) - width_of(note) - 4
    if room < LEAST_BRIEF:
        note = ""
        room = cells - pen.cells - width_of(right) - 4
    if call.brief and room >= LEAST_BRIEF:
        pen.write("  ")
        pen.write(cut(visible(call.brief, newline=False), room), looks["call.brief"])
    pen.blank(cells - pen.cells - width_of(right) - width_of(note))
    pen.write(right, looks[f"call.{call.state}"])
    pen.write(note, looks["call.note"])
    return pen.line


def more_line(more: More, cells: int, looks: Looks, *, folded: bool) -> Line:
    """The row that folds the rest of a card."""
    pen = Pen()
    pen.write(cut(f"{'▸' if folded else '▾'} {more.label}", cells), looks["fold"])
    return pen.line


def _standing(call: Call, sign: str, now_s: float) -> str:
    """The state in words and the time it took, or takes so far."""
    words = f"{sign or MARKS[call.state]} {t(f'card.{call.state}')}"
    if call.state == "running":
        passed_s = now_s - call.since_s if now_s else 0.0
        return f"{words} {int(passed_s)} s" if passed_s >= 1 else words
    return words if call.seconds is None else f"{words} · {speech.seconds(call.seconds)}"
