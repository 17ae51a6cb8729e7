"""How does an answer differ from what was predicted of it? As lines to read: what went, what came, what stayed.

A model often puts a whole file in a code fence though the prediction had none: the fence around all is left out.
"""

from __future__ import annotations

import difflib
import re

from tui_chat.chat.node import Node
from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.usage_bar import bar
from tui_chat.ui.widgets.sheet import SheetLine, line
from tui_chat.wire.params import Values
from tui_chat.words import t

_FENCED = re.compile(r"\s*(`{3,}|~{3,})[^\n]*\n(.*?)\n?\1\s*", re.DOTALL)
_CONTEXT = 3


def prediction_of(values: Values) -> str | None:
    """The text that was predicted, None where nothing was."""
    prediction = values.get("prediction")
    content = prediction.get("content") if isinstance(prediction, dict) else None
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) and content else None


def predicted_lines(node: Node, *, whole: bool = False, width: int = 48) -> list[SheetLine]:
    """The answer as a difference to its prediction, under what the gateway counted of both.

    Args:
        node: an answer whose request had a prediction.
        whole: show what stayed the same too, not only what is near a change.
        width: cells for the bar of tokens.
    """
    before = (prediction_of(node.values) or "").removesuffix("\n").split("\n")
    after = _answer(node.text, "```" in "\n".join(before)).removesuffix("\n").split("\n")
    marked = list(
        difflib.unified_diff(before, after, n=max(len(before), len(after)) if whole else _CONTEXT, lineterm="")
    )
    gone = sum(each.startswith("-") for each in marked[2:])
    come = sum(each.startswith("+") for each in marked[2:])
    lines = [line(t("predicted.lines", gone=gone, come=come), "strong", prose=True), *_counted(node, width), line()]
    if not marked:
        return [*lines, line(t("predicted.same"), "added", prose=True)]
    for each in marked[2:]:
        mark, rest = each[:1], each[1:]
        if mark == "@":
            if not whole:
                lines.append(line(each, "hunk"))
            continue
        sign, style = {"-": ("−", "removed"), "+": ("+", "added")}.get(mark, (" ", "label"))
        lines.append(line(f"{sign} {visible(rest.replace(chr(9), '    '), newline=False)}", style))
    return lines


def _counted(node: Node, width: int) -> list[SheetLine]:
    usage = node.usage
    if usage is None or (usage.accepted_prediction_tokens is None and usage.rejected_prediction_tokens is None):
        return [line(t("predicted.not_counted"), "label", prose=True)]
    accepted, rejected = usage.accepted_prediction_tokens or 0, usage.rejected_prediction_tokens or 0
    says = t("predicted.counted", accepted=speech.count(accepted), rejected=speech.count(rejected))
    return [line(says, prose=True), bar(usage, max(10, min(60, width)))]


def _answer(text: str, fences_expected: bool) -> str:
    found = None if fences_expected else _FENCED.fullmatch(text)
    return found[2] if found is not None else text
