"""What does either door say when a mistake of ours ended the program? Brings no Textual with it."""

from __future__ import annotations

import sys
from pathlib import Path

from tui_chat.store.crash import keep_crash
from tui_chat.store.places import Places
from tui_chat.ui.gate import visible
from tui_chat.wire.redaction import in_one_line
from tui_chat.words import t

EXIT_CRASHED = 70


def crashed(places: Places, error: BaseException, chats: Path) -> int:
    """Say that a mistake of ours ended the program, where the chat is and where the details are; the exit code."""
    report = keep_crash(places, error)
    lines = [t("crash.says", what=visible(in_one_line(error))), t("crash.chats", place=chats)]
    if report is not None:
        lines.append(t("crash.details", path=report))
    print("\n".join(lines), file=sys.stderr)
    return EXIT_CRASHED
