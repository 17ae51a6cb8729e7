"""The headless door, and the handle of the other one: reads the command line, runs one verb, gives an exit code.

Nothing here imports Textual or h11; each verb imports what it needs when it runs, so that `--version` and `--help`
answer at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TextIO, cast

from tui_chat import collector, words
from tui_chat.errors import ChatError, UsageError

EXIT_BROKEN_PIPE, EXIT_WRITE_FAILED = 141, 74
EXIT_WHOLE, EXIT_ERROR, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_DENIED, EXIT_STOPPED = 0, 1, 2, 3, 4, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run `yibu-chat` with these arguments (by default the process's own); returns the exit code.

    0 a whole answer or a verb that did its work, 1 an error, 2 bad usage, 3 an interrupted answer, 4 an answer for
    which a tool was not allowed, 70 a mistake of ours, 130 stopped.
    """
    if argv is None:  # the process is ours
        collector.rest()
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # LANG=C and the like must not turn a Chinese answer into a UnicodeEncodeError.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    words.speak(words.locale_language())
    from tui_chat.cli.arguments import parse

    options = parse(argv)
    if argv is None:
        _keep_secrets()
        if options.verb != "tui":
            heed_signals()
            _gate_terminal()
    try:
        verb = import_module(f"tui_chat.cli.{options.verb}")
        code = int(verb.run(options))
        return _unwritten() or code
    except ChatError as error:
        complain(error)
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_ERROR
    except KeyboardInterrupt as told:
        return stopped_code(told)
    except OSError as error:
        return _unwritten(error) or _crashed(error)
    except Exception as error:  # noqa: BLE001  # a mistake of ours: said in words, since a traceback may hold the key
        return _crashed(error)


class ToldToEnd(KeyboardInterrupt):
    """SIGTERM or SIGHUP came: a headless verb ends as after Ctrl+C, and keeps what it has."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def stopped_code(told: KeyboardInterrupt) -> int:
    """The exit code that tells by which signal it was ended."""
    return 128 + told.number if isinstance(told, ToldToEnd) else EXIT_STOPPED


def heed_signals() -> None:
    """Have SIGTERM and SIGHUP raise `ToldToEnd` in the main thread from now on; a SIGHUP that is ignored stays so."""

    def told(number: int, _frame: object) -> None:
        raise ToldToEnd(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, told)


def _open_closed_streams() -> None:
    """A standard stream that was closed by whoever started us is one that holds nothing and takes everything."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # open to the end


def _unwritten(error: OSError | None = None) -> int:
    """0 where all that was printed is written; else the exit code that says it is not, and a word on stderr.

    Args:
        error: what printing raised already; a failure with a file's name is no failure of printing, and gives 0.
    """
    try:
        if error is not None and error.filename is None:
            raise error
        sys.stdout.flush()
    except BrokenPipeError:
        code = EXIT_BROKEN_PIPE
    except OSError as failed:
        code = EXIT_WRITE_FAILED
        print(words.t("cli.write_failed", reason=failed.strerror or str(failed)), file=sys.stderr)
    else:
        return 0
    with suppress(OSError, ValueError):  # the interpreter flushes once more at its end: give it somewhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _gate_terminal() -> None:
    """Nothing a model or a server said may drive the terminal; a pipe gets every byte."""
    from tui_chat.ui.gate import GatedStream

    if sys.stdout is not None and sys.stdout.isatty():
        sys.stdout = cast(TextIO, GatedStream(sys.stdout))
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr = cast(TextIO, GatedStream(sys.stderr))


def _keep_secrets() -> None:
    """Whatever happens from here on: no key on the terminal, and no look at it from outside."""
    from tui_chat.store.crash import quiet_python
    from tui_chat.store.memory import close_memory
    from tui_chat.wire.redaction import protect_environment

    protect_environment(os.environ)
    quiet_python()
    close_memory()


def _crashed(error: Exception) -> int:
    from tui_chat.store.places import places
    from tui_chat.ui.last_words import crashed

    found = places()
    return crashed(found, error, found.sessions)


def complain(error: ChatError) -> None:
    """Say on stderr what went wrong and what to do."""
    print(sentence(error), file=sys.stderr)


def sentence(error: ChatError) -> str:
    """What went wrong and what to do, in the active language; the server's own words where we have none."""
    lines = [words.t(f"{error.key}.says", **error.facts)]
    if words.has(f"{error.key}.advice"):
        lines.append(words.t(f"{error.key}.advice", **error.facts))
    return "\n".join(lines)
