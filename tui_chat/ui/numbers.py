"""What did the last answer cost, and how full is the conversation? The pieces of the usage line."""

from __future__ import annotations

from tui_chat.chat.node import Node
from tui_chat.ui import speech
from tui_chat.ui.entries import tokens_per_second
from tui_chat.words import t


def usage_numbers(node: Node | None, next_price: str = "") -> list[str]:
    """Tokens in, out, cached, reasoning, speed, time to the first token, context: what is known, most important first.

    Args:
        node: the last answer of the active path, None where there is none.
        next_price: what the next question costs at least, "" where that is not known.
    """
    if node is None:
        return []
    pieces: list[str] = []
    usage = node.usage
    if usage is not None:
        if usage.prompt_tokens is not None:
            pieces.append(f"↑{speech.count(usage.prompt_tokens)}")
        if usage.completion_tokens is not None:
            pieces.append(f"↓{speech.count(usage.completion_tokens)}")
        if usage.prompt_tokens is not None and usage.completion_tokens is not None:
            context = usage.total_tokens or usage.prompt_tokens + usage.completion_tokens
            pieces.append(t("ui.usage.context", count=speech.count(context)))
        if usage.cached_tokens:
            pieces.append(t("ui.usage.cached", count=speech.count(usage.cached_tokens)))
        if usage.reasoning_tokens:
            pieces.append(t("ui.usage.reasoning", count=speech.count(usage.reasoning_tokens)))
    if next_price:
        pieces.append(t("ui.usage.next", price=next_price))
    if (speed := tokens_per_second(node)) is not None:
        pieces.append(t("ui.meta.speed", speed=f"{speed:.0f}"))
    if node.timing.first_token_s is not None:
        pieces.append(t("ui.usage.first", seconds=speech.seconds(node.timing.first_token_s)))
    return pieces
