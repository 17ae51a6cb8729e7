"""What were the tokens of an answer? One bar of its shares, in and out, and a legend that says each in numbers.

Each share has a texture of its own beside its colour, so that the bar reads without colours too.
"""

from __future__ import annotations

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content

from tui_chat.ui import speech
from tui_chat.ui.widgets.sheet import STYLES, SheetLine
from tui_chat.wire.messages import Usage
from tui_chat.words import t

_LOOKS = {
    "in_text": ("█", "token.keyword"),
    "in_cached": ("░", "token.keyword"),
    "in_written": ("▒", "token.keyword"),
    "in_audio": ("▚", "warning"),
    "in_image": ("▞", "hunk"),
    "out_reasoning": ("▒", "token.builtin"),
    "out_audio": ("▚", "warning"),
    "out_image": ("▞", "hunk"),
    "out_accepted": ("▓", "added"),
    "out_rejected": ("░", "removed"),
    "out_text": ("█", "added"),
}
"""Share → its texture, and the name of its style, in the order of the bar."""
_LABEL_CELLS, _COUNT_CELLS = 26, 9


class Share(Struct, frozen=True):
    """Some of the tokens."""

    name: str
    tokens: int


def shares(usage: Usage) -> list[Share]:
    """What the tokens were, in the order of the bar; together all that were counted. What is nothing is left out."""
    given = _split(
        usage.prompt_tokens,
        {
            "in_cached": usage.cached_tokens,
            "in_written": usage.cache_write_tokens,
            "in_audio": usage.prompt_audio_tokens,
            "in_image": usage.prompt_image_tokens,
        },
        "in_text",
        usage.prompt_text_tokens,
    )
    said = _split(
        usage.completion_tokens,
        {
            "out_reasoning": usage.reasoning_tokens,
            "out_audio": usage.completion_audio_tokens,
            "out_image": usage.completion_image_tokens,
            "out_accepted": usage.accepted_prediction_tokens,
            "out_rejected": usage.rejected_prediction_tokens,
        },
        "out_text",
        usage.completion_text_tokens,
    )
    found = {**given, **said}
    return [Share(name, found[name]) for name in _LOOKS if found.get(name)]


def bar_cells(parts: list[Share], width: int) -> list[int]:
    """How many cells each share has of `width`: by its size, at least one, together exactly `width`."""
    total = sum(part.tokens for part in parts)
    if not total or width < len(parts):
        return [1] * min(len(parts), max(0, width)) + [0] * max(0, len(parts) - max(0, width))
    exact = [part.tokens * width / total for part in parts]
    cells = [max(1, int(each)) for each in exact]
    while (left := width - sum(cells)) != 0:
        step = 1 if left > 0 else -1
        candidates = [at for at in range(len(cells)) if step > 0 or cells[at] > 1]
        at = max(candidates, key=lambda at: step * (exact[at] - cells[at]))
        cells[at] += step
    return cells


def bar(usage: Usage, width: int) -> SheetLine:
    """The bar alone, `width` cells wide; empty where nothing was counted."""
    parts = shares(usage)
    pieces = zip(parts, bar_cells(parts, width), strict=True)
    return SheetLine(tuple((_LOOKS[part.name][0] * cells, _LOOKS[part.name][1]) for part, cells in pieces if cells))


def legend(usage: Usage) -> list[SheetLine]:
    """One line a share: its texture, its name, its tokens, how much of all that is."""
    parts = shares(usage)
    total = sum(part.tokens for part in parts)
    lines = []
    for part in parts:
        texture, style = _LOOKS[part.name]
        label = t(f"use.share.{part.name}")
        label += " " * max(1, _LABEL_CELLS - cell_len(label))
        percent = f"{100 * part.tokens / total:.0f} %" if part.tokens * 200 >= total else "<1 %"
        count = f"{speech.count(part.tokens):>{_COUNT_CELLS}}"
        lines.append(
            SheetLine(((f"{texture}{texture} ", style), (label, "label"), (count, ""), (f"  {percent:>5}", "label")))
        )
    return lines


def as_content(lines: list[SheetLine]) -> Content:
    """The same for a widget that shows `Content`."""
    rows = [Content.assemble(*((text, STYLES.get(style, "")) for text, style in each.pieces)) for each in lines]
    return Content("\n").join(rows)


def _split(total: int | None, known: dict[str, int | None], rest: str, told: int | None) -> dict[str, int]:
    """The known shares, and what is left of the total under `rest`; never more than the total where there is one.

    Upstreams differ in whether cached tokens are within the prompt: shares that are more than the total stay as told.
    """
    found = {name: max(0, count) for name, count in known.items() if count}
    if total is None:
        found[rest] = max(0, told or 0)
    else:
        found[rest] = max(0, total - sum(found.values()))
    return found
