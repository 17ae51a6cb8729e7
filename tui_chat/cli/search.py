"""`yibu-chat search`: where in all chats something was said, the newest chat first, printed as it is found."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice

from tui_chat import words
from tui_chat.cli import EXIT_WHOLE
from tui_chat.store.places import places
from tui_chat.store.search import Hit, search
from tui_chat.store.sessions import Library
from tui_chat.ui.gate import visible

_EXIT_NOTHING_FOUND = 1


def run(options: Namespace) -> int:
    """Print the chats with what was found in them, or a JSON list; 1 where nothing was found."""
    text = " ".join(options.text)
    hits = islice(search(text, Library(places()).summaries()), options.limit)
    try:
        found = _print_json(hits) if options.json else _print(hits)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough; the interpreter flushes stdout at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_WHOLE
    if not found and not options.json:
        print(words.t("cli.nothing_found", text=_shown(text)), file=sys.stderr)
    return EXIT_WHOLE if found else _EXIT_NOTHING_FOUND


def _print(hits: Iterator[Hit]) -> bool:
    chat = ""
    for hit in hits:
        if hit.chat != chat:
            chat = hit.chat
            title = " ".join(hit.title.split()) or words.t("chat.untitled")
            print(f"{hit.chat}  {hit.time.astimezone():%Y-%m-%d %H:%M}  {_shown(title)}", flush=True)
        if hit.node:
            print(f"    {_shown(hit.excerpt)}", flush=True)
    return bool(chat)


def _print_json(hits: Iterator[Hit]) -> bool:
    rows = [
        {
            "chat": hit.chat,
            "title": hit.title,
            "message": hit.node or None,
            "role": hit.role or None,
            "time": hit.time.isoformat(),
            "excerpt": hit.excerpt,
            "start": hit.start,
            "end": hit.end,
        }
        for hit in hits
    ]
    print(json.dumps(rows, ensure_ascii=False))
    return bool(rows)


def _shown(text: str) -> str:
    """As a terminal may be shown it; a pipe gets it as it is."""
    return visible(text, newline=False) if sys.stdout.isatty() else text
