"""What is imported once the first picture is there, so that no later frame waits for it."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module

ROOMS = ("httpx", "tui_chat.wire.http", "tui_chat.attach.clipboard", "tui_chat.store.drafts", "tomlkit")
"""What `wire/http.py` and the others import when they are first used; here it is only brought in, not used."""


def is_wanted(env: Mapping[str, str]) -> bool:
    """Whether to spend the time at all: `YIBU_WARM=0` saves it where power or many short starts count."""
    return env.get("YIBU_WARM", "") != "0"


def warm() -> None:
    """Import the transcript's and the network's parts; what fails here will be said when it is used."""
    with suppress(Exception):
        for name in ROOMS:
            import_module(name)
        from tui_chat.ui.transcript.view import warm as warm_transcript

        warm_transcript()
    # All that is there now stays for good: the collector need not look at it again.
    gc.collect()
    gc.freeze()
