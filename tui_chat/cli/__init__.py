"""The headless door, and the handle of the other one: reads the command line, runs one verb, gives an exit code.

Nothing here imports Textual or httpx; each verb imports what it needs when it runs, so that `--version` and `--help`
answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from tui_chat import words
from tui_chat.errors import ChatError, UsageError

EXIT_WHOLE, EXIT_ERROR, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_STOPPED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run `yibu-chat` with these arguments (by default the process's own); returns the exit code.

    0 a whole answer or a verb that did its work, 1 an error, 2 bad usage, 3 an interrupted answer, 130 stopped.
    """
    for stream in (sys.stdout, sys.stderr):
        # LANG=C and the like must not turn a Chinese answer into a UnicodeEncodeError.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    words.speak(words.locale_language())
    from tui_chat.cli.arguments import parse

    options = parse(argv)
    verb = import_module(f"tui_chat.cli.{options.verb}")
    try:
        return int(verb.run(options))
    except ChatError as error:
        complain(error)
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_ERROR
    except KeyboardInterrupt:
        return EXIT_STOPPED


def complain(error: ChatError) -> None:
    """Say on stderr what went wrong and what to do."""
    print(sentence(error), file=sys.stderr)


def sentence(error: ChatError) -> str:
    """What went wrong and what to do, in the active language; the server's own words where we have none."""
    lines = [words.t(f"{error.key}.says", **error.facts)]
    if words.has(f"{error.key}.advice"):
        lines.append(words.t(f"{error.key}.advice", **error.facts))
    return "\n".join(lines)
