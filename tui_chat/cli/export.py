"""`yibu-chat export`: a chat's active path as Markdown."""

from __future__ import annotations

import sys
from argparse import Namespace

from tui_chat.chat.markdown import as_markdown
from tui_chat.disk import expanded
from tui_chat.store.places import places
from tui_chat.store.saving import save
from tui_chat.store.sessions import Library


def run(options: Namespace) -> int:
    """Print it, or write it to a new file; a file that exists is not overwritten."""
    library = Library(places())
    opened = library.open(library.find(options.chat))
    try:
        text = as_markdown(opened.conversation)
    finally:
        opened.journal.close()
    if options.output is None:
        sys.stdout.write(text)
        return 0
    path = expanded(options.output)
    save(text.encode("utf-8", "replace"), path)
    print(path)
    return 0
