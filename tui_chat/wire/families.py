"""Which family is a model of, by its id? Only what is commonly known, and only for advice: nothing is refused by it."""

from __future__ import annotations

import re
from typing import Literal

from tui_chat import late

Continuation = Literal["", "trailing", "prefix", "partial"]
"""How a model is made to go on with an answer that has begun: it can't be, but by being asked to; by the beginning as
the last message; or by a field of that message besides."""

_BLIND = late.pattern(
    r"deepseek-(?:chat|reasoner|coder|v[23]|r1)|gpt-3\.5|gpt-4(?:-\d{4}|-32k.*)?$|o1-(?:mini|preview)|o3-mini"
    r"|claude-(?:2|instant)|kimi-k2(?!\.)|moonshot-v1-\w+$|qwq|smollm2-\d"
)
_VERSION = late.pattern(r"gpt-5\.(\d)")
_CLAUDE = late.pattern(r"claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2})(?!\d))?")


def bare(model: str) -> str:
    """The id without a vendor in front, lower case."""
    return model.rpartition("/")[2].strip().lower()


def is_o_series(model: str) -> bool:
    """The o series: o1, o3, o4-mini and their like."""
    return re.match(r"o[1-9](?:-|$)", bare(model)) is not None


def is_gpt_5(model: str) -> bool:
    """The gpt-5 models that think; the chat and search ones of that name do not."""
    name = bare(model)
    return name.startswith("gpt-5") and "-chat" not in name and not is_search(model)


def is_gpt_5_point(model: str) -> bool:
    """gpt-5.1 and later ones that think: they can be told not to."""
    return is_gpt_5(model) and _VERSION.match(bare(model)) is not None


def thinks(model: str) -> bool:
    """OpenAI's reasoning models."""
    return is_o_series(model) or is_gpt_5(model)


def is_search(model: str) -> bool:
    """OpenAI's models that search the web."""
    return is_openai_name(model) and "-search" in bare(model)


def is_openai_name(model: str) -> bool:
    """Any chat model of OpenAI."""
    return bare(model).startswith(("gpt-", "chatgpt-")) or is_o_series(model)


def is_plain_gpt(model: str) -> bool:
    """OpenAI's models that neither think nor search."""
    return is_openai_name(model) and not thinks(model) and not is_search(model)


def predicts(model: str) -> bool:
    """OpenAI's models that take a prediction."""
    return bare(model).startswith(("gpt-4o", "gpt-4.1")) and "audio" not in bare(model) and not is_search(model)


def speaks(model: str) -> bool:
    """OpenAI's models that answer in speech."""
    return is_openai_name(model) and "audio" in bare(model)


def is_claude(model: str) -> bool:
    """Anthropic's models."""
    return "claude" in bare(model)


def is_gemini(model: str) -> bool:
    """Google's models."""
    return bare(model).startswith("gemini")


def is_deepseek(model: str) -> bool:
    """DeepSeek's models."""
    return bare(model).startswith("deepseek")


def is_kimi(model: str) -> bool:
    """Moonshot's models."""
    return bare(model).startswith(("kimi", "moonshot"))


def continuation(model: str) -> Continuation:
    """How the model goes on with an answer that has begun.

    Claude takes the beginning as the last message, but not where it thinks, and not from version 4.6 on. DeepSeek and
    Kimi want a field set in it; a gateway may leave the field out, and then they see the same as Claude does.
    """
    name = bare(model)
    if is_claude(model):
        version = _CLAUDE.search(name)
        newest = version is not None and (int(version[1]), int(version[2] or 0)) >= (4, 6)
        return "" if newest or "-thinking" in name else "trailing"
    if is_deepseek(model):
        return "prefix"
    return "partial" if is_kimi(model) else ""


def wants_thoughts_back(model: str) -> bool:
    """Models that refuse a tool turn without what they thought before its calls (`reasoning_content`)."""
    return is_deepseek(model) or is_kimi(model)


def sees(model: str) -> bool:
    """All but the models that are known to take no pictures."""
    return _BLIND.match(bare(model)) is None


def hears(model: str) -> bool:
    """Models that take sound."""
    return speaks(model) or is_gemini(model)
