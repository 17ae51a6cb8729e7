"""Run by test_secrets: the program with one place in it that breaks, its words full of the key.

python -m tests.faults.crash_at PLACE [ARGUMENT…]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

KEY = os.environ.get("YIBU_API_KEY", "")


def breaks(module: str, path: str, *, after: int = 0) -> Callable[[], None]:
    """Replace a function by one that breaks from its call number `after` on, as late as that."""

    def install() -> None:
        holder, name = found(module, path)
        real = getattr(holder, name)
        calls = 0

        def broken(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls <= after:
                return real(*args, **kwargs)
            secret = f"Bearer {KEY}"
            raise RuntimeError(f"broken on purpose, {secret}, {KEY!r}")

        setattr(holder, name, broken)

    install.__doc__ = f"{module}:{path}"
    return install


def found(module: str, path: str) -> tuple[Any, str]:
    """The class or module that has a function, and the function's name; raises AttributeError where it has none."""
    holder: Any = import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        holder = getattr(holder, each)
    getattr(holder, name)
    return holder, name


UI = "tui_chat.ui"
PLACES: dict[str, Callable[[], None]] = {
    "start_house": breaks("tui_chat.wiring", "House.__init__"),
    "start_app": breaks(f"{UI}.app", "YibuApp.__init__"),
    "start_mount": breaks(f"{UI}.app", "YibuApp.use_theme"),
    "start_screen": breaks(f"{UI}.screens.chat", "ChatScreen.__init__"),
    "compose": breaks(f"{UI}.screens.chat", "ChatScreen.compose"),
    "widget_compose": breaks(f"{UI}.widgets.composer", "Composer.compose"),
    "widget_draw": breaks(f"{UI}.transcript.view", "Transcript.render_lines", after=1),
    "widget_key": breaks(f"{UI}.widgets.prompt", "Prompt._on_key", after=2),
    "widget_head": breaks(f"{UI}.widgets.head_line", "HeadLine.show"),
    "events": breaks(f"{UI}.screens.chat", "ChatScreen.deliver"),
    "resize": breaks(f"{UI}.screens.chat", "ChatScreen.on_resize", after=1),
    "send": breaks(f"{UI}.chat.sending", "Sending._send"),
    "draft": breaks("tui_chat.store.drafts", "Drafts.save"),
    "models": breaks("tui_chat.wiring", "House.models"),
    "worker": breaks(f"{UI}.chat.sending", "Sending.load_history"),
    "engine_ask": breaks("tui_chat.wiring", "House.ask"),
    "engine_fold": breaks("tui_chat.wire.reply", "Reply.fold"),
    "engine_emit": breaks(f"{UI}.watch", "Watch.put", after=4),
    "engine_journal": breaks("tui_chat.store.journal", "SessionJournal.append", after=1),
    "engine_client": breaks("tui_chat.wire.client", "Client._batches"),
    "engine_http": breaks("tui_chat.wire.http", "Http._connected"),
    "engine_ended": breaks("tui_chat.chat.turn", "Turn._ended"),
    "exit": breaks("tui_chat.wiring", "House.close"),
}


if __name__ == "__main__":
    place = sys.argv.pop(1)
    PLACES[place]()
    from tui_chat.cli import main

    sys.exit(main())
