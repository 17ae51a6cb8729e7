"""`yibu-chat sessions`: the chats that are kept, newest first."""

from __future__ import annotations

import json
from argparse import Namespace

from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.words import t


def run(options: Namespace) -> int:
    """Print id, time, model and title of each chat, or a JSON list."""
    summaries = Library(places()).summaries()
    if options.json:
        rows = [
            {
                "id": summary.id,
                "title": summary.title,
                "model": summary.model or None,
                "created": summary.created.isoformat(),
                "updated": summary.updated.isoformat(),
                "pinned": summary.pinned,
                "damaged": summary.damaged,
                "path": str(summary.path),
            }
            for summary in summaries
        ]
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    if not summaries:
        print(t("cli.no_chats"))
    for summary in summaries:
        when = summary.updated.astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"{summary.id}  {when}  {summary.title}")
    return 0
