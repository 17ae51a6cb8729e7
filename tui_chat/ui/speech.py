"""How the screen says what core rooms tell by key and facts: errors, notes, times, numbers, paths.

A key without a sentence must not end the program in the middle of explaining something else, so it is shown as the
mistake of ours that it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tui_chat import words
from tui_chat.errors import ChatError
from tui_chat.ui.gate import visible
from tui_chat.words import t

MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def says(key: str, facts: Mapping[str, object]) -> str:
    """What is wrong, as one sentence."""
    return _sentence(f"{key}.says", facts) or t("error.internal.says", what=key)


def advice(key: str, facts: Mapping[str, object]) -> str:
    """What to do about it, "" where there is nothing to say; where a screen offers another way, that."""
    return _sentence(f"{key}.advice_here", facts) or _sentence(f"{key}.advice", facts)


def explain(error: ChatError) -> str:
    """Both sentences."""
    return both(error.key, error.facts)


def both(key: str, facts: Mapping[str, object]) -> str:
    """What is wrong and what to do about it."""
    return in_a_row(says(key, facts), advice(key, facts))


def of_mistake(mistake: BaseException) -> str:
    """A mistake of ours in one sentence."""
    from tui_chat.wire.redaction import in_one_line

    return visible(says("error.internal", {"what": in_one_line(mistake)}))


def in_a_row(*sentences: str) -> str:
    """Sentences one behind the other: a blank between them, which Chinese does without."""
    row = ""
    for sentence in filter(None, sentences):
        row += sentence if not row or row[-1] in "。！？；：" else f" {sentence}"
    return row


def note(key: str, facts: Mapping[str, object]) -> str:
    """The sentence of a note."""
    return _sentence(key, facts) or _sentence(f"{key}.says", facts) or t("error.internal.says", what=key)


def _sentence(key: str, facts: Mapping[str, object]) -> str:
    if not words.has(key):
        return ""
    try:
        return t(key, **facts) if facts else t(key)
    except (KeyError, IndexError, ValueError):  # a blank that no fact fills
        return words.sentences(words.language())[key]


def count(number: int) -> str:
    """A whole number with its thousands apart: "1 117", "1.2k" from ten thousand on, "3.4M" from a million on."""
    if number >= 1_000_000:
        return f"{number / 1_000_000:.1f}M"
    if number >= 10_000:
        return f"{number / 1000:.1f}k".replace(".0k", "k")
    return f"{number:,}".replace(",", " ")


def seconds(value: float) -> str:
    """A duration: "0.6 s", "12 s", "2 min 05 s"."""
    if value < 9.95:
        return f"{value:.1f} s"
    if value < 99.5:
        return f"{value:.0f} s"
    whole = round(value)
    return f"{whole // 60} min {whole % 60:02d} s"


def clock(moment: datetime, now: datetime | None = None) -> str:
    """When a message was said, in local time: the time of day, before it the date where that isn't today."""
    local = moment.astimezone()
    today = (now or datetime.now().astimezone()).astimezone().date()
    time = f"{local:%H:%M}"
    if local.date() == today:
        return time
    return f"{date(local, today.year)} {time}"


def date(local: datetime, this_year: int) -> str:
    """A day: "23 Nov" or "11月23日", with its year where that is another one."""
    if words.language() == "zh":
        day = f"{local.month}月{local.day}日"
        return day if local.year == this_year else f"{local.year}年{day}"
    day = f"{local.day} {MONTHS_EN[local.month - 1]}"
    return day if local.year == this_year else f"{day} {local.year}"


def home_short(path: str) -> str:
    """A path with the person's home folder as ~."""
    try:
        return f"~/{Path(path).relative_to(Path.home()).as_posix()}" if Path(path) != Path.home() else "~"
    except (ValueError, RuntimeError):
        return path
