"""What is imported once the first picture is there, so that no later frame waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module

from tui_chat import collector, heap

ROOMS = ("tui_chat.wire.http", "tui_chat.wire.route", "tui_chat.attach.clipboard", "tui_chat.store.drafts", "tomlkit")
"""What `wire/http.py` and the others import when they are first used; here it is only brought in, not used."""


def warm(env: Mapping[str, str]) -> None:
    """Import the transcript's and the network's parts; what fails here will be said when it is used.

    `YIBU_WARM=0` saves it where power or many short starts count.
    """
    if env.get("YIBU_WARM", "") != "0":
        with suppress(Exception):
            for name in ROOMS:
                import_module(name)
            from tui_chat.ui.transcript.view import warm as warm_transcript

            warm_transcript()
    collector.resume()
    heap.settle()
